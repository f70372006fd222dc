//! The plan of a pool: everything about it that is known when the program is compiled.

use super::Door;
use crate::base::align::{natural_align, round_up};
use crate::class;
use crate::config::{
    check_align, check_capacity, check_magazine, check_max_limbo, check_shards, check_slab_size,
};
use crate::fixed::NativeWord;
use core::alloc::Layout;
use core::num::NonZero;

/// Which blocks a pool deals in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Its own, of its own stride.
    Own,
    /// Those of a class, with magazines of its own.
    Merged,
    /// A class itself.
    Class,
    /// No pool of its own: a generic type, served by the class's pool and magazines.
    Shared,
}

/// Where values of a type live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Nowhere: the type has no size.
    Nowhere,
    /// In a pool.
    Pool,
    /// In a fixed number of blocks within a static.
    Fixed,
    /// In the backing allocator: too large for any pool.
    TooLarge,
    /// In the backing allocator: over-aligned for any pool.
    OverAligned,
}

/// A value with a head in front of it: what a block of a counting pointer has room for. The head
/// lies right before the value.
#[derive(Debug)]
#[repr(C)]
pub struct Counted<T> {
    _head: Head<CountRoom>,
    _value: T,
}

/// What lies right before a value that is counted.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Head<C> {
    /// How the block comes back, for pointers that have forgotten the value's type.
    pub(crate) door: Door,
    pub(crate) count: C,
}

/// What a count of owners has room in, whichever it is.
pub(crate) type CountRoom = [u32; 2];

// Where pointers that have forgotten the type look for it.
const _: () = assert!(core::mem::offset_of!(Head<CountRoom>, door) == 0);

/// Bytes from the start of a block to a value of this alignment that has a head in front.
pub(crate) const fn head_room(align: usize) -> usize {
    size_of::<Head<CountRoom>>().next_multiple_of(align)
}

/// The plan of a pool. Made by the derive macro.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Plan {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) align: usize,
    pub(crate) stride: usize,
    pub(crate) class: usize,
    pub(crate) kind: Kind,
    /// The values have a head in front.
    pub(crate) counted: bool,
    pub(crate) route: Route,
    pub(crate) shards: Option<usize>,
    pub(crate) slab_bytes: usize,
    pub(crate) magazine: usize,
    /// Bytes of the type's retired values that may wait for readers; `usize::MAX` for no limit
    /// besides that of the process.
    pub(crate) max_limbo: usize,
    /// Blocks of a fixed pool; 0 for a pool that grows.
    pub(crate) capacity: usize,
    pub(crate) fallback: bool,
    pub(crate) zero_on_free: bool,
    /// Blocks of a slab are zero when they are first handed out, whatever the slab was before.
    pub(crate) zeroed_slabs: bool,
}

/// The stride of a fixed pool: the word behind each value is the pool's.
pub(crate) const fn fixed_stride(size: usize, align: usize) -> usize {
    let word = align_of::<NativeWord>();
    let align = if align > word { align } else { word };
    round_up(round_up(size, word) + size_of::<NativeWord>(), align)
}

impl Plan {
    const fn raw(name: &'static str, size: usize, align: usize, kind: Kind) -> Self {
        let plan = Self {
            name,
            size,
            align,
            stride: 8,
            class: 0,
            kind,
            counted: false,
            route: Route::Nowhere,
            shards: None,
            slab_bytes: 0,
            magazine: 0,
            max_limbo: usize::MAX,
            capacity: 0,
            fallback: true,
            zero_on_free: false,
            zeroed_slabs: false,
        };
        plan.laid_out()
    }

    /// Works stride, class and route out again.
    const fn laid_out(mut self) -> Self {
        if self.capacity > 0 {
            self.route = Route::Fixed;
            self.stride = fixed_stride(self.size, self.align);
            return self;
        }
        if self.size == 0 {
            self.route = Route::Nowhere;
            return self;
        }
        self.route = if self.align > class::LARGEST_ALIGN {
            Route::OverAligned
        } else if self.size > class::LARGEST {
            Route::TooLarge
        } else {
            match class::of(self.size, self.align) {
                Some(class) => {
                    self.class = class;
                    Route::Pool
                }
                None => Route::TooLarge,
            }
        };
        if matches!(self.route, Route::Pool) {
            let exact = round_up(self.size, self.align);
            self.stride = match self.kind {
                Kind::Own if exact < 8 => 8,
                Kind::Own => exact,
                _ => class::stride(self.class),
            };
        }
        self
    }

    /// A pool of its own for `T`, with `T`'s exact stride (at least 8 bytes).
    pub const fn own<T>(name: &'static str) -> Self {
        Self::raw(name, size_of::<T>(), align_of::<T>(), Kind::Own)
    }

    /// No pool of its own: `T` is served by the pool of its class.
    pub const fn shared<T>(name: &'static str) -> Self {
        Self::raw(name, size_of::<T>(), align_of::<T>(), Kind::Shared)
    }

    /// As [`own`](Self::own), for values with a counter in front.
    pub const fn counted<T>(name: &'static str) -> Self {
        let mut plan = Self::own::<Counted<T>>(name);
        plan.counted = true;
        plan
    }

    /// As [`shared`](Self::shared), for values with a counter in front.
    pub const fn shared_counted<T>(name: &'static str) -> Self {
        let mut plan = Self::shared::<Counted<T>>(name);
        plan.counted = true;
        plan
    }

    /// The pool of a class.
    pub(crate) const fn class(index: usize) -> Self {
        let stride = class::stride(index);
        let align = natural_align(stride, class::LARGEST_ALIGN);
        Self::raw("", stride, align, Kind::Class)
    }

    /// The pool of a class for handles that poison freed blocks.
    pub(crate) const fn poisoned_class(index: usize) -> Self {
        let mut plan = Self::class(index);
        plan.zeroed_slabs = true;
        plan
    }

    /// Magazines of its own, but slabs and depots shared with the class.
    pub const fn merge(mut self) -> Self {
        self.kind = Kind::Merged;
        self.laid_out()
    }

    /// The number of shards.
    pub const fn shards(mut self, shards: usize) -> Self {
        check_shards(shards);
        self.shards = Some(shards);
        self
    }

    /// Bytes of a slab.
    pub const fn slab_size(mut self, bytes: usize) -> Self {
        check_slab_size(bytes);
        self.slab_bytes = bytes;
        self
    }

    /// Blocks of a thread's magazine.
    pub const fn magazine(mut self, blocks: usize) -> Self {
        check_magazine(blocks);
        self.magazine = blocks;
        self
    }

    /// Bytes of the type's retired values that may wait for readers.
    pub const fn max_limbo(mut self, bytes: usize) -> Self {
        check_max_limbo(bytes);
        self.max_limbo = bytes;
        self
    }

    /// Exactly so many blocks, in a static.
    pub const fn capacity(mut self, blocks: usize) -> Self {
        check_capacity(blocks);
        self.capacity = blocks;
        self.fallback = false;
        self.laid_out()
    }

    /// A larger alignment for the blocks.
    pub const fn align(mut self, align: usize) -> Self {
        check_align(align);
        if align > self.align {
            self.align = align;
        }
        self.laid_out()
    }

    /// A shortage is reported instead of being passed to the backing allocator.
    pub const fn no_fallback(mut self) -> Self {
        self.fallback = false;
        self
    }

    /// Blocks are overwritten with zeros when they are freed.
    pub const fn zero_on_free(mut self) -> Self {
        self.zero_on_free = true;
        self
    }

    /// The alignment, which is not 0.
    pub(crate) const fn alignment(&self) -> NonZero<usize> {
        match NonZero::new(self.align) {
            Some(align) => align,
            // PANIC: not reached; the compiler's alignments and those checked are powers of two.
            None => panic!("an alignment of 0"),
        }
    }

    /// The layout of one value, with the plan's alignment. Not a byte more than the value: a pointer
    /// that went through a reference to it is good for no more, and frees the room all the same.
    #[inline]
    pub(crate) const fn layout(&self) -> Layout {
        match Layout::from_size_align(self.size, self.align) {
            Ok(layout) => layout,
            // PANIC: not reached; the compiler refuses types so large.
            Err(_) => panic!("the type is larger than an address space: no layout"),
        }
    }

    /// The canonical layout of a block: one served by the backing allocator circulates like any
    /// other and can be given back by anybody.
    pub(crate) const fn canonical(&self) -> Layout {
        match Layout::from_size_align(self.stride, self.align) {
            Ok(layout) => layout,
            // PANIC: not reached; `laid_out` makes no other strides (CLS-2).
            Err(_) => panic!("strides are at most 32 KiB, alignments powers of two"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::mem::offset_of;

    #[repr(align(64))]
    struct Wide(#[allow(dead_code)] [u8; 65]);

    #[test]
    fn strides_are_exact_or_the_class() {
        assert_eq!(Plan::own::<[u8; 41]>("").stride, 41);
        assert_eq!(Plan::own::<u16>("").stride, 8);
        assert_eq!(Plan::own::<Wide>("").stride, 128);
        assert_eq!(Plan::own::<[u8; 41]>("").merge().stride, 48);
        assert_eq!(Plan::shared::<[u64; 17]>("").stride, 160);
        assert_eq!(Plan::own::<[u64; 3]>("").align(64).stride, 64);
        assert_eq!(Plan::own::<()>("").route, Route::Nowhere);
        assert_eq!(Plan::own::<[u8; 32769]>("").route, Route::TooLarge);
        assert_eq!(Plan::own::<[u8; 32768]>("").route, Route::Pool);
    }

    #[test]
    fn a_head_fits_in_front() {
        assert_eq!(size_of::<Counted<u64>>(), head_room(8) + 8);
        assert_eq!(size_of::<Counted<u8>>(), 24);
        assert_eq!(offset_of!(Counted<Wide>, _value), head_room(64));
        assert_eq!(offset_of!(Counted<u8>, _value), head_room(1));
        assert_eq!(Plan::counted::<[u64; 3]>("").stride, 40);
    }

    #[test]
    fn fixed_blocks_have_a_word_behind() {
        let plan = Plan::own::<[u64; 3]>("").capacity(5);
        assert_eq!(
            (plan.route, plan.stride, plan.fallback),
            (Route::Fixed, 32, false)
        );
        assert_eq!(Plan::own::<[u64; 3]>("").align(64).capacity(5).stride, 64);
        assert_eq!(Plan::own::<[u8; 5]>("").capacity(1).stride, 16);
        assert_eq!(Plan::own::<()>("").capacity(1).stride, 8);
        assert_eq!(Plan::own::<[u8; 99999]>("").capacity(1).route, Route::Fixed);
    }

    #[test]
    fn limbo_has_no_limit_of_the_type_unless_one_is_given() {
        assert_eq!(Plan::own::<u64>("").max_limbo, usize::MAX);
        let limited = Plan::own::<u64>("").max_limbo(1 << 20);
        assert_eq!(limited.merge().align(64).max_limbo, 1 << 20);
        assert_eq!(Plan::shared::<u64>("").max_limbo(1).max_limbo, 1);
    }
}

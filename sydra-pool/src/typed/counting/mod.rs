//! Shared ownership: `PoolArc` and `PoolRc`, which are one text with two counters.
//!
//! ```text
//! block   [ .. | door | count ][ value ....... ]      right before the value, whatever its alignment
//!                               ^ the pointer
//! ```
//!
//! The pointer leads to the value, so looking at it costs what a reference costs, and a raw pointer is
//! the same address. The blocks come from a pool of the type for values with a head, beside the one
//! for its boxes. The head holds the count, and the door through which the block goes back for those
//! who have forgotten the type: pointers that know it and trait objects may share one value, so no book
//! can be kept of what was forgotten, as it is for boxes.
//!
//! # Invariants
//! - `ARC-1`: `start` is a value within a block that was taken for it with a head in front (HED-1), whose
//!   count is the number of pointers to it; except behind a `MaybeUninit`, the value is initialised
//!   until the last one goes.

use super::Pooled;
use super::coerce::Coercible;
use super::pool_box::PoolBox;
#[cfg(feature = "serde")]
use super::slices::fallible_slices;
use super::slices::{SliceRoom, as_str, slices};
use super::stored::Stored;
use crate::base::breach::breach;
use crate::error::AllocError;
use crate::forwarding::forward_shared;
use crate::home::{give, has_room};
use crate::pool::{CountRoom, Head};
use crate::sync::{OWNERS_MOST, Owners};
use core::any::Any;
use core::cell::Cell;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::Deref;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::NonNull;

mod room;
#[macro_use]
mod surface;
#[macro_use]
mod traits;

use room::CountedRoom;

/// A count of owners within one thread; [`Owners`] without atomics.
#[derive(Debug)]
#[repr(C)]
struct OwnersHere {
    count: Cell<u32>,
    _unused: u32,
}

impl OwnersHere {
    #[inline(always)]
    fn one() -> Self {
        Self {
            count: Cell::new(1),
            _unused: 0,
        }
    }

    #[inline(always)]
    fn join(&self) -> bool {
        let count = self.count.get();
        self.count.set(count.wrapping_add(1));
        count <= OWNERS_MOST
    }

    #[inline(always)]
    fn leave(&self) -> bool {
        let left = self.count.get() - 1;
        self.count.set(left);
        left == 0
    }

    #[inline(always)]
    fn is_single(&self) -> bool {
        self.count.get() == 1
    }

    #[inline(always)]
    fn count(&self) -> usize {
        self.count.get() as usize
    }
}

// Either count has the room that a block's size was worked out with.
const _: () = assert!(size_of::<OwnersHere>() == size_of::<CountRoom>());
const _: () = assert!(size_of::<Owners>() == size_of::<CountRoom>());
const _: () = assert!(align_of::<Head<OwnersHere>>() == align_of::<Head<CountRoom>>());
const _: () = assert!(align_of::<Head<Owners>>() == align_of::<Head<CountRoom>>());

/// Stops the process: the count of a pointer is about to overflow.
#[cold]
#[inline(never)]
fn too_many(name: &str) -> ! {
    breach!("more than {OWNERS_MOST} clones of one {name}: they were forgotten, not dropped");
}

/// What `make_mut` can clone: values that are [`Pooled`] and `Clone`, slices of what is `Clone`, and `str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cloned into a pool",
    note = "`make_mut` takes `Pooled` types that are `Clone`, slices of what is `Clone`, and `str`"
)]
pub trait ClonedInPool: Stored {
    /// A clone for one counter.
    #[doc(hidden)]
    fn __arc(&self) -> PoolArc<Self>;
    /// A clone for the other.
    #[doc(hidden)]
    fn __rc(&self) -> PoolRc<Self>;
}

impl<T: Pooled + Clone> ClonedInPool for T {
    fn __arc(&self) -> PoolArc<T> {
        PoolArc::new_with(|| self.clone())
    }
    fn __rc(&self) -> PoolRc<T> {
        PoolRc::new_with(|| self.clone())
    }
}

impl<T: Clone> ClonedInPool for [T] {
    fn __arc(&self) -> PoolArc<[T]> {
        self.into()
    }
    fn __rc(&self) -> PoolRc<[T]> {
        self.into()
    }
}

impl ClonedInPool for str {
    fn __arc(&self) -> PoolArc<str> {
        self.into()
    }
    fn __rc(&self) -> PoolRc<str> {
        self.into()
    }
}

counting_pointer! {
    /// A value in its type's pool, owned by all who point to it: `Arc` without `Weak`.
    ///
    /// One word wide with a niche, `Send` and `Sync` if `T` is both. The last pointer that goes, in
    /// whichever thread, drops the value and gives the block to that thread's magazine.
    ///
    /// Values live in a pool of their own beside that of the type's boxes, with the same keys, for
    /// blocks of 16 bytes more (or of one alignment, if that is more). There are no weak pointers, so
    /// a pointer that was never cloned is known to be the only one: dropping it takes no read-modify-write.
    ///
    /// ```
    /// use sydra_pool::{PoolArc, Pooled};
    ///
    /// #[derive(Pooled)]
    /// struct Instrument {
    ///     symbol: &'static str,
    ///     tick: u64,
    /// }
    ///
    /// let instrument = PoolArc::new(Instrument { symbol: "XYZ", tick: 5 });
    /// let other = PoolArc::clone(&instrument);
    /// let thread = std::thread::spawn(move || other.tick);
    /// assert_eq!(thread.join().unwrap(), 5);
    /// assert_eq!(PoolArc::strong_count(&instrument), 1);
    /// assert_eq!(PoolArc::into_inner(instrument).unwrap().symbol, "XYZ");
    /// ```
    PoolArc, Owners, ClonedInPool::__arc
}
counting_traits!(PoolArc);

// SAFETY: ARC-1, OWN-1; values are shared, and dropped by whoever is last, as with `Arc`.
unsafe impl<T: ?Sized + Stored + Send + Sync> Send for PoolArc<T> {}
// SAFETY: ARC-1, OWN-1; as above.
unsafe impl<T: ?Sized + Stored + Send + Sync> Sync for PoolArc<T> {}

counting_pointer! {
    /// A value in its type's pool, owned by all who point to it within one thread: `Rc` without
    /// `Weak`.
    ///
    /// [`PoolArc`] with a counter that is no atomic; the two share the pool.
    ///
    /// ```
    /// use sydra_pool::{PoolRc, Pooled};
    ///
    /// #[derive(Pooled)]
    /// struct Leaf(u64);
    ///
    /// let leaf = PoolRc::new(Leaf(1));
    /// let mut other = leaf.clone();
    /// assert_eq!(PoolRc::strong_count(&leaf), 2);
    /// drop(leaf);
    /// PoolRc::get_mut(&mut other).expect("the only one").0 = 2;
    /// ```
    PoolRc, OwnersHere, ClonedInPool::__rc
}
counting_traits!(PoolRc);

/// The door of a slice's room: there is none, as a slice never forgets what it is.
///
/// # Safety
/// Not called.
unsafe fn no_door(start: NonNull<u8>) {
    breach!("a slice at {start:p} came back as a trait object");
}

macro_rules! counting_slices {
    ($name:ident, $count:ty) => {
        impl<T: ?Sized + Stored> $name<T> {
            /// The first pointer to a slice in a room for a counted one (SLC-1).
            fn first(start: NonNull<T>) -> Self {
                // SAFETY: HED-1, SLC-1; room for a head right before the slice.
                let head = unsafe { start.cast::<Head<$count>>().sub(1) };
                let fresh = Head {
                    door: no_door,
                    count: <$count>::one(),
                };
                // SAFETY: ARC-1; the room is ours.
                unsafe { head.write(fresh) };
                Self::of(start)
            }
        }

        impl<T> $name<[T]> {
            /// A slice of so many elements that are not initialised yet: write them through
            /// [`get_mut`](Self::get_mut), then `assume_init`.
            ///
            /// # Panics
            /// If the slice would be larger than an address space. Out of memory aborts.
            pub fn new_uninit_slice(length: usize) -> $name<[MaybeUninit<T>]> {
                $name::first(SliceRoom::<MaybeUninit<T>>::take(length, true).into_slice())
            }

            /// A slice of so many elements, every byte of which is zero.
            ///
            /// # Panics
            /// As [`new_uninit_slice`](Self::new_uninit_slice).
            pub fn new_zeroed_slice(length: usize) -> $name<[MaybeUninit<T>]> {
                $name::from(PoolBox::<[T]>::new_zeroed_slice(length))
            }

            /// The pointer to a slice that a `SliceRoom` with room for a head gave out.
            pub(super) fn from_slice(slice: NonNull<[T]>) -> Self {
                Self::first(slice)
            }
        }

        impl<T> $name<[MaybeUninit<T>]> {
            /// The same pointer, to elements that are initialised by now.
            ///
            /// # Safety
            /// All of them are.
            #[inline]
            pub unsafe fn assume_init(self) -> $name<[T]> {
                let slice = ManuallyDrop::new(self).start;
                $name::of(NonNull::slice_from_raw_parts(slice.cast(), slice.len()))
            }
        }

        impl From<$name<str>> for $name<[u8]> {
            /// The bytes of a string, shared with it.
            #[inline]
            fn from(text: $name<str>) -> Self {
                let text = ManuallyDrop::new(text).start.as_ptr();
                // SAFETY: ARC-1, SLC-1; the same room, of the same layout.
                Self::of(unsafe { NonNull::new_unchecked(text as *mut [u8]) })
            }
        }

        slices!($name, counted: true, $name::first);
        #[cfg(feature = "serde")]
        fallible_slices!($name, counted: true, $name::first);
    };
}
counting_slices!(PoolArc, Owners);
counting_slices!(PoolRc, OwnersHere);

macro_rules! downcast {
    ($($name:ident: $any:ty),* $(,)?) => {$(
        impl $name<$any> {
            /// Back to the type the value was made of, or unchanged if that was another.
            pub fn downcast<T: Pooled + Any>(self) -> Result<$name<T>, Self> {
                if !(*self).is::<T>() {
                    return Err(self);
                }
                // The same address, and the same head before it.
                Ok($name::of(ManuallyDrop::new(self).start.cast()))
            }
        }
    )*};
}
downcast!(
    PoolArc: dyn Any + Send + Sync,
    PoolArc: dyn Any,
    PoolRc: dyn Any,
);

//! The allocator door: `SydraAlloc` and the pools of types, for containers that take an allocator.
//!
//! The trait has three homes: two versions of the crate `allocator-api2`, and `core` on a nightly
//! compiler. What it asks is done once, in `blocks`; each home's implementation is the same macro.
//!
//! # Not here
//! The way of a block, which `class_route` and `home` know. Nothing in this folder can panic.

use crate::class_route::ClassRoute;
use crate::config::DefaultConfig;
use crate::typed::{Pooled, TypePool};
use core::alloc::Layout;
use core::ptr::NonNull;
use type_pool::Rooms;

mod blocks;
mod type_pool;

/// The engine as an allocator of containers: what `Box` and `Vec` get from
/// [`SydraPool`](crate::SydraPool), one map or vector at a time, without a global allocator.
///
#[cfg_attr(
    feature = "allocator-api2-v0_2",
    doc = "
```
use hashbrown::{DefaultHashBuilder, HashMap};
use sydra_pool::SydraAlloc;

let mut sessions: HashMap<u64, [u8; 40], DefaultHashBuilder, SydraAlloc> = HashMap::default();
for number in 0..1_000 {
    sessions.insert(number, [7; 40]);
}
sessions.retain(|number, _| number % 2 == 0);
sessions.shrink_to_fit();
assert_eq!(sessions.len(), 500);
assert_eq!(sessions[&998], [7; 40]);
```
"
)]
/// It has no size: a container that holds it is as large as one without. All its copies are one
/// allocator, and any thread may free what another has allocated.
///
/// A container can also live in the pool of a type: see [`TypePool`](crate::TypePool).
///
/// Its settings are the defaults of [`Settings::new`](crate::Settings::new): all classes up to
/// 32 KiB, alignments up to 4,096, the address space itself for what is larger, up to 32 MiB, and `System` for the
/// rest and when there is no memory for either. What the
/// whole process shares (shards, magazines, statistics) is settled by the first door that is used;
/// see [`SydraPool`](crate::SydraPool). Its blocks are in the figures of the classes,
/// [`Snapshot::classes`](crate::Snapshot::classes).
///
/// # Features
/// `allocator-api2-v0_2` and `allocator-api2-v0_4` implement `Allocator` of these versions of the
/// crate `allocator-api2`; `nightly` implements `core::alloc::Allocator`.
///
/// # What it promises beyond the trait
/// - `grow` and `shrink` to a layout of the same class, whatever its alignment, leave the block where
///   it is. Steps between classes are at most a quarter up to 32 KiB, so a vector that doubles moves
///   each time. Above, from 32 KiB to 32 MiB, a block shrinks where it is, and grows there if what follows it is free.
/// - A slice that is returned is exactly as long as was asked for. (The block may be longer, up to
///   its class's stride; `grow` makes use of that.)
/// - An empty layout takes no memory and no time.
///
/// # Errors
/// `AllocError` if neither the pools nor the system have memory; the old block then stays as it was.
///
/// # Complexity
/// Constant time, but for zeroing, copying and what the system does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SydraAlloc;

/// Implements the trait `$home::Allocator` for `$allocator`, whose blocks come from `$source`.
macro_rules! implement {
    ($($home:ident)::+, [$($of:tt)*] $allocator:ty, $source:ty) => {
        // SAFETY: ALC-1, ALC-2; the blocks are what the layouts ask for, stay until they are given
        // back, and any copy of the allocator is as good as any other: it holds nothing.
        unsafe impl $($of)* $($home)::+::Allocator for $allocator {
            #[inline(always)]
            fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, $($home)::+::AllocError> {
                blocks::allocate::<$source>(layout).ok_or($($home)::+::AllocError)
            }

            #[inline]
            fn allocate_zeroed(
                &self,
                layout: Layout,
            ) -> Result<NonNull<[u8]>, $($home)::+::AllocError> {
                blocks::allocate_zeroed::<$source>(layout).ok_or($($home)::+::AllocError)
            }

            #[inline(always)]
            unsafe fn deallocate(&self, start: NonNull<u8>, layout: Layout) {
                // SAFETY: ALC-2; passed on to the caller.
                unsafe { blocks::deallocate::<$source>(start, layout) }
            }

            #[inline]
            unsafe fn grow(
                &self,
                start: NonNull<u8>,
                from: Layout,
                to: Layout,
            ) -> Result<NonNull<[u8]>, $($home)::+::AllocError> {
                // SAFETY: ALC-2; passed on to the caller.
                let grown = unsafe { blocks::grow::<$source>(start, from, to) };
                grown.ok_or($($home)::+::AllocError)
            }

            #[inline]
            unsafe fn grow_zeroed(
                &self,
                start: NonNull<u8>,
                from: Layout,
                to: Layout,
            ) -> Result<NonNull<[u8]>, $($home)::+::AllocError> {
                // SAFETY: ALC-2; passed on to the caller.
                let grown = unsafe { blocks::grow_zeroed::<$source>(start, from, to) };
                grown.ok_or($($home)::+::AllocError)
            }

            #[inline]
            unsafe fn shrink(
                &self,
                start: NonNull<u8>,
                from: Layout,
                to: Layout,
            ) -> Result<NonNull<[u8]>, $($home)::+::AllocError> {
                // SAFETY: ALC-2; passed on to the caller.
                let shrunk = unsafe { blocks::shrink::<$source>(start, from, to) };
                shrunk.ok_or($($home)::+::AllocError)
            }
        }
    };
}

/// Implements the trait of each home there is.
macro_rules! implement_all {
    ($($what:tt)*) => {
        #[cfg(feature = "allocator-api2-v0_2")]
        implement! { allocator_api2_v0_2::alloc, $($what)* }
        #[cfg(feature = "allocator-api2-v0_4")]
        implement! { allocator_api2_v0_4::alloc, $($what)* }
        #[cfg(feature = "nightly")]
        implement! { core::alloc, $($what)* }
    };
}

implement_all! { [] SydraAlloc, ClassRoute<DefaultConfig> }
implement_all! { [<T: Pooled>] TypePool<T>, Rooms<T::__Home> }

#[cfg(test)]
mod tests;

//! The handle of a type's pool: figures, reserve, trim.

use super::{Pooled, home_pool, plan};
use crate::error::{AllocError, Refusal};
use crate::geometry::Geometry;
use crate::local;
use crate::pool::Route;
use crate::snapshot::{TypeFigures, type_figures};
use core::fmt;
use core::marker::PhantomData;

/// The pool of a type, as [`pool`] gives it. Costs nothing to make or copy.
///
/// # As an allocator
/// With one of the features `allocator-api2-v0_2`, `allocator-api2-v0_4` and `nightly` it is an
/// `Allocator`, so that containers can live in the pool of a type. What fits in a `T` (no larger than
/// one, no more aligned than its blocks) takes a block of the pool, also if it is much smaller;
/// everything else takes the class that serves it, as with `SydraAlloc`. For containers that allocate
/// node by node, `T` is best of the node's size: then the pool's figures are the container's.
///
#[cfg_attr(
    feature = "allocator-api2-v0_2",
    doc = "
```
# use allocator_api2_v0_2 as allocator_api2;
use allocator_api2::{boxed::Box, vec::Vec};
use sydra_pool::{Pooled, TypePool, pool};

/// A node of a list of its own.
#[derive(Pooled)]
struct Node {
    value: u64,
    next: Option<Box<Node, TypePool<Node>>>,
}

let mut list = None;
for value in 0..100 {
    list = Some(Box::new_in(Node { value, next: list }, pool::<Node>()));
}
assert_eq!(pool::<Node>().live(), 100);
// One block of 16 bytes at first; 32 bytes are no node any more and take a class.
let mut numbers = Vec::with_capacity_in(2, pool::<Node>());
numbers.extend([1_u64, 2]);
assert_eq!(pool::<Node>().live(), 101);
numbers.extend([3, 4]);
assert_eq!(pool::<Node>().live(), 100);
```
"
)]
/// A pool that refuses (`fallback = "none"`, or a fixed one that is full) is an `AllocError` there; other
/// classes are not tried, because a free could not tell.
pub struct TypePool<T> {
    of: PhantomData<fn() -> T>,
}

/// The pool of `T`.
///
/// It is that of the type's `PoolBox`es. Those of [`PoolArc`](crate::PoolArc) and [`PoolRc`](crate::PoolRc) have
/// a pool beside it, which has no handle: its figures are the row of
/// [`Snapshot::types`](crate::Snapshot::types) that is [`counted`](TypeFigures::counted).
///
/// A generic type without `instances(..)` has no pool of its own: its handle shows the pool of its
/// size class, which it shares.
///
/// ```
/// use sydra_pool::{PoolBox, Pooled, pool};
///
/// #[derive(Pooled)]
/// struct Order {
///     id: u64,
///     price: i64,
/// }
/// let order = PoolBox::new(Order { id: 1, price: 2 });
/// assert_eq!(pool::<Order>().live(), 1);
/// assert_eq!(pool::<Order>().geometry().stride, 16);
/// drop(order);
/// assert_eq!(pool::<Order>().live(), 0);
/// ```
pub fn pool<T: Pooled>() -> TypePool<T> {
    TypePool { of: PhantomData }
}

/// The same as [`pool`].
impl<T: Pooled> Default for TypePool<T> {
    fn default() -> Self {
        pool()
    }
}

impl<T> Clone for TypePool<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for TypePool<T> {}

impl<T: Pooled> fmt::Debug for TypePool<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypePool")
            .field("stats", &self.stats())
            .finish()
    }
}

impl<T: Pooled> TypePool<T> {
    /// The type's name, as `#[pooled(name = "..")]` or the type itself gives it.
    pub fn name(self) -> &'static str {
        plan::<T>().name
    }

    /// Stride, slab, magazine and batch in force. Of no meaning for a type without size, or one
    /// too large for a pool.
    pub fn geometry(self) -> Geometry {
        home_pool::<T>().geometry()
    }

    /// The figures: exact when nobody uses the pool at this moment.
    ///
    /// Takes a lock that a thread takes when it first meets the pool and when it ends, and at no
    /// other allocation or free. Time: the threads that use the pool.
    ///
    /// Values without size are not counted. Those that no pool serves (larger than 32 KiB, or aligned
    /// to more than 4,096) are, unless their type shares the pool of a class; their memory is the
    /// backing allocator's, see [`Snapshot::fallback`](crate::Snapshot::fallback).
    pub fn stats(self) -> TypeFigures {
        local::list(home_pool::<T>());
        type_figures(home_pool::<T>(), plan::<T>())
    }

    /// Values alive now. As exact as [`stats`](Self::stats).
    pub fn live(self) -> u64 {
        self.stats().live
    }

    /// Makes room for `blocks` more values: if the slabs of the calling thread's shard have less,
    /// gets fresh ones and touches every page of them, so that later allocations of this thread
    /// (and of others in its shard) cost no page fault. Free blocks in magazines and depots do not
    /// count.
    ///
    /// # Errors
    /// `OutOfMemory` if the system refuses; what was got stays. `TooLarge`, `OverAligned` for a
    /// type that no pool serves. `Full` for a fixed pool with fewer free blocks.
    pub fn reserve(self, blocks: usize) -> Result<(), AllocError> {
        match plan::<T>().route {
            Route::Nowhere => Ok(()),
            Route::TooLarge => Err(AllocError::new((), Refusal::TooLarge)),
            Route::OverAligned => Err(AllocError::new((), Refusal::OverAligned)),
            // There is no more to be had, and what there is needs no getting.
            Route::Fixed => {
                let figures = self.stats();
                // What others retire and free meanwhile may be in one figure and not in the other.
                let used = figures.live.saturating_add(figures.limbo);
                let free = (plan::<T>().capacity as u64).saturating_sub(used);
                if blocks as u64 <= free {
                    Ok(())
                } else {
                    Err(AllocError::new((), Refusal::Full))
                }
            }
            Route::Pool => {
                let pool = home_pool::<T>();
                let shard = local::shard_in(pool);
                if pool.home().reserve(shard, blocks) {
                    Ok(())
                } else {
                    Err(AllocError::new((), Refusal::OutOfMemory))
                }
            }
        }
    }

    /// Brings the free blocks home that this thread's magazine and the depots hold, and gives the
    /// empty slabs back to the system. Returns the bytes that left the process, among them what lay
    /// empty after other pools. Magazines of other threads stay as they are.
    pub fn trim(self) -> usize {
        match plan::<T>().route {
            Route::Pool => local::trim_pool(home_pool::<T>()),
            _ => 0,
        }
    }
}

//! The handle of a type's pool: figures, reserve, trim.

use super::Pooled;
use crate::error::{AllocError, Refusal};
use crate::geometry::Geometry;
use crate::local;
use crate::pool::Route;
use crate::snapshot::{TypeFigures, type_figures};
use core::fmt;
use core::marker::PhantomData;

/// The pool of a type, as [`pool`] gives it. Costs nothing to make or copy.
pub struct TypePool<T> {
    of: PhantomData<fn() -> T>,
}

/// The pool of `T`.
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
        T::__PLAN.name
    }

    /// Stride, slab, magazine and batch in force. Of no meaning for a type without size, or one
    /// too large for a pool.
    pub fn geometry(self) -> Geometry {
        T::__pool().geometry()
    }

    /// The figures: exact when nobody uses the pool at this moment.
    ///
    /// Takes a lock that threads take when they meet the pool and when they end, never to allocate
    /// or free. Time: the threads that use the pool.
    pub fn stats(self) -> TypeFigures {
        type_figures(T::__pool(), &T::__PLAN)
    }

    /// Values alive now. As exact as [`stats`](Self::stats).
    pub fn live(self) -> u64 {
        self.stats().live
    }

    /// Gets memory for `blocks` values beyond those that slabs of the calling thread's shard still
    /// have room for, and touches it, so that later allocations of this thread (and of others in
    /// its shard) cost no page fault.
    ///
    /// # Errors
    /// `OutOfMemory` if the system refuses; what was got stays. `TooLarge`, `OverAligned` for a
    /// type that no pool serves.
    pub fn reserve(self, blocks: usize) -> Result<(), AllocError> {
        match T::__PLAN.route {
            Route::Nowhere => Ok(()),
            Route::TooLarge => Err(AllocError::new((), Refusal::TooLarge)),
            Route::OverAligned => Err(AllocError::new((), Refusal::OverAligned)),
            Route::Pool => {
                let pool = T::__pool();
                let shard = local::shard_in(pool);
                if pool.home().reserve(shard, blocks) {
                    Ok(())
                } else {
                    Err(AllocError::new((), Refusal::OutOfMemory))
                }
            }
        }
    }

    /// Brings the free blocks home that this thread's magazine and the depots hold, and gives every
    /// empty slab back to the system. Returns the bytes that left the process. Magazines of other
    /// threads stay as they are.
    pub fn trim(self) -> usize {
        match T::__PLAN.route {
            Route::Pool => local::trim_pool(T::__pool()),
            _ => 0,
        }
    }
}

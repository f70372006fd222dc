//! The typed door: `PoolBox` and the handle of a type's pool.

use crate::home::Home;
use crate::pool::{Plan, Pool, Route};
use core::mem::MaybeUninit;

pub(crate) mod stored;
mod pool_box;
mod slice_room;
mod slices;
mod coerce;
mod counting;
mod conversions;
mod future;
mod handle;
mod io;
mod traits;
mod uninit;

pub use coerce::Coercible;
pub use counting::{PoolArc, PoolRc};
pub use future::{LocalPoolFuture, PoolFuture};
pub use handle::{TypePool, pool};
pub use pool_box::PoolBox;
pub use stored::{Stored, Unknown};

/// A type whose values can live in a [`PoolBox`]. Implemented by `#[derive(Pooled)]` only, and for
/// `MaybeUninit` of such types.
///
/// # Safety
/// Not to be implemented by hand: the hidden items must describe the type and belong together.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no pool",
    label = "not `Pooled`",
    note = "write `#[derive(Pooled)]` on the type; for a generic type that lists `instances(..)`, \
            add this instance to the list"
)]
pub unsafe trait Pooled: Sized {
    /// How a value lies in its block, for readers of generated documentation: class, stride and waste
    /// as lengths of arrays, which rustdoc evaluates. See `sydra_pool::layout`.
    type Layout;
    /// Bytes of a value's block in a `PoolBox`: the stride of its pool. 0 for a type without size and
    /// for one that no pool serves.
    const BLOCK_BYTES: usize = crate::waste::block_bytes(&<Self::__Home as Home>::PLAN);
    /// Bytes of that block that are not the value's.
    const WASTE_BYTES: usize = crate::waste::waste_bytes(&<Self::__Home as Home>::PLAN);
    /// Where the values live.
    #[doc(hidden)]
    type __Home: Home;
    /// Where they live with a counter in front of them.
    #[doc(hidden)]
    type __CountedHome: Home;
}

// SAFETY: PLD-1; the same size and alignment as `T`, and everything is `T`'s.
unsafe impl<T: Pooled> Pooled for MaybeUninit<T> {
    type Layout = T::Layout;
    type __Home = T::__Home;
    type __CountedHome = T::__CountedHome;
}

/// The plan of a type.
pub(crate) const fn plan<T: Pooled>() -> &'static Plan {
    const { &<T::__Home as Home>::PLAN }
}

/// The pool of a type.
#[inline(always)]
pub(crate) fn home_pool<T: Pooled>() -> &'static Pool {
    <T::__Home as Home>::pool()
}

/// Whether free blocks of a type are as good in a batch: they are a pool's, and nothing is to be done
/// with each.
pub(crate) const fn comes_in_batches<T: Pooled>() -> bool {
    matches!(plan::<T>().route, Route::Pool)
        && !plan::<T>().zero_on_free
        && !cfg!(any(feature = "paranoid", feature = "shadow"))
}

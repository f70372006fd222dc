//! The promise that a value stays where it is when its pointer moves.

use crate::typed::{PoolArc, PoolBox, PoolRc, Stored};
use stable_deref_trait::{CloneStableDeref, StableDeref};

/// The value stays where it is when its pointer moves, so both can be kept in one place:
///
/// ```
/// use sydra_pool::PoolBox;
/// use yoke::Yoke;
///
/// let text: PoolBox<str> = PoolBox::from("owned by who looks");
/// let word: Yoke<&'static str, PoolBox<str>> = Yoke::attach_to_cart(text, |text| &text[..5]);
/// let moved = vec![word];
/// assert_eq!(*moved[0].get(), "owned");
/// ```
// SAFETY: BOX-1; the value stays in its room until the box is dropped or taken apart, and the box is
// a pointer that claims no uniqueness of what it leads to.
unsafe impl<T: ?Sized + Stored> StableDeref for PoolBox<T> {}
// SAFETY: ARC-1; the value stays in its block until the last pointer goes.
unsafe impl<T: ?Sized + Stored> StableDeref for PoolArc<T> {}
// SAFETY: ARC-1; as above.
unsafe impl<T: ?Sized + Stored> StableDeref for PoolRc<T> {}
// SAFETY: ARC-1; a clone leads to the same value.
unsafe impl<T: ?Sized + Stored> CloneStableDeref for PoolArc<T> {}
// SAFETY: ARC-1; as above.
unsafe impl<T: ?Sized + Stored> CloneStableDeref for PoolRc<T> {}

//! Wiping of what a box owns.
//!
//! # Not here
//! Counting pointers: `zeroize` takes `&mut`, and they are shared. The wiping of `zero_on_free` is the
//! home's, without this crate; the documentation below says why.

use crate::typed::{PoolBox, Stored};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Wipes the value; the box keeps it, as wiped.
///
/// ```
/// use sydra_pool::{PoolBox, Pooled};
/// use zeroize::{Zeroize, ZeroizeOnDrop};
///
/// #[derive(Pooled, Zeroize, ZeroizeOnDrop)]
/// #[pooled(zero_on_free)]
/// struct Key([u8; 32]);
///
/// // Made in its place if the optimiser sees through the call; a value that is moved leaves a copy.
/// let mut key = PoolBox::new_with(|| Key([7; 32]));
/// key.zeroize();
/// assert_eq!(key.0, [0; 32]);
/// ```
///
/// # Value or block
/// `Zeroize` and `ZeroizeOnDrop` are the value's: they wipe what the value names, also what it owns
/// elsewhere (a `String`'s bytes). They see neither padding nor the copy that
/// [`PoolBox::into_inner`] leaves in the block.
///
/// `#[pooled(zero_on_free)]` is the block's: it wipes as many bytes as a value has, padding too, whenever
/// the block comes back, by whatever way. It knows nothing of what the value owned elsewhere. A
/// secret wants both. Slices and strings have no `zero_on_free`: wipe them before the drop, or keep
/// them in `zeroize::Zeroizing`.
///
/// `zero_on_free` writes by `write_volatile`, which no compiler leaves out. `zeroize` puts a barrier
/// behind its writes, so that what the program does next cannot come before them. There it would order
/// nothing that anybody can see: who touches the block next has got it from the pool, later in the
/// same thread or through a lock.
impl<T: ?Sized + Stored + Zeroize> Zeroize for PoolBox<T> {
    fn zeroize(&mut self) {
        (**self).zeroize();
    }
}

/// The value is dropped with its box, and wipes itself then.
impl<T: ?Sized + Stored + ZeroizeOnDrop> ZeroizeOnDrop for PoolBox<T> {}

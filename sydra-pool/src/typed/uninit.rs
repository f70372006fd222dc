//! Boxes of memory that is not initialised yet.

use super::{PoolBox, Pooled};
use core::mem::MaybeUninit;

impl<T: Pooled> PoolBox<T> {
    /// A block whose contents are arbitrary.
    ///
    /// ```
    /// use sydra_pool::{PoolBox, Pooled};
    ///
    /// #[derive(Pooled)]
    /// struct Page([u8; 4096]);
    ///
    /// let mut page = PoolBox::<Page>::new_uninit();
    /// // SAFETY: an array of bytes within the box, all of them written before `assume_init`.
    /// let page = unsafe {
    ///     page.as_mut_ptr().cast::<u8>().write_bytes(7, 4096);
    ///     page.assume_init()
    /// };
    /// assert_eq!(page.0[4095], 7);
    /// ```
    #[inline]
    pub fn new_uninit() -> PoolBox<MaybeUninit<T>> {
        PoolBox::new_with(MaybeUninit::uninit)
    }
}

impl<T: Pooled> PoolBox<MaybeUninit<T>> {
    /// Writes the value and makes the box one of `T`.
    #[inline]
    pub fn write(mut this: Self, value: T) -> PoolBox<T> {
        MaybeUninit::write(&mut this, value);
        // SAFETY: BOX-1; just written.
        unsafe { this.assume_init() }
    }

    /// Makes the box one of `T`.
    ///
    /// # Safety
    /// The contents are a valid, initialised `T`.
    #[inline]
    pub unsafe fn assume_init(self) -> PoolBox<T> {
        let start = PoolBox::into_non_null(self);
        // SAFETY: BOX-1; the same pool serves both types, and the caller vouches for the value.
        unsafe { PoolBox::from_non_null(start.cast()) }
    }
}

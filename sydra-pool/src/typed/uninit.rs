//! Boxes of memory that is not initialised yet.

use super::{PoolBox, Pooled};
use crate::error::AllocError;
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

    /// As [`new_uninit`](Self::new_uninit), or the reason why there is no block.
    ///
    /// # Errors
    /// As for [`try_new`](Self::try_new).
    #[inline]
    pub fn try_new_uninit() -> Result<PoolBox<MaybeUninit<T>>, AllocError> {
        PoolBox::try_new_with(MaybeUninit::uninit).map_err(AllocError::without_value)
    }

    /// A block in which every byte of the value is zero.
    ///
    /// ```
    /// use sydra_pool::{PoolBox, Pooled};
    ///
    /// #[derive(Pooled)]
    /// struct Page([u8; 4096]);
    ///
    /// // SAFETY: an array of bytes, for which zero is a value.
    /// let page = unsafe { PoolBox::<Page>::new_zeroed().assume_init() };
    /// assert!(page.0.iter().all(|&byte| byte == 0));
    /// ```
    ///
    /// Time: a pass over the value, always; whether the block was zero before is not known here.
    #[inline]
    pub fn new_zeroed() -> PoolBox<MaybeUninit<T>> {
        let mut zeroed = Self::new_uninit();
        // `MaybeUninit::zeroed()` as a value would be copied, and padding need not be.
        // SAFETY: BOX-1; the block has room for one `T` and is ours.
        unsafe { zeroed.as_mut_ptr().write_bytes(0, 1) };
        zeroed
    }

    /// As [`new_zeroed`](Self::new_zeroed), or the reason why there is no block.
    ///
    /// # Errors
    /// As for [`try_new`](Self::try_new).
    #[inline]
    pub fn try_new_zeroed() -> Result<PoolBox<MaybeUninit<T>>, AllocError> {
        let mut zeroed = Self::try_new_uninit()?;
        // SAFETY: BOX-1; the block has room for one `T` and is ours.
        unsafe { zeroed.as_mut_ptr().write_bytes(0, 1) };
        Ok(zeroed)
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

//! The traits a `PoolBox` passes through to its value, as `Box` does.

use super::stored::{OneValue, Stored};
use super::{PoolBox, Pooled};
use core::borrow::{Borrow, BorrowMut};
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::hash::{Hash, Hasher};
use core::iter::FusedIterator;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::task::{Context, Poll};

impl<T: ?Sized + Stored> Deref for PoolBox<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.value()
    }
}

impl<T: ?Sized + Stored> DerefMut for PoolBox<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

// The value does not move with the box.
impl<T: ?Sized + Stored> Unpin for PoolBox<T> {}
impl<T: ?Sized + Stored + UnwindSafe> UnwindSafe for PoolBox<T> {}
impl<T: ?Sized + Stored + RefUnwindSafe> RefUnwindSafe for PoolBox<T> {}

impl<T: Pooled + Clone> Clone for PoolBox<T> {
    /// Clones the value into a block of its own.
    #[inline]
    fn clone(&self) -> Self {
        Self::new_with(|| self.value().clone())
    }

    /// Clones into the block that is already there.
    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.value_mut().clone_from(source.value());
    }
}

impl<T: Pooled + Default> Default for PoolBox<T> {
    #[inline]
    fn default() -> Self {
        Self::new_with(T::default)
    }
}

impl<T: Pooled> From<T> for PoolBox<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: ?Sized + Stored> From<PoolBox<T>> for Pin<PoolBox<T>> {
    fn from(boxed: PoolBox<T>) -> Self {
        PoolBox::into_pin(boxed)
    }
}

impl<T: ?Sized + Stored + fmt::Debug> fmt::Debug for PoolBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T: ?Sized + Stored + fmt::Display> fmt::Display for PoolBox<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T: ?Sized + Stored> fmt::Pointer for PoolBox<T> {
    /// Prints the address; does not look at the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&Self::as_ptr(self), f)
    }
}

impl<T: ?Sized + Stored + PartialEq> PartialEq for PoolBox<T> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
    #[allow(
        clippy::partialeq_ne_impl,
        reason = "passed on, as `Box` does, also if the value has its own"
    )]
    #[inline]
    fn ne(&self, other: &Self) -> bool {
        self.value() != other.value()
    }
}

impl<T: ?Sized + Stored + Eq> Eq for PoolBox<T> {}

impl<T: ?Sized + Stored + PartialOrd> PartialOrd for PoolBox<T> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value().partial_cmp(other.value())
    }
    #[inline]
    fn lt(&self, other: &Self) -> bool {
        self.value() < other.value()
    }
    #[inline]
    fn le(&self, other: &Self) -> bool {
        self.value() <= other.value()
    }
    #[inline]
    fn gt(&self, other: &Self) -> bool {
        self.value() > other.value()
    }
    #[inline]
    fn ge(&self, other: &Self) -> bool {
        self.value() >= other.value()
    }
}

impl<T: ?Sized + Stored + Ord> Ord for PoolBox<T> {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.value().cmp(other.value())
    }
}

impl<T: ?Sized + Stored + Hash> Hash for PoolBox<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value().hash(state);
    }
}

impl<T: ?Sized + Stored + Hasher> Hasher for PoolBox<T> {
    fn finish(&self) -> u64 {
        self.value().finish()
    }
    fn write(&mut self, bytes: &[u8]) {
        self.value_mut().write(bytes);
    }
    fn write_u8(&mut self, value: u8) {
        self.value_mut().write_u8(value);
    }
    fn write_u16(&mut self, value: u16) {
        self.value_mut().write_u16(value);
    }
    fn write_u32(&mut self, value: u32) {
        self.value_mut().write_u32(value);
    }
    fn write_u64(&mut self, value: u64) {
        self.value_mut().write_u64(value);
    }
    fn write_u128(&mut self, value: u128) {
        self.value_mut().write_u128(value);
    }
    fn write_usize(&mut self, value: usize) {
        self.value_mut().write_usize(value);
    }
    fn write_i8(&mut self, value: i8) {
        self.value_mut().write_i8(value);
    }
    fn write_i16(&mut self, value: i16) {
        self.value_mut().write_i16(value);
    }
    fn write_i32(&mut self, value: i32) {
        self.value_mut().write_i32(value);
    }
    fn write_i64(&mut self, value: i64) {
        self.value_mut().write_i64(value);
    }
    fn write_i128(&mut self, value: i128) {
        self.value_mut().write_i128(value);
    }
    fn write_isize(&mut self, value: isize) {
        self.value_mut().write_isize(value);
    }
}

impl<T: ?Sized + Stored> AsRef<T> for PoolBox<T> {
    fn as_ref(&self) -> &T {
        self.value()
    }
}

impl<T: ?Sized + Stored> AsMut<T> for PoolBox<T> {
    fn as_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

impl<T: ?Sized + Stored> Borrow<T> for PoolBox<T> {
    fn borrow(&self) -> &T {
        self.value()
    }
}

impl<T: ?Sized + Stored> BorrowMut<T> for PoolBox<T> {
    fn borrow_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

impl<T: ?Sized + Stored<__Rooms: OneValue> + Iterator> Iterator for PoolBox<T> {
    type Item = T::Item;
    fn next(&mut self) -> Option<T::Item> {
        self.value_mut().next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.value().size_hint()
    }
    fn nth(&mut self, n: usize) -> Option<T::Item> {
        self.value_mut().nth(n)
    }
    fn last(self) -> Option<T::Item> {
        let this = ManuallyDrop::new(self);
        // SAFETY: BOX-1; given up, unless it was not taken.
        match unsafe { T::__last(Self::start_of(&this)) } {
            Some(last) => last,
            None => ManuallyDrop::into_inner(this).fold(None, |_, item| Some(item)),
        }
    }
}

impl<T: ?Sized + Stored<__Rooms: OneValue> + DoubleEndedIterator> DoubleEndedIterator
    for PoolBox<T>
{
    fn next_back(&mut self) -> Option<T::Item> {
        self.value_mut().next_back()
    }
    fn nth_back(&mut self, n: usize) -> Option<T::Item> {
        self.value_mut().nth_back(n)
    }
}

impl<T: ?Sized + Stored<__Rooms: OneValue> + ExactSizeIterator> ExactSizeIterator for PoolBox<T> {
    fn len(&self) -> usize {
        self.value().len()
    }
}

impl<T: ?Sized + Stored<__Rooms: OneValue> + FusedIterator> FusedIterator for PoolBox<T> {}

impl<T: ?Sized + Stored + Error> Error for PoolBox<T> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.value().source()
    }
    #[allow(deprecated)]
    fn cause(&self) -> Option<&dyn Error> {
        self.value().cause()
    }
}

// As for `Box`: a future that is not `Unpin` is polled through `Pin<PoolBox<_>>`.
impl<T: ?Sized + Stored + Future + Unpin> Future for PoolBox<T> {
    type Output = T::Output;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        Pin::new(self.value_mut()).poll(context)
    }
}

impl<T: Pooled> From<PoolBox<T>> for std::rc::Rc<T> {
    /// Moves the value to the heap and frees the block.
    fn from(boxed: PoolBox<T>) -> Self {
        Self::new(PoolBox::into_inner(boxed))
    }
}

impl<T: Pooled> From<PoolBox<T>> for std::sync::Arc<T> {
    /// Moves the value to the heap and frees the block.
    fn from(boxed: PoolBox<T>) -> Self {
        Self::new(PoolBox::into_inner(boxed))
    }
}

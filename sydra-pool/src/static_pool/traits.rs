//! The traits a `StaticBox` passes through to its value, as `Box` does.

use super::slot::{Alignment, BlockAlignment};
use super::static_box::StaticBox;
use core::borrow::{Borrow, BorrowMut};
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::hash::{Hash, Hasher};
use core::iter::FusedIterator;
use core::ops::{Deref, DerefMut};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::task::{Context, Poll};

impl<T, const ALIGN: usize> Deref for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.value()
    }
}

impl<T, const ALIGN: usize> DerefMut for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

// The value does not move with the box.
impl<T, const ALIGN: usize> Unpin for StaticBox<T, ALIGN> where Alignment<ALIGN>: BlockAlignment {}
impl<T: UnwindSafe, const ALIGN: usize> UnwindSafe for StaticBox<T, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}
impl<T: RefUnwindSafe, const ALIGN: usize> RefUnwindSafe for StaticBox<T, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}

impl<T, const ALIGN: usize> From<StaticBox<T, ALIGN>> for Pin<StaticBox<T, ALIGN>>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn from(boxed: StaticBox<T, ALIGN>) -> Self {
        StaticBox::into_pin(boxed)
    }
}

impl<T: fmt::Debug, const ALIGN: usize> fmt::Debug for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T: fmt::Display, const ALIGN: usize> fmt::Display for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T, const ALIGN: usize> fmt::Pointer for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// Prints the address; does not look at the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&Self::as_ptr(self), f)
    }
}

impl<T: PartialEq, const ALIGN: usize> PartialEq for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
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

impl<T: Eq, const ALIGN: usize> Eq for StaticBox<T, ALIGN> where Alignment<ALIGN>: BlockAlignment {}

impl<T: PartialOrd, const ALIGN: usize> PartialOrd for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
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

impl<T: Ord, const ALIGN: usize> Ord for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.value().cmp(other.value())
    }
}

impl<T: Hash, const ALIGN: usize> Hash for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value().hash(state);
    }
}

impl<T: Hasher, const ALIGN: usize> Hasher for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
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

impl<T, const ALIGN: usize> AsRef<T> for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn as_ref(&self) -> &T {
        self.value()
    }
}

impl<T, const ALIGN: usize> AsMut<T> for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn as_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

impl<T, const ALIGN: usize> Borrow<T> for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn borrow(&self) -> &T {
        self.value()
    }
}

impl<T, const ALIGN: usize> BorrowMut<T> for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn borrow_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

impl<T: Iterator, const ALIGN: usize> Iterator for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
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
        Self::into_inner(self).last()
    }
}

impl<T: DoubleEndedIterator, const ALIGN: usize> DoubleEndedIterator for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn next_back(&mut self) -> Option<T::Item> {
        self.value_mut().next_back()
    }
    fn nth_back(&mut self, n: usize) -> Option<T::Item> {
        self.value_mut().nth_back(n)
    }
}

impl<T: ExactSizeIterator, const ALIGN: usize> ExactSizeIterator for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn len(&self) -> usize {
        self.value().len()
    }
}

impl<T: FusedIterator, const ALIGN: usize> FusedIterator for StaticBox<T, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}

impl<T: Error, const ALIGN: usize> Error for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.value().source()
    }
    #[allow(deprecated)]
    fn cause(&self) -> Option<&dyn Error> {
        self.value().cause()
    }
}

// As for `Box`: a future that is not `Unpin` is polled through `Pin<StaticBox<_>>`.
impl<T: Future + Unpin, const ALIGN: usize> Future for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    type Output = T::Output;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T::Output> {
        Pin::new(self.value_mut()).poll(context)
    }
}

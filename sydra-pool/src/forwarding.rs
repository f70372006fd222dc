//! The traits that a pointer passes on to its value, as `Box` and `Arc` do: one text for all pointers.
//!
//! A macro and no trait of our own, as only an `impl` for each type is coherent. `$kind` bounds the value's
//! type `T`; `$more` are parameters of the pointer besides `T`, and `$holds` is what they need.
//!
//! # Not here
//! What takes memory to do: `Clone`, `Default`, `From`.
//! `Deref`: the compiler's messages show it, and shall show an `impl`.

/// Of any pointer: what asks for `&T`.
macro_rules! forward_shared {
    ($pointer:ty, T: [$($kind:tt)*], and [$($more:tt)*] where [$($holds:tt)*]) => {
        // The value does not move with the pointer.
        impl<T: $($kind)*, $($more)*> Unpin for $pointer where $($holds)* {}

        impl<T: $($kind)* + core::fmt::Debug, $($more)*> core::fmt::Debug for $pointer where $($holds)* {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: $($kind)* + core::fmt::Display, $($more)*> core::fmt::Display for $pointer where $($holds)* {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: $($kind)* + core::error::Error, $($more)*> core::error::Error for $pointer where $($holds)* {
            fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
                (**self).source()
            }
            #[allow(deprecated)]
            fn cause(&self) -> Option<&dyn core::error::Error> {
                (**self).cause()
            }
        }

        impl<T: $($kind)*, $($more)*> core::fmt::Pointer for $pointer where $($holds)* {
            /// Prints the address; does not look at the value.
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Pointer::fmt(&Self::as_ptr(self), f)
            }
        }

        impl<T: $($kind)* + PartialEq, $($more)*> PartialEq for $pointer where $($holds)* {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                **self == **other
            }
            #[allow(
                clippy::partialeq_ne_impl,
                reason = "passed on, as `Box` and `Arc` do, also if the value has its own"
            )]
            #[inline]
            fn ne(&self, other: &Self) -> bool {
                **self != **other
            }
        }

        impl<T: $($kind)* + Eq, $($more)*> Eq for $pointer where $($holds)* {}

        impl<T: $($kind)* + PartialOrd, $($more)*> PartialOrd for $pointer where $($holds)* {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
                (**self).partial_cmp(&**other)
            }
            #[inline]
            fn lt(&self, other: &Self) -> bool {
                **self < **other
            }
            #[inline]
            fn le(&self, other: &Self) -> bool {
                **self <= **other
            }
            #[inline]
            fn gt(&self, other: &Self) -> bool {
                **self > **other
            }
            #[inline]
            fn ge(&self, other: &Self) -> bool {
                **self >= **other
            }
        }

        impl<T: $($kind)* + Ord, $($more)*> Ord for $pointer where $($holds)* {
            #[inline]
            fn cmp(&self, other: &Self) -> core::cmp::Ordering {
                (**self).cmp(&**other)
            }
        }

        impl<T: $($kind)* + core::hash::Hash, $($more)*> core::hash::Hash for $pointer where $($holds)* {
            fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
                (**self).hash(state);
            }
        }

        impl<T: $($kind)*, $($more)*> AsRef<T> for $pointer where $($holds)* {
            fn as_ref(&self) -> &T {
                self
            }
        }

        impl<T: $($kind)*, $($more)*> core::borrow::Borrow<T> for $pointer where $($holds)* {
            fn borrow(&self) -> &T {
                self
            }
        }
    };
}
pub(crate) use forward_shared;

/// Of an owning pointer: all of those, and what asks for `&mut T` or takes the value. `$iterates` bounds `T` where
/// the pointer is an iterator; `last_of` is the pointer's own.
macro_rules! forward_owned {
    (
        $pointer:ty, T: [$($kind:tt)*], iterators: [$($iterates:tt)*],
        and [$($more:tt)*] where [$($holds:tt)*]
    ) => {
        $crate::forwarding::forward_shared!($pointer, T: [$($kind)*], and [$($more)*] where [$($holds)*]);

        impl<T: $($kind)* + core::panic::UnwindSafe, $($more)*> core::panic::UnwindSafe for $pointer
        where $($holds)* {}
        impl<T: $($kind)* + core::panic::RefUnwindSafe, $($more)*> core::panic::RefUnwindSafe for $pointer
        where $($holds)* {}

        impl<T: $($kind)*, $($more)*> From<$pointer> for core::pin::Pin<$pointer> where $($holds)* {
            fn from(boxed: $pointer) -> Self {
                <$pointer>::into_pin(boxed)
            }
        }

        impl<T: $($kind)*, $($more)*> AsMut<T> for $pointer where $($holds)* {
            fn as_mut(&mut self) -> &mut T {
                self
            }
        }

        impl<T: $($kind)*, $($more)*> core::borrow::BorrowMut<T> for $pointer where $($holds)* {
            fn borrow_mut(&mut self) -> &mut T {
                self
            }
        }

        impl<T: $($kind)* + core::hash::Hasher, $($more)*> core::hash::Hasher for $pointer where $($holds)* {
            fn finish(&self) -> u64 {
                (**self).finish()
            }
            $crate::forwarding::forward_writes! {
                write &[u8], write_u8 u8, write_u16 u16, write_u32 u32, write_u64 u64, write_u128 u128,
                write_usize usize, write_i8 i8, write_i16 i16, write_i32 i32, write_i64 i64,
                write_i128 i128, write_isize isize
            }
        }

        impl<T: $($iterates)* + Iterator, $($more)*> Iterator for $pointer where $($holds)* {
            type Item = T::Item;
            fn next(&mut self) -> Option<T::Item> {
                (**self).next()
            }
            fn size_hint(&self) -> (usize, Option<usize>) {
                (**self).size_hint()
            }
            fn nth(&mut self, n: usize) -> Option<T::Item> {
                (**self).nth(n)
            }
            fn last(self) -> Option<T::Item> {
                Self::last_of(self)
            }
        }

        impl<T: $($iterates)* + DoubleEndedIterator, $($more)*> DoubleEndedIterator for $pointer
        where $($holds)*
        {
            fn next_back(&mut self) -> Option<T::Item> {
                (**self).next_back()
            }
            fn nth_back(&mut self, n: usize) -> Option<T::Item> {
                (**self).nth_back(n)
            }
        }

        impl<T: $($iterates)* + ExactSizeIterator, $($more)*> ExactSizeIterator for $pointer where $($holds)* {
            fn len(&self) -> usize {
                (**self).len()
            }
        }

        impl<T: $($iterates)* + core::iter::FusedIterator, $($more)*> core::iter::FusedIterator for $pointer
        where $($holds)* {}

        // As for `Box`: a future that is not `Unpin` is polled through `Pin` of the pointer.
        impl<T: $($kind)* + Future + Unpin, $($more)*> Future for $pointer where $($holds)* {
            type Output = T::Output;
            fn poll(
                mut self: core::pin::Pin<&mut Self>,
                context: &mut core::task::Context<'_>,
            ) -> core::task::Poll<T::Output> {
                core::pin::Pin::new(&mut **self).poll(context)
            }
        }
    };
}
pub(crate) use forward_owned;

/// The ways to write to a `Hasher`.
macro_rules! forward_writes {
    ($($write:ident $value:ty),*) => {$(
        fn $write(&mut self, value: $value) {
            (**self).$write(value);
        }
    )*};
}
pub(crate) use forward_writes;

//! The traits of a counting pointer, once for both. What they name is in `mod.rs`.

macro_rules! counting_traits {
    ($name:ident) => {
        impl<T: ?Sized + Stored> Clone for $name<T> {
            /// Another pointer to the same value.
            ///
            /// # Aborts
            /// With more than 2^31 pointers to one value, which takes forgetting them.
            #[inline(always)]
            fn clone(&self) -> Self {
                if !self.owners().join() {
                    too_many(stringify!($name));
                }
                Self::of(self.start)
            }
        }

        impl<T: ?Sized + Stored> Drop for $name<T> {
            #[inline(always)]
            fn drop(&mut self) {
                if self.owners().leave() {
                    // SAFETY: ARC-1, OWN-1; this was the last pointer.
                    unsafe { Self::end(self.start) };
                }
            }
        }

        impl<T: ?Sized + Stored> Deref for $name<T> {
            type Target = T;
            #[inline(always)]
            fn deref(&self) -> &T {
                // SAFETY: ARC-1; initialised, and alive as long as this pointer is.
                unsafe { self.start.as_ref() }
            }
        }

        // The value does not move with the pointer.
        impl<T: ?Sized + Stored> Unpin for $name<T> {}
        impl<T: ?Sized + Stored + RefUnwindSafe> UnwindSafe for $name<T> {}
        impl<T: ?Sized + Stored + RefUnwindSafe> RefUnwindSafe for $name<T> {}

        impl<T: Pooled + Default> Default for $name<T> {
            #[inline]
            fn default() -> Self {
                Self::new_with(T::default)
            }
        }

        impl<T: Pooled> From<T> for $name<T> {
            #[inline]
            fn from(value: T) -> Self {
                Self::new(value)
            }
        }

        impl<T: Pooled> From<PoolBox<T>> for $name<T> {
            /// Moves the value into a block with a counter.
            #[inline]
            fn from(boxed: PoolBox<T>) -> Self {
                Self::new_with(|| PoolBox::into_inner(boxed))
            }
        }

        impl<T: ?Sized + Stored + fmt::Debug> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + Stored + fmt::Display> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                (**self).fmt(f)
            }
        }

        impl<T: ?Sized + Stored> fmt::Pointer for $name<T> {
            /// Prints the address; does not look at the value.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Pointer::fmt(&Self::as_ptr(self), f)
            }
        }

        impl<T: ?Sized + Stored + PartialEq> PartialEq for $name<T> {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                **self == **other
            }
            #[allow(
                clippy::partialeq_ne_impl,
                reason = "passed on, as `Arc` does, also if the value has its own"
            )]
            #[inline]
            fn ne(&self, other: &Self) -> bool {
                **self != **other
            }
        }

        impl<T: ?Sized + Stored + Eq> Eq for $name<T> {}

        impl<T: ?Sized + Stored + PartialOrd> PartialOrd for $name<T> {
            #[inline]
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
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

        impl<T: ?Sized + Stored + Ord> Ord for $name<T> {
            #[inline]
            fn cmp(&self, other: &Self) -> Ordering {
                (**self).cmp(&**other)
            }
        }

        impl<T: ?Sized + Stored + Hash> Hash for $name<T> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                (**self).hash(state);
            }
        }

        impl<T: ?Sized + Stored> AsRef<T> for $name<T> {
            fn as_ref(&self) -> &T {
                self
            }
        }

        impl<T: ?Sized + Stored> Borrow<T> for $name<T> {
            fn borrow(&self) -> &T {
                self
            }
        }

        impl<T: ?Sized + Stored + Error> Error for $name<T> {
            fn source(&self) -> Option<&(dyn Error + 'static)> {
                (**self).source()
            }
        }

        // SAFETY: ARC-1; the value stays where it is, and so does its count.
        unsafe impl<T: ?Sized + Stored> Coercible for $name<T> {
            type __Value = T;
            type __To<U: ?Sized + Stored> = $name<U>;
            #[inline]
            unsafe fn __coerce<U: ?Sized + Stored>(
                self,
                coerce: impl FnOnce(*mut T) -> *mut U,
            ) -> $name<U> {
                let start = ManuallyDrop::new(self).start;
                // SAFETY: ARC-1, STO-1; the same pointer, so not null.
                $name::of(unsafe { NonNull::new_unchecked(coerce(start.as_ptr())) })
            }
        }
    };
}

//! The traits of a counting pointer, once for both. What they name is in `mod.rs`.

macro_rules! counting_traits {
    ($name:ident) => {
        forward_shared!($name<T>, T: [?Sized + Stored], and [] where []);

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

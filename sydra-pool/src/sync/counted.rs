//! Atomics that count: `--cfg sydra_count` puts them in the place of `core`'s, so that a program can be asked how many
//! read-modify-writes the engine did. For measurements only: the count itself is one more of them.
//!
//! # Not here
//! Loads and stores: they are not counted.

use core::ops::{Deref, DerefMut};
use core::sync::atomic::{self, Ordering};

/// Read-modify-writes of all threads.
static COUNT: atomic::AtomicU64 = atomic::AtomicU64::new(0);

/// Read-modify-writes that the engine's atomics have done since the process started.
pub fn read_modify_writes() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

fn count() {
    COUNT.fetch_add(1, Ordering::Relaxed);
}

macro_rules! counted {
    ($name:ident$(<$T:ident>)?, $value:ty, { $($method:ident),* }) => {
        #[derive(Debug, Default)]
        #[repr(transparent)]
        pub(crate) struct $name$(<$T>)?(atomic::$name$(<$T>)?);

        #[allow(dead_code)]
        impl$(<$T>)? $name$(<$T>)? {
            pub(crate) const fn new(value: $value) -> Self {
                Self(atomic::$name::new(value))
            }

            pub(crate) fn into_inner(self) -> $value {
                self.0.into_inner()
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.0.load(order)
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                self.0.store(value, order);
            }

            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                count();
                self.0.swap(value, order)
            }

            pub(crate) fn compare_exchange(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                count();
                self.0.compare_exchange(old, new, success, failure)
            }

            pub(crate) fn compare_exchange_weak(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                count();
                self.0.compare_exchange_weak(old, new, success, failure)
            }

            $(pub(crate) fn $method(&self, value: $value, order: Ordering) -> $value {
                count();
                self.0.$method(value, order)
            })*
        }

        impl$(<$T>)? Deref for $name$(<$T>)? {
            type Target = atomic::$name$(<$T>)?;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl$(<$T>)? DerefMut for $name$(<$T>)? {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }
    };
}

counted!(AtomicBool, bool, { fetch_or, fetch_and });
counted!(AtomicPtr<T>, *mut T, {});
counted!(AtomicI64, i64, { fetch_add, fetch_sub, fetch_max });
counted!(AtomicU16, u16, { fetch_add, fetch_sub, fetch_max });
counted!(AtomicU32, u32, { fetch_add, fetch_sub, fetch_max, fetch_or, fetch_and });
counted!(AtomicU64, u64, { fetch_add, fetch_sub, fetch_max, fetch_or, fetch_and });
counted!(AtomicUsize, usize, { fetch_add, fetch_sub, fetch_max, fetch_or, fetch_and });

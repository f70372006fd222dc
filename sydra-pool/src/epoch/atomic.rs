//! An atomic pointer to a pooled value, for those who build lock-free structures.

use super::guard::Guard;
use super::shared::{Pointer, Shared, tag_bits, tagged};
use crate::sync::{AtomicPtr, Ordering};
use crate::typed::{PoolBox, Pooled};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::null_mut;

/// An atomic pointer to a pooled value, or null, with a tag in its low bits.
///
/// One word wide. It owns nothing by itself: what it leads to when it goes away leaks, unless the
/// structure it is part of takes it out before ([`into_box`](Self::into_box)).
///
/// Orderings are those of [`AtomicPtr`]: publish with `Release`, load with `Acquire` what is to be
/// looked at.
///
/// A value outlives no guard:
///
/// ```compile_fail,E0505
/// use sydra_pool::{Pooled, epoch};
/// use std::sync::atomic::Ordering;
///
/// #[derive(Pooled)]
/// struct Order(u64);
///
/// let place = epoch::Atomic::new(Order(1));
/// let guard = epoch::pin();
/// let order = place.load(Ordering::Acquire, &guard);
/// drop(guard);
/// println!("{order:p}");
/// ```
pub struct Atomic<T: Pooled> {
    word: AtomicPtr<T>,
    shares: PhantomData<*mut T>,
}

// SAFETY: SHR-1; a place through which threads share, send and drop values of `T`.
unsafe impl<T: Pooled + Send + Sync> Send for Atomic<T> {}
// SAFETY: SHR-1; as above.
unsafe impl<T: Pooled + Send + Sync> Sync for Atomic<T> {}

/// A [`compare_exchange`](Atomic::compare_exchange) that found something else.
pub struct CompareExchangeError<'g, T: Pooled, P> {
    /// What it found.
    pub current: Shared<'g, T>,
    /// What was to be stored, given back.
    pub new: P,
}

impl<T: Pooled, P> fmt::Debug for CompareExchangeError<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompareExchangeError")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

impl<T: Pooled> Atomic<T> {
    /// A place that leads nowhere, with tag 0.
    pub const fn null() -> Self {
        Self {
            word: AtomicPtr::new(null_mut()),
            shares: PhantomData,
        }
    }

    /// Moves `value` into its pool and leads there.
    ///
    /// As [`PoolBox::new`], it aborts without memory.
    pub fn new(value: T) -> Self {
        Self::from(PoolBox::new(value))
    }

    /// What it leads to.
    #[inline]
    pub fn load<'g>(&self, ordering: Ordering, _guard: &'g Guard) -> Shared<'g, T> {
        Shared::of(self.word.load(ordering))
    }

    /// Leads elsewhere. What it led to before is lost unless somebody else has it; see
    /// [`swap`](Self::swap).
    #[inline]
    pub fn store<P: Pointer<T>>(&self, new: P, ordering: Ordering) {
        self.word.store(new.__into_word(), ordering);
    }

    /// Leads elsewhere and returns what it led to, which can be retired if nobody else leads there.
    #[inline]
    pub fn swap<'g, P: Pointer<T>>(
        &self,
        new: P,
        ordering: Ordering,
        _guard: &'g Guard,
    ) -> Shared<'g, T> {
        Shared::of(self.word.swap(new.__into_word(), ordering))
    }

    /// Leads to `new` if it leads to `current`, tag and all; returns `new`, or what it led to instead
    /// and `new` back.
    #[inline]
    pub fn compare_exchange<'g, P: Pointer<T>>(
        &self,
        current: Shared<'_, T>,
        new: P,
        success: Ordering,
        failure: Ordering,
        _guard: &'g Guard,
    ) -> Result<Shared<'g, T>, CompareExchangeError<'g, T, P>> {
        let word = new.__into_word();
        let done = self
            .word
            .compare_exchange(current.word(), word, success, failure);
        Self::outcome(done, word)
    }

    /// The same, which may fail without a reason: for loops.
    #[inline]
    pub fn compare_exchange_weak<'g, P: Pointer<T>>(
        &self,
        current: Shared<'_, T>,
        new: P,
        success: Ordering,
        failure: Ordering,
        _guard: &'g Guard,
    ) -> Result<Shared<'g, T>, CompareExchangeError<'g, T, P>> {
        let word = new.__into_word();
        let done = self
            .word
            .compare_exchange_weak(current.word(), word, success, failure);
        Self::outcome(done, word)
    }

    #[inline]
    fn outcome<'g, P: Pointer<T>>(
        done: Result<*mut T, *mut T>,
        word: *mut T,
    ) -> Result<Shared<'g, T>, CompareExchangeError<'g, T, P>> {
        match done {
            Ok(_) => Ok(Shared::of(word)),
            Err(found) => Err(CompareExchangeError {
                current: Shared::of(found),
                // SAFETY: SHR-1; not stored, so it is taken back here and nowhere else.
                new: unsafe { P::__from_word(word) },
            }),
        }
    }

    /// Sets bits of the tag; returns pointer and tag from before. A read-modify-write also when there is
    /// nothing to set.
    #[inline]
    pub fn fetch_or<'g>(&self, tag: usize, ordering: Ordering, guard: &'g Guard) -> Shared<'g, T> {
        self.change_tag(|old| old | tag, ordering, guard)
    }

    /// Keeps only these bits of the tag; returns pointer and tag from before.
    #[inline]
    pub fn fetch_and<'g>(&self, tag: usize, ordering: Ordering, guard: &'g Guard) -> Shared<'g, T> {
        self.change_tag(|old| old & tag, ordering, guard)
    }

    /// Flips bits of the tag; returns pointer and tag from before.
    #[inline]
    pub fn fetch_xor<'g>(&self, tag: usize, ordering: Ordering, guard: &'g Guard) -> Shared<'g, T> {
        self.change_tag(|old| old ^ tag, ordering, guard)
    }

    fn change_tag<'g>(
        &self,
        change: impl Fn(usize) -> usize,
        ordering: Ordering,
        _guard: &'g Guard,
    ) -> Shared<'g, T> {
        let mut word = self.word.load(Ordering::Relaxed);
        // Bounded by the changes that others make in between.
        loop {
            let new = tagged(word, change(word.addr() & tag_bits::<T>()));
            match self
                .word
                .compare_exchange_weak(word, new, ordering, Ordering::Relaxed)
            {
                Ok(old) => return Shared::of(old),
                Err(found) => word = found,
            }
        }
    }

    /// What it leads to, for those who need no guard: in a destructor, say.
    ///
    /// # Safety
    /// As long as the result is used, nobody retires or frees what it leads to.
    #[inline]
    pub unsafe fn load_unprotected<'a>(&self, ordering: Ordering) -> Shared<'a, T> {
        Shared::of(self.word.load(ordering))
    }

    /// Takes out what it leads to; `None` if it is null.
    ///
    /// # Safety
    /// Nobody else can reach the value any more, it has not been retired, and no other place takes it
    /// out.
    pub unsafe fn into_box(self) -> Option<PoolBox<T>> {
        let shared = Shared::of(self.word.into_inner());
        if shared.is_null() {
            return None;
        }
        // SAFETY: SHR-1; promised by the caller.
        Some(unsafe { shared.into_box() })
    }
}

impl<T: Pooled> Default for Atomic<T> {
    fn default() -> Self {
        Self::null()
    }
}

impl<T: Pooled> From<PoolBox<T>> for Atomic<T> {
    fn from(value: PoolBox<T>) -> Self {
        Self {
            word: AtomicPtr::new(PoolBox::into_raw(value)),
            shares: PhantomData,
        }
    }
}

impl<T: Pooled> From<Shared<'_, T>> for Atomic<T> {
    fn from(shared: Shared<'_, T>) -> Self {
        Self {
            word: AtomicPtr::new(shared.word()),
            shares: PhantomData,
        }
    }
}

impl<T: Pooled> fmt::Debug for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = Shared::<T>::of(self.word.load(Ordering::Relaxed));
        f.debug_struct("Atomic")
            .field("raw", &shared.as_raw())
            .field("tag", &shared.tag())
            .finish()
    }
}

impl<T: Pooled> fmt::Pointer for Atomic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = Shared::<T>::of(self.word.load(Ordering::Relaxed));
        fmt::Pointer::fmt(&shared, f)
    }
}

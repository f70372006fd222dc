//! A cell whose value is read without a lock and replaced as a whole: safe from end to end.
//!
//! # Invariants
//! - `CEL-1`: the word came out of a `PoolBox<T>` and is not null. Whoever takes a value out retires
//!   it, or has the cell to itself.

use super::guard::Guard;
use super::retire::retire_raw;
use crate::sync::Swapped;
use crate::typed::{PoolBox, Pooled};
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

/// A value that readers see without a lock and writers replace as a whole.
///
/// A read is a load. A reader holds the value it saw as long as it likes (as long as its guard), also
/// when it is replaced meanwhile; the old value is retired. Writers that race: the last one wins,
/// with [`update`](Self::update) each sees the one before.
///
/// It takes memory, so a static is a `LazyLock<EpochCell<T>>`.
///
/// ```
/// use sydra_pool::{Pooled, epoch::{self, EpochCell}};
///
/// #[derive(Pooled)]
/// struct Limits { most: u64 }
///
/// let limits = EpochCell::new(Limits { most: 10 });
/// let guard = epoch::pin();
/// let seen = limits.load(&guard);
/// limits.store(Limits { most: 20 }, &guard);
/// assert_eq!((seen.most, limits.load(&guard).most), (10, 20));
/// ```
///
/// Borrowed values cannot wait for readers:
///
/// ```compile_fail,E0597
/// use sydra_pool::{Pooled, epoch::EpochCell};
///
/// #[derive(Pooled)]
/// struct View<'a>(&'a str);
///
/// let text = String::from("short-lived");
/// let cell = EpochCell::new(View(&text));
/// drop(text);
/// drop(cell);
/// ```
pub struct EpochCell<T: Pooled + Send + Sync + 'static> {
    word: Swapped<T>,
    owns: PhantomData<T>,
}

// The value does not move with the cell.
impl<T: Pooled + Send + Sync + 'static> Unpin for EpochCell<T> {}

impl<T: Pooled + Send + Sync + 'static> EpochCell<T> {
    /// A cell with a first value.
    ///
    /// As [`PoolBox::new`], it aborts without memory.
    pub fn new(value: T) -> Self {
        Self::from(PoolBox::new(value))
    }

    /// The value now. It stays as long as the guard and the cell do.
    #[inline]
    pub fn load<'a>(&'a self, _guard: &'a Guard) -> &'a T {
        let word = self.word.load();
        // SAFETY: CEL-1; retired at the earliest after this thread pinned, so it outlives the guard;
        // and the cell, which the last value goes with, is borrowed.
        unsafe { &*word }
    }

    /// Replaces the value; the old one is retired. As [`PoolBox::retire`], it may drop values that were
    /// retired before.
    ///
    /// # Aborts
    /// If there is no memory for the value, or to note the old one in.
    pub fn store(&self, value: T, guard: &Guard) {
        self.store_box(PoolBox::new(value), guard);
    }

    /// Replaces the value by one that is in its pool already; as [`store`](Self::store).
    pub fn store_box(&self, value: PoolBox<T>, guard: &Guard) {
        let old = self.word.swap(PoolBox::into_raw(value));
        // SAFETY: CEL-1; taken out by this swap alone.
        unsafe { Self::retire(old, guard) };
    }

    /// Replaces the value by what `change` makes of it, as often as it takes until nobody has come in
    /// between; what lost is dropped at once. If `change` panics, the cell stays as it was. Otherwise as
    /// [`store`](Self::store).
    pub fn update(&self, mut change: impl FnMut(&T) -> T, guard: &Guard) {
        loop {
            // Not by way of a reference: the block is to serve other owners one day.
            let old = self.word.load();
            // SAFETY: CEL-1; as in `load`.
            let new = change(unsafe { &*old });
            let new = PoolBox::into_raw(PoolBox::new(new));
            if self.word.exchange(old, new) {
                // SAFETY: CEL-1; taken out by this exchange alone.
                unsafe { Self::retire(old, guard) };
                return;
            }
            // SAFETY: BOX-1; not stored, so nobody else has it.
            drop(unsafe { PoolBox::from_raw(new) });
        }
    }

    /// # Safety
    /// CEL-1: the caller took the value out.
    unsafe fn retire(old: *mut T, guard: &Guard) {
        if let Some(old) = NonNull::new(old) {
            // SAFETY: RTR-1; taken out once, `Send` and `'static`.
            unsafe { retire_raw(guard, old) };
        }
    }

    /// The value, for the one who has the cell to himself.
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: CEL-1; nobody else can load it as long as the cell is borrowed mutably.
        unsafe { &mut *self.word.get_mut() }
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        let mut this = ManuallyDrop::new(self);
        // SAFETY: CEL-1; the cell is gone, so it is taken out once.
        PoolBox::into_inner(unsafe { PoolBox::from_raw(this.word.get_mut()) })
    }
}

impl<T: Pooled + Send + Sync + 'static> Drop for EpochCell<T> {
    fn drop(&mut self) {
        // SAFETY: CEL-1; every reference that `load` gave borrowed the cell, so none is left.
        drop(unsafe { PoolBox::from_raw(self.word.get_mut()) });
    }
}

impl<T: Pooled + Send + Sync + 'static> From<PoolBox<T>> for EpochCell<T> {
    fn from(value: PoolBox<T>) -> Self {
        Self {
            word: Swapped::new(PoolBox::into_raw(value)),
            owns: PhantomData,
        }
    }
}

impl<T: Pooled + Send + Sync + Default + 'static> Default for EpochCell<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Pooled + Send + Sync + fmt::Debug + 'static> fmt::Debug for EpochCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EpochCell")
            .field(self.load(&super::pin()))
            .finish()
    }
}

//! Stores that free all values at once: `typed-arena` and `bumpalo`. They take part where a row does so.
//!
//! # Invariants
//! - `ARE-1`: a value that is held was put into this store after its last sweep. Kept by who uses a store: `sweep` comes when
//!   all is freed; used by `stamp`.

use core::fmt;
use core::ptr::NonNull;

use crate::lab::hot::Item;
use crate::lab::store::{Offers, Store};
use crate::owner::keep;

/// `typed-arena`.
#[derive(Debug)]
pub struct TypedArena;

impl<T: Item> Offers<T> for TypedArena {
    type Store = TypedArenas<T>;
}

/// An arena. It cannot be emptied, so a sweep drops it and makes another, which its documents recommend to give its size.
pub struct TypedArenas<T> {
    arena: typed_arena::Arena<T>,
    capacity: usize,
}

impl<T> fmt::Debug for TypedArenas<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedArenas").finish_non_exhaustive()
    }
}

impl<T: Item> Store<T> for TypedArenas<T> {
    type Held = NonNull<T>;

    fn open(capacity: usize) -> Self {
        Self {
            arena: typed_arena::Arena::with_capacity(capacity),
            capacity,
        }
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> NonNull<T> {
        NonNull::from(self.arena.alloc(value))
    }

    #[inline(always)]
    fn keep(&self, held: &NonNull<T>) {
        keep(held.as_ptr());
    }

    #[inline(always)]
    fn stamp(&self, held: &NonNull<T>) -> u64 {
        // SAFETY: ARE-1: the arena has it, and nobody else writes it.
        unsafe { held.as_ref() }.stamp()
    }

    #[inline(always)]
    fn free(&mut self, _: NonNull<T>) {}

    #[inline(always)]
    fn sweep(&mut self) {
        self.arena = typed_arena::Arena::with_capacity(self.capacity);
    }
}

/// `bumpalo`.
#[derive(Debug)]
pub struct Bumpalo;

impl<T: Item> Offers<T> for Bumpalo {
    type Store = Bumps;
}

/// A bump arena.
#[derive(Debug)]
pub struct Bumps(bumpalo::Bump);

impl<T: Item> Store<T> for Bumps {
    type Held = NonNull<T>;

    fn open(capacity: usize) -> Self {
        Self(bumpalo::Bump::with_capacity(capacity * size_of::<T>()))
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> NonNull<T> {
        NonNull::from(self.0.alloc(value))
    }

    #[inline(always)]
    fn keep(&self, held: &NonNull<T>) {
        keep(held.as_ptr());
    }

    #[inline(always)]
    fn stamp(&self, held: &NonNull<T>) -> u64 {
        // SAFETY: ARE-1: the arena has it, and nobody else writes it.
        unsafe { held.as_ref() }.stamp()
    }

    #[inline(always)]
    fn free(&mut self, _: NonNull<T>) {}

    #[inline(always)]
    fn sweep(&mut self) {
        self.0.reset();
    }
}

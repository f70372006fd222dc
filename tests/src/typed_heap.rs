//! Typed pools as heaps, so that the same plays run through both doors.
//!
//! [`TypedHeap`] sends each layout to the first of some types with their own pools that holds it;
//! [`ClassHeap`] does the same with one generic type, which shares the class magazines. Both pass
//! what no type holds to the system, as a program with some pooled types would.

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use std::alloc::System;

use sydra_pool::{PoolBox, Pooled, pool};

use crate::verdict::{Counted, Counts};

/// A block of the pool of `T`; null if it refuses.
fn take<T: Pooled>() -> *mut u8 {
    match PoolBox::try_new(MaybeUninit::<T>::uninit()) {
        Ok(block) => PoolBox::into_raw(block).cast(),
        Err(_) => null_mut(),
    }
}

/// Frees a block of the pool of `T`.
///
/// # Safety
/// `start` came from `take::<T>` and was not freed since.
unsafe fn give<T: Pooled>(start: *mut u8) {
    // SAFETY: the caller's promise; nothing is assumed about the contents.
    drop(unsafe { PoolBox::from_raw(start.cast::<MaybeUninit<T>>()) });
}

/// The figures of the pool of `T`.
#[must_use]
pub fn counts_of<T: Pooled>() -> Counts {
    let figures = pool::<T>().stats();
    Counts {
        allocations: figures.allocations,
        frees: figures.frees,
        live: figures.live,
    }
}

/// A heap of types with pools of their own.
#[derive(Clone, Copy, Debug, Default)]
pub struct TypedHeap;

/// A heap of one generic type on the shared class magazines.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClassHeap;

/// A block of the shared classes.
#[derive(Debug, Pooled)]
#[repr(C, align(16))]
pub struct Shared<const SIZE: usize>([u8; SIZE]);

macro_rules! typed_heap {
    ($($room:ident: $size:literal, $align:literal;)*) => {
        /// Types with pools of their own, from small to large.
        pub mod rooms {
            use sydra_pool::Pooled;
            $(
                #[doc = concat!("A block of ", $size, " bytes.")]
                #[derive(Debug, Pooled)]
                #[repr(C, align($align))]
                pub struct $room([u8; $size]);
            )*
        }

        // SAFETY: `alloc` and `dealloc` choose by the layout alone, so a block goes back to the pool
        // it came from; each room holds the layouts sent to it.
        unsafe impl GlobalAlloc for TypedHeap {
            unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
                $(if layout.size() <= $size && layout.align() <= $align {
                    return take::<rooms::$room>();
                })*
                // SAFETY: the caller's promises about the layout.
                unsafe { System.alloc(layout) }
            }

            unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
                $(if layout.size() <= $size && layout.align() <= $align {
                    // SAFETY: the same layout led to the same room when it was allocated.
                    return unsafe { give::<rooms::$room>(start) };
                })*
                // SAFETY: not a room's, so it was the system's.
                unsafe { System.dealloc(start, layout) }
            }
        }

        impl Counted for TypedHeap {
            fn counts(&self) -> Counts {
                let mut sum = Counts::default();
                $(
                    let one = counts_of::<rooms::$room>();
                    sum.allocations += one.allocations;
                    sum.frees += one.frees;
                    sum.live += one.live;
                )*
                sum
            }
        }
    };
}

typed_heap! {
    Room8: 8, 8;
    Room24: 24, 8;
    Room48: 48, 16;
    Room64: 64, 64;
    Room200: 200, 8;
    Room256: 256, 256;
    Room640: 640, 32;
    Room1024: 1024, 1024;
    Room4096: 4096, 4096;
    Room16384: 16384, 64;
    Room32768: 32768, 16;
}

macro_rules! class_heap {
    ($($size:literal),*) => {
        // SAFETY: as for `TypedHeap`: the route is a function of the layout.
        unsafe impl GlobalAlloc for ClassHeap {
            unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
                $(if layout.size() <= $size && layout.align() <= 16 {
                    return take::<Shared<$size>>();
                })*
                // SAFETY: the caller's promises about the layout.
                unsafe { System.alloc(layout) }
            }

            unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
                $(if layout.size() <= $size && layout.align() <= 16 {
                    // SAFETY: the same layout led to the same type when it was allocated.
                    return unsafe { give::<Shared<$size>>(start) };
                })*
                // SAFETY: no type held it, so it was the system's.
                unsafe { System.dealloc(start, layout) }
            }
        }
    };
}

class_heap!(16, 32, 48, 96, 128, 320, 1024, 5120, 32768);

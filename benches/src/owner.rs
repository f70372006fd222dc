//! One interface to `Box`, `PoolBox` and the empty loop, so that all of them run the same code, monomorphised.

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::mem::MaybeUninit;

use allocator_api2::alloc::{Allocator, Global};
use sydra_pool::{PoolBox, SydraAlloc};

use crate::block::Block;

/// The owner of one block.
pub trait Owner<T>: Sized + Send {
    /// Allocates a block and writes its first word only.
    fn stamped(stamp: u64) -> Self;
    /// Allocates a block and writes all of it.
    fn whole(value: T) -> Self;
    /// Where the block is.
    fn address(&self) -> *const T;
    /// The word that was written.
    fn stamp(&self) -> u64;
}

/// A way to own blocks.
pub trait Door: 'static {
    /// The owner that this door hands out.
    type Owner<T: Block>: Owner<T> + 'static;
    /// What its containers take their memory from.
    type Containers: Allocator + Clone + Default;
}

/// Makes the block's address and contents count as used, without a store of its own (`std::hint::black_box` spills its
/// argument to the stack, which would weigh on the shortest rows). The same for every owner.
#[inline(always)]
pub fn keep<T>(address: *const T) {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    // SAFETY: the template is a comment: it executes nothing.
    unsafe {
        core::arch::asm!("/* {0} */", in(reg) address, options(nostack, preserves_flags));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    core::hint::black_box(address);
}

/// `Box`, served by the global allocator of the binary.
#[derive(Debug)]
pub struct BoxDoor;

impl Door for BoxDoor {
    type Owner<T: Block> = Box<T>;
    type Containers = Global;
}

/// `PoolBox`, served by the pool of the type.
#[derive(Debug)]
pub struct PoolDoor;

impl Door for PoolDoor {
    type Owner<T: Block> = PoolBox<T>;
    type Containers = SydraAlloc;
}

macro_rules! owners {
    ($($Pointer:ident)+) => {$(
        impl<T: Block> Owner<T> for $Pointer<T> {
            #[inline(always)]
            fn stamped(stamp: u64) -> Self {
                let mut block = Self::new_uninit();
                let first = MaybeUninit::as_mut_ptr(&mut *block).cast::<u64>();
                // SAFETY: `Block` says that the first field is a `u64`; the block is ours alone.
                unsafe { first.write(stamp) };
                // SAFETY: `Block` says that no other byte needs a value.
                unsafe { block.assume_init() }
            }

            #[inline(always)]
            fn whole(value: T) -> Self {
                Self::new(value)
            }

            #[inline(always)]
            fn address(&self) -> *const T {
                &raw const **self
            }

            #[inline(always)]
            fn stamp(&self) -> u64 {
                // SAFETY: `Block` says that the first field is a `u64`, and both constructors write it.
                unsafe { self.address().cast::<u64>().read() }
            }
        }
    )+};
}

owners! { Box PoolBox }

/// No allocator: every block is the same one, so what is left is the loop and the write.
#[derive(Debug)]
pub struct NoDoor;

impl Door for NoDoor {
    type Owner<T: Block> = Nothing<T>;
    // Not measured: containers do not go without.
    type Containers = Global;
}

/// Owner of a block that is never allocated. Owners may travel, but one thread alone makes them: it writes the scratch block.
#[derive(Debug)]
pub struct Nothing<T>(PhantomData<T>);

#[repr(C, align(64))]
struct Scratch(UnsafeCell<[u64; 32]>);

// SAFETY: only `Nothing` reaches the scratch block, and in every shape one thread alone makes owners; nothing reads it.
unsafe impl Sync for Scratch {}

static SCRATCH: Scratch = Scratch(UnsafeCell::new([0; 32]));

impl<T: Block> Owner<T> for Nothing<T> {
    #[inline(always)]
    fn stamped(stamp: u64) -> Self {
        // SAFETY: one thread, no reference to the block exists.
        unsafe { SCRATCH.0.get().cast::<u64>().write(stamp) };
        Self(PhantomData)
    }

    #[inline(always)]
    fn whole(value: T) -> Self {
        const { assert!(size_of::<T>() <= size_of::<Scratch>()) };
        // SAFETY: one thread, no reference to the block exists, and the block is large and aligned enough.
        unsafe { SCRATCH.0.get().cast::<T>().write(value) };
        Self(PhantomData)
    }

    #[inline(always)]
    fn address(&self) -> *const T {
        SCRATCH.0.get().cast::<T>()
    }

    #[inline(always)]
    fn stamp(&self) -> u64 {
        0
    }
}

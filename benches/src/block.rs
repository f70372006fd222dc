//! The blocks that are measured: plain structs of the four sizes, of which one word or all may be written.

use core::mem::MaybeUninit;

use sydra_pool::Pooled;

/// A block whose first word is its stamp, with storage behind it that may stay as the allocator left it.
///
/// # Safety
/// The type is `repr(C)`, its first field is a `u64`, and all other bytes are allowed to be uninitialised.
pub unsafe trait Block: Pooled + Send + 'static {
    /// The size, as it is named in the tables.
    const BYTES: usize;

    /// A block with every word written.
    fn filled(seed: u64) -> Self;

    /// A block with its first word written.
    fn stamped(stamp: u64) -> Self;
}

macro_rules! blocks {
    ($($(#[$attribute:meta])* $name:ident: $bytes:literal;)*) => {$(
        $(#[$attribute])*
        #[derive(Pooled, Debug, Clone, Copy)]
        #[repr(C)]
        pub struct $name {
            stamp: u64,
            rest: [MaybeUninit<u64>; $bytes / 8 - 1],
        }

        const _: () = assert!(size_of::<$name>() == $bytes);

        // SAFETY: `repr(C)`, the first field is a `u64`, and the only other field is an array of `MaybeUninit`.
        unsafe impl Block for $name {
            const BYTES: usize = $bytes;

            #[inline(always)]
            fn filled(seed: u64) -> Self {
                Self { stamp: seed, rest: [MaybeUninit::new(seed); $bytes / 8 - 1] }
            }

            #[inline(always)]
            fn stamped(stamp: u64) -> Self {
                Self { stamp, rest: [const { MaybeUninit::uninit() }; $bytes / 8 - 1] }
            }
        }
    )*};
}

blocks! {
    /// Three words: a list node with its value.
    Block24: 24;
    /// Six words: the hot struct of the examples.
    Block48: 48;
    /// One cache line.
    Block64: 64;
    /// Twenty-five words: a record.
    Block200: 200;
}

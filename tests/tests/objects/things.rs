//! Values of every route that are one trait to the outside.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use sydra_pool::{Pooled, pooled_dyn};
use tests::ledger::Ledger;

/// What a value says of itself.
pub(crate) trait Thing {
    /// The number it was made with, after a look at all its bytes and its place.
    fn number(&self) -> usize;
}
pooled_dyn!(dyn Thing);

/// A subtrait, to be cast up to [`Thing`] and to `Any`.
pub(crate) trait Named: Thing + Any {
    /// The type's name.
    fn name(&self) -> &'static str;
}
pooled_dyn!(dyn Named);

/// What the tests make them of.
pub(crate) trait Make: Pooled + Named + Send + Sync {
    /// Whether the type has no size, and so no number and no block of its own in a box.
    const EMPTY: bool = false;
    /// A value that strikes its number in the ledger when it is dropped.
    fn make(number: usize, ledger: &Arc<Ledger>) -> Self;
}

/// Values without size have no room for a ledger: they share this count of drops.
pub(crate) static EMPTY_DROPS: AtomicUsize = AtomicUsize::new(0);

macro_rules! things {
    ($($name:ident $([$parameter:ident])? : $body:expr $(, #[$attribute:meta])*;)*) => {$(
        #[derive(Pooled)]
        $(#[$attribute])*
        pub(crate) struct $name $(<$parameter>)? {
            number: usize,
            body: [u8; $body],
            ledger: Arc<Ledger>,
            $(_more: $parameter,)?
        }
        things!(@implement $name $([$parameter])? $body);
    )*};
    (@implement $name:ident $body:expr) => {
        things!(@for $name, $body,);
    };
    (@implement $name:ident [$parameter:ident] $body:expr) => {
        things!(@for $name<u64>, $body, _more: 0,);
    };
    (@for $name:ty, $body:expr, $($more:tt)*) => {
        impl Make for $name {
            fn make(number: usize, ledger: &Arc<Ledger>) -> Self {
                let ledger = ledger.clone();
                Self { number, body: [number as u8; $body], ledger, $($more)* }
            }
        }
        impl Thing for $name {
            fn number(&self) -> usize {
                assert!((&raw const *self).addr().is_multiple_of(align_of::<Self>()));
                assert_eq!(self.body, [self.number as u8; $body]);
                self.number
            }
        }
        impl Named for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }
        }
    };
}

// Drops are apart, as `Drop` wants the bounds of the type and no more.
macro_rules! struck {
    ($($name:ident $([$parameter:ident])?;)*) => {$(
        impl $(<$parameter>)? Drop for $name $(<$parameter>)? {
            fn drop(&mut self) {
                // In one piece: an interpreter takes long for a loop over bytes.
                if self.body[..] == vec![self.number as u8; self.body.len()] {
                    self.ledger.strike(self.number);
                }
            }
        }
    )*};
}

/// Bytes of a value in a slab; fewer where an interpreter copies each of them.
const fn scaled(bytes: usize) -> usize {
    if cfg!(miri) { bytes / 40 } else { bytes }
}

// The merged and the generic ones have classes that nothing else in this binary uses.
things! {
    Small: 1;
    Page: scaled(4_000);
    Aligned: 1, #[repr(align(256))];
    Lifted: 1, #[pooled(align = 512)];
    Tuned: 70, #[pooled(magazine = 2, shards = 0)];
    Merged: scaled(9_000), #[pooled(merge)];
    Generic[T]: scaled(11_000);
    Listed[T]: 30, #[pooled(instances(Listed<u64>))];
    Wiped: 90, #[pooled(zero_on_free)];
    WipedMerged: scaled(13_000), #[pooled(merge, zero_on_free)];
    WipedGeneric[T]: scaled(15_000), #[pooled(zero_on_free)];
    Large: 40_000;
    LargeGeneric[T]: 41_000;
    LargeMerged: 42_000, #[pooled(merge)];
    WipedLarge: 43_000, #[pooled(zero_on_free)];
    Over: 1, #[repr(align(8192))];
    OverGeneric[T]: 1, #[repr(align(16384))];
}
struck! {
    Small; Page; Aligned; Lifted; Tuned; Merged; Generic[T]; Listed[T]; Wiped; WipedMerged;
    WipedGeneric[T]; Large; LargeGeneric[T]; LargeMerged; WipedLarge; Over; OverGeneric[T];
}

macro_rules! empty {
    ($($name:ident: $(#[$attribute:meta])*;)*) => {$(
        #[derive(Pooled)]
        $(#[$attribute])*
        pub(crate) struct $name;
        impl Make for $name {
            const EMPTY: bool = true;
            fn make(_: usize, _: &Arc<Ledger>) -> Self {
                Self
            }
        }
        impl Drop for $name {
            fn drop(&mut self) {
                EMPTY_DROPS.fetch_add(1, Relaxed);
            }
        }
        impl Thing for $name {
            fn number(&self) -> usize {
                assert!((&raw const *self).addr().is_multiple_of(align_of::<Self>()));
                usize::MAX
            }
        }
        impl Named for $name {
            fn name(&self) -> &'static str {
                stringify!($name)
            }
        }
    )*};
}
empty! {
    Empty: ;
    AlignedEmpty: #[repr(align(64))];
}

/// Runs a macro for every type with a size; an interpreter has no time for all of them.
macro_rules! for_every_thing {
    ($job:ident) => {
        #[cfg(not(miri))]
        $job!(
            Small,
            Page,
            Aligned,
            Lifted,
            Tuned,
            Merged,
            Generic<u64>,
            Listed<u64>,
            Wiped,
            WipedMerged,
            WipedGeneric<u64>,
            Large,
            LargeGeneric<u64>,
            LargeMerged,
            WipedLarge,
            Over,
            OverGeneric<u64>
        );
        #[cfg(miri)]
        $job!(
            Small,
            Merged,
            Generic<u64>,
            Wiped,
            WipedGeneric<u64>,
            Large,
            Over
        );
    };
}
pub(crate) use for_every_thing;

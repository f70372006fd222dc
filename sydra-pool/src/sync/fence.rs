//! An asymmetric pair of fences: one side costs nothing, the other a system call.
//!
//! A reader that pins is far more frequent than a collector that looks at readers. Where the kernel
//! can make every running thread execute a fence at the collector's wish (`membarrier` on Linux,
//! private expedited), the reader's side only keeps the compiler from reordering. Elsewhere, and
//! under Miri and loom, both sides are `SeqCst` fences. The idea is from "Asymmetric Dekker
//! Synchronization" (Dice, Huang and Yang, 2001) and userspace RCU (Desnoyers et al., 2012).
//!
//! # The contract
//! Of a [`light`] and a [`heavy`] fence one comes before the other: if a store before the one is not
//! seen by a load after the other, then the loads after the one see what was stored before the
//! other. Two light fences promise nothing to each other.
//!
//! # Concurrency
//! `KIND` is the kernel's first answer and stays: a thread that reads `UNKNOWN` asks, and whoever is
//! first decides for all. A thread that is forbidden to ask later gets a refusal from `heavy`.

#[cfg(not(loom))]
use crate::os;
use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::Ordering;
#[cfg(not(loom))]
use core::sync::atomic::{compiler_fence, fence};
#[cfg(loom)]
use loom::sync::atomic::fence;

const UNKNOWN: u8 = 0;
const FULL: u8 = 1;
const ASYMMETRIC: u8 = 2;

static KIND: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Asks the kernel, if nobody has; to be called before the first light fence of a thread.
#[cold]
pub(crate) fn settle_fences() {
    if KIND.load(Relaxed) != UNKNOWN {
        return;
    }
    #[cfg(not(loom))]
    let kind = if os::barriers_open() {
        ASYMMETRIC
    } else {
        FULL
    };
    #[cfg(loom)]
    let kind = FULL;
    // A failure says that another thread was first.
    let _ = KIND.compare_exchange(UNKNOWN, kind, Relaxed, Relaxed);
}

/// The frequent side.
#[inline(always)]
pub(crate) fn light() {
    #[cfg(not(any(loom, miri)))]
    if KIND.load(Relaxed) == ASYMMETRIC {
        // ORDERING: SeqCst for the compiler alone; pairs with `heavy`, which makes the processor's.
        compiler_fence(Ordering::SeqCst);
        return;
    }
    // ORDERING: SeqCst fence pairs with the one in `heavy`.
    fence(Ordering::SeqCst);
}

/// The rare side; `false` if the kernel, which had promised, refuses: then nothing may be concluded
/// about other threads.
#[must_use]
pub(crate) fn heavy() -> bool {
    settle_fences();
    // ORDERING: SeqCst fence pairs with the one in `light`.
    fence(Ordering::SeqCst);
    #[cfg(not(any(loom, miri)))]
    if KIND.load(Relaxed) == ASYMMETRIC {
        return os::barrier();
    }
    true
}

/// In a forked child: the answer stays, and the kernel is told again that the process wants it.
#[cfg(not(loom))]
pub(crate) fn settle_fences_in_child() {
    if KIND.load(Relaxed) == ASYMMETRIC {
        // A refusal shows in `heavy`.
        let _ = os::barriers_open();
    }
}

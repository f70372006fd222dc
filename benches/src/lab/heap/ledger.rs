//! A heap for tests that remembers who made and who freed what.

use core::ptr::NonNull;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::thread::{self, ThreadId};

use super::{Global, Heap};

/// A block that was freed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Freed {
    /// It was the how manieth to be made.
    pub(crate) serial: usize,
    /// Whether another thread freed it than made it.
    pub(crate) remote: bool,
}

#[derive(Debug, Default)]
struct Entries {
    /// By address: serial, maker, size.
    live: HashMap<usize, (usize, ThreadId, usize)>,
    sizes: Vec<usize>,
    freed: Vec<Freed>,
}

/// One for each test; it lives as long as the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ledger(&'static Mutex<Entries>);

impl Ledger {
    pub(crate) fn open() -> Self {
        Self(Box::leak(Box::default()))
    }

    fn entries(self) -> MutexGuard<'static, Entries> {
        self.0.lock().expect("no test panics with it")
    }

    /// All sizes, in the order of their making.
    pub(crate) fn sizes(self) -> Vec<usize> {
        self.entries().sizes.clone()
    }

    /// All that were freed, in this order.
    pub(crate) fn freed(self) -> Vec<Freed> {
        self.entries().freed.clone()
    }

    /// Blocks alive.
    pub(crate) fn live(self) -> usize {
        self.entries().live.len()
    }

    /// The part of the frees that was remote.
    pub(crate) fn remote_ratio(self) -> f64 {
        let freed = self.freed();
        freed.iter().filter(|one| one.remote).count() as f64 / freed.len().max(1) as f64
    }

    /// Nothing is alive any more.
    pub(crate) fn close(self) {
        assert_eq!(self.live(), 0, "blocks leaked");
    }
}

impl Heap for Ledger {
    fn make(self, size: usize) -> NonNull<u8> {
        let address = Global.make(size);
        let mut entries = self.entries();
        let serial = entries.sizes.len();
        entries.sizes.push(size);
        let entry = (serial, thread::current().id(), size);
        assert!(
            entries.live.insert(address.addr().get(), entry).is_none(),
            "the address is in use"
        );
        address
    }

    unsafe fn free(self, address: NonNull<u8>, size: usize) {
        let mut entries = self.entries();
        let entry = entries.live.remove(&address.addr().get());
        let (serial, maker, made) = entry.expect("nothing lives here");
        assert_eq!(size, made, "freed with another size");
        let remote = maker != thread::current().id();
        entries.freed.push(Freed { serial, remote });
        drop(entries);
        // SAFETY: the caller's promise, and the ledger knows the block.
        unsafe { Global.free(address, size) };
    }
}

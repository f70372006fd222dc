//! A ledger: values have numbers, and each of them is to be dropped once, by whomever.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};

/// How often each number was struck.
#[derive(Debug)]
pub struct Ledger {
    strokes: Box<[AtomicU8]>,
    struck: AtomicUsize,
}

impl Ledger {
    /// A ledger with the numbers below `entries`.
    #[must_use]
    pub fn new(entries: usize) -> Arc<Self> {
        Arc::new(Self {
            strokes: (0..entries).map(|_| AtomicU8::new(0)).collect(),
            struck: AtomicUsize::new(0),
        })
    }

    /// Strikes a number: for a value's drop. Never panics, since a panic in there might be caught.
    pub fn strike(&self, entry: usize) {
        if let Some(strokes) = self.strokes.get(entry) {
            strokes.fetch_add(1, Relaxed);
        }
        self.struck.fetch_add(1, Relaxed);
    }

    /// Strokes so far, of whatever number.
    #[must_use]
    pub fn struck(&self) -> usize {
        self.struck.load(Relaxed)
    }

    /// All numbers have been struck, each once.
    ///
    /// # Panics
    /// If not.
    pub fn settled(&self) {
        for (entry, strokes) in self.strokes.iter().enumerate() {
            let strokes = strokes.load(Relaxed);
            assert_eq!(strokes, 1, "value {entry} was dropped {strokes} times");
        }
        assert_eq!(self.struck(), self.strokes.len(), "unknown numbers");
    }
}

//! Blocks whose size is known when running only, from the global allocator of the process.

use core::alloc::Layout;
use core::fmt;
use core::ptr::NonNull;
use std::alloc::{alloc, dealloc, handle_alloc_error};

use super::job::Job;
use crate::random::Random;

/// Where blocks come from. One implementation is measured; tests have another that keeps a ledger.
pub trait Heap: Copy + Send + Sync + 'static {
    /// A block of so many bytes, aligned to a word.
    fn make(self, size: usize) -> NonNull<u8>;

    /// Frees it.
    ///
    /// # Safety
    /// The block came from `make` with this size, and nobody uses it any more.
    unsafe fn free(self, address: NonNull<u8>, size: usize);
}

/// The global allocator.
#[derive(Debug, Clone, Copy)]
pub struct Global;

/// Bytes of a word; the least size of a block, because its first word is written.
pub const WORD: usize = size_of::<u64>();

/// What one page holds, where the system's are no smaller.
const PAGE: usize = 4096;

#[inline(always)]
fn layout(size: usize) -> Layout {
    debug_assert!((WORD..1 << 40).contains(&size));
    // SAFETY: a word's alignment is a power of two, and no block is near `isize::MAX`: `Sizes` and the laws are far below.
    unsafe { Layout::from_size_align_unchecked(size, align_of::<u64>()) }
}

impl Heap for Global {
    #[inline(always)]
    fn make(self, size: usize) -> NonNull<u8> {
        // SAFETY: a block has a word at least.
        let address = unsafe { alloc(layout(size)) };
        NonNull::new(address).unwrap_or_else(|| handle_alloc_error(layout(size)))
    }

    #[inline(always)]
    unsafe fn free(self, address: NonNull<u8>, size: usize) {
        // SAFETY: the caller has it from `make` with this size, so with this layout.
        unsafe { dealloc(address.as_ptr(), layout(size)) };
    }
}

/// The owner of one block.
pub struct Piece<H: Heap> {
    address: NonNull<u8>,
    size: usize,
    heap: H,
}

// SAFETY: it owns its block alone, and a heap takes frees from any thread.
unsafe impl<H: Heap> Send for Piece<H> {}

impl<H: Heap> Piece<H> {
    /// A block whose first word is written.
    #[inline(always)]
    pub fn new(heap: H, size: usize) -> Self {
        let address = heap.make(size);
        // SAFETY: the block has a word at least and is ours.
        unsafe { address.cast::<u64>().write(size as u64) };
        Self {
            address,
            size,
            heap,
        }
    }

    /// Writes a word on each further page, so that all of it is resident.
    #[inline(always)]
    pub fn touch(&mut self) {
        for at in (PAGE..self.size.saturating_sub(WORD)).step_by(PAGE) {
            // SAFETY: `at` and the word after it are inside the block.
            let word = unsafe { self.address.add(at) };
            // SAFETY: the block is ours, and `at` is a multiple of a word.
            unsafe { word.cast::<u64>().write(at as u64) };
        }
    }

    /// Its bytes.
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Its first word.
    pub const fn word(&self) -> *mut u64 {
        self.address.as_ptr().cast()
    }
}

impl<H: Heap> Drop for Piece<H> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: it was made with this size, and its owner goes.
        unsafe { self.heap.free(self.address, self.size) };
    }
}

impl<H: Heap> fmt::Debug for Piece<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes at {:p}", self.size, self.address)
    }
}

/// A law by which sizes follow each other.
pub trait Law {
    /// The next size.
    fn next(&mut self, random: &mut Random) -> usize;
}

/// All sizes between two are equally likely.
#[derive(Debug, Clone, Copy)]
pub struct Uniform {
    least: usize,
    span: usize,
}

impl Uniform {
    /// Between these two, both included.
    ///
    /// # Panics
    /// If they are not in order.
    pub fn new([least, most]: [usize; 2]) -> Self {
        assert!(least <= most, "sizes {least}..{most}");
        let least = least.max(WORD);
        Self {
            least,
            span: most.max(least) - least + 1,
        }
    }

    /// As the job says, or these.
    pub fn of(job: &Job, otherwise: [usize; 2]) -> Self {
        Self::new(job.sizes.unwrap_or(otherwise))
    }

    /// The least and the greatest.
    pub const fn ends(&self) -> [usize; 2] {
        [self.least, self.least + self.span - 1]
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        let [least, most] = self.ends();
        (least + most) as f64 / 2.0
    }
}

impl Law for Uniform {
    #[inline(always)]
    fn next(&mut self, random: &mut Random) -> usize {
        self.least + random.below(self.span)
    }
}

/// Sizes that were drawn before, one after the other, again and again: laws that take long to draw from.
#[derive(Debug, Clone)]
pub struct Drawn {
    sizes: Vec<u32>,
    next: usize,
}

impl Drawn {
    /// These, in this order; what is smaller than a word is a word.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(mut sizes: Vec<u32>) -> Self {
        assert!(!sizes.is_empty(), "no size to draw");
        sizes
            .iter_mut()
            .for_each(|size| *size = (*size).max(WORD as u32));
        Self { sizes, next: 0 }
    }

    /// So many by the law of Pareto: of all blocks, the part `x ^ -exponent` is larger than `x` times the least. What would be
    /// larger than `most` is as large.
    pub fn pareto([least, most]: [usize; 2], exponent: f64, count: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let draw = |_| {
            let beyond = (f64::from(random.word()) + 1.0) / (f64::from(u32::MAX) + 1.0);
            let size = least as f64 * beyond.powf(-1.0 / exponent);
            (size as usize).clamp(least.max(WORD), most.max(WORD)) as u32
        };
        Self::new((0..count).map(draw).collect())
    }

    /// The mean.
    pub fn mean(&self) -> f64 {
        self.sizes.iter().map(|&size| f64::from(size)).sum::<f64>() / self.sizes.len() as f64
    }
}

impl Law for Drawn {
    #[inline(always)]
    fn next(&mut self, _: &mut Random) -> usize {
        let size = self.sizes[self.next];
        self.next += 1;
        if self.next == self.sizes.len() {
            self.next = 0;
        }
        size as usize
    }
}

#[cfg(test)]
pub(super) mod ledger;

#[cfg(test)]
mod tests {
    use super::ledger::Ledger;
    use super::*;

    #[test]
    fn a_piece_is_freed_once_with_its_size() {
        let ledger = Ledger::open();
        let mut large = Piece::new(ledger, 3 * PAGE + 5);
        large.touch();
        drop((large, Piece::new(ledger, WORD)));
        assert_eq!(ledger.sizes(), [3 * PAGE + 5, WORD]);
        ledger.close();
        let mut law = Drawn::new(vec![3, 9]);
        let mut random = Random::new(1);
        assert_eq!([law.next(&mut random), law.next(&mut random)], [WORD, 9]);
        let piece = Piece::new(Global, 100);
        // SAFETY: the word was written when the piece was made.
        assert_eq!(unsafe { piece.word().read() }, 100);
        assert_eq!(piece.size(), 100);
    }

    #[test]
    fn uniform_sizes_reach_both_ends_and_no_further() {
        let mut law = Uniform::new([1, 12]);
        assert_eq!(law.ends(), [8, 12]);
        let mut random = Random::new(1);
        let mut seen: Vec<usize> = (0..1000).map(|_| law.next(&mut random)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [8, 9, 10, 11, 12]);
    }

    #[test]
    fn one_in_five_of_pareto_is_larger_than_four_times_the_least() {
        let mut law = Drawn::pareto([16, 1 << 18], 1.16, 1 << 16, 7);
        let mut random = Random::new(1);
        let sizes: Vec<usize> = (0..1 << 16).map(|_| law.next(&mut random)).collect();
        let beyond = |size: usize| {
            sizes.iter().filter(|one| **one >= size).count() as f64 / sizes.len() as f64
        };
        // 4 ^ -1.16 and 64 ^ -1.16.
        assert!((beyond(64) - 0.2003).abs() < 0.01, "{}", beyond(64));
        assert!((beyond(1024) - 0.0080).abs() < 0.002, "{}", beyond(1024));
        assert!(sizes.iter().all(|size| (16..=1 << 18).contains(size)));
    }
}

//! The allocator door as containers use it: hashbrown's maps, vectors, bump chunks, and every step
//! of `Allocator` by hand. The judge's plays on it are in `tests/tests/judge`.

mod chunks;
mod edges;
mod maps;
mod pools;
mod steps;
mod torture;
mod vectors;

use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::{Mutex, PoisonError};

use allocator_api2::alloc::{AllocError, Allocator};

/// One test at a time: the figures of the classes belong to the process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("the tests ask for valid layouts")
}

/// The strides of the classes as the figures tell them, so that the engine's table is not copied here.
fn strides() -> Vec<usize> {
    let most = if cfg!(miri) { 320 } else { 32 << 10 };
    for size in (8..=most).step_by(8).chain([32 << 10]) {
        // A class is in the figures once it was used.
        Held::take(&sydra_pool::SydraAlloc, layout(size, 8)).give(&sydra_pool::SydraAlloc);
    }
    let classes = sydra_pool::snapshot().classes;
    let mut strides: Vec<usize> = classes.iter().map(|class| class.stride).collect();
    strides.sort_unstable();
    strides.dedup();
    strides
}

/// Live blocks and allocations of all classes.
fn classes() -> (u64, u64) {
    let classes = sydra_pool::snapshot().classes;
    classes.iter().fold((0, 0), |(live, taken), class| {
        (live + class.live, taken + class.allocations)
    })
}

/// A block with its layout, filled and checked by its owner.
struct Held {
    start: NonNull<u8>,
    layout: Layout,
}

/// What blocks hold, from their starts on. Whole slices are copied and compared, which an interpreter
/// does fast.
static CONTENTS: [u8; 100_000] = {
    let mut bytes = [0; 100_000];
    let mut offset = 0;
    while offset < bytes.len() {
        bytes[offset] = (offset % 251) as u8 + 1;
        offset += 1;
    }
    bytes
};

static ZEROS: [u8; 100_000] = [0; 100_000];

impl Held {
    fn take(allocator: &impl Allocator, layout: Layout) -> Self {
        let held = Self::of(allocator.allocate(layout), layout);
        held.fill(0);
        held
    }

    /// What an allocator returned: aligned, and as long as asked for.
    fn of(slice: Result<NonNull<[u8]>, AllocError>, layout: Layout) -> Self {
        let slice = slice.expect("nothing is refused here");
        let start = slice.cast::<u8>();
        assert_eq!(slice.len(), layout.size(), "{layout:?}");
        assert!(
            start.addr().get().is_multiple_of(layout.align()),
            "{layout:?}"
        );
        Self { start, layout }
    }

    /// Writes the contents from an offset on.
    fn fill(&self, from: usize) {
        let size = self.layout.size();
        // SAFETY: within the block.
        let start = unsafe { self.start.as_ptr().add(from) };
        // SAFETY: the rest of the block, its owner's alone.
        unsafe { start.copy_from_nonoverlapping(CONTENTS[from..size].as_ptr(), size - from) };
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the block is this long, and initialised by `fill` or zeroed.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }

    /// The contents up to `length`.
    fn check(&self, length: usize) {
        let same = self.bytes()[..length] == CONTENTS[..length];
        assert!(same, "{length} bytes of {:?}", self.layout);
    }

    /// Zeros from an offset on.
    fn check_zero(&self, from: usize) {
        let tail = &self.bytes()[from..];
        assert!(
            *tail == ZEROS[..tail.len()],
            "from {from} in {:?}",
            self.layout
        );
    }

    fn give(self, allocator: &impl Allocator) {
        // SAFETY: held with this layout, and not used again.
        unsafe { allocator.deallocate(self.start, self.layout) };
    }
}

/// One step between layouts, forth and back; every byte is looked at.
fn step(allocator: &impl Allocator, small: (usize, usize), large: (usize, usize), zeroed: bool) {
    let (from, to) = (layout(small.0, small.1), layout(large.0, large.1));
    let held = Held::take(allocator, from);
    let grown = if zeroed {
        // SAFETY: held with this layout; the size does not fall.
        unsafe { allocator.grow_zeroed(held.start, from, to) }
    } else {
        // SAFETY: held with this layout; the size does not fall.
        unsafe { allocator.grow(held.start, from, to) }
    };
    let grown = Held::of(grown, to);
    if zeroed {
        grown.check_zero(from.size());
    }
    grown.fill(from.size());
    grown.check(to.size());
    // SAFETY: held with this layout; the size does not rise.
    let shrunk = unsafe { allocator.shrink(grown.start, to, from) };
    let shrunk = Held::of(shrunk, from);
    shrunk.check(from.size());
    shrunk.give(allocator);
}

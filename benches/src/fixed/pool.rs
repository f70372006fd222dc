//! What all fixed pools can do, and ours.

use sydra_pool::{StaticBox, StaticPool};

/// Blocks of every pool.
pub const BLOCKS: usize = 1000;

/// What is put into a block: 48 bytes, all of them written.
pub type Value = [u64; 6];

/// A pool in a static.
pub trait FixedPool: 'static {
    /// A block that goes back when it is dropped.
    type Block;

    /// Fills the pool, if it is not full from the start. Called once.
    fn prepare() {}

    /// A block with the value in it.
    fn take(value: Value) -> Option<Self::Block>;
}

/// `StaticPool`.
#[derive(Debug)]
pub struct Sydra;

static SYDRA: StaticPool<Value, BLOCKS> = StaticPool::new();

impl FixedPool for Sydra {
    type Block = StaticBox<Value>;

    #[inline(always)]
    fn take(value: Value) -> Option<StaticBox<Value>> {
        SYDRA.try_box(value).ok()
    }
}

/// `StaticPool` with cache lines for each block.
#[derive(Debug)]
pub struct SydraLines;

static LINES: StaticPool<Value, BLOCKS, 64> = StaticPool::new();

impl FixedPool for SydraLines {
    type Block = StaticBox<Value, 64>;

    #[inline(always)]
    fn take(value: Value) -> Option<StaticBox<Value, 64>> {
        LINES.try_box(value).ok()
    }
}

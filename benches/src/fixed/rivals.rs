//! The others: `atomic-pool` (a bit for each block), `heapless::pool` (a stack with a tag in 128 bits), `opool` (a queue).

use std::sync::LazyLock;

use super::pool::{BLOCKS, FixedPool, Value};

/// `atomic-pool`.
#[derive(Debug)]
pub struct AtomicPool;

#[allow(clippy::manual_div_ceil, reason = "in the rival's macro")]
mod bits {
    use super::{BLOCKS, Value};
    atomic_pool::pool!(pub Bits: [Value; BLOCKS]);
}
use bits::Bits;

impl FixedPool for AtomicPool {
    type Block = atomic_pool::Box<Bits>;

    #[inline(always)]
    fn take(value: Value) -> Option<Self::Block> {
        atomic_pool::Box::new(value)
    }
}

/// `heapless::pool`.
#[derive(Debug)]
pub struct Heapless;

heapless::box_pool!(Stack: Value);

impl FixedPool for Heapless {
    type Block = heapless::pool::boxed::Box<Stack>;

    fn prepare() {
        let blocks = (0..BLOCKS).map(|_| heapless::pool::boxed::BoxBlock::new());
        let blocks: &'static mut [_] = Box::leak(blocks.collect());
        blocks.iter_mut().for_each(|block| Stack.manage(block));
    }

    #[inline(always)]
    fn take(value: Value) -> Option<Self::Block> {
        Stack.alloc(value).ok()
    }
}

/// `opool`.
#[derive(Debug)]
pub struct Opool;

/// Makes values for `opool`, which keeps them initialised.
#[derive(Debug)]
pub struct Maker;

impl opool::PoolAllocator<Value> for Maker {
    fn allocate(&self) -> Value {
        Value::default()
    }
}

static QUEUE: LazyLock<opool::Pool<Maker, Value>> =
    LazyLock::new(|| opool::Pool::new_prefilled(BLOCKS, Maker));

impl FixedPool for Opool {
    type Block = opool::RefGuard<'static, Maker, Value>;

    fn prepare() {
        LazyLock::force(&QUEUE);
    }

    #[inline(always)]
    fn take(value: Value) -> Option<Self::Block> {
        let mut block = QUEUE.get();
        *block = value;
        Some(block)
    }
}

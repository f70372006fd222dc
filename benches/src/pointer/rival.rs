//! One interface to `std`'s pointers and ours, so that both run the same code, monomorphised.

use core::future::Future;
use core::ops::Deref;
use core::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use sydra_pool::{PoolArc, PoolBox, PoolFuture, PoolRc};

use crate::block::Block;

/// A counting pointer to a block.
pub trait Counting<T>: Clone + Deref<Target = T> + 'static {
    /// Moves a value to where it is counted.
    fn make(value: T) -> Self;
}

/// Somebody's owning pointers.
pub trait Rival: 'static {
    /// Counts for all threads.
    type Atomic<T: Block>: Counting<T>;
    /// Counts for one thread.
    type Here<T: Block>: Counting<T>;
    /// A pinned future whose type is forgotten.
    type Task: Future<Output = u64> + Send + Unpin + 'static;
    /// The same as a trait object of the compiler's.
    type Object: Future<Output = u64> + Send + Unpin + 'static;
    /// Pins a future.
    fn task(future: impl Future<Output = u64> + Send + 'static) -> Self::Task;
    /// Pins a future.
    fn object(future: impl Future<Output = u64> + Send + 'static) -> Self::Object;
}

/// `std`'s, on the global allocator of the binary.
#[derive(Debug)]
pub struct Std;

impl Rival for Std {
    type Atomic<T: Block> = Arc<T>;
    type Here<T: Block> = Rc<T>;
    type Task = Pin<Box<dyn Future<Output = u64> + Send>>;
    type Object = Self::Task;

    #[inline(always)]
    fn task(future: impl Future<Output = u64> + Send + 'static) -> Self::Task {
        Box::pin(future)
    }

    #[inline(always)]
    fn object(future: impl Future<Output = u64> + Send + 'static) -> Self::Object {
        Box::pin(future)
    }
}

/// Ours.
#[derive(Debug)]
pub struct Sydra;

impl Rival for Sydra {
    type Atomic<T: Block> = PoolArc<T>;
    type Here<T: Block> = PoolRc<T>;
    type Task = PoolFuture<'static, u64>;
    type Object = Pin<PoolBox<dyn Future<Output = u64> + Send>>;

    #[inline(always)]
    fn task(future: impl Future<Output = u64> + Send + 'static) -> Self::Task {
        PoolFuture::new(future)
    }

    #[inline(always)]
    fn object(future: impl Future<Output = u64> + Send + 'static) -> Self::Object {
        PoolBox::future(future)
    }
}

macro_rules! counting {
    ($($name:ident),*) => {$(
        impl<T: Block> Counting<T> for $name<T> {
            #[inline(always)]
            fn make(value: T) -> Self {
                Self::new(value)
            }
        }
    )*};
}
counting!(Arc, Rc, PoolArc, PoolRc);

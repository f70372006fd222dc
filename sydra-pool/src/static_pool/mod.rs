//! Fixed pools: exactly `N` blocks in a static, without a heap, a system, or a lock.
//!
//! ```
//! use sydra_pool::{StaticBox, StaticPool};
//!
//! static ORDERS: StaticPool<[u64; 6], 1000> = StaticPool::new();
//!
//! let order = ORDERS.try_box([1; 6]).expect("the first of a thousand");
//! let thread = std::thread::spawn(move || order[0]); // given back there
//! assert_eq!(thread.join().unwrap(), 1);
//! assert_eq!(ORDERS.available(), 1000);
//! ```

mod slot;
mod static_box;
mod traits;
mod pool;

pub use pool::StaticPool;
pub use slot::{Alignment, BlockAlignment};
pub use static_box::StaticBox;

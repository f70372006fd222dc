//! Fixed pools: exactly `N` blocks in a static, without a heap, a system, or a lock.
//!
//! ```
//! use sydra_pool::StaticPool;
//!
//! static ORDERS: StaticPool<[u64; 6], 1000> = StaticPool::new();
//!
//! let order = ORDERS.try_box([1; 6]).expect("the first of a thousand");
//! let thread = std::thread::spawn(move || order[0]); // given back there
//! assert_eq!(thread.join().unwrap(), 1);
//! assert_eq!(ORDERS.available(), 1000);
//! ```
//!
//! # For whom
//! For programs that may not ask for memory: firmware without a heap, interrupt and signal handlers, the loop of an audio or a
//! trading program that must not meet an allocator, and for a resource of which there are `N` and no more (sessions, frames,
//! descriptors of a device). It works in `no_std` crates: without the feature `std`, this module is all there is.
//!
//! Who only wants fast allocation is better off with [`PoolBox`](crate::PoolBox): a typed pool grows, and its
//! threads have magazines of hundreds of blocks, so that it needs no atomic read-modify-write at all on its fast path. A fixed
//! pool has hands of four blocks, and what a thread holds beyond that goes through one list for all.
//!
//! # What it promises
//! * *Nothing but itself.* Storage is the static; all its bytes are zero at first, so it is in `.bss` and takes no room in the
//!   program's file. No allocator, no system call, no thread-local, ever.
//! * *Exactly `N`.* A request is refused only if there was an instant during it at which all `N` blocks were in use; and never
//!   are more in use.
//! * *Any thread, any context.* Any thread may give back what another took. No operation waits for another thread, so one may
//!   be interrupted anywhere and the handler may use the same pool.
//! * *Lock-free, not wait-free.* If an operation begins again, another one got on; for a single one there is no bound on how
//!   often. Giving back a block that came from the hand is wait-free: a load and a store.
//! * *Blocks return* also if the value's `drop` panics, or the closure of [`try_box_with`](StaticPool::try_box_with).
//!
//! # How it works
//! Free blocks are a stack in one word, `[tag | blocks off the stack | top block]`, which takers and givers exchange. The tag is
//! what keeps a taker that was asleep from putting a stale block on top (the *ABA problem*): each push moves it on. It has 32
//! bits, and a taker errs only if it sleeps between two neighbouring instructions while others push exactly a multiple of 2^32
//! times, which takes at least 17 s. Targets without 64-bit atomics have 12 bits: there it takes a multiple of 4,096 pushes
//! within one interruption of a taker. The links of the stack lie behind the values and not in them: a taker that was too slow
//! reads the link of a block that is in use, and that must not be the value's bytes.
//!
//! In front of the stack are eight *hands* of four cells, each on cache lines of its own; which hand a thread uses follows from
//! where its stack is. A cell keeps one block, and as long as the block is out nobody else writes the cell: so to take from a
//! hand is one exchange, and to give back is one plain store. When the stack is empty, blocks are taken out of other hands.
//! (Targets without 64-bit atomics have one hand of one cell.)
//!
//! # What it costs
//! Not two cycles, which no atomic operation does: on two shared Zen 4 cores, 48 bytes written, a pair of take and give costs
//! 2.9 ns if the hand has the block, on one thread or on two at once: one locked instruction is 2.5 ns of them. The stack
//! alone costs 7.7 ns, and on two threads at once above 100 ns, as all threads want one word. `atomic-pool` takes 5.2 ns and
//! 30 to 45 ns, `opool` 10.8 and above 30, `heapless::pool` 15.3 and above 110. (`cargo run --profile bench-lto -p benches --bin
//! statics`; threads whose stacks lead to the same hand meet on its line, for which two have a chance of one in eight.)
//!
//! A block takes 8 bytes (4 on small targets) beside its value, rounded up to its alignment; a pool 1.2 KiB beside its blocks.
//! `ALIGN` = 64 gives each block cache lines of its own: worth it if different threads write to neighbours all the time.

mod slot;
mod static_box;
mod traits;
mod pool;

pub use pool::StaticPool;
pub use slot::{Alignment, BlockAlignment};
pub use static_box::StaticBox;

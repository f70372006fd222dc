//! The protocol of a pool of exactly `N` blocks: a tagged list, and hands in front of it.
//!
//! The room behind the door `static_pool`. It deals in numbers of blocks and in one word for each block (its *link*, out of
//! the value's bytes); it knows neither types nor addresses, allocates nothing, and calls nobody.
//!
//! # The list, and what the tag is for
//! Free blocks are a stack: the list's word names the top one, each block's link names the next. To pop is to read the word,
//! then the link of the top block, and then to exchange the word for one that names the next. Between the read and the
//! exchange others may pop that block and the next one and push the first again. The word then names the same top block, the
//! exchange of a plain stack would succeed, and would name a block that somebody is using: the ABA problem.
//! So the word also has a *tag* that each push moves on, and the number of blocks that are off the list:
//!
//! ```text
//!              63            32 31        16 15         0
//! wide         |     tag       |    off     |    top    |    one AtomicU64, N <= 65,535
//! narrow       |  tag:12  | off:10 | top:10 |                one AtomicU32, N <= 1,023
//!
//! link of a block in the list      0: where the zero image has it, before `Blocks::after`; otherwise next + 1
//! link of any other block          see `hands`
//! ```
//!
//! *To move it on in pushes alone is enough*: for the word to name the same top block again after that was popped, it must
//! have been pushed since, and a block that was not popped has the link that was read. What is left is the wrap. A pop goes
//! wrong only if, between its load and its exchange, the others pushed a multiple of 2^32 times (narrow: 4,096 times), left as
//! many blocks off the list, and left the same block on top of another one. At 4 ns for a pop and a push, which is faster than
//! one word can be exchanged by two cores, 2^32 pushes take 17 s: the thread would have to be off its core for that long,
//! between two neighbouring instructions, and come back at one value of 2^32. For 4,096 pushes on a small chip it is an
//! interrupt that frees 4,096 blocks to the list before it returns. The tests have a tag of three bits, for which 7 pushes in
//! the gap do no harm and 8 do.
//!
//! # Hands
//! A pop and a push cost two read-modify-writes, and all threads exchange one word. So threads keep single blocks at *hand*. A
//! hand is a line of [`CELLS`] cells; who asks brings the number of a hand, and it is best if different threads bring different
//! numbers, but nothing breaks otherwise. A cell goes around a circle that it enters once:
//!
//! ```text
//!              a block was popped       it is given back: a store       it is taken: an exchange
//!   EMPTY (0) ------------------> BOUND ------------------------> HOLDS -----------------------> BOUND ..
//! ```
//!
//! The block that a cell is bound to has it as its *home*, and as long as the block is out, *nobody else writes the cell*: no
//! taker touches a cell that holds nothing, and the block has one owner. So to give it back needs no read-modify-write but a
//! plain store, and a pair of take and give costs one, on a line that other threads have no reason to touch. What is to be
//! stored the taker has left in the block's link, so that the giver waits for one load and not for three. A block that finds no
//! empty cell has no home and goes back to the list.
//!
//! # Exactly N
//! When the list is empty, a block is taken out of another hand. When no cell holds one either, the looks at the list and the
//! cells were at different times, and a block may have moved from where nobody had looked yet to where somebody had. So
//! everything is looked at again: each word has a count (the tag; in a cell the number of gives) that moves on when a block
//! comes in, so if all are unchanged there was an instant at which all `N` blocks were out, and only then is the answer "full".
//! If something changed, then somebody else got on, and the search begins again: lock-free, not wait-free.
//!
//! # Invariants
//! - `FIX-1`: a block's number is in one place: in the list once, in one cell that holds it, or with one owner who got it from
//!   `take` and has not given it back. Made by the zero image (all are in the list); kept by every exchange here and by the
//!   callers of `give`; checked by the loom models and the tests with a narrow tag.
//! - `FIX-2`: a number that `take` returns, or that the list's word names, is below `N`; only `N` itself ends the list.
//!
//! # Concurrency
//! The list's word: exchanged by all. A link: written by the owner of the block (before `take` returns it, in `give`), read by
//! anybody who saw the block on top, relaxed: what a late reader reads is not used, as its exchange fails. A cell: exchanged by
//! takers while it holds a block or is empty, stored by the one giver while it is bound.
//!
//! # Not here
//! Addresses, values, panics, locks, waiting, and the operating system.

mod word;
mod list;
mod hands;

pub(crate) use hands::{Core, Hand};
#[cfg(test)]
pub(crate) use word::Word;
pub(crate) use word::{Blocks, Native, Shape};

/// Hands of a pool.
#[cfg(all(target_has_atomic = "64", not(sydra_narrow)))]
pub(crate) const HANDS: usize = 8;
/// Cells of a hand.
#[cfg(all(target_has_atomic = "64", not(sydra_narrow)))]
pub(crate) const CELLS: usize = 4;
/// Hands of a pool: small targets have one core, and one cell is enough for a pair.
#[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
pub(crate) const HANDS: usize = 1;
/// Cells of a hand.
#[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
pub(crate) const CELLS: usize = 1;

/// The core of a pool as this target has it.
pub(crate) type NativeCore = Core<Native, HANDS, CELLS>;

/// The word of a link.
pub(crate) type NativeWord = <Native as Shape>::Word;

/// The largest `N`.
pub(crate) const MOST_BLOCKS: usize = (1 << <Native as Shape>::TOP) - 1;

#[cfg(test)]
mod bare;
#[cfg(all(test, loom))]
mod loom_tests;
#[cfg(all(test, not(loom)))]
mod tests;

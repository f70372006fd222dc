//! Limbo: who is reading, and what waits for them.
//!
//! The room behind the door `epoch`: a clock with one global epoch, a participant for each thread,
//! and bags of retired blocks. It knows neither types nor pools; `reclaim` drops and frees what
//! this room hands out.
//!
//! # Why two epochs are enough
//! `S` unlinks a block, puts it into a bag, and later seals the bag with an epoch `g` (a
//! read-modify-write, so `g` is the latest at that moment). The bag is handed out at `g + 2`. Take a
//! reader `R` that could have loaded the block's address; it is pinned at some `r`.
//!
//! * `r > g`: `R` read the epoch when it was `g + 1` or more. Every change of the epoch is a
//!   read-modify-write, the seal too, so that value belongs to the release sequence that the seal
//!   began: by reading it `R` acquired the unlinking, before it loaded anything. It cannot have seen
//!   the block.
//! * `r <= g`: the step from `g + 1` to `g + 2` looked at all participants behind a heavy fence. If it
//!   saw `R` pinned, it did not step. If it did not, `R`'s pin came after the fence, and then its
//!   loads see all that was stored before the fence, the unlinking among it, for who steps from
//!   `g + 1` has acquired that.
//! * `R` was pinned, and let go before the look: then its reads are done before the block is handed
//!   out, because the look acquires what `R` released when it let go (or pinned again).
//!
//! Only pairs of a light and a heavy fence are used, never two light ones.
//!
//! # Open bags of others
//! A thread that stops retiring leaves a bag half full, and only it may touch that without a lock. A
//! *sweep* takes it over without a cost for the owner: the owner puts only while pinned, so a sweep
//! sets the bag's limit to 0, passes a heavy fence, and takes the bag if it then sees the owner
//! unpinned. An owner that pins later sees the 0 and takes the slow way, which has a lock.

mod rooms;
mod counter;
mod bag;
mod queue;
mod open;
mod participant;
mod clock;

pub(crate) use bag::{Bag, Sealed, capacity_for};
pub(crate) use clock::{Advance, Clock};
pub(crate) use open::{Kind, Open};
pub(crate) use participant::Participant;

#[cfg(all(test, loom))]
mod loom_tests;

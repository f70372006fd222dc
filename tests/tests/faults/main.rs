//! The system refuses request n, for n = 0, 1, 2 and so on until nothing is refused any more: once
//! just that one, once that one and all after it. Every public operation goes through it.
//!
//! Each run is a process of its own, since the engine starts once a process. Nothing may panic or
//! abort; values come back; afterwards everything works again and nothing is lost.
#![cfg(all(target_os = "linux", not(miri)))]

mod sweep;

mod allocator;
mod epoch;
mod global;
mod objects;
mod threads;
mod typed;

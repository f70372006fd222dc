//! The traits of other crates on the owning pointers: serde, `StableDeref` as yoke uses it, zeroize.

mod serde;
mod stable_deref;
mod zeroize;

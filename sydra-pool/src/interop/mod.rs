//! Traits of other crates for the owning pointers, each behind the feature of that crate's name.
//!
//! # Not here
//! Nothing that takes or frees a block by itself: what is here goes through the public interface of
//! the pointers, so a feature cannot weaken what they keep. The allocator interface, which is a door of
//! its own, is in `allocator`.

#[cfg(feature = "serde")]
mod serde;
#[cfg(feature = "stable-deref-trait")]
mod stable_deref;
#[cfg(feature = "zeroize")]
mod zeroize;

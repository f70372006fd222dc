//! What a caller learns when a pool refuses.

use core::fmt;

/// Why a request was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// The system has no more memory, and neither has the backing allocator.
    OutOfMemory,
    /// The value is larger than any pool serves, and the fallback is off.
    TooLarge,
    /// The value needs a larger alignment than any pool serves, and the fallback is off.
    OverAligned,
    /// The pool has no more memory, and `fallback = "none"` forbids to ask elsewhere.
    FallbackOff,
    /// All blocks of the pool are in use, and it can have no more: a [`StaticPool`](crate::StaticPool), or a type with
    /// `capacity`.
    Full,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OutOfMemory => "out of memory",
            Self::TooLarge => "too large for a pool, and the fallback is off",
            Self::OverAligned => "over-aligned for a pool, and the fallback is off",
            Self::FallbackOff => "the pool has no more memory, and the fallback is off",
            Self::Full => "all blocks of the pool are in use",
        })
    }
}

/// A refused allocation: the reason, and the value that could not be stored.
///
/// Nothing is lost: [`into_inner`](Self::into_inner) gives the value back.
pub struct AllocError<T = ()> {
    value: T,
    reason: Refusal,
}

impl<T> AllocError<T> {
    pub(crate) fn new(value: T, reason: Refusal) -> Self {
        Self { value, reason }
    }

    /// Why the request was refused.
    pub fn reason(&self) -> Refusal {
        self.reason
    }

    /// The value that could not be stored.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// The same refusal without the value, which is dropped.
    pub fn without_value(self) -> AllocError {
        AllocError::new((), self.reason)
    }

    /// Gives the value back.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> fmt::Debug for AllocError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllocError")
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Display for AllocError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pool allocation refused: {}", self.reason)
    }
}

impl<T> core::error::Error for AllocError<T> {}

impl core::error::Error for Refusal {}

//! Rooms in the engine's own memory; under loom, which has no statics, from the system.

use core::ptr::NonNull;

#[cfg(not(loom))]
pub(super) fn take(bytes: usize) -> Option<NonNull<u8>> {
    crate::meta::META.take(bytes)
}

/// # Safety
/// `room` came from `take(bytes)` and nobody uses it any more.
#[cfg(not(loom))]
pub(super) unsafe fn give(room: NonNull<u8>, bytes: usize) {
    // SAFETY: MET-1; passed on to the caller.
    unsafe { crate::meta::META.give(room, bytes) };
}

#[cfg(loom)]
pub(super) fn take(bytes: usize) -> Option<NonNull<u8>> {
    crate::os::reserve(bytes, 128)
}

/// # Safety
/// `room` came from `take(bytes)` and nobody uses it any more.
#[cfg(loom)]
pub(super) unsafe fn give(room: NonNull<u8>, bytes: usize) {
    crate::os::release(room, bytes);
}

//! Rooms whose type has been forgotten: from a coercion to a trait object on, the address alone tells whose a
//! room is.
//!
//! Within the range the tag of its unit names the class, or the slab its pool, and that its door. What lies outside is
//! in the book.
//!
//! # Not here
//! Which pointers forget types: see `typed::stored`.

use super::{Home, give, overwrite};
use crate::base::breach::breach;
use crate::block::Block;
use crate::local;
use crate::pool::{Kind, Route, classes, outside, pool_of};
use crate::space::SPACE;
use crate::sync::Ordering::Relaxed;
#[cfg(feature = "paranoid")]
use crate::watch;
use core::ptr::NonNull;

/// What becomes of a room when its type is forgotten: from then on the address alone must tell
/// whose it is.
///
/// # Aborts
/// If the room is outside of the range and there is no memory for an entry in the book.
pub(crate) fn forget_type<H: Home>(start: NonNull<u8>) {
    let plan = const { &H::PLAN };
    if plan.route == Route::Nowhere {
        return;
    }
    if !is_in_slab(start) {
        // The book has a lock, which a `fork` must find.
        local::list(H::pool());
        if !outside::enter(start, give::<H>) {
            std::alloc::handle_alloc_error(plan.layout());
        }
        return;
    }
    if plan.kind == Kind::Own {
        return;
    }
    // The slab knows the class only: the value is counted there, and cleared as it asked for.
    if plan.kind == Kind::Merged {
        local::list(H::pool());
        H::pool().count_single_free();
        H::pool().home().count_single_allocation();
    }
    if plan.zero_on_free {
        H::pool().home().wipe.store(true, Relaxed);
    }
}

/// The other way: the type is known again. Returns the pointer as the room was got, which a reference
/// may have narrowed meanwhile.
pub(crate) fn remember_type<H: Home>(start: NonNull<u8>) -> NonNull<u8> {
    let plan = const { &H::PLAN };
    if plan.route == Route::Nowhere {
        return start;
    }
    if !is_in_slab(start) {
        return match outside::strike(start.addr().get()) {
            Some((entered, _)) => entered,
            None => start,
        };
    }
    if plan.kind == Kind::Merged {
        H::pool().home().count_single_free();
        H::pool().count_single_allocation();
    }
    start
}

fn is_in_slab(start: NonNull<u8>) -> bool {
    SPACE.window.offset_of(start.addr().get()).is_some()
}

/// Gives the room of a value back whose type is not known.
///
/// # Safety
/// `start` is the room of a value of some size which went through [`forget_type`], holds no value
/// any more, and is not used again.
#[inline(never)]
pub(crate) unsafe fn give_unknown(start: NonNull<u8>) {
    let Some(offset) = SPACE.window.offset_of(start.addr().get()) else {
        // SAFETY: PLD-1; passed on to the caller.
        return unsafe { give_outside(start) };
    };
    // It may have gone through a reference, which narrows what it may be used for.
    let block = Block(SPACE.window.rederive(start));
    let Some(class) = SPACE.class_at(offset) else {
        // SAFETY: PLD-1; passed on to the caller.
        return unsafe { give_through_door(block) };
    };
    let pool = classes::pool(class);
    if pool.wipe.load(Relaxed) {
        // SAFETY: PLD-1; a block of the class, which nobody uses any more.
        unsafe { overwrite(block.0, pool.plan.stride) };
    }
    local::with_class(class, |magazine| {
        #[cfg(feature = "paranoid")]
        watch::came_back(block.0, pool);
        if let Err(block) = magazine.push(block) {
            local::push_slow(pool, magazine, block);
        }
    });
}

/// The same for a room outside of the range, which is in the book.
///
/// # Safety
/// As for [`give_unknown`].
#[cold]
#[inline(never)]
unsafe fn give_outside(start: NonNull<u8>) {
    let Some((start, door)) = outside::strike(start.addr().get()) else {
        breach!("wrong pointer freed: {start:p} belongs to no pool");
    };
    // SAFETY: OUT-1; the door of the home it came from.
    unsafe { door(start) }
}

/// The same for a room within the range that is no class's: its slab names a pool, and that a door.
///
/// # Safety
/// As for [`give_unknown`].
#[inline(never)]
unsafe fn give_through_door(block: Block) {
    let Some(door) = pool_of(&block).door else {
        breach!("wrong pointer freed: {:p} belongs to no type", block.0);
    };
    // SAFETY: PLD-1; the door of the home that the pool belongs to.
    unsafe { door(block.0) }
}

/// The same for a value without size, which has a room in a fixed pool only.
///
/// # Safety
/// As for [`give_unknown`].
#[cold]
#[inline(never)]
pub(crate) unsafe fn give_empty(start: NonNull<u8>) {
    if let Some((start, door)) = outside::strike(start.addr().get()) {
        // SAFETY: OUT-1; the door of the home it came from.
        unsafe { door(start) };
    }
}

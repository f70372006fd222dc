//! What the macros' expansions name. Not part of the public interface; versioned by its module so
//! that a later derive can keep working with an older engine's names.

/// The names of version 1.
pub mod v1 {
    pub use crate::config::{
        check_align, check_classes, check_fits, check_magazine, check_max_limbo, check_mimalloc,
        check_shards, check_slab_size,
    };
    pub use crate::magazine::Magazine;
    #[cfg(feature = "__fault_injection")]
    pub use crate::os::faults;
    pub use crate::pool::{Plan, Pool};
    pub use core::ops::FnOnce;
    pub use std::thread_local;

    /// The pool of a plan's class.
    #[inline(always)]
    pub fn class_pool(plan: Plan) -> &'static Pool {
        crate::pool::classes::pool(plan.class)
    }

    /// Runs `body` on the calling thread's magazine of a plan's class.
    #[inline(always)]
    pub fn with_class_magazine<R>(plan: Plan, body: impl FnOnce(&Magazine) -> R) -> R {
        crate::local::with_class(plan.class, body)
    }
}

//! What the macros' expansions name. Not part of the public interface; versioned by its module so
//! that a later derive can keep working with an older engine's names.

/// The names of version 1.
pub mod v1 {
    pub use crate::config::{
        check_align, check_capacity, check_classes, check_fits, check_magazine, check_max_limbo,
        check_mimalloc, check_shards, check_slab_size,
    };
    use crate::home::register as register_home;
    pub use crate::home::{
        ClassHome, CountedClassHome, Described, FixedRoom, FixedStore, Home, NOT_FIXED, NotFixed,
    };
    pub use crate::magazine::Magazine;
    #[cfg(feature = "__fault_injection")]
    pub use crate::os::faults;
    pub use crate::pool::{Counted, Plan, Pool};
    #[cfg(sydra_count)]
    pub use crate::sync::{
        ReadModifyWrites, forget_writers, read_modify_writes, read_modify_writes_by_place,
    };
    pub use crate::typed::{Coercible, Unknown};
    pub use crate::waste::{
        ByInstance, Class, Report, Stride, Waste, block_bytes, check_max_waste, check_waste,
        class_bytes, waste_bytes,
    };
    /// Enters the pool of a type in the registry.
    pub fn register<T: crate::typed::Pooled>() {
        register_home::<T::__Home>();
    }

    pub use core::marker::{PhantomData, Send, Sized, Sync};
    pub use core::ops::FnOnce;
    pub use core::{compile_error, primitive};
    pub use std::thread_local;
}

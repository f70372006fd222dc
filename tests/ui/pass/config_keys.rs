//! Every key of the configuration, on a static that is the global allocator.
#![forbid(unsafe_code)]
#![forbid(nonstandard_style, rust_2018_idioms, unused, missing_docs, warnings)]
// One by one: a forbidden group is lenient towards an `allow`, a forbidden lint is not.
#![forbid(dead_code, non_camel_case_types, non_upper_case_globals, unused_braces)]
#![deny(unreachable_pub, missing_debug_implementations, unused_qualifications)]

use sydra_pool::SydraPool;

const SHARDS: usize = 4;
const TABLE: &[usize] = &[16, 32, 64];

/// Above `#[global_allocator]`.
#[sydra_pool::config(
    mode = "small_pool",
    shards = 8,
    classes = [16, 24, 32, 48, 64, 96, 128, 192, 256],
    slab_size = 65536,
    magazine = 64,
    max_limbo = 67108864,
    fallback = "system",
    stats = "full",
    poison = true
)]
#[global_allocator]
pub static GLOBAL: SydraPool = SydraPool::new();

/// Handles that are not the global allocator.
pub mod handles {
    use super::{SHARDS, TABLE};

    /// Expressions.
    #[sydra_pool::config(
        mode = "default",
        shards = SHARDS * 2,
        classes = TABLE,
        slab_size = 1 << 17,
        magazine = 32,
        max_limbo = SHARDS << 20,
        stats = "basic",
        poison = cfg!(debug_assertions),
    )]
    pub static EXPRESSIONS: sydra_pool::SydraPool = {
        let pool = sydra_pool::SydraPool::new();
        pool
    };

    #[sydra_pool::config(shards = "auto", stats = "off", poison, classes = [TABLE[0], 32])]
    pub(crate) static r#AUTO: ::sydra_pool::SydraPool = ::sydra_pool::SydraPool::new();

    /// No keys at all.
    #[sydra_pool::config]
    pub static PLAIN: sydra_pool::SydraPool = sydra_pool::SydraPool::new();

    /// The same with parentheses.
    #[sydra_pool::config()]
    pub static EMPTY: sydra_pool::SydraPool = sydra_pool::SydraPool::new();

    /// A condition below the attribute covers all that the attribute writes: the two of this name
    /// do not meet.
    #[sydra_pool::config(shards = 2)]
    #[cfg(all())]
    pub static EITHER: sydra_pool::SydraPool = sydra_pool::SydraPool::new();

    /// The other one.
    #[sydra_pool::config(shards = 3)]
    #[cfg(any())]
    pub static EITHER: sydra_pool::SydraPool = sydra_pool::SydraPool::new();

    #[cfg(any())]
    #[sydra_pool::config(nonsense)]
    static ABSENT: sydra_pool::SydraPool = sydra_pool::SydraPool::new();
}

fn main() {
    let boxed = Box::new(5);
    assert_eq!(*boxed, 5);
    let _ = (&handles::EXPRESSIONS, &handles::AUTO, &handles::PLAIN, &handles::EMPTY);
}

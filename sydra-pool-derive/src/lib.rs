//! The macros of `sydra-pool`. Use them through that crate, which re-exports both.
//!
//! A macro is three steps: `attr` (spelling), `model` (rules), `expand` (data). A model is complete
//! even when rules are broken, so the expansion beside the errors keeps the uses of the type quiet.
//! All decisions that need the size of a type are const assertions of the engine, called with the
//! span of the value they are about.
//!
//! A clean build of this crate with all it depends on takes 1.03 times the processor time of
//! `thiserror`'s (4.1 s and 4.0 s, debug, two shared cores, November 2026; release 0.95 times):
//! `bash ci/derive-cost` measures it and fails above 1.2. Therefore `syn` without `full` and `visit`.
//!
//! The order of the modules is the floor plan: each imports only from those above it. One thing
//! goes the other way: the two vocabularies name each other, for the error message about a key of
//! the one attribute in the other.

// Ground: errors and tokens.
mod diag;
mod tokens;

// Spelling: lists of keys.
mod entry;

// Spelling: kinds of values.
mod range;
mod value;

// Data: how a value is handed to the compiler.
mod check;

// The two macros.
mod config;
mod pooled;

#[cfg(test)]
mod golden;

#[cfg(test)]
mod soup;

use proc_macro::TokenStream;

/// Gives a type a pool: values of it can live in a `PoolBox`.
///
/// ```
/// use sydra_pool::{PoolBox, Pooled};
///
/// #[derive(Pooled)]
/// #[pooled(shards = 8, name = "order")]
/// struct Order {
///     id: u64,
///     price: i64,
/// }
///
/// let order = PoolBox::new(Order { id: 7, price: 100 });
/// assert_eq!(order.price, 100);
/// assert_eq!(sydra_pool::pool::<Order>().name(), "order");
/// ```
///
/// Structs, enums and unit structs can be derived for; unions cannot. The type must have a size.
///
/// # Which pool
///
/// **A static cannot be generic.** Therefore:
///
/// - A type without type and const parameters has a pool of its own: blocks of exactly its size,
///   magazines for it alone, its own figures. Lifetimes do not count as parameters here.
/// - A generic type uses the pools and magazines of the size classes; the class is chosen at
///   compile time, for each instantiation. Its memory is rounded up to the class.
/// - `instances(..)` lists instantiations that shall have pools of their own. Then only those are
///   `Pooled`. Two of them must not be subtypes of one another (`Node<for<'a> fn(&'a u8)>` and
///   `Node<fn(&'static u8)>`): a box that was coerced would go home to the wrong pool, which aborts.
///
/// ```
/// use sydra_pool::{PoolBox, Pooled};
///
/// #[derive(Pooled)]
/// #[pooled(instances(Node<u32>, Node<&'static str>))]
/// struct Node<T> {
///     value: T,
/// }
///
/// let node = PoolBox::new(Node { value: 5_u32 });
/// assert_eq!(node.value, 5);
/// assert_eq!(sydra_pool::pool::<Node<u32>>().name(), "Node<u32>");
/// ```
///
/// # Keys of `#[pooled(..)]`
///
/// Several attributes on one type are one list; a key may be given once. Where the table says
/// *number*, any constant expression of type `usize` will do; a comma in it must stand inside
/// brackets of some kind. A number out of its range is a compile error at that number.
///
/// | key | value | default | meaning |
/// |---|---|---|---|
/// | `shards` | number, 0 to 64 | one for each processor | how many shards the pool has; 0 leaves one central set of buckets |
/// | `slab_size` | number of bytes, a power of two from 64 KiB to 1 MiB | 64 KiB, more for blocks above 4 KiB | bytes of a slab |
/// | `magazine` | number of blocks, 2 to 1024 | by the block's size; `pool::<T>().geometry()` tells | blocks a thread keeps at hand |
/// | `align` | number of bytes, a power of two from 1 to 4096 | the type's alignment | alignment of the blocks; less than the type's changes nothing. In a `PoolArc` the value lies behind its count, 16 bytes into the block (or as many as the type's own alignment) |
/// | `capacity` | number of blocks, 1 to 65,535 | none | the pool is fixed: exactly so many values can be alive in `PoolBox`es (and as many in `PoolArc`s), their blocks are statics, nothing is ever asked of the heap or the system; `PoolBox::try_new` gives a value back that finds no block (and `new` aborts). Excludes `shards`, `slab_size`, `magazine`, `merge` and `fallback = "heap"` |
/// | `max_limbo` | number of bytes, at least 1 | no limit of its own, only that of the process | bytes of the type's retired values (of all in its class, for a generic type without `instances`) that may wait for readers; above it each full bag (half a magazine, at most 256 KiB) forces the epoch on and, if a reader stands in the way, a stall is counted; retiring goes on |
/// | `max_waste` | number, 0 to 100 | 100 | the most that may be wasted: percent of a block's bytes that are not the value's (in a `PoolBox`). More is a compile error that names the numbers and what would help; for a generic type without `instances(..)` it comes where an instantiation is used, and from `cargo build`, not `cargo check` |
/// | `isolate` | flag | on, except for generic types | the type has slabs of its own |
/// | `merge` | flag | off | the type has magazines of its own, but takes its blocks from the pool of its size class; excludes `isolate`, `shards`, `slab_size` and `magazine` |
/// | `fallback` | `"heap"` or `"none"` | `"heap"` | who serves what the pool cannot: the backing allocator, or nobody, so that it is an error. With `"none"` a type that is larger than 32 KiB or aligned to more than 4096 does not compile |
/// | `zero_on_free` | flag | off | a freed block is overwritten with zeros |
/// | `name` | string, or a constant expression of type `&'static str` | the type's name | the name in figures; beside `instances(..)` a literal, to which each instance's arguments are appended |
/// | `instances(..)` | types | none | instantiations of a generic type with pools of their own; write `'_` or `'static` for lifetimes |
/// | `bound` | string of where predicates | none | bounds of a generic implementation, besides those of the type itself; none are inferred |
/// | `crate` | path, or string with a path | `::sydra_pool` | where the engine crate is, if it is renamed or re-exported; trusted to be the engine |
///
/// A generic type without `instances(..)` has no pool of its own and takes none of `shards`,
/// `slab_size`, `magazine`, `capacity`, `isolate` and `merge`.
///
/// # Errors
///
/// All errors of a type are reported in one build, each at the token it is about. An unknown key is
/// answered with the list of keys and, where one is near, a suggestion. The type is `Pooled` all the
/// same, so its uses report nothing.
///
/// # What the documentation shows
///
/// rustdoc shows the implementation with whose blocks they are and, but for generic types, with the
/// layout as a type: `type Layout = Report<Class<[u8; 48]>, Stride<[u8; 41]>, Waste<[u8; 0]>>` says
/// that a block takes 41 bytes, none of them wasted, and 48 if it were the class's. (Its constants
/// `BLOCK_BYTES` and `WASTE_BYTES` are the same numbers for programs; rustdoc does not evaluate them.)
///
/// ```compile_fail,E0080
/// # use sydra_pool::Pooled;
/// // error: `Line` wastes 7 of the 48 bytes of its block, 14.6 percent (size 41, align 1, stride 48)
/// // help: a pool of its own (`isolate` instead of `merge`) has stride 41
/// #[derive(Pooled)]
/// #[pooled(merge, max_waste = 10)]
/// struct Line([u8; 41]);
/// ```
///
/// # Expansion
///
/// Two static pools, one for `PoolBox` and one for `PoolArc`, which keeps a counter before the value,
/// with a thread-local magazine without destructor for each; and the implementation that names them.
/// All in one anonymous constant: no name is added to the scope. The linker leaves out what nobody
/// uses. The implementation is an `unsafe impl`, which
/// `#![forbid(unsafe_code)]` lets through because a macro of another crate wrote it.
#[proc_macro_derive(Pooled, attributes(pooled))]
pub fn derive_pooled(input: TokenStream) -> TokenStream {
    pooled::derive(input.into()).into()
}

/// Configures a static `SydraPool`, the global allocator as a rule.
///
/// ```
/// use sydra_pool::SydraPool;
///
/// #[sydra_pool::config(shards = 8, stats = "full")]
/// #[global_allocator]
/// static GLOBAL: SydraPool = SydraPool::new();
///
/// let numbers = vec![1, 2, 3];
/// assert_eq!(numbers.len(), 3);
/// ```
///
/// The attribute stands on either side of `#[global_allocator]`. It writes a type that carries the
/// settings as constants and makes it the argument of the static's type, here
/// `SydraPool<__SydraConfigOfGLOBAL>`; visibility, other attributes and initialiser stay as they
/// are. Settings are constants of the binary that declares the static. A library must not declare a
/// global allocator.
///
/// # Keys
///
/// Where the table says *number*, any constant expression of type `usize` will do; a comma in it
/// must stand inside brackets of some kind. A number out of its range is a compile error at that
/// number.
///
/// | key | value | default | meaning |
/// |---|---|---|---|
/// | `mode` | `"small_pool"`, `"mimalloc"` or `"default"` | `"small_pool"` | small requests from the pool, everything from mimalloc, or everything from the system's allocator |
/// | `shards` | number, 0 to 64, or `"auto"` | `"auto"` | how many shards there are; `"auto"` is one for each processor, 0 leaves one central set of buckets |
/// | `classes` | list of sizes in bytes, ascending, or a constant expression of type `&'static [usize]` | all 48 classes | which size classes are served; what fits none goes to the fallback, above 32 KiB as without the key. Each must be one of the built-in table: multiples of 8 up to 128, then four for each doubling up to 32 KiB |
/// | `slab_size` | number of bytes, a power of two from 64 KiB to 1 MiB | 64 KiB, more for blocks above 4 KiB | bytes of a slab |
/// | `magazine` | number of blocks, 2 to 1024 | by the block's size | blocks a thread keeps at hand, for each class |
/// | `max_limbo` | number of bytes, at least 1 | 64 MiB | bytes of retired values that may wait for readers, in the whole process; above it each full bag (half a magazine, at most 256 KiB) forces the epoch on and, if a reader stands in the way, a stall is counted; retiring goes on |
/// | `fallback` | `"system"` or `"mimalloc"` | `"system"` | who serves requests that are too large (above 32 MiB), over-aligned or refused for want of memory |
/// | `stats` | `"off"`, `"basic"` or `"full"` | `"basic"` | how often lock times are measured: never, once in 1024, always. Counts are exact at every level |
/// | `poison` | `true`, `false`, a constant expression of type `bool`, or nothing for `true` | `false` | freed blocks are filled with a pattern, which is checked when they are used again |
/// | `crate` | path, or string with a path | `::sydra_pool` | where the engine crate is, if it is renamed or re-exported |
///
/// `"mimalloc"` needs the feature `mimalloc` of `sydra-pool`; without it, it is a compile error.
///
/// # Errors
///
/// All errors of a static are reported in one build, each at the token it is about: unknown keys
/// (with the list of keys and a suggestion), values of a wrong kind or out of range, `static mut`, a
/// type that has arguments already, a missing initialiser, an item that is no static.
#[proc_macro_attribute]
pub fn config(attribute: TokenStream, item: TokenStream) -> TokenStream {
    config::attribute(attribute.into(), item.into()).into()
}

//! The one door to the operating system: a contract, kept by `linux` or by `model`.
//!
//! | call | promise |
//! |---|---|
//! | `page_bytes` | size of a page, read at run time |
//! | `reserve` | an address range nobody else gets, aligned, not yet usable (`PROT_NONE` on Linux) |
//! | `release` | gives back a whole reservation |
//! | `commit` | makes part of a reservation readable, writable and zero; `false` if refused |
//! | `forbid` | any access to committed pages ends the process, until `commit`; `false` if they stay usable |
//! | `purge` | the pages leave the resident set and read as zero; `false` if they stay as they are |
//! | `advise_huge` | the range may be backed by huge pages; a wish |
//! | `now_ns`, `now_coarse_ms` | monotonic clocks |
//! | `wait`, `wake_one` | sleep while a word has a value; spurious returns allowed |
//! | `processors` | how many the process may run on, at least 1 |
//! | `thread_token` | a number that no other thread has, not 0; the same in a forked child |
//! | `thread_number` | the same, and not soon that of a later thread; slow, for `--cfg sydra_count` only |
//! | `at_thread_exit` | runs a hook when the calling thread ends, after its thread-locals' destructors; a backstop, may do nothing |
//! | `at_fork` | three hooks around `fork`; `false` where there is none |
//! | `barriers_open` | arranges for `barrier`; `false` where every fence must be a real one |
//! | `barrier` | after `barriers_open` said yes: a full fence in every running thread of the process; `false` if refused |
//! | `thread_label` | the system's number and name of the calling thread |
//! | `write_stderr`, `abort` | the last words of a breach |
//!
//! No call clobbers `errno`, none allocates through the global allocator, none panics.
//!
//! # Why a model
//! Miri has no `mmap` with reserve semantics, loom no kernel at all, and other targets have their
//! own calls. `model` keeps the same contract on `std::alloc::System`. Both can be told to refuse
//! requests (see `faults`), which is how running out of memory is tested at every step.

#[cfg(feature = "__fault_injection")]
pub mod faults;

#[cfg(not(feature = "__fault_injection"))]
pub(crate) mod faults {
    //! Nothing is refused in a build for users.

    /// Whether the next request may go to the system: always.
    #[inline(always)]
    pub(crate) fn permit() -> bool {
        true
    }
}

#[cfg(all(target_os = "linux", not(any(miri, loom, sydra_model))))]
mod linux;
#[cfg(all(target_os = "linux", not(any(miri, loom, sydra_model))))]
pub(crate) use linux::*;

#[cfg(not(all(target_os = "linux", not(any(miri, loom, sydra_model)))))]
mod model;
#[cfg(not(all(target_os = "linux", not(any(miri, loom, sydra_model)))))]
pub(crate) use model::*;

/// Bytes of a thread's name, as Linux keeps it.
pub(crate) const NAME_BYTES: usize = 16;

/// A thread as people know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadLabel {
    pub(crate) number: u64,
    /// Filled up with zeros.
    pub(crate) name: [u8; NAME_BYTES],
}

/// The hooks of `at_fork`: before, in the parent after, in the child after.
#[derive(Clone, Copy)]
// The model knows no `fork`.
#[cfg_attr(
    any(miri, loom, sydra_model, not(target_os = "linux")),
    allow(dead_code)
)]
pub(crate) struct ForkHooks {
    pub(crate) prepare: extern "C" fn(),
    pub(crate) parent: extern "C" fn(),
    pub(crate) child: extern "C" fn(),
}

//! A fixed pool asks nobody: no allocator, no engine, no system.
//!
//! The global allocator of this binary stops the process if a thread that is under oath calls it; the engine's door to the
//! system refuses everything and counts; and on Linux a forked child gives up every system call but writing and leaving, and
//! is killed by the kernel if it makes another.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use std::alloc::System;
use std::sync::Barrier;
use std::thread;

use sydra_pool::__private::v1::faults;
use sydra_pool::{PoolBox, Pooled, Refusal, StaticBox, StaticPool};

struct Witness;

thread_local! {
    /// True while this thread must not ask for memory.
    static OATH: Cell<bool> = const { Cell::new(false) };
}

fn under_oath<R>(body: impl FnOnce() -> R) -> R {
    OATH.set(true);
    let result = body();
    OATH.set(false);
    result
}

fn heard() {
    if OATH.get() {
        std::process::abort();
    }
}

// SAFETY: every call is passed on unchanged.
unsafe impl GlobalAlloc for Witness {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        heard();
        // SAFETY: the caller's promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        heard();
        // SAFETY: the caller's promises.
        unsafe { System.dealloc(start, layout) }
    }
}

#[global_allocator]
static GLOBAL: Witness = Witness;

const BLOCKS: usize = 40;

/// Everything a pool does, by one thread of several.
fn use_everything(pool: &'static StaticPool<[u64; 9], BLOCKS>, rounds: u64) {
    let mut places: [Option<StaticBox<[u64; 9]>>; BLOCKS] = [const { None }; BLOCKS];
    for round in 0..rounds {
        for place in &mut places {
            match pool.try_box([round; 9]) {
                Ok(block) => *place = Some(block),
                Err(refused) => assert_eq!(refused.reason(), Refusal::Full),
            }
        }
        for place in &mut places {
            if let Some(block) = place.take() {
                assert_eq!(StaticBox::into_inner(block), [round; 9]);
            }
        }
        for _ in 0..20 {
            drop(pool.try_box_with(|| [1; 9]));
        }
        assert!(pool.len() <= BLOCKS && pool.high_water() <= BLOCKS);
    }
}

#[derive(Pooled)]
struct Other(#[expect(dead_code, reason = "takes room")] u64);

/// One test, so that nobody else talks to the engine meanwhile.
#[test]
fn a_fixed_pool_asks_nobody() {
    static POOL: StaticPool<[u64; 9], BLOCKS> = StaticPool::new();
    faults::refuse_from(0);
    let start = Barrier::new(3);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                start.wait();
                under_oath(|| use_everything(&POOL, 2_000));
            });
        }
    });
    assert!(POOL.is_empty());
    assert_eq!(faults::requests(), 0, "requests to the system");
    // The witness is awake: a pool with a heap behind it asks at once.
    let _ = PoolBox::try_new(Other(1));
    assert!(faults::requests() > 0, "the engine has another door");
    faults::allow_all();

    #[cfg(all(target_os = "linux", not(miri)))]
    linux::without_system_calls();
}

#[cfg(all(target_os = "linux", not(miri)))]
mod linux {
    use super::*;

    /// Forks a child that may only write and leave, lets `body` run in it, and returns how the child ended.
    fn confined(body: impl FnOnce()) -> i32 {
        // SAFETY: the child makes no call but those below.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: no pointers.
            let strict = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_STRICT) };
            if strict == 0 {
                body();
            }
            // `exit` of the thread: the one way out that strict mode leaves.
            // SAFETY: no pointers, and the child has one thread.
            unsafe { libc::syscall(libc::SYS_exit, if strict == 0 { 0 } else { 77 }) };
        }
        let mut status = 0;
        // SAFETY: our own child, and a place for its status.
        let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
        assert_eq!(ended, child);
        status
    }

    pub(super) fn without_system_calls() {
        static POOL: StaticPool<[u64; 9], BLOCKS> = StaticPool::new();
        let status = confined(|| use_everything(&POOL, 200));
        if libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 77 {
            eprintln!("this system has no strict mode of seccomp: not tried");
            return;
        }
        assert!(
            libc::WIFEXITED(status),
            "the pool made a system call: status {status:#x}"
        );
        assert_eq!(libc::WEXITSTATUS(status), 0);
        // SAFETY: no pointers.
        let status = confined(|| assert!(unsafe { libc::getppid() } > 0));
        assert!(libc::WIFSIGNALED(status), "the kernel is not watching");
    }
}

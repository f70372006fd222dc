//! `PoolBox<T>` is `Send`, `Sync` and `UnwindSafe` exactly when `Box<T>` is, and always `Unpin`. What
//! belongs to epochs is `Send` and `Sync` where a value that several threads see may be.
//!
//! A trait is asked for by inherent-method precedence: an inherent constant that exists only under
//! a bound hides the trait's constant of the same name. What is checked is checked at compile
//! time; the test's body only gives it a name.

use core::cell::Cell;
use core::marker::{PhantomData, PhantomPinned};
use core::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::sync::MutexGuard;

use sydra_pool::epoch::{Atomic, CompareExchangeError, EpochCell, Guard, Shared};
use sydra_pool::{AllocError, LocalPoolFuture, PoolBox, PoolFuture, Pooled, TypePool};

macro_rules! ask {
    ($question:ident, $bound:path) => {
        pub(crate) struct $question<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized + $bound> $question<T> {
            #[allow(dead_code, reason = "hides the trait's constant where the bound holds")]
            pub(crate) const ANSWER: bool = true;
        }
    };
}

pub(crate) trait No {
    const ANSWER: bool = false;
}
impl<T: ?Sized> No for T {}

ask!(IsSend, Send);
ask!(IsSync, Sync);
ask!(IsUnpin, Unpin);
ask!(IsUnwindSafe, UnwindSafe);
ask!(IsRefUnwindSafe, RefUnwindSafe);
ask!(IsClone, Clone);
ask!(IsCopy, Copy);

/// Both.
#[derive(Pooled)]
struct Plain(#[expect(dead_code, reason = "gives the value its traits")] u64);

/// `Send`, not `Sync`, not `RefUnwindSafe`.
#[derive(Pooled)]
struct SendOnly(#[expect(dead_code, reason = "gives the value its traits")] Cell<u64>);

/// `Sync`, not `Send`.
#[derive(Pooled)]
struct SyncOnly(PhantomData<MutexGuard<'static, u64>>);

/// Neither.
#[derive(Pooled)]
struct Neither(#[expect(dead_code, reason = "gives the value its traits")] Rc<u64>);

/// Must not move once pinned.
#[derive(Pooled)]
struct Pinned(PhantomPinned);

/// Generic, through the shared class magazines.
#[derive(Pooled)]
struct Wrapper<T>(T);

macro_rules! same_as_box {
    ($($type:ty),* $(,)?) => {
        $(
            assert!(IsSend::<PoolBox<$type>>::ANSWER == IsSend::<Box<$type>>::ANSWER);
            assert!(IsSync::<PoolBox<$type>>::ANSWER == IsSync::<Box<$type>>::ANSWER);
            assert!(IsUnpin::<PoolBox<$type>>::ANSWER);
            assert!(IsUnwindSafe::<PoolBox<$type>>::ANSWER == IsUnwindSafe::<Box<$type>>::ANSWER);
            assert!(
                IsRefUnwindSafe::<PoolBox<$type>>::ANSWER == IsRefUnwindSafe::<Box<$type>>::ANSWER
            );
            assert!(!IsCopy::<PoolBox<$type>>::ANSWER);
            // One word with a niche: `Option` costs nothing.
            assert!(size_of::<PoolBox<$type>>() == size_of::<usize>());
            assert!(size_of::<Option<PoolBox<$type>>>() == size_of::<usize>());
            assert!(align_of::<PoolBox<$type>>() == align_of::<usize>());
        )*
    };
}

const _: () = {
    // The questions themselves tell yes from no.
    assert!(IsSend::<u64>::ANSWER && !IsSend::<Rc<u64>>::ANSWER);
    assert!(IsSync::<u64>::ANSWER && !IsSync::<Cell<u64>>::ANSWER);
    assert!(IsUnpin::<u64>::ANSWER && !IsUnpin::<PhantomPinned>::ANSWER);
    // The five types are what they say.
    assert!(IsSend::<SendOnly>::ANSWER && !IsSync::<SendOnly>::ANSWER);
    assert!(!IsSend::<SyncOnly>::ANSWER && IsSync::<SyncOnly>::ANSWER);
    assert!(!IsSend::<Neither>::ANSWER && !IsSync::<Neither>::ANSWER);
    assert!(!IsUnpin::<Pinned>::ANSWER);
    same_as_box!(
        Plain,
        SendOnly,
        SyncOnly,
        Neither,
        Pinned,
        Wrapper<u64>,
        Wrapper<Cell<u64>>,
        Wrapper<Rc<u64>>,
        Wrapper<MutexGuard<'static, u64>>,
        core::mem::MaybeUninit<Plain>,
        core::mem::MaybeUninit<Neither>,
    );
    // Cloning a box clones its value: only if that is possible.
    assert!(!IsClone::<PoolBox<Plain>>::ANSWER);
    // An error carries its value and nothing else.
    assert!(IsSend::<AllocError<Plain>>::ANSWER && IsSync::<AllocError<Plain>>::ANSWER);
    assert!(!IsSend::<AllocError<Neither>>::ANSWER && !IsSync::<AllocError<SendOnly>>::ANSWER);
    // A pool's handle is a place to ask, whatever the type.
    assert!(IsSend::<TypePool<Plain>>::ANSWER && IsSync::<TypePool<Plain>>::ANSWER);
};

macro_rules! seen_by_several_threads {
    ($($type:ty),* $(,)?) => {
        $(const _: () = {
            // Whoever has the place shares the value and may be the one who drops it.
            const BOTH: bool = IsSend::<$type>::ANSWER && IsSync::<$type>::ANSWER;
            assert!(IsSend::<Atomic<$type>>::ANSWER == BOTH);
            assert!(IsSync::<Atomic<$type>>::ANSWER == BOTH);
            assert!(IsUnpin::<Atomic<$type>>::ANSWER);
            assert!(size_of::<Atomic<$type>>() == size_of::<usize>());
            // What is held under a guard stays with the guard's thread.
            assert!(!IsSend::<Shared<'static, $type>>::ANSWER);
            assert!(!IsSync::<Shared<'static, $type>>::ANSWER);
            assert!(IsCopy::<Shared<'static, $type>>::ANSWER);
            assert!(size_of::<Shared<'static, $type>>() == size_of::<usize>());
            assert!(!IsClone::<Atomic<$type>>::ANSWER);
            assert!(!IsSend::<CompareExchangeError<'static, $type, PoolBox<$type>>>::ANSWER);
        };)*
    };
}

const _: () = {
    assert!(!IsSend::<Guard>::ANSWER && !IsSync::<Guard>::ANSWER);
    // Of a future it is known that it is `Send`, or nothing; what it will give makes no difference.
    assert!(IsSend::<PoolFuture<'_, Rc<u64>>>::ANSWER && !IsSync::<PoolFuture<'_, u64>>::ANSWER);
    assert!(!IsSend::<LocalPoolFuture<'_, u64>>::ANSWER);
    assert!(!IsSync::<LocalPoolFuture<'_, u64>>::ANSWER);
    assert!(!IsUnwindSafe::<PoolFuture<'_, u64>>::ANSWER);
    assert!(IsUnpin::<PoolFuture<'_, PhantomPinned>>::ANSWER);
    assert!(!IsClone::<Guard>::ANSWER && IsUnpin::<Guard>::ANSWER);
    assert!(IsSend::<EpochCell<Plain>>::ANSWER && IsSync::<EpochCell<Plain>>::ANSWER);
    assert!(!IsClone::<EpochCell<Plain>>::ANSWER && IsUnpin::<EpochCell<Plain>>::ANSWER);
    assert!(size_of::<EpochCell<Plain>>() == size_of::<usize>());
};
seen_by_several_threads!(
    Plain,
    SendOnly,
    SyncOnly,
    Neither,
    Wrapper<u64>,
    Wrapper<Cell<u64>>
);

/// `PoolBox<T>` is covariant in `T`, like `Box<T>`.
#[expect(dead_code, reason = "compiling is the test")]
fn covariant<'short>(long: PoolBox<Wrapper<&'static str>>) -> PoolBox<Wrapper<&'short str>> {
    long
}

/// A box owns its value: dropping it may drop borrows, so it must not outlive them; and a value
/// without drop glue may dangle, which `Box` allows as well.
#[test]
fn the_matrix_compiles() {
    let text = String::from("borrowed");
    let boxed = PoolBox::new(Wrapper(text.as_str()));
    assert_eq!(boxed.0, "borrowed");
}

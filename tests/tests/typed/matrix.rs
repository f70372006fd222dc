//! Which auto traits every public type has for which values: one table, looked at when this is
//! compiled. A bound too few is unsound, one too many is a nuisance; either fails here.

use core::any::Any;
use core::cell::Cell;
use core::fmt;
use core::marker::{PhantomData, PhantomPinned};
use core::mem::MaybeUninit;
use core::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, MutexGuard};

use sydra_pool::epoch::{Atomic, CompareExchangeError, EpochCell, Guard, Shared};
use sydra_pool::{
    AllocError, Backing, Config, EpochFigures, FallbackFigures, Geometry, LocalPoolFuture,
    Maintenance, Mode, PoolArc, PoolBox, PoolFuture, PoolRc, Pooled, Refusal, Settings, Snapshot,
    StatsLevel, SydraPool, TypeFigures, TypePool,
};

use crate::auto_traits::{
    IsClone, IsCopy, IsRefUnwindSafe, IsSend, IsSync, IsUnpin, IsUnwindSafe, No,
};

/// Has all of them.
#[derive(Clone, Pooled)]
struct All(PhantomData<u64>);

/// `Send`, and neither `Sync` nor `RefUnwindSafe`.
#[derive(Clone, Pooled)]
struct SendOnly(PhantomData<Cell<u64>>);

/// `Sync`, not `Send`.
#[derive(Pooled)]
struct SyncOnly(PhantomData<MutexGuard<'static, u64>>);

/// Neither.
#[derive(Clone, Pooled)]
struct Neither(PhantomData<Rc<u64>>);

/// Must not move once pinned.
#[derive(Pooled)]
struct Pinned(PhantomPinned);

/// Half of it may be seen after a panic.
#[derive(Pooled)]
struct Unsettled(PhantomData<&'static mut u64>);

/// Generic, so it lives in a class.
#[derive(Clone, Pooled)]
struct Generic<T>(PhantomData<T>);

/// One row for each type: `Send`, `Sync`, `Unpin`, `UnwindSafe`, `RefUnwindSafe`, `Clone`, `Copy`.
macro_rules! table {
    ($($type:ty: $send:literal $sync:literal $unpin:literal $unwind:literal $ref_unwind:literal $clone:literal $copy:literal;)*) => {$(
        const _: () = {
            assert!(IsSend::<$type>::ANSWER == ($send == 1), concat!("Send of ", stringify!($type)));
            assert!(IsSync::<$type>::ANSWER == ($sync == 1), concat!("Sync of ", stringify!($type)));
            assert!(IsUnpin::<$type>::ANSWER == ($unpin == 1), concat!("Unpin of ", stringify!($type)));
            assert!(IsUnwindSafe::<$type>::ANSWER == ($unwind == 1), concat!("UnwindSafe of ", stringify!($type)));
            assert!(IsRefUnwindSafe::<$type>::ANSWER == ($ref_unwind == 1), concat!("RefUnwindSafe of ", stringify!($type)));
            assert!(IsClone::<$type>::ANSWER == ($clone == 1), concat!("Clone of ", stringify!($type)));
            assert!(IsCopy::<$type>::ANSWER == ($copy == 1), concat!("Copy of ", stringify!($type)));
        };
    )*};
}

// Send Sync Unpin UnwindSafe RefUnwindSafe Clone Copy
table! {
    // The values themselves are what they say.
    All:                            1 1 1 1 1 1 0;
    SendOnly:                       1 0 1 1 0 1 0;
    SyncOnly:                       0 1 1 1 1 0 0;
    Neither:                        0 0 1 1 1 1 0;
    Pinned:                         1 1 0 1 1 0 0;
    Unsettled:                      1 1 1 0 1 0 0;

    // A box is as its value, and may always move.
    PoolBox<All>:                   1 1 1 1 1 1 0;
    PoolBox<SendOnly>:              1 0 1 1 0 1 0;
    PoolBox<SyncOnly>:              0 1 1 1 1 0 0;
    PoolBox<Neither>:               0 0 1 1 1 1 0;
    PoolBox<Pinned>:                1 1 1 1 1 0 0;
    PoolBox<Unsettled>:             1 1 1 0 1 0 0;
    PoolBox<Generic<Cell<u64>>>:    1 0 1 1 0 1 0;
    PoolBox<Generic<Rc<u64>>>:      0 0 1 1 1 1 0;
    PoolBox<MaybeUninit<Neither>>:  0 0 1 1 1 0 0;
    PoolBox<dyn Any>:               0 0 1 0 0 0 0;
    PoolBox<dyn Any + Send>:        1 0 1 0 0 0 0;
    PoolBox<dyn Any + Sync>:        0 1 1 0 0 0 0;
    PoolBox<dyn Any + Send + Sync>: 1 1 1 0 0 0 0;
    Pin<PoolBox<Pinned>>:           1 1 1 1 1 0 0;

    // Whoever has a pointer shares the value and may be the one who drops it.
    PoolArc<All>:                   1 1 1 1 1 1 0;
    PoolArc<SendOnly>:              0 0 1 0 0 1 0;
    PoolArc<SyncOnly>:              0 0 1 1 1 1 0;
    PoolArc<Neither>:               0 0 1 1 1 1 0;
    PoolArc<Pinned>:                1 1 1 1 1 1 0;
    PoolArc<Unsettled>:             1 1 1 1 1 1 0;
    PoolArc<Generic<Cell<u64>>>:    0 0 1 0 0 1 0;
    PoolArc<MaybeUninit<SendOnly>>: 0 0 1 0 0 1 0;
    PoolArc<dyn Any>:               0 0 1 0 0 1 0;
    PoolArc<dyn Any + Send>:        0 0 1 0 0 1 0;
    PoolArc<dyn Any + Sync>:        0 0 1 0 0 1 0;
    PoolArc<dyn Any + Send + Sync>: 1 1 1 0 0 1 0;

    // Never leaves its thread.
    PoolRc<All>:                    0 0 1 1 1 1 0;
    PoolRc<SendOnly>:               0 0 1 0 0 1 0;
    PoolRc<SyncOnly>:               0 0 1 1 1 1 0;
    PoolRc<Neither>:                0 0 1 1 1 1 0;
    PoolRc<Pinned>:                 0 0 1 1 1 1 0;
    PoolRc<Unsettled>:              0 0 1 1 1 1 0;
    PoolRc<dyn Any + Send + Sync>:  0 0 1 0 0 1 0;

    // A place that several threads see.
    Atomic<All>:                    1 1 1 1 1 0 0;
    Atomic<SendOnly>:               0 0 1 0 0 0 0;
    Atomic<SyncOnly>:               0 0 1 1 1 0 0;
    Atomic<Neither>:                0 0 1 1 1 0 0;
    Atomic<Pinned>:                 1 1 1 1 1 0 0;
    // (Of a cell, what it does not hold does not compile: see the cases under `ui/epoch`.)
    EpochCell<All>:                 1 1 1 1 1 0 0;
    EpochCell<Pinned>:              1 1 1 1 1 0 0;

    // Held under a guard, which belongs to its thread.
    Guard:                          0 0 1 0 0 0 0;
    Shared<'static, All>:           0 0 1 0 0 1 1;
    Shared<'static, SendOnly>:      0 0 1 0 0 1 1;
    Shared<'static, SyncOnly>:      0 0 1 0 0 1 1;
    Shared<'static, Neither>:       0 0 1 0 0 1 1;
    Shared<'static, Pinned>:        0 0 1 0 0 1 1;
    CompareExchangeError<'static, All, PoolBox<All>>: 0 0 1 0 0 0 0;

    // A value and a reason.
    AllocError:                     1 1 1 1 1 0 0;
    AllocError<All>:                1 1 1 1 1 0 0;
    AllocError<SendOnly>:           1 0 1 1 0 0 0;
    AllocError<SyncOnly>:           0 1 1 1 1 0 0;
    AllocError<Neither>:            0 0 1 1 1 0 0;
    AllocError<Pinned>:             1 1 0 1 1 0 0;
    AllocError<Unsettled>:          1 1 1 0 1 0 0;
    Refusal:                        1 1 1 1 1 1 1;

    // Places to ask, whatever the value.
    TypePool<All>:                  1 1 1 1 1 1 1;
    TypePool<Neither>:              1 1 1 1 1 1 1;
    TypePool<SendOnly>:             1 1 1 1 1 1 1;
    TypePool<Pinned>:               1 1 1 1 1 1 1;
    SydraPool:                      1 1 1 1 1 1 1;
    Maintenance:                    1 1 1 0 0 0 0;
    Snapshot:                       1 1 1 1 1 1 0;
    TypeFigures:                    1 1 1 1 1 1 1;
    EpochFigures:                   1 1 1 1 1 1 1;
    FallbackFigures:                1 1 1 1 1 1 1;
    Geometry:                       1 1 1 1 1 1 1;
    Settings:                       1 1 1 1 1 1 1;
    Backing:                        1 1 1 1 1 1 1;
    Mode:                           1 1 1 1 1 1 1;
    StatsLevel:                     1 1 1 1 1 1 1;
}

macro_rules! as_std {
    ($($type:ty),* $(,)?) => {$(
        const _: () = {
            assert!(IsSend::<PoolArc<$type>>::ANSWER == IsSend::<Arc<$type>>::ANSWER);
            assert!(IsSync::<PoolArc<$type>>::ANSWER == IsSync::<Arc<$type>>::ANSWER);
            assert!(IsUnpin::<PoolArc<$type>>::ANSWER == IsUnpin::<Arc<$type>>::ANSWER);
            assert!(IsUnwindSafe::<PoolArc<$type>>::ANSWER == IsUnwindSafe::<Arc<$type>>::ANSWER);
            assert!(IsRefUnwindSafe::<PoolArc<$type>>::ANSWER == IsRefUnwindSafe::<Arc<$type>>::ANSWER);
            assert!(IsSend::<PoolRc<$type>>::ANSWER == IsSend::<Rc<$type>>::ANSWER);
            assert!(IsSync::<PoolRc<$type>>::ANSWER == IsSync::<Rc<$type>>::ANSWER);
            assert!(IsUnpin::<PoolRc<$type>>::ANSWER == IsUnpin::<Rc<$type>>::ANSWER);
            assert!(IsUnwindSafe::<PoolRc<$type>>::ANSWER == IsUnwindSafe::<Rc<$type>>::ANSWER);
            assert!(IsRefUnwindSafe::<PoolRc<$type>>::ANSWER == IsRefUnwindSafe::<Rc<$type>>::ANSWER);
            assert!(IsSend::<PoolBox<$type>>::ANSWER == IsSend::<Box<$type>>::ANSWER);
            assert!(IsSync::<PoolBox<$type>>::ANSWER == IsSync::<Box<$type>>::ANSWER);
            assert!(IsUnwindSafe::<PoolBox<$type>>::ANSWER == IsUnwindSafe::<Box<$type>>::ANSWER);
            assert!(IsRefUnwindSafe::<PoolBox<$type>>::ANSWER == IsRefUnwindSafe::<Box<$type>>::ANSWER);
            // As wide as std's, and `None` costs nothing.
            assert!(size_of::<PoolBox<$type>>() == size_of::<Box<$type>>());
            assert!(size_of::<PoolArc<$type>>() == size_of::<Arc<$type>>());
            assert!(size_of::<PoolRc<$type>>() == size_of::<Rc<$type>>());
            assert!(size_of::<Option<PoolBox<$type>>>() == size_of::<Box<$type>>());
            assert!(size_of::<Option<PoolArc<$type>>>() == size_of::<Arc<$type>>());
            assert!(size_of::<Option<PoolRc<$type>>>() == size_of::<Rc<$type>>());
            assert!(size_of::<Option<Pin<PoolArc<$type>>>>() == size_of::<Arc<$type>>());
        };
    )*};
}
as_std!(
    All,
    SendOnly,
    SyncOnly,
    Neither,
    Pinned,
    Unsettled,
    Generic<Rc<u64>>,
    Generic<Cell<u64>>,
    MaybeUninit<SendOnly>,
    dyn Any,
    dyn Any + Send,
    dyn Any + Send + Sync,
    dyn fmt::Debug + Sync,
);

const _: () = {
    let word = size_of::<usize>();
    assert!(size_of::<Option<PoolBox<All>>>() == word);
    assert!(size_of::<Option<PoolArc<All>>>() == word);
    assert!(size_of::<Option<PoolBox<dyn Any>>>() == 2 * word);
    assert!(size_of::<Option<PoolArc<dyn Any>>>() == 2 * word);
    assert!(size_of::<Option<PoolRc<dyn Any>>>() == 2 * word);
    assert!(size_of::<Option<PoolFuture<'_, u64>>>() == 2 * word);
    assert!(size_of::<Option<LocalPoolFuture<'_, u64>>>() == 2 * word);
    assert!(size_of::<TypePool<All>>() == 0);
};

/// A configuration is a type, and asks nothing of it.
#[expect(dead_code, reason = "compiling is the test")]
fn configurations<C: Config>() -> SydraPool<C> {
    SydraPool::new()
}

/// Covariance: what lives longer serves where less is asked for.
#[expect(dead_code, reason = "compiling is the test")]
mod covariant {
    use super::*;

    #[derive(Pooled)]
    struct Line<'t>(&'t str);

    fn boxes<'s>(long: PoolBox<Line<'static>>) -> PoolBox<Line<'s>> {
        long
    }
    fn arcs<'s>(long: PoolArc<Line<'static>>) -> PoolArc<Line<'s>> {
        long
    }
    fn rcs<'s>(long: PoolRc<Line<'static>>) -> PoolRc<Line<'s>> {
        long
    }
    fn objects<'s>(long: PoolArc<dyn fmt::Debug>) -> PoolArc<dyn fmt::Debug + 's> {
        long
    }
    fn behind_a_reference<'a, 's>(long: &'a PoolArc<Line<'static>>) -> &'a PoolArc<Line<'s>> {
        long
    }
    fn handles<'s>(long: TypePool<Line<'static>>) -> TypePool<Line<'s>> {
        long
    }
    fn futures<'s>(long: PoolFuture<'static, u64>) -> PoolFuture<'s, u64> {
        long
    }
    fn local_futures<'s>(long: LocalPoolFuture<'static, u64>) -> LocalPoolFuture<'s, u64> {
        long
    }
    fn shared<'s>(long: Shared<'static, All>) -> Shared<'s, All> {
        long
    }
}

/// The table is checked when this is compiled; this gives it a name.
#[test]
fn the_table_compiles() {}

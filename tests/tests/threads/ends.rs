//! The end of a thread: allocation and free in destructors of thread-locals that run before and
//! after the engine's own, and in the destructor of a POSIX key, after all of them.

use core::cell::RefCell;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use sydra_pool::{PoolBox, Pooled, SydraPool, epoch, pool};
use tests::block::{Block, Door};
use tests::child::Apart;
use tests::op::layout;
use tests::pthread_key::run_last;
use tests::verdict::Fault;

static GLOBAL: SydraPool = SydraPool::new();

/// One test at a time: they share a pool, whose figures one of them compares.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Pooled)]
struct Keepsake {
    mark: u64,
    body: [u64; 5],
}

impl Keepsake {
    fn boxed(mark: u64) -> PoolBox<Self> {
        PoolBox::new(Self {
            mark,
            body: [!mark; 5],
        })
    }

    fn check(&self) {
        assert_eq!(self.body, [!self.mark; 5]);
    }
}

/// Allocates, checks and frees through both doors, more than a magazine holds.
fn work(mark: u64) -> Result<(), Fault> {
    let many: Vec<_> = (0..700)
        .map(|number| Keepsake::boxed(mark << 32 | number))
        .collect();
    many.iter().for_each(|one| one.check());
    drop(many);
    let mut rng = tests::rng::Rng::new(mark);
    tests::play::play_random(&GLOBAL, tests::op::Taste::WIDE, 300, &mut rng).map(|_| ())
}

/// What a thread-local keeps until the thread ends.
struct Estate {
    blocks: Vec<PoolBox<Keepsake>>,
    raw: Vec<Block<SydraPool>>,
    report: Option<Sender<&'static str>>,
    name: &'static str,
}

impl Estate {
    const EMPTY: Self = Self {
        blocks: Vec::new(),
        raw: Vec::new(),
        report: None,
        name: "",
    };

    fn fill(&mut self, name: &'static str, report: Sender<&'static str>) {
        self.name = name;
        self.report = Some(report);
        let door = Door::new(&GLOBAL);
        for number in 0..300 {
            self.blocks.push(Keepsake::boxed(number));
            let mut block = door.take(layout(40, 3)).expect("memory for a block");
            block.fill(number);
            self.raw.push(block);
        }
    }
}

impl Drop for Estate {
    fn drop(&mut self) {
        let Some(report) = self.report.take() else {
            return;
        };
        work(3).expect("both doors keep their promises while the thread ends");
        for block in self.blocks.drain(..) {
            block.check();
        }
        let door = Door::new(&GLOBAL);
        for (number, block) in self.raw.drain(..).enumerate() {
            assert_eq!(block.first_stray(number as u64, 40), None);
            door.give(block);
        }
        work(4).expect("both doors keep their promises while the thread ends");
        report.send(self.name).expect("the test listens");
    }
}

thread_local! {
    // Destructors run in the reverse order of first use.
    static USED_FIRST: RefCell<Estate> = const { RefCell::new(Estate::EMPTY) };
    static USED_LAST: RefCell<Estate> = const { RefCell::new(Estate::EMPTY) };
}

#[test]
fn destructors_before_and_after_ours_and_posix_keys_after_all() {
    let _alone = alone();
    let start = pool::<Keepsake>().live();
    let (report, reports) = channel();
    for round in 0..20 {
        let report = report.clone();
        let thread = thread::spawn(move || {
            // Touched before the engine knows the thread: destroyed after the engine's part.
            USED_FIRST.with_borrow_mut(|estate| estate.name = "first");
            let last = report.clone();
            let kept = Keepsake::boxed(round);
            run_last(move || {
                kept.check();
                drop(kept);
                work(5).expect("both doors keep their promises after all thread-locals");
                last.send("key").expect("the test listens");
            });
            work(1).expect("both doors keep their promises");
            USED_LAST.with_borrow_mut(|estate| estate.fill("last", report.clone()));
            USED_FIRST.with_borrow_mut(|estate| estate.fill("first", report));
        });
        thread.join().expect("the thread ends in order");
        let order = [(); 3].map(|()| reports.recv().expect("three reports a thread"));
        assert_eq!(order, ["last", "first", "key"]);
    }
    let figures = pool::<Keepsake>().stats();
    assert_eq!(figures.live, start, "a thread's end lost blocks");
    // Only this thread's; one of a thread that is gone would point to memory that is gone as well.
    assert!(
        figures.magazines <= 1,
        "{} magazines are left",
        figures.magazines
    );
    assert_eq!(figures.allocations, figures.frees);
}

/// A thread whose very first contact with the engine is in its last destructor.
#[test]
fn the_first_allocation_may_come_at_the_very_end() {
    let _alone = alone();
    for mark in 0..10 {
        let (report, reports) = channel();
        thread::spawn(move || {
            run_last(move || {
                work(mark).expect("both doors keep their promises after all thread-locals");
                report.send(()).expect("the test listens");
            });
        })
        .join()
        .expect("the thread ends in order");
        reports.recv().expect("the last work was done");
    }
}

/// A thread that only frees still gives everything back when it ends.
#[test]
fn a_thread_that_only_frees_gives_all_back() {
    #[derive(Pooled)]
    struct Relic([u64; 6]);
    for _ in 0..20 {
        let relics: Vec<_> = (0..500)
            .map(|number| PoolBox::new(Relic([number; 6])))
            .collect();
        thread::spawn(move || {
            for (number, relic) in relics.into_iter().enumerate() {
                assert_eq!(relic.0, [number as u64; 6]);
            }
        })
        .join()
        .expect("the thread ends in order");
    }
    let figures = pool::<Relic>().stats();
    assert_eq!((figures.live, figures.frees), (0, 10_000));
}

/// A thread that meets a pool only in a pthread-key destructor is forgotten by the roster when it
/// ends: figures taken later do not look into its thread-locals, which are gone.
#[test]
fn a_pool_first_met_at_the_very_end_keeps_no_magazine() {
    #[derive(Pooled)]
    struct Epitaph(#[expect(dead_code, reason = "gives the value a size")] [u64; 6]);
    for _ in 0..4 {
        // A stack so large that it is unmapped at once, not kept for the next thread.
        let late = thread::Builder::new().stack_size(64 << 20).spawn(|| {
            run_last(|| std::mem::forget(PoolBox::new(Epitaph([1; 6]))));
        });
        late.expect("a thread").join().expect("it ends in order");
    }
    let figures = pool::<Epitaph>().stats();
    assert_eq!((figures.magazines, figures.live), (0, 4));
}

/// The room of the largest magazine comes back too: metadata does not grow with ended threads. In
/// a process of its own, where no other test's threads come and go.
#[test]
fn the_largest_magazine_leaves_nothing_behind() {
    #[derive(Pooled)]
    #[pooled(magazine = 1024)]
    struct Crowded(#[expect(dead_code, reason = "gives the value a size")] u64);
    let apart = Apart::new("ends::the_largest_magazine_leaves_nothing_behind", |_| {
        let come_and_go = || {
            let visitor = thread::spawn(|| drop(PoolBox::new(Crowded(1))));
            visitor.join().expect("the thread ends in order");
            sydra_pool::snapshot().bytes.metadata
        };
        let first = come_and_go();
        for _ in 0..50 {
            assert_eq!(come_and_go(), first);
        }
    });
    apart.run("").succeeded();
}

/// A scope returns before its threads have ended. What they do last moves their blocks and their counts,
/// and the figures are exact all the same, whatever moment of that they are read at.
#[test]
fn figures_hold_while_threads_end() {
    Apart::new("ends::figures_hold_while_threads_end", |_| {
        #[derive(Pooled)]
        struct Passed([u64; 3]);
        #[derive(Pooled)]
        struct Seen {
            _body: [u64; 4],
        }

        const KEPT: usize = 30;
        let kept: Vec<_> = (0..KEPT)
            .map(|n| PoolBox::new(Passed([n as u64; 3])))
            .collect();
        let readers: Vec<_> = (0..KEPT)
            .map(|n| {
                PoolBox::new(Seen {
                    _body: [n as u64; 4],
                })
            })
            .collect();
        for round in 0..2_000 {
            let mut boxes: Vec<_> = (0..40).map(|n| PoolBox::new(Passed([n; 3]))).collect();
            let there = boxes.split_off(20);
            thread::scope(|scope| {
                for dropped in [boxes, there] {
                    scope.spawn(move || {
                        for one in dropped {
                            let _ = PoolBox::new(Passed(one.0));
                        }
                        for n in 0..7 {
                            PoolBox::retire(PoolBox::new(Seen { _body: [n; 4] }), &epoch::pin());
                        }
                    });
                }
            });
            // Several looks: the threads' ends take a while.
            for look in 0..20 {
                let figures = pool::<Passed>().stats();
                let exact = (KEPT as u64, 80 * (round + 1) + KEPT as u64);
                assert_eq!(
                    (figures.live, figures.allocations),
                    exact,
                    "round {round}, look {look}: {figures:?}"
                );
                let figures = pool::<Seen>().stats();
                assert_eq!(
                    (figures.live, figures.limbo, figures.retired),
                    (
                        KEPT as u64,
                        figures.retired - figures.reclaimed,
                        14 * (round + 1)
                    ),
                    "round {round}, look {look}: {figures:?}"
                );
            }
        }
        drop((kept, readers));
    })
    .run("")
    .succeeded();
}

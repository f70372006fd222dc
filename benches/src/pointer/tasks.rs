//! Futures as trait objects: made, polled to their end, dropped.
//!
//! Every future here is of the size of its row, is not ready when it is first polled, and is when it is polled again.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use super::rival::Rival;
use crate::clock::{Effort, fastest};

/// Futures alive at a time.
const MANY: usize = 100_000;

/// Or so many.
const FEW: usize = 1_000;

/// Tasks that tokio has at a time.
const SPAWNED: usize = 1_000;

/// A future of so many words.
#[derive(Debug)]
struct Small<const WORDS: usize> {
    polls: u64,
    rest: [u64; WORDS],
}

impl<const WORDS: usize> Small<WORDS> {
    #[inline(always)]
    fn new(seed: u64) -> Self {
        Self {
            polls: 0,
            rest: [seed; WORDS],
        }
    }
}

impl<const WORDS: usize> Future for Small<WORDS> {
    type Output = u64;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        self.polls += 1;
        if self.polls == 1 {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.rest[WORDS - 1] + self.polls)
    }
}

/// Makes a future of one kind. A trait, as the function is generic over the future.
trait Make {
    type Made: Future<Output = u64> + Unpin;
    fn make(future: impl Future<Output = u64> + Send + 'static) -> Self::Made;
}

struct Tasks<R>(R);

impl<R: Rival> Make for Tasks<R> {
    type Made = R::Task;
    #[inline(always)]
    fn make(future: impl Future<Output = u64> + Send + 'static) -> R::Task {
        R::task(future)
    }
}

struct Objects<R>(R);

impl<R: Rival> Make for Objects<R> {
    type Made = R::Object;
    #[inline(always)]
    fn make(future: impl Future<Output = u64> + Send + 'static) -> R::Object {
        R::object(future)
    }
}

/// Nanoseconds for a future of so many bytes, without an executor: a list of them is polled in order.
pub fn polled<R: Rival>(bytes: usize, effort: Effort) -> Option<f64> {
    listed::<Tasks<R>>(MANY, bytes, effort)
}

/// The same with fewer alive at a time.
pub fn few<R: Rival>(bytes: usize, effort: Effort) -> Option<f64> {
    listed::<Tasks<R>>(FEW, bytes, effort)
}

/// The same for trait objects of the compiler's.
pub fn objects<R: Rival>(bytes: usize, effort: Effort) -> Option<f64> {
    listed::<Objects<R>>(MANY, bytes, effort)
}

fn listed<M: Make>(alive: usize, bytes: usize, effort: Effort) -> Option<f64> {
    let mut tasks: Vec<Option<M::Made>> = Vec::new();
    tasks.resize_with(alive, || None);
    Some(match bytes {
        24 => fastest(effort, |operations| join::<M, 2>(&mut tasks, operations)),
        48 => fastest(effort, |operations| join::<M, 5>(&mut tasks, operations)),
        200 => fastest(effort, |operations| join::<M, 24>(&mut tasks, operations)),
        _ => return None,
    })
}

#[inline(never)]
fn join<M: Make, const WORDS: usize>(tasks: &mut [Option<M::Made>], operations: u64) -> u64 {
    let rounds = operations.div_ceil(tasks.len() as u64);
    let mut context = Context::from_waker(Waker::noop());
    for round in 0..rounds {
        for slot in tasks.iter_mut() {
            *slot = Some(M::make(Small::<WORDS>::new(round)));
        }
        let (mut sum, mut left) = (0, tasks.len());
        while left > 0 {
            for slot in tasks.iter_mut() {
                let Some(task) = slot else { continue };
                if let Poll::Ready(value) = Pin::new(task).poll(&mut context) {
                    sum += value;
                    left -= 1;
                    *slot = None;
                }
            }
        }
        assert_eq!(sum, (round + 2) * tasks.len() as u64);
    }
    rounds * tasks.len() as u64
}

/// Nanoseconds for a future of so many bytes that a task of tokio's awaits, on one thread.
pub fn spawned<R: Rival>(bytes: usize, effort: Effort) -> Option<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers needs nothing of the system");
    let run = |operations: u64| {
        runtime.block_on(async {
            match bytes {
                24 => spawn::<R, 2>(operations).await,
                48 => spawn::<R, 5>(operations).await,
                _ => spawn::<R, 24>(operations).await,
            }
        })
    };
    super::row::SIZES
        .contains(&bytes)
        .then(|| fastest(effort, run))
}

async fn spawn<R: Rival, const WORDS: usize>(operations: u64) -> u64 {
    let rounds = operations.div_ceil(SPAWNED as u64);
    let mut handles = Vec::with_capacity(SPAWNED);
    for round in 0..rounds {
        let task = || tokio::spawn(R::task(Small::<WORDS>::new(round)));
        handles.extend((0..SPAWNED).map(|_| task()));
        for handle in handles.drain(..) {
            assert_eq!(handle.await.expect("no task panics"), round + 2);
        }
    }
    rounds * SPAWNED as u64
}

//! One thread makes blocks and sends them, one receives and frees them, both at a given rate. The queue between them is the
//! standard library's, without a bound: it swells while the producer is three times as fast as the consumer and shrinks while
//! it is the reverse.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::cores::keep_to_core;
use crate::lab::job::{Job, Report};
use crate::lab::moments::{Live, watch};
use crate::random::Random;

/// Blocks a second, unless the command line says.
const RATE: f64 = 1_000_000.0;

/// The smallest and the largest block, in bytes, unless the command line says; each doubling is as frequent.
const SIZES: [usize; 2] = [16, 1024];

/// Cycles of swelling and shrinking in a short run.
const CYCLES: f64 = 3.0;

/// The longest cycle: what waits at its height is proportional to it.
const CYCLE_MOST_S: f64 = 1.5;

/// What a block costs in the queue besides its bytes: owner, length and the queue's own word.
const ENTRY: usize = 24;

/// How long a thread sleeps when it has done what is due.
const TICK: Duration = Duration::from_millis(1);

/// The figure that says how many blocks went through.
const BLOCKS: &str = "blocks";

/// Watches it for `job.seconds`.
pub(super) fn run(job: &Job) -> Report {
    let pace = Pace::of(job);
    let [least, most] = job.sizes.unwrap_or(SIZES);
    let live = Live::default();
    let mut blocks = 0;
    let mut report = watch(
        job,
        Duration::from_secs_f64(pace.length_s),
        &live,
        |start| {
            let (sender, receiver) = channel();
            blocks = thread::scope(|scope| {
                let live = &live;
                let consumer = scope.spawn(move || {
                    if job.pin {
                        keep_to_core(1);
                    }
                    consume(&receiver, pace, start, live)
                });
                if job.pin {
                    keep_to_core(0);
                }
                let sizes = Sizes {
                    least,
                    most,
                    random: Random::new(job.seed),
                };
                produce(&sender, pace, start, live, sizes);
                drop(sender);
                consumer.join().expect("receiving does not panic")
            });
        },
    );
    report.figures.insert(BLOCKS.into(), blocks as f64);
    report
}

/// Who has done how much when.
#[derive(Debug, Clone, Copy)]
struct Pace {
    rate: f64,
    length_s: f64,
    cycle_s: f64,
}

impl Pace {
    fn of(job: &Job) -> Self {
        Self {
            rate: job.rate.unwrap_or(RATE),
            length_s: job.seconds,
            cycle_s: (job.seconds / CYCLES).min(CYCLE_MOST_S),
        }
    }

    /// Blocks that are to wait at this time: a triangle.
    fn depth(self, seconds: f64) -> f64 {
        let within = seconds % self.cycle_s;
        self.rate * within.min(self.cycle_s - within)
    }

    /// Blocks made by this time. Both threads together keep to the rate; the difference of the two is the depth.
    fn made(self, seconds: f64) -> u64 {
        (self.rate * seconds + self.depth(seconds) / 2.0) as u64
    }

    /// Blocks freed by this time.
    fn freed(self, seconds: f64) -> u64 {
        (self.rate * seconds - self.depth(seconds) / 2.0) as u64
    }

    /// What is due now; the end is not passed.
    fn now(self, start: Instant) -> f64 {
        start.elapsed().as_secs_f64().min(self.length_s)
    }
}

/// Sizes of which each doubling is as frequent.
struct Sizes {
    least: usize,
    most: usize,
    random: Random,
}

impl Sizes {
    #[inline(always)]
    fn next(&mut self) -> usize {
        let whole = (self.most / self.least).ilog2() as usize;
        // The last may be a part of a doubling.
        let doublings = whole + usize::from(self.least << whole < self.most);
        let low = self.least << self.random.below(doublings.max(1));
        low + self.random.below(low.min(self.most - low + 1))
    }
}

fn produce(sender: &Sender<Box<[u8]>>, pace: Pace, start: Instant, live: &Live, mut sizes: Sizes) {
    let mut made = 0;
    loop {
        let seconds = pace.now(start);
        let due = pace.made(seconds);
        while made < due {
            let size = sizes.next();
            let block = vec![made as u8 | 1; size].into_boxed_slice();
            live.made(size + ENTRY);
            sender
                .send(block)
                .expect("the receiver is there until the sender is gone");
            made += 1;
        }
        if seconds >= pace.length_s {
            return;
        }
        thread::sleep(TICK);
    }
}

/// Returns how many it has freed.
fn consume(receiver: &Receiver<Box<[u8]>>, pace: Pace, start: Instant, live: &Live) -> u64 {
    let mut freed = 0;
    loop {
        let seconds = pace.now(start);
        let due = pace.freed(seconds);
        while freed < due {
            // The producer may have been kept from its core.
            let Ok(block) = receiver.try_recv() else {
                break;
            };
            let size = block.len();
            drop(block);
            live.freed(size + ENTRY);
            freed += 1;
        }
        if seconds >= pace.length_s {
            break;
        }
        thread::sleep(TICK);
    }
    for block in receiver {
        live.freed(block.len() + ENTRY);
        freed += 1;
    }
    freed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::tests::watched;

    #[test]
    fn the_queue_swells_and_shrinks_and_the_rate_is_kept() {
        let pace = Pace {
            rate: 1000.0,
            length_s: 6.0,
            cycle_s: 2.0,
        };
        for (seconds, depth) in [
            (0.0, 0),
            (0.5, 500),
            (1.0, 1000),
            (1.5, 500),
            (2.0, 0),
            (3.0, 1000),
        ] {
            assert_eq!(pace.made(seconds) - pace.freed(seconds), depth, "{seconds}");
        }
        assert_eq!((pace.made(6.0), pace.freed(6.0)), (6000, 6000));
        // While it swells three are made for each that is freed.
        assert_eq!((pace.made(0.5), pace.freed(0.5)), (750, 250));
    }

    #[test]
    fn sizes_are_between_the_limits_and_each_doubling_is_as_frequent() {
        let mut sizes = Sizes {
            least: 16,
            most: 1024,
            random: Random::new(1),
        };
        let all: Vec<usize> = (0..60_000).map(|_| sizes.next()).collect();
        assert!(all.iter().all(|size| (16..=1024).contains(size)));
        for low in [16, 32, 64, 128, 256, 512] {
            let count = all
                .iter()
                .filter(|&&size| (low..2 * low).contains(&size))
                .count();
            assert!((9_000..11_000).contains(&count), "{low}: {count}");
        }
        let mut part = Sizes {
            least: 16,
            most: 100,
            random: Random::new(1),
        };
        let all: Vec<usize> = (0..6000).map(|_| part.next()).collect();
        assert_eq!(
            (all.iter().min(), all.iter().max()),
            (Some(&16), Some(&100))
        );
        let large = all.iter().filter(|size| **size >= 64).count();
        assert!((1900..2100).contains(&large), "{large}");
        let mut one = Sizes {
            least: 48,
            most: 48,
            random: Random::new(1),
        };
        assert!((0..100).all(|_| one.next() == 48));
    }

    #[test]
    fn all_that_is_made_is_freed() {
        let mut job = watched("queue");
        (job.seconds, job.rate) = (0.2, Some(50_000.0));
        let report = run(&job);
        assert_eq!(report.figures[BLOCKS], 10_000.0);
        assert_eq!(report.moments.last().unwrap().live_kib, 0);
        assert!(report.peak_live_kib > Some(100));
    }
}

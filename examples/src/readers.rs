//! One list for all: writers insert, overwrite and delete in it while readers, pinned, ask for ranges.
//!
//! ```text
//! writer 0   leg 0: put, delete ..        |        leg 1: ..          |  ..
//! writer 1   leg 0: put, put ..           |        leg 1: ..          |  ..
//! reader 0   pin, ask, ask, repin, ask, ask, ask, repin ..  all along, stops included
//! judge      (samples the epoch)          | stop 0 | (samples)        | stop 1
//! ```
//!
//! The writes are dealt to the writers by key, so those of one key stay in order, and neighbours in the list belong to
//! different writers. At a stop every writer has done its part of the leg and waits; then what is in the list is exactly
//! what is in a `BTreeMap` after as many writes, and the judge compares every row and the answers to the closing
//! questions. In between, readers check what holds at any moment (`ask`).
//!
//! # Not here
//! The shards of `store`: there a reader would have to ask the writer.

use crate::hot::{Change, Write};
use crate::lock_free::SkipList;
use crate::sealed::SealedRecord;
use crate::workload::{ASK_EVERY, Workload};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use sydra_pool::PoolBox;
use sydra_pool::epoch::pin;

mod ask;
mod outcome;
mod judge;

pub use ask::Fault;
use ask::{ask, not_older, whole};
use judge::Judge;
use outcome::retired;
pub use outcome::{Done, Finished, Wrong};

/// Writes under one pin.
const GROUP: usize = 64;
/// Questions under one pin, at most.
const ASKED_AT_ONCE: usize = 16;
/// One question in so many is about everything: a long pin.
const WHOLE_EVERY: usize = 2_000;

/// Who does what.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    pub workload: &'a Workload,
    /// The writes as the model hears of them: the workload's own, unless a test spoils them.
    pub truth: &'a [Write],
    pub writers: usize,
    pub readers: usize,
    pub stops: usize,
}

/// What all threads see.
struct Stage<'a> {
    task: Task<'a>,
    list: SkipList,
    /// Writes done so far, give or take a group for each writer.
    written: AtomicUsize,
    over: AtomicBool,
    /// The first fault of a reader or writer.
    fault: Mutex<Option<Fault>>,
}

impl Stage<'_> {
    fn report(&self, fault: Fault) {
        let mut first = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(fault);
        self.over.store(true, Ordering::Relaxed);
    }

    fn verdict(&self) -> Result<(), Fault> {
        let mut first = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        first.take().map_or(Ok(()), Err)
    }
}

/// Tells the readers to end, however the judge ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The judge's connection to a writer: writes to do, and what came of them.
struct Hand<'a> {
    go: Sender<&'a [Write]>,
    done: Receiver<Done>,
}

/// Runs the task; `advance` hears of writes done, from any thread.
pub fn run(task: Task<'_>, advance: &(dyn Fn(u64) + Sync)) -> Result<Finished, Box<Wrong>> {
    let stage = Stage {
        task,
        list: SkipList::new(),
        written: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        fault: Mutex::new(None),
    };
    let retired_before = retired();
    let start = Instant::now();
    let mut judge = Judge::new(&stage);
    let asked = thread::scope(|scope| {
        let over = Over(&stage.over);
        let stage = &stage;
        let readers = (0..task.readers).map(|seed| scope.spawn(move || read(stage, seed)));
        let readers = readers.collect::<Vec<_>>();
        let hands = (0..task.writers).map(|number| {
            let ((go, legs), (say, done)) = (channel(), channel());
            scope.spawn(move || write(stage, number, &legs, &say, advance));
            Hand { go, done }
        });
        judge.follow(&hands.collect::<Vec<_>>())?;
        drop(over);
        let asked = readers.into_iter().map(|reader| {
            let ended = reader.join();
            ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        Ok::<_, Wrong>(asked.fold(Done::default(), Done::plus))
    })?;
    let elapsed = start.elapsed();
    stage.verdict().map_err(Wrong::Seen)?;
    let (done, compared) = (judge.done.plus(asked), judge.compared);
    let (epoch, lag_peak) = (judge.epoch, judge.lag_peak);
    let list = stage.list;
    Ok(Finished {
        list,
        done,
        elapsed,
        compared,
        epoch,
        lag_peak,
        retired_before,
    })
}

/// A writer: its part of each leg, by key.
fn write(
    stage: &Stage<'_>,
    number: usize,
    legs: &Receiver<&[Write]>,
    say: &Sender<Done>,
    advance: &(dyn Fn(u64) + Sync),
) {
    for leg in legs {
        let mut done = Done::default();
        let own = |write: &&Write| write.key.sequence as usize % stage.task.writers == number;
        let own = leg.iter().filter(own).collect::<Vec<_>>();
        for group in own.chunks(GROUP) {
            if let Err(fault) = apply(&stage.list, group, &mut done) {
                stage.report(fault);
            }
            stage.written.fetch_add(group.len(), Ordering::Relaxed);
            advance(group.len() as u64);
        }
        // A judge that is gone has found a fault.
        let _ = say.send(done);
    }
}

/// Applies a group under one pin; what it puts out of its place must be whole, and no newer.
fn apply(list: &SkipList, group: &[&Write], done: &mut Done) -> Result<(), Fault> {
    let guard = pin();
    for write in group {
        let (key, reported) = (write.key, write.reported);
        match write.change {
            Change::Put(trip) => {
                let record = PoolBox::new(SealedRecord::new(key, reported, trip));
                match list.insert(record, &guard) {
                    None => done.inserted += 1,
                    Some(old) => {
                        done.overwritten += 1;
                        whole(key, old)?;
                        not_older(key, old, &SealedRecord::new(key, reported, trip))?;
                    }
                }
            }
            Change::Delete => {
                if let Some(old) = list.remove(key, &guard) {
                    done.deleted += 1;
                    whole(key, old)?;
                }
            }
        }
    }
    Ok(())
}

/// A reader: a few questions under each pin, mostly about what is being written, until it is over.
fn read(stage: &Stage<'_>, seed: usize) -> Done {
    let Workload {
        questions, closing, ..
    } = stage.task.workload;
    let (mut done, mut turn) = (Done::default(), seed);
    let mut guard = pin();
    while !stage.over.load(Ordering::Relaxed) {
        for _ in 0..=turn % ASKED_AT_ONCE {
            turn += 1;
            let newest = stage.written.load(Ordering::Relaxed) / ASK_EVERY;
            let recent = newest.saturating_sub(turn % 8);
            let question = match (
                questions.get(recent),
                closing.get(turn % closing.len().max(1)),
            ) {
                (Some((_, question)), _) if turn % WHOLE_EVERY != 0 => question,
                (_, Some(question)) => question,
                _ => return done,
            };
            match ask(&stage.list, question, &guard) {
                Ok((_, rows)) => {
                    done.asked += 1;
                    done.rows += rows;
                }
                Err(fault) => {
                    stage.report(fault);
                    return done;
                }
            }
        }
        guard.repin();
    }
    done
}

#[cfg(test)]
mod tests;

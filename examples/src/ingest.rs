//! The threads of a run: writers, each with a shard of its own, and one flush thread.
//!
//! ```text
//! writer 0   header, header, .. commit: record, node ..  ask ..        --memtable-->  flush thread
//! writer 1   header, header, .. commit: record, node ..  ask ..        --memtable-->  (frees it all)
//!                                                        ^ waits for its segments  <--segment--
//! ```
//!
//! The stream of writes is dealt to the writers by key. Every question goes to all of them, at its place in the stream;
//! a writer first waits for the segments it is owed, so its part of the answer is that of its part of the stream, and the
//! parts together are exact, with no barrier between the writers.

use crate::hot::{Family, IngestHeader, Owner, Write};
use crate::query::{Answer, Question};
use crate::store::{Memtable, Segment, Shard};
use crate::workload::Workload;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Writes that are committed together.
const GROUP: usize = 64;
/// Full memtables that may wait for the flush thread; a writer with one more waits too.
const WAITING_MEMTABLES: usize = 4;

/// What one writer is given to do.
#[derive(Debug, Clone, Default)]
pub struct Lane {
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    Write(Write),
    Ask(Question),
}

/// Deals a workload to `threads` writers.
pub fn lanes(workload: &Workload, threads: usize) -> Vec<Lane> {
    let mut lanes = vec![Lane::default(); threads];
    let mut questions = workload.questions.iter().peekable();
    for index in 0..=workload.writes.len() {
        while let Some((_, question)) = questions.next_if(|(place, _)| *place == index) {
            lanes
                .iter_mut()
                .for_each(|lane| lane.steps.push(Step::Ask(*question)));
        }
        if let Some(write) = workload.writes.get(index) {
            lanes[write.key.sequence as usize % threads]
                .steps
                .push(Step::Write(*write));
        }
    }
    lanes
}

/// What a run leaves behind.
#[derive(Debug)]
pub struct Finished<F: Family> {
    /// The store, its last memtables not yet full.
    pub shards: Vec<Shard<F>>,
    /// To the questions asked along the way.
    pub answers: Vec<Answer>,
    /// The sum of the checksums of all committed writes.
    pub digest: u64,
    /// From the first thread's start to the last one's end.
    pub elapsed: Duration,
}

/// Runs all lanes at once; `advance` hears of writes done, from any thread.
pub fn ingest<F: Family>(lanes: &[Lane], advance: &(dyn Fn(u64) + Sync)) -> Finished<F> {
    let start = Instant::now();
    let (flush, jobs) = sync_channel(WAITING_MEMTABLES);
    let done = thread::scope(|scope| {
        scope.spawn(move || flush_all::<F>(&jobs));
        let writers = lanes.iter().map(|lane| {
            let flush = flush.clone();
            scope.spawn(move || Writer::<F>::new(flush, advance).follow(lane))
        });
        let writers = writers.collect::<Vec<_>>();
        // The flush thread ends when the last writer has dropped its sender.
        drop(flush);
        let join = |writer: thread::ScopedJoinHandle<'_, _>| {
            writer
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        writers.into_iter().map(join).collect::<Vec<_>>()
    });
    let elapsed = start.elapsed();
    let digest = done
        .iter()
        .fold(0_u64, |sum, part| sum.wrapping_add(part.digest));
    let questions = done
        .iter()
        .map(|part| part.answers.len())
        .max()
        .unwrap_or(0);
    let merged = |index: usize| {
        let parts = done.iter().filter_map(|part| part.answers.get(index));
        parts.fold(Answer::default(), Answer::merged)
    };
    let answers = (0..questions).map(merged).collect();
    let shards = done.into_iter().map(|part| part.shard).collect();
    Finished {
        shards,
        answers,
        digest,
        elapsed,
    }
}

impl<F: Family> Finished<F> {
    /// Asks the finished store.
    pub fn answer(&self, question: &Question) -> Answer {
        let parts = self.shards.iter().map(|shard| shard.answer(question));
        parts.fold(Answer::default(), |sum, part| sum.merged(&part))
    }
}

struct FlushJob<F: Family> {
    memtable: Memtable<F>,
    reply: Sender<Segment>,
}

fn flush_all<F: Family>(jobs: &Receiver<FlushJob<F>>) {
    for FlushJob { memtable, reply } in jobs {
        // A writer that is gone has panicked; its segment is of no use to anybody.
        let _ = reply.send(memtable.into_segment());
    }
}

struct Writer<'a, F: Family> {
    shard: Shard<F>,
    /// Taken up, not committed yet.
    group: Vec<F::Header>,
    digest: u64,
    answers: Vec<Answer>,
    flush: SyncSender<FlushJob<F>>,
    /// Memtables given away whose segments have not come back.
    owed: usize,
    reply: Sender<Segment>,
    segments: Receiver<Segment>,
    advance: &'a (dyn Fn(u64) + Sync),
}

struct Part<F: Family> {
    shard: Shard<F>,
    digest: u64,
    answers: Vec<Answer>,
}

impl<'a, F: Family> Writer<'a, F> {
    fn new(flush: SyncSender<FlushJob<F>>, advance: &'a (dyn Fn(u64) + Sync)) -> Self {
        let (reply, segments) = channel();
        let (group, answers) = (Vec::with_capacity(GROUP), Vec::new());
        let shard = Shard::new();
        Self {
            shard,
            group,
            digest: 0,
            answers,
            flush,
            owed: 0,
            reply,
            segments,
            advance,
        }
    }

    fn follow(mut self, lane: &Lane) -> Part<F> {
        for step in &lane.steps {
            match step {
                Step::Write(write) => self.take_up(*write),
                Step::Ask(question) => {
                    self.settle();
                    self.answers.push(self.shard.answer(question));
                }
            }
        }
        self.settle();
        Part {
            shard: self.shard,
            digest: self.digest,
            answers: self.answers,
        }
    }

    fn take_up(&mut self, write: Write) {
        let checksum = write.checksum();
        self.group
            .push(F::Header::own(IngestHeader { write, checksum }));
        if self.group.len() == GROUP {
            self.commit();
        }
    }

    /// Applies the group; its headers are freed.
    fn commit(&mut self) {
        (self.advance)(self.group.len() as u64);
        for header in self.group.drain(..) {
            // A header damaged since it was written is not counted: the digest then differs from the model's.
            if header.write.checksum() == header.checksum {
                self.digest = self.digest.wrapping_add(header.checksum);
            }
            if let Some(memtable) = self.shard.apply(&header) {
                let job = FlushJob {
                    memtable,
                    reply: self.reply.clone(),
                };
                self.flush
                    .send(job)
                    .expect("the flush thread ends after the writers");
                self.owed += 1;
            }
        }
        // What has come back in the meantime.
        while let Ok(segment) = self.segments.try_recv() {
            self.take_back(segment);
        }
    }

    /// Commits what is under way and waits until every memtable given away has come back.
    fn settle(&mut self) {
        self.commit();
        while self.owed > 0 {
            let segment = self
                .segments
                .recv()
                .expect("this writer holds a sender itself");
            self.take_back(segment);
        }
    }

    fn take_back(&mut self, segment: Segment) {
        self.shard.push(segment);
        self.owed -= 1;
    }
}

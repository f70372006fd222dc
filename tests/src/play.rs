//! Plays: sequences of operations run against a heap under the judge, alone or in company.

use core::alloc::GlobalAlloc;
use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};

use crate::block::Block;
use crate::judge::Judge;
use crate::op::{Op, Taste};
use crate::rng::Rng;
use crate::verdict::{Counts, Fault};

/// Runs `ops` on `heap` and gives everything back.
///
/// # Errors
/// The first promise the heap broke.
pub fn play<A: GlobalAlloc>(heap: &A, ops: impl IntoIterator<Item = Op>) -> Result<Counts, Fault> {
    let mut judge = Judge::new(heap);
    for op in ops {
        if let Err(fault) = judge.step(op) {
            // The rest goes back without a second verdict.
            let _ = judge.close();
            return Err(fault);
        }
    }
    judge.close()
}

/// Runs `steps` random operations.
///
/// # Errors
/// The first promise the heap broke.
pub fn play_random<A: GlobalAlloc>(
    heap: &A,
    taste: Taste,
    steps: usize,
    rng: &mut Rng,
) -> Result<Counts, Fault> {
    play(heap, (0..steps).map(|_| taste.draw(rng)))
}

/// A play of several threads that hand blocks to one another.
#[derive(Clone, Copy, Debug)]
pub struct Company {
    /// How many threads play.
    pub threads: usize,
    /// How often they meet and compare their books.
    pub rounds: usize,
    /// How many operations each does between two meetings.
    pub steps: usize,
    /// What the operations look like.
    pub taste: Taste,
    /// The seed of it all.
    pub seed: u64,
}

/// A block on its way from one player to another, with its tag.
type Parcel<A> = (Block<A>, u64);

/// What the players share.
struct Table<A> {
    /// What waits for each player.
    mailboxes: Vec<Mutex<Vec<Parcel<A>>>>,
    meeting: Barrier,
    /// All live ranges, gathered at a meeting.
    ranges: Mutex<BTreeMap<usize, usize>>,
    verdict: Mutex<Option<Fault>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Company {
    /// Plays on `heap`; every block is freed at the end, many by another thread than its maker.
    ///
    /// # Errors
    /// One of the promises the heap broke.
    pub fn play<A: GlobalAlloc + Sync>(&self, heap: &A) -> Result<Counts, Fault> {
        let table = Table {
            mailboxes: (0..self.threads).map(|_| Mutex::new(Vec::new())).collect(),
            meeting: Barrier::new(self.threads),
            ranges: Mutex::new(BTreeMap::new()),
            verdict: Mutex::new(None),
        };
        let total = std::thread::scope(|scope| {
            let players: Vec<_> = (0..self.threads)
                .map(|number| {
                    scope.spawn({
                        let table = &table;
                        move || self.sit(heap, table, number)
                    })
                })
                .collect();
            players
                .into_iter()
                .fold(Counts::default(), |total, player| {
                    let counts = player.join().expect("a player does not panic");
                    Counts {
                        allocations: total.allocations + counts.allocations,
                        frees: total.frees + counts.frees,
                        live: total.live.wrapping_add(counts.live),
                    }
                })
        });
        match table
            .verdict
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
        {
            Some(fault) => Err(fault),
            None => Ok(total),
        }
    }

    /// One player's evening.
    fn sit<A: GlobalAlloc>(&self, heap: &A, table: &Table<A>, number: usize) -> Counts {
        let mut rng = Rng::new(self.seed ^ ((number as u64 + 1) << 48));
        let mut judge = Judge::salted(heap, number as u64 + 1);
        for _ in 0..self.rounds {
            if lock(&table.verdict).is_none() {
                self.note(table, self.round(table, &mut judge, &mut rng, number));
            }
            table.meeting.wait();
            self.note(
                table,
                Self::empty_mailbox(table, &mut judge, &mut rng, number),
            );
            self.note(table, Self::compare(table, &judge));
            table.meeting.wait();
            lock(&table.ranges).clear();
            table.meeting.wait();
        }
        let counts = judge.counts();
        match judge.close() {
            Ok(counts) => counts,
            Err(fault) => {
                self.note(table, Err(fault));
                counts
            }
        }
    }

    fn note<A>(&self, table: &Table<A>, result: Result<(), Fault>) {
        if let Err(fault) = result {
            lock(&table.verdict).get_or_insert(fault);
        }
    }

    fn round<A: GlobalAlloc>(
        &self,
        table: &Table<A>,
        judge: &mut Judge<'_, A>,
        rng: &mut Rng,
        number: usize,
    ) -> Result<(), Fault> {
        for _ in 0..self.steps {
            if rng.chance(20) {
                let slot = self.slot(rng);
                if let Some(parcel) = judge.release(slot) {
                    lock(&table.mailboxes[rng.below(self.threads)]).push(parcel);
                }
            } else if rng.chance(10) {
                Self::empty_mailbox(table, judge, rng, number)?;
            } else {
                judge.step(self.taste.draw(rng))?;
            }
        }
        Ok(())
    }

    fn slot(&self, rng: &mut Rng) -> u8 {
        u8::try_from(rng.below(usize::from(self.taste.slots))).expect("slots fit a byte")
    }

    /// Takes over what others sent: a slot's old block is freed here, wherever it was made.
    fn empty_mailbox<A: GlobalAlloc>(
        table: &Table<A>,
        judge: &mut Judge<'_, A>,
        rng: &mut Rng,
        number: usize,
    ) -> Result<(), Fault> {
        let parcels = core::mem::take(&mut *lock(&table.mailboxes[number]));
        for (block, tag) in parcels {
            // Adopted blocks get the upper slots, which random operations do not use.
            let slot = 255 - u8::try_from(rng.below(64)).expect("below 64");
            judge.adopt(slot, block, tag)?;
        }
        Ok(())
    }

    /// Enters this player's live ranges into the common list.
    fn compare<A: GlobalAlloc>(table: &Table<A>, judge: &Judge<'_, A>) -> Result<(), Fault> {
        let mut all = lock(&table.ranges);
        for (&start, &end) in judge.ranges() {
            if let Some((&other, &other_end)) = all.range(..end).next_back()
                && other_end > start
            {
                return Err(Fault::Overlap {
                    address: start,
                    other,
                });
            }
            all.insert(start, end);
        }
        Ok(())
    }
}

//! A session table under load: hashbrown's maps, and the vectors in them, live in the pools, in a program whose other
//! memory does not.
//!
//! Four threads open sessions, append to them and close them; the tables fill and empty in waves, so they are resized all the
//! time. Then the main thread gets the tables, plays the same load on the standard library's `HashMap`, compares every byte
//! and frees what the others allocated.

use std::collections::HashMap as StdMap;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, thread};

use allocator_api2::vec::Vec as PoolVec;
use hashbrown::{DefaultHashBuilder, HashMap};
use sydra_pool::SydraAlloc;

const THREADS: u64 = 4;
/// Sessions of a thread, at most; at the bottom of a wave there are next to none.
const SESSIONS: u64 = 10_000;
/// Steps from the bottom of a wave to its top.
const WAVE: u64 = 50_000;

/// A table of sessions: what the load does to it.
trait Table: Default {
    /// Opens a session, or renames it.
    fn open(&mut self, id: u64, name: &[u8]);
    /// Appends to a session, if it is open.
    fn append(&mut self, id: u64, event: u32);
    /// Closes a session, if it is open.
    fn close(&mut self, id: u64);
}

/// A session in the pools.
struct Session {
    name: PoolVec<u8, SydraAlloc>,
    events: PoolVec<u32, SydraAlloc>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            name: PoolVec::new_in(SydraAlloc),
            events: PoolVec::new_in(SydraAlloc),
        }
    }
}

/// The table in the pools.
type Pooled = HashMap<u64, Session, DefaultHashBuilder, SydraAlloc>;

impl Table for Pooled {
    fn open(&mut self, id: u64, name: &[u8]) {
        let session = self.entry(id).or_default();
        session.name.clear();
        session.name.extend_from_slice(name);
    }

    fn append(&mut self, id: u64, event: u32) {
        if let Some(session) = self.get_mut(&id) {
            session.events.push(event);
        }
    }

    fn close(&mut self, id: u64) {
        self.remove(&id);
    }
}

/// The table it is compared with, of the standard library on the system's allocator.
type Model = StdMap<u64, (Vec<u8>, Vec<u32>)>;

impl Table for Model {
    fn open(&mut self, id: u64, name: &[u8]) {
        let session = self.entry(id).or_default();
        session.0.clear();
        session.0.extend_from_slice(name);
    }

    fn append(&mut self, id: u64, event: u32) {
        if let Some(session) = self.get_mut(&id) {
            session.1.push(event);
        }
    }

    fn close(&mut self, id: u64) {
        self.remove(&id);
    }
}

/// Numbers that the seed decides.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(0x1405_7B7E_F767_814F);
        ((self.0 >> 32) * bound) >> 32
    }
}

/// The load of one thread: the same for every table.
fn play<T: Table>(thread: u64, steps: u64) -> T {
    let (mut table, mut random) = (T::default(), Random(thread));
    for step in 0..steps {
        let id = random.below(SESSIONS);
        // One wave fills the table, the next empties it.
        let filling = (step / WAVE).is_multiple_of(2);
        match random.below(10) {
            0..5 if filling => {
                let name = [b'a' + (id % 26) as u8; 60];
                table.open(id, &name[..8 + random.below(52) as usize]);
            }
            0..5 => table.close(id),
            5..9 => table.append(id, step as u32),
            _ if filling => table.close(id),
            _ => table.open(id, b"reopened"),
        }
    }
    table
}

/// Whether both tables hold the same sessions, and how many.
fn same(ours: &Pooled, model: &Model) -> Option<usize> {
    let equal = |(id, session): (&u64, &Session)| {
        let (name, events) = model.get(id)?;
        (session.name[..] == name[..] && session.events[..] == events[..]).then_some(())
    };
    ours.iter().try_for_each(equal)?;
    (ours.len() == model.len()).then_some(ours.len())
}

fn main() -> ExitCode {
    let steps = match env::args().nth(1).map(|text| text.parse()) {
        None => 2_000_000,
        Some(Ok(steps)) => steps,
        Some(Err(error)) => {
            eprintln!("hashbrown: steps of each thread: {error}");
            return ExitCode::from(2);
        }
    };
    let start = Instant::now();
    let tables: Vec<Pooled> = thread::scope(|scope| {
        let threads = (0..THREADS).map(|thread| scope.spawn(move || play(thread, steps)));
        let threads: Vec<_> = threads.collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|table| table.expect("a thread does not panic"))
            .collect()
    });
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{THREADS} threads, {steps} steps each, {:.1} million steps a second\n",
        (THREADS * steps) as f64 / seconds / 1e6
    );
    // While the tables are there: what they hold, by class.
    println!("{}", sydra_pool::snapshot());
    let mut sessions = 0;
    for (thread, table) in (0..).zip(tables) {
        let model = play::<Model>(thread, steps);
        let Some(count) = same(&table, &model) else {
            eprintln!("hashbrown: the table of thread {thread} differs from the HashMap");
            return ExitCode::FAILURE;
        };
        sessions += count;
    }
    println!("{sessions} sessions, all equal to the HashMap's");
    let left: u64 = sydra_pool::snapshot()
        .classes
        .iter()
        .map(|class| class.live)
        .sum();
    println!("{left} blocks left after the tables are gone");
    ExitCode::SUCCESS
}

//! What is measured: the list of workloads, and rows.

use core::fmt;
use core::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::contestant::{Contestant, Kind};

/// Workloads of one kind, which can be asked for together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// Values of one type: allocators and pools.
    Typed,
    /// Blocks of many sizes, threads in each other's way: allocators.
    Threads,
    /// Blocks of many sizes on one thread: allocators.
    Heap,
    /// Real libraries on the global allocator.
    Clients,
    /// Memory over time.
    Memory,
    /// Readers, writers and what they retire.
    Epoch,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Typed,
        Self::Threads,
        Self::Heap,
        Self::Clients,
        Self::Memory,
        Self::Epoch,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Threads => "threads",
            Self::Heap => "heap",
            Self::Clients => "clients",
            Self::Memory => "memory",
            Self::Epoch => "epoch",
        }
    }
}

/// What there is to know about a workload before it runs.
#[derive(Debug)]
pub struct About {
    /// Its name on the command line.
    pub name: &'static str,
    /// Where it belongs.
    pub group: Group,
    /// Its variants; one empty text if there is only one.
    pub variants: &'static [&'static str],
    /// Numbers of threads, unless the command line says.
    pub threads: &'static [u32],
    /// What its rows show.
    pub shows: &'static str,
    /// What they do not show.
    pub hides: &'static str,
}

/// The four hot structs of `hot`, in ascending size.
pub const HOT: [&str; 4] = ["tombstone", "header", "node", "record"];

/// The variant of an open loop whose rate the command line gives.
pub const GIVEN: &str = "given";

macro_rules! workloads {
    ($($(#[doc = $doc:literal])+ $id:ident = $name:literal $group:ident $variants:expr, $threads:expr,
       shows $shows:literal, hides $hides:literal;)+) => {
        /// A workload.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Workload {
            $($(#[doc = $doc])+ $id,)+
        }

        impl Workload {
            /// All, in the order of the tables.
            pub const ALL: &[Self] = &[$(Self::$id),+];

            /// What there is to know about it.
            pub const fn about(self) -> &'static About {
                match self {
                    $(Self::$id => const { &About {
                        name: $name,
                        group: Group::$group,
                        variants: $variants,
                        threads: $threads,
                        shows: $shows,
                        hides: $hides,
                    } },)+
                }
            }
        }
    };
}

workloads! {
    /// One value made and freed.
    Pair = "pair" Typed &HOT, &[1],
        shows "the shortest path, everything in the first cache",
        hides "anything but that path; a difference below 0.3 ns is where the code happens to lie";
    /// A thousand made, freed newest first.
    Lifo = "lifo" Typed &HOT, &[1],
        shows "the way between a thread's cache and what is behind it",
        hides "the way to the system: nothing goes back in this loop; arenas free all thousand at once, not one by one";
    /// A thousand made, freed oldest first.
    Fifo = "fifo" Typed &HOT, &[1],
        shows "the same in the order of a queue",
        hides "the same";
    /// A thousand made, freed in a shuffled order.
    Shuffled = "shuffled" Typed &HOT, &[1],
        shows "the same in no order: who walks lists through the blocks waits for them",
        hides "the same";
    /// One of 20,000 freed at random and another made in its place.
    Replace = "replace" Typed &HOT, &[1],
        shows "an aged heap larger than the first cache",
        hides "the write of the new value is in it and is the same for all";
    /// Two threads do pairs and small batches on the same type.
    Contend = "contend" Typed &HOT, &[2],
        shows "whether threads that share a pool but no values are in each other's way",
        hides "values that change threads";
    /// One thread makes, another frees.
    Handoff = "handoff" Typed &HOT, &[2],
        shows "all frees remote, a ring of owners between",
        hides "single operations: only the body is timed; the ring and the value's own travel are in it, and grow with the distance of the cores";
    /// The four hot structs in a window that moves, each alone and all mixed.
    Types = "types" Typed &["tombstone", "header", "node", "record", "mix"], &[1],
        shows "a window of 64 live values that moves: one made, the oldest freed, as a write path does",
        hides "threads";
    /// Values published, replaced and retired.
    Retire = "retire" Typed &["pin-1", "pin-64"], &[1],
        shows "allocate, publish, retire what was there, reclaim: a pin for each, or for every 64",
        hides "readers: one thread, so the epoch moves at once; with 64 nodes a pin single operations are not timed";
    /// Blocks replaced at random by threads that end and leave them to others.
    Larson = "larson" Threads &[""], &[2, 4],
        shows "a server: blocks of 8 to 512 bytes replaced at random, threads that end and leave their blocks to the next",
        hides "the use of the blocks";
    /// Producers and consumers.
    Xmalloc = "xmalloc" Threads &["even", "asymmetric"], &[2, 4],
        shows "every block of 64 bytes freed by another thread, in batches; asymmetric: all but one make, one frees (two threads: three batches of four this way, one back)",
        hides "local frees; batches wait behind a mutex, which is part of the figure";
    /// Phases, survivors passed on, all threads end.
    Mstress = "mstress" Threads &[""], &[2, 4],
        shows "objects of many sizes, some kept for the next phase and by other threads, threads that all end after each phase",
        hides "steady state: much of it is threads beginning and ending";
    /// Blocks freed in the orders of the smart-heap test, many of a size.
    Sh6 = "sh6" Threads &[""], &[2, 4],
        shows "bursts of one size from 8 to 1000 bytes, the small ones longest, freed partly in order and partly in reverse",
        hides "remote frees";
    /// The same with blocks that other threads free.
    Sh8 = "sh8" Threads &[""], &[2, 4],
        shows "the same with blocks given to the next thread, which frees them",
        hides "long lives";
    /// Neighbours given to threads that write them.
    Scratch = "scratch" Threads &[""], &[2, 4],
        shows "passive false sharing: blocks made by one thread, freed by others, then asked for again by them and written",
        hides "the cost of allocation: the writes are most of it";
    /// Each thread writes a block of its own.
    Thrash = "thrash" Threads &[""], &[2, 4],
        shows "active false sharing: neighbours given to two threads that both write",
        hides "the cost of allocation: the writes are most of it";
    /// Sizes by a Pareto law, random lives.
    Pareto = "pareto" Heap &[""], &[1],
        shows "sizes by a Pareto law, replaced at random, some of them large",
        hides "threads";
    /// Blocks of one size.
    Sizes = "sizes" Heap &["16", "64", "256", "1024", "4096", "16384"], &[1],
        shows "one size by the global allocator, a thousand live",
        hides "a size that is known when compiling: here it is known when running only";
    /// Threads that begin, allocate a little and end.
    Turnover = "turnover" Heap &[""], &[2],
        shows "what a thread's beginning and end cost the allocator",
        hides "the system's own cost of a thread, which is most of it";
    /// A large document parsed and dropped.
    Json = "json" Clients &[""], &[1],
        shows "serde_json: small sizes, growth, trees freed at once",
        hides "the parser is more than half of it";
    /// `BTreeMap<u64, String>` changed at random.
    Btree = "btree" Clients &[""], &[1],
        shows "nodes and texts of 8 to 64 bytes, about 200,000 entries, in an aged heap",
        hides "cache misses of the search are in it";
    /// `HashMap<String, Vec<u8>>` changed at random.
    Hashmap = "hashmap" Clients &[""], &[1],
        shows "keys, values of many sizes and tables that grow",
        hides "hashing is in it";
    /// A set of patterns compiled.
    Regex = "regex" Clients &[""], &[1],
        shows "regex: many short-lived vectors that grow",
        hides "the automaton's own work is most of it";
    /// Tasks spawned and awaited.
    Tokio = "tokio" Clients &[""], &[1, 2],
        shows "tokio: cells of tasks and small payloads; two threads: a runtime of two workers that steal from each other",
        hides "the scheduler is in it";
    /// Sources parsed.
    Syn = "syn" Clients &[""], &[1],
        shows "syn: token streams and trees of many types",
        hides "the parser is most of it";
    /// A gigabyte made and freed, then little happens.
    Burst = "burst" Memory &[""], &[1],
        shows "what a burst took goes back while little happens",
        hides "a program that never calls its allocator again";
    /// Random replacement while sizes wander.
    Churn = "churn" Memory &[""], &[1],
        shows "resident memory stays level while the frequent size changes",
        hides "threads";
    /// One producer, one consumer, a queue that swells and shrinks.
    Queue = "queue" Memory &[""], &[2],
        shows "blow-up: blocks freed by another thread must be used again by the one that allocates",
        hides "speed: it runs at a given rate";
    /// Writers burst, readers pin and walk, writers retire; an open loop.
    Ingest = "ingest" Epoch &["half", "most", GIVEN], &[4],
        shows "latency of a write in an open loop, from when it was due, with readers at work; half and most: at 50 and 80 % of what the slowest can sustain; given: at --rate",
        hides "how much of it is the structure, and on fewer cores than threads the scheduler: the same for all; ours reclaims by its own epoch, others by crossbeam's; sharded-crossbeam is our allocator with that";
    /// A reader that stays pinned.
    Stalled = "stalled" Epoch &[""], &[2],
        shows "what waits while a reader sleeps, and that it goes when the reader goes",
        hides "other reasons to wait: one writer, and nobody else reads";
    /// The churn that `--stress-seconds` asks for.
    Stress = "stress" Epoch &[""], &[4],
        shows "drift: latency and backlog of one round after the other, blocks freed and entries retired by other threads",
        hides "what is not there after the time asked for: a leak that is small needs long";
}

impl Workload {
    /// Its name.
    pub const fn name(self) -> &'static str {
        self.about().name
    }

    /// Whether this contestant can do it. Pools say more when they are asked: some do a part of a group only.
    pub const fn is_for(self, contestant: Contestant) -> bool {
        match (self, self.about().group, contestant.kind()) {
            (Self::Retire, _, Kind::Reclaimer) => true,
            (Self::Retire, _, _) => matches!(contestant, Contestant::Typed),
            (_, Group::Typed, Kind::Loop | Kind::Allocator | Kind::Pool) => true,
            (_, Group::Typed, Kind::Reclaimer) => false,
            (_, Group::Epoch, _) if matches!(contestant, Contestant::ShardedCrossbeam) => true,
            (_, _, kind) => matches!(kind, Kind::Allocator),
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A workload with its variant and its number of threads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// What is done.
    pub workload: Workload,
    /// Which variant of it.
    pub variant: &'static str,
    /// By how many threads.
    pub threads: u32,
}

impl Row {
    /// The rows of a workload, with these numbers of threads or its own.
    pub fn of(workload: Workload, threads: &[u32]) -> Vec<Self> {
        let about = workload.about();
        // What is done by one thread is done by one thread whatever was asked for.
        let own = threads.is_empty() || about.threads == [1];
        let threads = if own { about.threads } else { threads };
        let each = |&variant| {
            threads.iter().map(move |&threads| Self {
                workload,
                variant,
                threads,
            })
        };
        about.variants.iter().flat_map(each).collect()
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.workload)?;
        if !self.variant.is_empty() {
            write!(f, "/{}", self.variant)?;
        }
        if self.threads > 1 {
            write!(f, "/{}t", self.threads)?;
        }
        Ok(())
    }
}

/// By its name.
impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(D::Error::custom)
    }
}

impl FromStr for Row {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let unknown = || format!("no row is called {name:?}");
        let mut words = name.split('/').peekable();
        let first = words.next().unwrap_or_default();
        let workload = *Workload::ALL
            .iter()
            .find(|workload| workload.name() == first)
            .ok_or_else(unknown)?;
        let variants = workload.about().variants;
        let variant = match variants {
            [""] => "",
            _ => {
                let word = words.next().ok_or_else(unknown)?;
                *variants
                    .iter()
                    .find(|variant| **variant == word)
                    .ok_or_else(unknown)?
            }
        };
        let threads = match words.next() {
            None => 1,
            Some(word) => {
                let number = word.strip_suffix('t').and_then(|word| word.parse().ok());
                number.filter(|&threads| threads > 1).ok_or_else(unknown)?
            }
        };
        match words.next() {
            None => Ok(Self {
                workload,
                variant,
                threads,
            }),
            Some(_) => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_name() {
        for &workload in Workload::ALL {
            for row in Row::of(workload, &[]) {
                assert_eq!(row.to_string().parse(), Ok(row));
            }
        }
        for wrong in [
            "",
            "pear",
            "pair",
            "pair/24",
            "larson/1t",
            "larson/x",
            "json/2t/2t",
        ] {
            assert!(wrong.parse::<Row>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn names_are_unique_and_differ_from_groups() {
        let mut names: Vec<_> = Workload::ALL.iter().map(|one| one.name()).collect();
        names.extend(Group::ALL.map(Group::name));
        names.push("all");
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn one_thread_stays_one_thread() {
        assert_eq!(Row::of(Workload::Json, &[8]), Row::of(Workload::Json, &[]));
        assert_eq!(Row::of(Workload::Larson, &[8])[0].threads, 8);
    }
}

//! The main job from arguments to exit code, as a function: the binary is a call of it, and so is a test.

use crate::hot::{Family, InBox, InPool, IngestHeader, MetadataRecord, Tombstone};
use crate::ingest::{Finished, Lane, ingest, lanes};
use crate::lock_free;
use crate::model::{Expected, Mismatch};
use crate::options::Options;
use crate::progress::Progress;
use crate::readers::{self, Task, Wrong};
use crate::report::{self, Grouped, Rounds};
use crate::rows::{Flight, read_flights};
use crate::sealed::SealedRecord;
use crate::skip_list::Node;
use crate::workload::Workload;
use clap::Parser;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;
use sydra_pool::{Pooled, pool};

/// Malformed rows that are named one by one; further ones are counted.
const NAMED_REJECTIONS: u64 = 20;

/// Every answer agreed and every block came back.
pub const SUCCESS: u8 = 0;
/// The store is wrong, or the report could not be written.
pub const FAILURE: u8 = 1;
/// The arguments or the input are of no use.
pub const USAGE: u8 = 2;

/// Runs the job; `args` begin with the program's name. Returns the exit code.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    run_against(args, out, err, |_| {})
}

/// The same, against a model that `falsify` may spoil first: a check that cannot fail proves nothing.
pub fn run_against(
    args: impl IntoIterator<Item = OsString>,
    out: &mut dyn Write,
    err: &mut dyn Write,
    falsify: impl FnOnce(&mut Expected),
) -> u8 {
    let options = match Options::try_parse_from(args) {
        Ok(options) => options,
        Err(answer) => {
            let to: &mut dyn Write = if answer.use_stderr() { err } else { out };
            let _ = write!(to, "{}", answer.render());
            return if answer.use_stderr() { USAGE } else { SUCCESS };
        }
    };
    match work(&options, out, err, falsify) {
        Ok(()) => SUCCESS,
        // Whoever reads the report has heard enough.
        Err(Failure::Report(error)) if error.kind() == io::ErrorKind::BrokenPipe => FAILURE,
        Err(failure) => {
            let _ = writeln!(err, "ingest: {failure}");
            failure.code()
        }
    }
}

/// Why there is no success.
#[derive(Debug)]
enum Failure {
    Input(String),
    Wrong {
        kind: &'static str,
        mismatch: Box<Mismatch>,
    },
    Shared(Box<Wrong>),
    Leak {
        name: &'static str,
        live: u64,
    },
    Report(io::Error),
}

impl Failure {
    const fn code(&self) -> u8 {
        match self {
            Self::Input(_) => USAGE,
            Self::Wrong { .. } | Self::Shared(_) | Self::Leak { .. } | Self::Report(_) => FAILURE,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(reason) => f.write_str(reason),
            Self::Wrong { kind, mismatch } => write!(f, "with {kind}: {mismatch}"),
            Self::Shared(wrong) => write!(f, "in the shared list: {wrong}"),
            Self::Leak { name, live } => write!(f, "{live} blocks of {name} never came back"),
            Self::Report(error) => write!(f, "cannot write the report: {error}"),
        }
    }
}

impl From<Box<Wrong>> for Failure {
    fn from(wrong: Box<Wrong>) -> Self {
        Self::Shared(wrong)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Report(error)
    }
}

fn work(
    options: &Options,
    out: &mut dyn Write,
    err: &mut dyn Write,
    falsify: impl FnOnce(&mut Expected),
) -> Result<(), Failure> {
    let path = options.input();
    let (flights, rejected) = load(&path, err)?;
    let workload = Workload::new(&flights, options.repeat, options.seed)
        .map_err(|error| Failure::Input(error.to_string()))?;
    let threads = options.threads();
    if let Some(most) = options.shards {
        sydra_pool::limit_shards(usize::from(most));
    }
    let rows = Grouped(flights.len() as u64);
    let rejected = Grouped(rejected);
    writeln!(
        out,
        "input     {}: {rows} flights, {rejected} malformed rows",
        path.display()
    )?;
    let [total, corrections, deletions] = [
        workload.counts.flights,
        workload.counts.corrections,
        workload.counts.deletions,
    ]
    .map(|count| Grouped(count as u64));
    writeln!(
        out,
        "workload  {total} flights, {corrections} corrections, {deletions} deletions"
    )?;
    let shards = options
        .shards
        .map_or("as built".to_owned(), |most| format!("at most {most}"));
    writeln!(
        out,
        "threads   {threads} writers and a flush thread; pool shards: {shards}"
    )?;
    let task = Task {
        workload: &workload,
        truth: &workload.writes,
        writers: threads,
        readers: options.readers(),
        stops: usize::from(options.stops),
    };

    let steps = workload.writes.len() as u64;
    let mut expected = {
        let progress = Progress::new("model", steps);
        Expected::of(&workload, |done| progress.advance(done))
    };
    falsify(&mut expected);
    let bench = Bench {
        lanes: lanes(&workload, threads),
        progress: Progress::new("rounds", steps * (2 * u64::from(options.rounds) + 3)),
        workload: &workload,
        expected: &expected,
    };
    bench.run(options.rounds, out)?;
    if task.readers > 0 {
        share(task, out)?;
    }
    all_returned()?;
    writeln!(out, "and dropped: every block is back")?;
    Ok(())
}

/// One list for all writers, and readers beside them.
fn share(task: Task<'_>, out: &mut dyn Write) -> Result<(), Failure> {
    let finished = {
        let progress = Progress::new("readers", task.workload.writes.len() as u64);
        readers::run(task, &|done| progress.advance(done))?
    };
    report::shared(out, &task, &finished)?;
    let collected = finished.collect()?;
    report::collected(out, &finished, &collected)?;
    Ok(())
}

/// Reads the table; malformed rows are named on `err`, then counted.
fn load(path: &Path, err: &mut dyn Write) -> Result<(Vec<Flight>, u64), Failure> {
    let input = |reason: &dyn fmt::Display| Failure::Input(format!("{}: {reason}", path.display()));
    let file = File::open(path).map_err(|error| input(&format!("cannot be opened: {error}")))?;
    let bytes = file.metadata().map_or(0, |metadata| metadata.len());
    let progress = Progress::new("reading", bytes);
    let mut rejected = 0;
    let flights = read_flights(BufReader::new(progress.reading(file)), |rejection| {
        rejected += 1;
        if rejected <= NAMED_REJECTIONS {
            let line = format!("{}: {rejection} (skipped)", path.display());
            progress.aside(|| drop(writeln!(err, "{line}")));
        }
    });
    drop(progress);
    if rejected > NAMED_REJECTIONS {
        let more = Grouped(rejected - NAMED_REJECTIONS);
        let _ = writeln!(
            err,
            "{}: {more} more malformed rows (skipped)",
            path.display()
        );
    }
    Ok((flights.map_err(|error| input(&error))?, rejected))
}

/// The rounds and their judge.
struct Bench<'a> {
    lanes: Vec<Lane>,
    progress: Progress,
    workload: &'a Workload,
    expected: &'a Expected,
}

impl Bench<'_> {
    fn run(self, rounds: u32, out: &mut dyn Write) -> Result<(), Failure> {
        let mut pooled = self.rounds_of(InPool::NAME);
        let mut boxed = self.rounds_of(InBox::NAME);
        // Each kind goes first in every other round, so that a drift of the machine meets both.
        for round in 0..=rounds {
            if round % 2 == 0 {
                self.round::<InPool>(&mut pooled)?;
                self.round::<InBox>(&mut boxed)?;
            } else {
                self.round::<InBox>(&mut boxed)?;
                self.round::<InPool>(&mut pooled)?;
            }
        }
        // Round 0 warmed up. One store more is kept, to be looked at.
        pooled.elapsed.remove(0);
        boxed.elapsed.remove(0);
        let mut kept = self.rounds_of(InPool::NAME);
        let (store, got) = self.round::<InPool>(&mut kept)?;
        drop(self.progress);

        writeln!(out)?;
        report::answers(out, self.workload, &got)?;
        let stores = 2 * (u64::from(rounds) + 1) + 1;
        let answers = Grouped(stores * self.expected.answers.len() as u64);
        writeln!(
            out,
            "\nchecked   {answers} answers of {stores} stores: all equal to the BTreeMap's\n"
        )?;
        report::speed(out, &pooled, &boxed)?;
        writeln!(
            out,
            "\npools, the last store still alive\n{}",
            sydra_pool::snapshot()
        )?;
        drop(store);
        Ok(())
    }

    fn rounds_of(&self, name: &'static str) -> Rounds {
        let operations = self.workload.writes.len() + self.workload.questions.len();
        Rounds {
            name,
            operations: operations as u64,
            elapsed: Vec::new(),
        }
    }

    /// Builds a store, asks it, compares every answer.
    fn round<F: Family>(&self, rounds: &mut Rounds) -> Result<(Finished<F>, Expected), Failure> {
        let finished = ingest::<F>(&self.lanes, &|done| self.progress.advance(done));
        rounds.elapsed.push(finished.elapsed);
        let closing = self
            .workload
            .closing
            .iter()
            .map(|question| finished.answer(question));
        let answers = finished.answers.iter().cloned().chain(closing).collect();
        let got = Expected {
            answers,
            digest: finished.digest,
        };
        let wrong = |mismatch| Failure::Wrong {
            kind: F::NAME,
            mismatch,
        };
        self.expected.check(self.workload, &got).map_err(wrong)?;
        Ok((finished, got))
    }
}

/// With every store dropped, no block of a pooled type may be live.
fn all_returned() -> Result<(), Failure> {
    fn alive<T: Pooled>() -> (&'static str, u64) {
        (pool::<T>().name(), pool::<T>().live())
    }
    let counts = [
        alive::<IngestHeader>(),
        alive::<MetadataRecord>(),
        alive::<Tombstone>(),
        alive::<Node<InPool>>(),
        alive::<SealedRecord>(),
        alive::<lock_free::Node>(),
        alive::<lock_free::Tower>(),
    ];
    match counts.into_iter().find(|(_, live)| *live != 0) {
        Some((name, live)) => Err(Failure::Leak { name, live }),
        None => Ok(()),
    }
}

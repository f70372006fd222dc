//! The `main` of every process that is measured.

use std::panic;
use std::process::{self, ExitCode};

use super::contestant::Contestant;
use super::job::{Job, Run};
use super::workload::Row;
use super::{engine, prefault, runs};
use crate::resident;

/// What a binary says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The allocator that is installed, by its own word where it has one.
    pub allocator: fn() -> String,
    /// Whether the engine's figures belong into its reports.
    pub is_ours: bool,
}

/// The exit code of a process whose contestant cannot do the row: it is left out of it.
pub const CANNOT: u8 = 4;

/// Reads a [`Job`] from the first argument, does it, prints the [`Report`](super::job::Report).
pub fn main(peer: Peer) -> ExitCode {
    answer(peer, runs::of)
}

/// The same for other crates' pools. They are compiled into one binary only.
#[cfg(feature = "peers")]
pub fn main_of_pools(peer: Peer) -> ExitCode {
    answer(peer, runs::of_pools)
}

/// From now on a panic on any thread ends the process, once its message is out. The threads of a load wait for each other, at
/// barriers or spinning: if one of them unwound, the others would wait for ever.
fn panics_end_the_process() {
    let tell = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        tell(what);
        process::abort();
    }));
}

fn answer(peer: Peer, of: fn(&Row, Contestant) -> Option<Run>) -> ExitCode {
    panics_end_the_process();
    let Some(text) = std::env::args().nth(1) else {
        eprintln!("usage: one argument, a job as JSON (started by `bench_alloc`)");
        return ExitCode::from(2);
    };
    let job: Job = match serde_json::from_str(&text) {
        Ok(job) => job,
        Err(trouble) => {
            eprintln!("this is no job: {trouble}");
            return ExitCode::from(2);
        }
    };
    let Some(run) = of(&job.row, job.contestant) else {
        return ExitCode::from(CANNOT);
    };
    if job.prefault {
        prefault::heap();
        if job.contestant == Contestant::Typed {
            prefault::types();
        }
    }
    let mut report = run(&job);
    report.peak_rss_kib = resident::peak_kib();
    report.allocator = (peer.allocator)();
    if peer.is_ours {
        report.figures.extend(engine::figures());
    }
    println!(
        "{}",
        serde_json::to_string(&report).expect("a report has no other keys than texts")
    );
    ExitCode::SUCCESS
}

/// The number of shards that the driver asked for when this was built; 8 without a wish.
///
/// # Panics
/// When compiling, if the text is no number.
pub const fn shards(text: Option<&str>) -> usize {
    let Some(text) = text else { return 8 };
    match usize::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("SYDRA_BENCH_SHARDS is no number"),
    }
}

/// mimalloc's version as text.
///
/// # Panics
/// If the version is not `major`: the features of two builds were mixed.
pub fn mimalloc_version(version: i32, major: i32) -> String {
    // 3.3.2 calls itself 30302, 2.2.4 calls itself 224.
    let parts = if version >= 10_000 {
        [version / 10_000, version / 100 % 100, version % 100]
    } else {
        [version / 100, version / 10 % 10, version % 10]
    };
    assert_eq!(parts[0], major, "this is mimalloc {parts:?}");
    format!("mimalloc {}.{}.{}", parts[0], parts[1], parts[2])
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::io::Read;
    use std::process::{Child, Command, Stdio};
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::lab::crew::{self, Part};
    use crate::lab::job::tests::job;
    use crate::lab::workload::Workload;

    /// Set in a process that is to panic.
    const PANICS: &str = "SYDRA_BENCH_TEST_PANICS";

    /// Panics on the second thread of a crew.
    struct Broken(usize);

    impl Part for Broken {
        fn step(&mut self) {
            assert_ne!(self.0, 1, "broken on purpose");
        }
    }

    /// An open loop without a rate, and blocks larger than any: some threads panic while the others wait for them.
    fn run_into_a_panic(row: &str) {
        panics_end_the_process();
        let job = Job {
            rate: Some(0.0),
            sizes: Some([usize::MAX; 2]),
            ..job(row)
        };
        match job.row.workload {
            Workload::Larson => crew::run(&job, Broken),
            _ => runs::of(&job.row, job.contestant).expect("allocators do it")(&job),
        };
    }

    /// This test in a process of its own, in which it panics.
    fn started(row: &str) -> Child {
        Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg("lab::peer::tests::a_panic_of_one_thread_ends_the_process_with_its_message")
            .env(PANICS, row)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    #[test]
    fn a_panic_of_one_thread_ends_the_process_with_its_message() {
        if let Ok(row) = env::var(PANICS) {
            return run_into_a_panic(&row);
        }
        let rows = [
            ("ingest/given/4t", "to Duration"),
            ("stress/4t", "sizes are far below the limit"),
            ("larson/2t", "broken on purpose"),
        ];
        let children = rows.map(|(row, message)| (row, message, started(row)));
        let begun = Instant::now();
        let mut troubles = Vec::new();
        for (row, message, mut child) in children {
            let mut status = None;
            while status.is_none() && begun.elapsed() < Duration::from_secs(30) {
                status = child.try_wait().unwrap();
                thread::sleep(Duration::from_millis(10));
            }
            let _ = child.kill();
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            let ended = status.is_some_and(|status| !status.success());
            if !ended || !said.contains(message) {
                troubles.push(format!("{row}: {status:?}\n{said}"));
            }
        }
        assert!(troubles.is_empty(), "{}", troubles.join("\n"));
    }
}

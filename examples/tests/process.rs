//! The examples as a user runs them: processes of their own, started by `cargo run`.
#![cfg(not(miri))] // Miri starts no processes.

use std::path::Path;
use std::process::Command;

/// Exit code, standard output, standard error.
type Ended = (Option<i32>, String, String);

fn process(example: &str, args: &[&str]) -> Ended {
    // The profile of this very test, so that nothing is built twice.
    let cargo = [
        "run",
        "--quiet",
        "--profile",
        "test",
        "-p",
        "examples",
        "--example",
        example,
    ];
    let mut command = Command::new(env!("CARGO"));
    command
        .args(cargo)
        .arg("--")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    (output.status.code(), out, err)
}

#[test]
fn ingest() {
    let (code, out, err) = process("ingest", &["--repeat", "1", "--rounds", "1"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(err, "", "no bar where there is no terminal");
    assert!(out.contains("all equal to the BTreeMap's"), "{out}");
    // The table by type.
    for name in ["IngestHeader", "MetadataRecord", "Tombstone", "Node"] {
        assert!(out.contains(name), "{name} is missing: {out}");
    }
    for figure in ["limbo, objects", "lag", "advances", "stalls", "reclaimed"] {
        assert!(out.contains(figure), "{figure} is missing: {out}");
    }
}

#[test]
fn ingest_with_input_of_no_use() {
    let (code, _, err) = process("ingest", &["--threads", "0"]);
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("--threads"), "{err}");
    let empty = Path::new(env!("CARGO_TARGET_TMPDIR")).join("process.csv");
    std::fs::write(&empty, "").unwrap();
    let (code, out, err) = process("ingest", &["--input", empty.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (Some(2), ""), "{err}");
}

#[test]
fn quickstart() {
    let (code, out, err) = process("quickstart", &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("250 orders left, worth 248750"), "{out}");
    let row = out
        .lines()
        .find(|line| line.starts_with("Order"))
        .expect(&out);
    let figures = row.split_whitespace().collect::<Vec<_>>();
    assert_eq!(
        figures[4..8],
        ["250", "1000", "1000", "750"],
        "live, peak, allocations, frees"
    );
}

#[test]
fn global() {
    let (code, out, err) = process("global", &[]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    // Counted with `cut`, `sort` and `uniq -c` on the file.
    assert!(out.contains("20000 flights on 2977 routes"), "{out}");
    assert!(out.contains("LAX - PHX    59"), "{out}");
    let (code, out, err) = process("global", &["no such file.csv"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("no such file.csv"), "{err}");
}

#[test]
fn hashbrown() {
    let (code, out, err) = process("hashbrown", &["120000"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("4 threads, 120000 steps each"), "{out}");
    assert!(out.contains("million steps a second"), "{out}");
    // Names and events are blocks of the classes, and alive when the figures are read.
    let mut rows = out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row.first() == Some(&"16")).expect(&out);
    assert!(
        row[1].parse().is_ok_and(|live: u64| live > 1_000),
        "{row:?}"
    );
    assert!(out.contains("all equal to the HashMap's"), "{out}");
    assert!(
        out.ends_with("\n0 blocks left after the tables are gone\n"),
        "{out}"
    );
    let (code, out, err) = process("hashbrown", &["many"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("invalid digit"), "{err}");
}

#[test]
fn tasks() {
    let (code, out, err) = process("tasks", &["2000"]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("2000 tasks, 4 calls each"), "{out}");
    assert!(out.contains("pools / boxes, best of 3"), "{out}");
    assert!(out.contains("all sums equal"), "{out}");
    // The future with a name has a pool of its own: one for each request, none left.
    let row = out.lines().find(|line| line.starts_with("Pause"));
    let figures = row.expect(&out).split_whitespace().collect::<Vec<_>>();
    assert_eq!(
        (figures[4], &figures[6..8]),
        ("0", &["2000", "2000"][..]),
        "live, allocations, frees"
    );
    let (code, out, err) = process("tasks", &["many"]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("invalid digit"), "{err}");
}

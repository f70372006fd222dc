//! The main job through its function: answers, wrong models, malformed rows, exit codes.

use examples::job::{FAILURE, SUCCESS, USAGE, run, run_against};
use examples::model::Expected;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

const HEADER: &str = "date,delay_minutes,distance_miles,origin,destination\n";

/// The job asks at its end whether every block of the process came back: one run at a time.
static ONE_RUN: Mutex<()> = Mutex::new(());

struct Heard {
    code: u8,
    out: String,
    err: String,
}

fn heard(args: &[&str], falsify: impl FnOnce(&mut Expected)) -> Heard {
    let _one = ONE_RUN
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let args = ["ingest"].iter().chain(args).map(OsString::from);
    let code = run_against(args, &mut out, &mut err, falsify);
    let [out, err] = [out, err].map(|bytes| String::from_utf8(bytes).unwrap());
    Heard { code, out, err }
}

/// A way to make the model wrong.
type Spoil = fn(&mut Expected);

fn own_table() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/flights-20k.csv")
}

/// A file with this content, named after the test.
fn table(name: &str, content: &[u8]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.csv"));
    fs::write(&path, content).unwrap();
    path.into_os_string().into_string().unwrap()
}

/// The first so many rows of the example's own table.
fn some_rows(count: usize) -> String {
    let text = fs::read_to_string(own_table()).unwrap();
    text.lines()
        .take(count + 1)
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[test]
fn the_own_table_is_answered_as_the_model_does() {
    for threads in ["1", "3"] {
        let heard = heard(
            &["--repeat", "1", "--rounds", "1", "--threads", threads],
            |_| {},
        );
        assert_eq!(heard.code, SUCCESS, "{}", heard.err);
        assert!(heard.err.is_empty(), "{}", heard.err);
        assert!(
            heard.out.contains("20,000 flights, 0 malformed rows"),
            "{}",
            heard.out
        );
        assert!(
            heard.out.contains("all equal to the BTreeMap's"),
            "{}",
            heard.out
        );
        assert!(heard.out.contains("PoolBox / Box:"), "{}", heard.out);
        assert!(heard.out.contains("every block is back"), "{}", heard.out);
    }
}

/// The number in front of a word.
fn before<T: std::str::FromStr>(text: &str, word: &str) -> Option<T> {
    let mut words = text.split_whitespace().rev();
    words.find(|other| other.trim_end_matches([',', ';', ':']) == word)?;
    words.next()?.replace(',', "").parse().ok()
}

#[test]
fn the_shared_list_is_read_while_it_is_written() {
    let args = ["--repeat", "2", "--rounds", "1", "--threads", "3"];
    let heard = heard(
        &[&args[..], &["--readers", "2", "--stops", "3"]].concat(),
        |_| {},
    );
    assert_eq!(heard.code, SUCCESS, "{}", heard.err);
    let out = &heard.out;
    let line = |start: &str| {
        let mut lines = out.lines().map(str::trim_start);
        lines
            .find(|line| line.starts_with(start))
            .unwrap_or_else(|| panic!("{start}: {out}"))
    };
    let written = line("shared");
    assert_eq!(before::<u32>(written, "writers"), Some(3), "{written}");
    let counts = ["inserted", "overwritten", "deleted"].map(|word| before::<u64>(written, word));
    let [Some(inserted), Some(overwritten), Some(deleted)] = counts else {
        panic!("{written}")
    };
    assert!(
        inserted >= 40_000 && overwritten > 0 && deleted > 0,
        "{written}"
    );
    let asked = before::<u64>(line("2 readers meanwhile"), "ranges");
    assert!(asked.is_some_and(|asked| asked > 0), "{out}");
    assert!(
        out.contains("at 3 stops, and the closing answers: all equal to the BTreeMap's"),
        "{out}"
    );
    for row in ["limbo, objects", "limbo, bytes", "lag"] {
        let row = line(row).to_owned();
        let figures = row.split_whitespace().rev().take(2);
        let figures = figures.map(|figure| figure.replace(',', "").parse::<u64>());
        assert!(figures.into_iter().all(|figure| figure.is_ok()), "{row}");
    }
    assert!(line("collected").contains(" retired, "), "{out}");
    // One value and one node for each deletion, one value for each overwrite.
    let retired = overwritten + 2 * deleted;
    let collected = line("collected");
    assert!(
        before::<u64>(collected, "retired") >= Some(retired),
        "{collected}"
    );
    assert_eq!(
        before::<u64>(collected, "retired"),
        before(collected, "reclaimed")
    );
    assert_eq!(before::<u64>(collected, "nodes"), Some(inserted - deleted));
}

#[test]
fn without_readers_there_is_no_shared_list() {
    let heard = heard(
        &["--repeat", "1", "--rounds", "1", "--readers", "0"],
        |_| {},
    );
    assert_eq!(heard.code, SUCCESS, "{}", heard.err);
    assert!(!heard.out.contains("shared  "), "{}", heard.out);
    assert!(heard.out.contains("every block is back"), "{}", heard.out);
}

#[test]
fn what_is_not_deleted_is_counted() {
    let rows = some_rows(300);
    let path = table("sums", rows.as_bytes());
    let heard = heard(&["-i", &path, "--repeat", "1", "--rounds", "1"], |_| {});
    assert_eq!(heard.code, SUCCESS, "{}", heard.err);
    let counted = heard
        .out
        .lines()
        .find(|line| line.starts_with("all, "))
        .unwrap();
    let flights = counted
        .split_whitespace()
        .nth(6)
        .unwrap()
        .parse::<usize>()
        .unwrap();
    let deleted = heard
        .out
        .lines()
        .find(|line| line.starts_with("workload"))
        .unwrap();
    let deleted = deleted
        .split_whitespace()
        .nth(5)
        .unwrap()
        .parse::<usize>()
        .unwrap();
    // A correction that comes after the deletion brings a flight back, so some of the deleted count again.
    assert!(
        (300 - deleted..300).contains(&flights),
        "{flights} of 300, {deleted} deleted"
    );
}

#[test]
fn a_wrong_model_is_noticed() {
    let args = ["--repeat", "1", "--rounds", "1", "--threads", "2"];
    let spoilt: [(&str, Spoil); 5] = [
        ("the first answer", |expected| {
            expected.answers[0].flights += 1
        }),
        ("the last answer", |expected| {
            expected.answers.last_mut().unwrap().delay_minutes -= 1
        }),
        ("a missing answer", |expected| {
            expected.answers.truncate(expected.answers.len() - 1)
        }),
        ("the order of keys", |expected| {
            expected.answers.last_mut().unwrap().earliest.swap(0, 1)
        }),
        ("the digest", |expected| expected.digest ^= 1),
    ];
    for (what, spoil) in spoilt {
        let heard = heard(&args, spoil);
        assert_eq!(
            heard.code, FAILURE,
            "{what} was falsified and nobody noticed"
        );
        let both = heard.err.contains("model: ") && heard.err.contains("store: ");
        assert!(both, "{what}: both are printed: {}", heard.err);
        assert!(!heard.out.contains("all equal"), "{what}: {}", heard.out);
    }
}

#[test]
fn malformed_rows_are_named_counted_and_skipped() {
    let mut text = some_rows(100);
    for row in 0..25 {
        text.push_str(&format!("2001/01/01 00:0{},1,1,LAX,?\n", row % 10));
    }
    text.push_str("2001/04/01 10:00,99999999999999999999,1,LAX,SFO\n");
    text.push_str(&some_rows(10)[HEADER.len()..]);
    let path = table("malformed", text.as_bytes());
    let heard = heard(
        &["--input", &path, "--repeat", "2", "--rounds", "1"],
        |_| {},
    );
    assert_eq!(heard.code, SUCCESS, "{}", heard.err);
    assert!(
        heard.out.contains("110 flights, 26 malformed rows"),
        "{}",
        heard.out
    );
    assert_eq!(
        heard.err.lines().count(),
        21,
        "twenty by name, then a count: {}",
        heard.err
    );
    assert!(
        heard
            .err
            .contains("line 102: destination: `?` is not an airport code")
    );
    assert!(heard.err.contains("6 more malformed rows"), "{}", heard.err);
}

#[test]
fn line_ends_of_other_systems_change_nothing() {
    let rows = some_rows(200);
    let answers = |name: &str, text: String| {
        let path = table(name, text.as_bytes());
        let heard = heard(&["-i", &path, "--repeat", "1", "--rounds", "1"], |_| {});
        assert_eq!(heard.code, SUCCESS, "{}", heard.err);
        let lines = heard
            .out
            .lines()
            .skip_while(|line| !line.starts_with("answers"));
        lines.take(14).map(str::to_owned).collect::<Vec<_>>()
    };
    let unix = answers("unix", rows.clone());
    assert!(unix.len() > 10);
    assert_eq!(unix, answers("windows", rows.replace('\n', "\r\n")));
}

#[test]
fn input_that_is_of_no_use_is_code_2_and_one_line() {
    let huge = format!("{HEADER}2001/01/01 00:47,4294967296000,1,LAX,SFO\n");
    let later = format!("{HEADER}9999/12/31 00:47,1,1,LAX,SFO\n1970/01/01 00:00,1,1,LAX,SFO\n");
    let cases: [(&str, &[u8], &str); 6] = [
        ("empty", b"", "is empty"),
        ("blank", b"\n", "not the expected header"),
        (
            "headless",
            b"2001/01/01 00:47,66,1750,DTW,LAS\n",
            "no column `date`",
        ),
        (
            "bytes",
            b"\xFF\xFE\x00\x01\xC3\x28",
            "not the expected header",
        ),
        (
            "huge",
            huge.as_bytes(),
            "no usable row: all 1 are malformed",
        ),
        ("later", later.as_bytes(), "no later than the year 10,000"),
    ];
    for (name, content, reason) in cases {
        let heard = heard(&["--input", &table(name, content)], |_| {});
        assert_eq!(heard.code, USAGE, "{name}: {}", heard.err);
        let last = heard.err.lines().last().unwrap();
        assert!(
            last.starts_with("ingest: ") && last.contains(reason),
            "{name}: {}",
            heard.err
        );
        assert!(heard.out.is_empty(), "{name}: {}", heard.out);
    }
    let gone = heard(&["--input", "no such file.csv"], |_| {});
    assert_eq!(gone.code, USAGE);
    assert!(
        gone.err.contains("no such file.csv: cannot be opened"),
        "{}",
        gone.err
    );
    let directory = heard(&["--input", env!("CARGO_TARGET_TMPDIR")], |_| {});
    assert_eq!(directory.code, USAGE, "{}", directory.err);
}

#[test]
fn arguments_that_are_of_no_use_are_code_2() {
    for args in [
        &["--threads", "0"][..],
        &["--threads", "257"],
        &["--threads", "many"],
        &["--repeat", "0"],
        &["--repeat", "4294967296"],
        &["--repeat", "99999"],
        &["--rounds", "0"],
        &["--shards", "65"],
        &["--shards", "-1"],
        &["--readers", "257"],
        &["--stops", "0"],
        &["--stops", "1001"],
        &["--seed", "x"],
        &["--no-such-option"],
        &["a positional one"],
    ] {
        let heard = heard(args, |_| {});
        assert_eq!(heard.code, USAGE, "{args:?}: {}", heard.err);
        assert!(!heard.err.is_empty() && heard.out.is_empty(), "{args:?}");
    }
    let help = heard(&["--help"], |_| {});
    assert_eq!(help.code, SUCCESS);
    for option in [
        "--input",
        "--threads",
        "--repeat",
        "--shards",
        "--rounds",
        "--readers",
        "--stops",
        "--seed",
    ] {
        assert!(help.out.contains(option), "{option} is not in the help");
    }
    assert!(help.out.contains("Exit status"), "{}", help.out);
}

#[test]
fn a_report_that_cannot_be_written_is_code_1() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("no space"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut err = Vec::new();
    let code = run(["ingest".into()], &mut Full, &mut err);
    assert_eq!(code, FAILURE);
    assert!(
        String::from_utf8(err)
            .unwrap()
            .contains("cannot write the report: no space")
    );
}

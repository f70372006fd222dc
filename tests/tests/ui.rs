//! What the macros accept and what they say: the cases under `ui/`.
//!
//! Pass and fail cases share one run, because trybuild builds (rather than checks) a run that has a
//! case to pass, and only a build evaluates the const assertions of generic types. After a message
//! was changed on purpose, `TRYBUILD=overwrite cargo test -p tests --test ui` writes the new text;
//! read it before committing. To try one case, let the filter find a case to pass as well
//! (`-- trybuild=keys`): alone, a case that only a build refuses is said to succeed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folders whose cases must fail.
const FAILING: [&str; 5] = ["ui/derive", "ui/config", "ui/epoch", "ui/fixed", "ui/typed"];

#[test]
fn cases_pass_and_fail_as_written() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/pass/*.rs");
    for folder in FAILING {
        cases.compile_fail(format!("{folder}/*.rs"));
    }
}

/// A case whose message nobody recorded, or a message whose case is gone, would be noticed by
/// nobody: trybuild accepts the first with a note and never sees the second.
#[test]
fn every_fail_case_has_its_message_and_every_message_its_case() {
    for folder in FAILING {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let cases = stems(&folder, "rs");
        let messages = stems(&folder, "stderr");
        assert!(!cases.is_empty(), "{} has no case", folder.display());
        let unrecorded: Vec<_> = cases.difference(&messages).collect();
        let orphaned: Vec<_> = messages.difference(&cases).collect();
        assert!(
            unrecorded.is_empty(),
            "cases without a .stderr: {unrecorded:?}"
        );
        assert!(
            orphaned.is_empty(),
            ".stderr files without a case: {orphaned:?}"
        );
    }
}

/// A folder that no run names would be a heap of cases that nobody tries.
#[test]
fn every_folder_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let found = std::fs::read_dir(folder).expect("the folder of cases");
    let found: BTreeSet<String> = found
        .map(|entry| entry.expect("a readable entry").file_name())
        .map(|name| format!("ui/{}", name.to_string_lossy()))
        .collect();
    let run = FAILING.into_iter().chain(["ui/pass"]).map(String::from);
    assert_eq!(found, run.collect());
}

fn stems(folder: &Path, extension: &str) -> BTreeSet<PathBuf> {
    std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.with_extension(""))
        .collect()
}

//! The part of `benches/README.md` that is made from the list of workloads, and the test that holds the two equal.

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs};

use super::marks::exchanged;
use crate::lab::workload::{About, Workload};

const BEGIN: &str = "<!-- Written by `SYDRA_BLESS=1 cargo test -p benches --lib guide` -->\n";

/// What each workload shows and does not show.
fn table() -> String {
    let mut text = String::from(
        "| group | workload | variants | threads | shows | does not show |\n|---|---|---|---|---|---|\n",
    );
    for about in Workload::ALL.iter().map(|one| one.about()) {
        let About {
            name, shows, hides, ..
        } = about;
        let variants: Vec<String> = about
            .variants
            .iter()
            .filter(|one| !one.is_empty())
            .map(|one| format!("`{one}`"))
            .collect();
        let threads: Vec<String> = about.threads.iter().map(u32::to_string).collect();
        let (group, variants, threads) =
            (about.group.name(), variants.join(" "), threads.join(", "));
        let _ = writeln!(
            text,
            "| {group} | `{name}` | {variants} | {threads} | {shows} | {hides} |"
        );
    }
    text
}

#[test]
fn the_readme_says_of_each_workload_what_the_list_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let now = exchanged(&readme, BEGIN, &table()).expect("the README has both marks");
    if env::var_os("SYDRA_BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &now).unwrap();
        return;
    }
    let mut lines = now.lines().zip(readme.lines());
    let differing = lines.find(|(now, readme)| now != readme);
    assert!(
        now == readme,
        "`SYDRA_BLESS=1 cargo test -p benches --lib guide` writes it anew; first (now, README): {differing:?}"
    );
}

//! The house rules of `CONTRIBUTING.md` that a machine can read, as tests.
//!
//! Each rule is a function over text in a file beside this one, with tests of its own that feed it a
//! bad file and see it rejected. Here the rules are applied to the repository.

mod bans;
mod floors;
mod links;
mod proofs;
mod text;

use std::fs;
use std::path::{Path, PathBuf};
use text::Source;

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("the tests crate is a folder of the workspace")
        .to_owned()
}

/// Every file of the repository, from its root, without build products and version control.
fn paths() -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a readable folder") {
            let entry = entry.expect("a readable entry");
            let (name, path) = (entry.file_name(), entry.path());
            let name = name.to_string_lossy();
            if name == ".git" {
                // A folder, or a file in a second working tree.
                continue;
            }
            if path.is_dir() {
                let product = name == "target" || path.join("CACHEDIR.TAG").exists();
                if !product {
                    folders.push(path);
                }
            } else {
                let relative = path.strip_prefix(&root).expect("below the root");
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    // A file that is no text has no rule.
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// The Rust files whose path `wanted` accepts; files that only tests compile are marked as such.
fn sources(wanted: impl Fn(&str) -> bool) -> Vec<Source> {
    let rust = paths()
        .into_iter()
        .filter(|path| path.ends_with(".rs") && wanted(path));
    let mut sources: Vec<Source> = rust.map(|path| Source::new(&path, &read(&path))).collect();
    assert!(!sources.is_empty(), "the rule has nothing to read");
    floors::mark_test_files(&mut sources);
    sources
}

fn engine() -> Vec<Source> {
    sources(|path| path.starts_with("sydra-pool/src/"))
}

fn clean(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

#[test]
fn files_import_only_from_floors_below() {
    clean(
        "the floor plan is the order of `mod` lines",
        floors::upward_imports(&engine()),
    );
}

#[test]
fn every_unsafe_cites_an_invariant() {
    clean(
        "SAFETY comments cite invariants that exist",
        proofs::safety(&engine()),
    );
}

#[test]
fn every_ordering_names_its_partner() {
    clean(
        "ORDERING comments name the partner",
        proofs::orderings(&engine()),
    );
}

#[test]
fn files_are_short() {
    clean("a file fits a head", bans::too_long(&sources(|_| true)));
}

#[test]
fn files_have_heads() {
    clean(
        "a file says what it is",
        bans::headless(&sources(|path| path.contains("/src/"))),
    );
}

#[test]
fn std_stays_at_the_doors() {
    clean(
        "the engine cannot call the allocator",
        bans::std_below_the_doors(&engine()),
    );
}

#[test]
fn panics_stay_at_the_doors() {
    clean(
        "a breach stops, a shortage returns",
        bans::panics_below_the_doors(&engine()),
    );
}

#[test]
fn nothing_is_unfinished() {
    clean(
        "no work left lying about",
        bans::unfinished(&sources(|_| true)),
    );
}

#[test]
fn no_pointer_is_made_from_a_number() {
    clean(
        "provenance is strict",
        bans::pointers_from_numbers(&engine()),
    );
}

#[test]
fn names_say_something() {
    clean(
        "names are nouns of the field",
        bans::drawers(&paths(), &sources(|_| true)),
    );
}

#[test]
fn no_path_of_one_machine() {
    let all = paths().into_iter().filter(|path| !path.ends_with(".csv"));
    clean(
        "the repository works anywhere",
        all.flat_map(|path| bans::machine_paths(&path, &read(&path)))
            .collect(),
    );
}

#[test]
fn packages_come_from_the_public_registry() {
    clean(
        "one source of packages",
        paths()
            .iter()
            .flat_map(|path| bans::registries(path, &read(path)))
            .collect(),
    );
}

#[test]
fn markdown_links_lead_somewhere() {
    let pages: Vec<String> = paths()
        .into_iter()
        .filter(|path| path.ends_with(".md"))
        .collect();
    clean(
        "links",
        pages
            .iter()
            .flat_map(|path| links::broken(&root(), path, &read(path)))
            .collect(),
    );
}

//! What must not stand anywhere, or not below the doors: each rule is a function over text.

use crate::floors::module_path;
use crate::text::{Source, words};

/// Lines of a Rust file, at most.
const LINES: usize = 500;
/// Modules of the engine that may name `std`: the door to the system, the backing allocator, the
/// thread's exit, the doors.
const MAY_NAME_STD: [&str; 12] = [
    "os",
    "fallback",
    "local",
    "home",
    "typed",
    "interop",
    "epoch",
    "maintenance",
    "global",
    "snapshot",
    "error",
    "private",
];
/// Modules of the engine that may panic, as `Box` may: the doors.
const MAY_PANIC: [&str; 6] = ["typed", "epoch", "global", "snapshot", "error", "private"];
/// Drawers: names that say nothing of what is inside.
const DRAWERS: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "misc", "stuff", "tools",
];

/// Whether the file belongs to one of the engine's `modules`.
fn within(path: &str, modules: &[&str]) -> bool {
    module_path(path)
        .and_then(|path| path.first().cloned())
        .is_some_and(|first| modules.contains(&first.as_str()))
}

pub(crate) fn too_long(sources: &[Source]) -> Vec<String> {
    let long = sources
        .iter()
        .filter(|source| source.lines.len() > LINES + 1);
    long.map(|source| {
        format!(
            "{}: {} lines, at most {LINES}",
            source.path,
            source.lines.len() - 1
        )
    })
    .collect()
}

pub(crate) fn headless(sources: &[Source]) -> Vec<String> {
    let shipped = sources.iter().filter(|source| !source.lines[0].test);
    let bare = shipped.filter(|source| !source.lines[0].comment.starts_with("//!"));
    bare.map(|source| format!("{}: the file has no head (`//! what it is`)", source.path))
        .collect()
}

/// `std::` and `alloc::` below the doors; `extern crate alloc` anywhere in the engine.
pub(crate) fn std_below_the_doors(engine: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in engine {
        for (index, line) in source.shipped() {
            let code = &line.code;
            if code.contains("extern crate alloc") {
                found.push(format!(
                    "{}: `alloc` cannot be named in an allocator",
                    source.place(index)
                ));
            }
            if within(&source.path, &MAY_NAME_STD) {
                continue;
            }
            for name in ["std", "alloc"] {
                let roots = words(code, name).into_iter().filter(|at| {
                    code[at + name.len()..].starts_with("::") && !code[..*at].ends_with("::")
                });
                found.extend(
                    roots.map(|_| format!("{}: `{name}::` below the doors", source.place(index))),
                );
            }
        }
    }
    found
}

/// Panics below the doors. `// PANIC: why it cannot happen at run time` above excuses one.
pub(crate) fn panics_below_the_doors(engine: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in engine
        .iter()
        .filter(|source| !within(&source.path, &MAY_PANIC))
    {
        for (index, line) in source.shipped() {
            let excused = (index.saturating_sub(4)..=index)
                .any(|at| source.lines[at].comment.contains("PANIC:"));
            for word in [
                ".unwrap()",
                ".expect(",
                "panic!(",
                "unreachable!(",
                ".unwrap_err()",
            ] {
                if line.code.contains(word) && !excused {
                    found.push(format!("{}: `{word}` below the doors", source.place(index)));
                }
            }
        }
    }
    found
}

/// Pointers made from numbers: provenance is strict in the engine.
pub(crate) fn pointers_from_numbers(engine: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in engine {
        for (index, line) in source.lines.iter().enumerate() {
            for word in [
                "with_exposed_provenance",
                "expose_provenance",
                "as usize as *",
            ] {
                if line.code.contains(word) {
                    found.push(format!("{}: `{word}`", source.place(index)));
                }
            }
        }
    }
    found
}

/// Unfinished work, and tests switched off.
pub(crate) fn unfinished(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (index, line) in source.lines.iter().enumerate() {
            for word in ["todo!", "unimplemented!", "#[ignore", "dbg!"] {
                if line.code.contains(word) {
                    found.push(format!("{}: `{word}`", source.place(index)));
                }
            }
            for word in ["FIXME", "HACK", "XXX", "TODO"] {
                if !words(&line.comment, word).is_empty() {
                    found.push(format!("{}: `{word}`", source.place(index)));
                }
            }
        }
    }
    found
}

/// Files, folders and inline modules named like a drawer.
pub(crate) fn drawers(paths: &[String], sources: &[Source]) -> Vec<String> {
    let is_drawer = |name: &str| {
        name.split(['_', '-', '.'])
            .any(|part| DRAWERS.contains(&part))
    };
    let files = paths.iter().filter(|path| path.split('/').any(is_drawer));
    let mut found: Vec<String> = files
        .map(|path| format!("{path}: a name that says nothing"))
        .collect();
    for source in sources {
        for (index, line) in source.lines.iter().enumerate() {
            for at in words(&line.code, "mod") {
                let name: String = line.code[at + 3..]
                    .trim_start()
                    .chars()
                    .take_while(|c| crate::text::is_word(*c))
                    .collect();
                if is_drawer(&name) {
                    found.push(format!(
                        "{}: module `{name}` has a name that says nothing",
                        source.place(index)
                    ));
                }
            }
        }
    }
    found
}

/// Paths of one machine, in any text file.
pub(crate) fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let banned = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
        concat!("/tm", "p/"),
        concat!("C:", "\\Users"),
    ];
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for word in banned {
            let named = line.match_indices(word).any(|(at, _)| {
                // `src/work/x` and `https://host/home/` are no paths of a machine.
                !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-$})".contains(c))
            });
            if named {
                found.push(format!(
                    "{path}:{}: `{word}`, a path of one machine",
                    index + 1
                ));
            }
        }
    }
    found
}

/// Packages from anywhere but the public registry, and settings that point elsewhere.
pub(crate) fn registries(path: &str, text: &str) -> Vec<String> {
    let public = "registry+https://github.com/rust-lang/crates.io-index";
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let foreign_lock =
            path.ends_with("Cargo.lock") && line.starts_with("source = ") && !line.contains(public);
        let setting = path.ends_with(".toml")
            && (line.starts_with("[source.")
                || line.starts_with("[registries")
                || line.starts_with("replace-with"));
        if foreign_lock || setting {
            found.push(format!(
                "{path}:{}: names a package source: {line}",
                index + 1
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(path: &str, text: &str) -> [Source; 1] {
        [Source::new(path, text)]
    }

    #[test]
    fn a_file_of_501_lines_is_rejected() {
        assert!(too_long(&one("a.rs", &"x\n".repeat(500))).is_empty());
        assert_eq!(too_long(&one("a.rs", &"x\n".repeat(501))).len(), 1);
    }

    #[test]
    fn a_file_without_a_head_is_rejected() {
        assert_eq!(headless(&one("a.rs", "use a;\n//! late")).len(), 1);
        assert!(headless(&one("a.rs", "//! A head.\nuse a;")).is_empty());
    }

    #[test]
    fn std_is_rejected_below_the_doors_only() {
        for bad in [
            "use std::vec::Vec;",
            "fn a() { std::mem::swap() }",
            "use alloc::vec;",
            "extern crate alloc;",
        ] {
            assert_eq!(
                std_below_the_doors(&one("e/src/bucket/depot.rs", bad)).len(),
                1,
                "{bad}"
            );
        }
        assert!(
            std_below_the_doors(&one(
                "e/src/bucket.rs",
                "use core::alloc::Layout; // std::vec"
            ))
            .is_empty()
        );
        assert!(
            std_below_the_doors(&one("e/src/os/model.rs", "use std::alloc::System;")).is_empty()
        );
        assert!(
            std_below_the_doors(&one(
                "e/src/b.rs",
                "#[cfg(test)]\nmod t {\n use std::vec;\n}"
            ))
            .is_empty()
        );
    }

    #[test]
    fn a_panic_is_rejected_below_the_doors_only() {
        for bad in [
            "a.unwrap();",
            "a.expect(\"b\");",
            "panic!(\"a\");",
            "_ => unreachable!(),",
        ] {
            assert_eq!(
                panics_below_the_doors(&one("e/src/bucket.rs", bad)).len(),
                1,
                "{bad}"
            );
            assert!(panics_below_the_doors(&one("e/src/typed/mod.rs", bad)).is_empty());
        }
        assert!(
            panics_below_the_doors(&one("e/src/a.rs", "// PANIC: const only.\npanic!(\"a\")"))
                .is_empty()
        );
        assert!(
            panics_below_the_doors(&one("e/src/a.rs", "a.unwrap_or(1); // .unwrap()")).is_empty()
        );
    }

    #[test]
    fn unfinished_work_is_rejected() {
        for bad in [
            "todo!()",
            "unimplemented!()",
            "#[ignore]",
            "// FIXME: a",
            "/// HACK",
        ] {
            assert_eq!(unfinished(&one("a.rs", bad)).len(), 1, "{bad}");
        }
        assert!(unfinished(&one("a.rs", "let a = \"todo!() FIXME\"; // hacking")).is_empty());
    }

    #[test]
    fn a_pointer_from_a_number_is_rejected() {
        assert_eq!(
            pointers_from_numbers(&one("e/src/a.rs", "p.expose_provenance()")).len(),
            1
        );
        assert!(pointers_from_numbers(&one("e/src/a.rs", "p.cast::<u8>().addr()")).is_empty());
    }

    #[test]
    fn drawers_are_rejected() {
        let path = |path: &str| drawers(&[path.to_owned()], &[]).len();
        assert_eq!(
            path("a/util.rs") + path("a/misc/b.rs") + path("a/test_helpers.rs"),
            3
        );
        assert_eq!(path("a/utility_belt.rs") + path("a/uncommon.rs"), 0);
        assert_eq!(
            drawers(&[], &one("a.rs", "pub(crate) mod common {")).len(),
            1
        );
    }

    #[test]
    fn paths_of_a_machine_are_rejected() {
        let bad = format!(
            "see {}ann/x and `{}y`",
            concat!("/ho", "me/"),
            concat!("/tm", "p/")
        );
        assert_eq!(machine_paths("a.md", &bad).len(), 2);
        assert!(machine_paths("a.md", "src/work/x and $HOME/work/y, /usr/bin/env").is_empty());
    }

    #[test]
    fn foreign_registries_are_rejected() {
        assert_eq!(
            registries(
                "Cargo.lock",
                "source = \"registry+https://example.org/index\""
            )
            .len(),
            1
        );
        assert_eq!(
            registries(
                ".cargo/config.toml",
                "[source.crates-io]\nreplace-with = \"m\""
            )
            .len(),
            2
        );
        let good = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert!(registries("Cargo.lock", good).is_empty());
    }
}

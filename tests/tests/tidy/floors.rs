//! The floor plan: a file imports only from modules declared above its own.
//!
//! The order of the `mod` lines in the root is the plan. A comment `// floor 3: rooms` above a group
//! of them names the floor; modules on a floor whose name says `rooms` do not import one another.
//! Inside a folder the `mod` lines of its `mod.rs` are the plan of that folder.

use crate::text::{Source, is_test_gate, is_word, words};
use std::collections::HashMap;

#[derive(Debug, Default)]
struct Folder {
    /// Child modules in the order of their declaration, with the floor each stands on.
    children: Vec<(String, Option<usize>)>,
    /// The floors' titles, in order.
    floors: Vec<String>,
}

impl Folder {
    fn rank(&self, name: &str) -> Option<usize> {
        self.children.iter().position(|(child, _)| child == name)
    }
}

/// The module path of a file below `src`, or `None` for a file elsewhere.
pub(crate) fn module_path(path: &str) -> Option<Vec<String>> {
    let inner = path.split_once("/src/")?.1.strip_suffix(".rs")?;
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    Some(parts)
}

/// Names of modules declared as `mod x;` or `mod x {` at the outermost level.
fn declarations(source: &Source) -> Vec<(usize, String, bool)> {
    let mut found = Vec::new();
    let mut gate = false;
    for (index, line) in source.lines.iter().enumerate() {
        let code = line.code.trim_end();
        if code.trim().is_empty() || code.starts_with("#[") {
            gate |= is_test_gate(code);
            continue;
        }
        if code.starts_with("mod ") || code.starts_with("pub") {
            let mut parts = code
                .trim_end_matches(['{', ' ', ';'])
                .split_whitespace()
                .rev();
            if let (Some(name), Some("mod")) = (parts.next(), parts.next()) {
                found.push((index, name.to_owned(), gate));
            }
        }
        gate = false;
    }
    found
}

fn plan(sources: &[Source]) -> HashMap<Vec<String>, Folder> {
    let mut folders = HashMap::new();
    for source in sources {
        let Some(path) = module_path(&source.path) else {
            continue;
        };
        let mut folder = Folder::default();
        let mut from = 0;
        for (index, name, _) in declarations(source) {
            for line in &source.lines[from..index] {
                let comment = line.comment.trim_start_matches('/').trim();
                if line.is_comment() && comment.to_lowercase().starts_with("floor ") {
                    folder.floors.push(comment.to_lowercase());
                }
            }
            from = index;
            folder
                .children
                .push((name, folder.floors.len().checked_sub(1)));
        }
        folders.insert(path, folder);
    }
    folders
}

/// Paths of files that only tests compile, by their declaration under `#[cfg(test)]`.
pub(crate) fn mark_test_files(sources: &mut [Source]) {
    let mut test_paths = Vec::new();
    for source in sources.iter() {
        let Some(path) = module_path(&source.path) else {
            continue;
        };
        for (_, name, gated) in declarations(source) {
            if gated {
                let mut child = path.clone();
                child.push(name);
                test_paths.push(child);
            }
        }
    }
    for source in sources {
        let Some(path) = module_path(&source.path) else {
            continue;
        };
        if test_paths.iter().any(|test| path.starts_with(test)) {
            source.lines.iter_mut().for_each(|line| line.test = true);
        }
    }
}

/// The paths, from the crate's root, that a line of a file at `own` names.
fn references(code: &str, own: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (word, base) in [("crate", Vec::new()), ("super", parent(own))] {
        for at in words(code, word) {
            if word == "super" && code[..at].ends_with("::") {
                continue;
            }
            // In a macro's body: the names are looked up where it is used.
            if word == "crate" && code[..at].ends_with('$') {
                continue;
            }
            let mut base = base.clone();
            let mut rest = &code[at + word.len()..];
            while let Some(more) = rest.strip_prefix("::super") {
                base.pop();
                rest = more;
            }
            let Some(rest) = rest.strip_prefix("::") else {
                continue;
            };
            for tail in tails(rest) {
                found.push(base.iter().cloned().chain(tail).collect());
            }
        }
    }
    found
}

fn parent(own: &[String]) -> Vec<String> {
    own[..own.len().saturating_sub(1)].to_vec()
}

/// The segments after `crate::`, for `a::b` and for each entry of `{a::b, c}`.
fn tails(rest: &str) -> Vec<Vec<String>> {
    let Some(list) = rest.strip_prefix('{') else {
        return vec![segments(rest)];
    };
    let mut depth = 0;
    let mut entries = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => entries.push(String::new()),
            _ => {}
        }
        if let (0, Some(entry)) = (depth, entries.last_mut()) {
            entry.push(c);
        }
    }
    let named = entries
        .iter()
        .map(|entry| entry.trim_start_matches(',').trim());
    named
        .filter(|entry| !entry.is_empty())
        .map(segments)
        .collect()
}

fn segments(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in path.split("::") {
        let name: String = part.chars().take_while(|c| is_word(*c)).collect();
        let whole = name.len() == part.len();
        if !name.is_empty() {
            found.push(name);
        }
        if !whole {
            break;
        }
    }
    found
}

/// Imports that go upwards, or sideways between rooms; also a root without floors.
pub(crate) fn upward_imports(sources: &[Source]) -> Vec<String> {
    let folders = plan(sources);
    let mut found = Vec::new();
    for source in sources {
        let Some(own) = module_path(&source.path) else {
            continue;
        };
        if own.is_empty() && folders[&own].floors.is_empty() {
            found.push(format!(
                "{}: no comment names a floor above the `mod` lines",
                source.path
            ));
        }
        // `use` lists that rustfmt broke over several lines are read as one.
        let mut pending: Option<(usize, String)> = None;
        for (index, line) in source.shipped() {
            let (index, code) = match pending.take() {
                Some((start, text)) => (start, text + line.code.trim()),
                None => (index, line.code.clone()),
            };
            if words(&code, "use").len() == 1 && code.contains('{') && !code.contains(';') {
                pending = Some((index, code));
                continue;
            }
            for target in references(&code, &own) {
                if let Some(fault) = judge(&folders, &own, &target) {
                    found.push(format!("{}: {fault}", source.place(index)));
                }
            }
        }
    }
    found
}

fn judge(
    folders: &HashMap<Vec<String>, Folder>,
    own: &[String],
    target: &[String],
) -> Option<String> {
    let shared = own.iter().zip(target).take_while(|(a, b)| a == b).count();
    let (mine, theirs) = (own.get(shared)?, target.get(shared)?);
    let folder = folders.get(&own[..shared])?;
    let my_rank = folder.rank(mine)?;
    let Some(their_rank) = folder.rank(theirs) else {
        // An item of a module above in the tree is that module's own; the root has none to offer.
        let at_root = shared == 0 && theirs != "macros";
        return at_root
            .then(|| format!("`crate::{theirs}` is no module: import from where it is made"));
    };
    if their_rank > my_rank {
        return Some(format!(
            "`{}` is declared below `{mine}` and cannot be imported here",
            target.join("::")
        ));
    }
    let (my_floor, their_floor) = (folder.children[my_rank].1?, folder.children[their_rank].1?);
    let blind = my_floor == their_floor
        && their_rank != my_rank
        && folder.floors[my_floor].contains("rooms");
    blind.then(|| {
        format!("`{mine}` and `{theirs}` are rooms of one floor and do not import one another")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "// floor 0: ground\nmod base;\npub(crate) mod sync;\n// floor 1: rooms\nmod bucket;\nmod magazine;\n// floor 2: assembly\nmod pool;\n";

    fn faults(path: &str, text: &str) -> Vec<String> {
        let slab = "mod bits;\nmod table;\n#[cfg(test)]\nmod tests;\n";
        let mut sources = vec![
            Source::new("e/src/lib.rs", ROOT),
            Source::new("e/src/base/mod.rs", slab),
            Source::new(path, text),
        ];
        mark_test_files(&mut sources);
        upward_imports(&sources)
    }

    #[test]
    fn an_upward_import_is_rejected() {
        assert_eq!(
            faults("e/src/base/bits.rs", "use crate::pool::Pool;").len(),
            1
        );
        assert_eq!(
            faults("e/src/bucket.rs", "fn a() { crate::pool::go() }").len(),
            1
        );
        assert_eq!(
            faults("e/src/sync.rs", "use crate::{base, pool::Pool};").len(),
            1
        );
        assert_eq!(
            faults(
                "e/src/sync.rs",
                "use crate::{\n    base::X,\n    pool::Pool,\n};"
            )
            .len(),
            1
        );
        assert_eq!(faults("e/src/bucket.rs", "use super::pool;").len(), 1);
        assert_eq!(faults("e/src/bucket.rs", "use crate::Pool;").len(), 1);
    }

    #[test]
    fn rooms_are_blind_to_one_another() {
        assert_eq!(
            faults("e/src/magazine.rs", "use crate::bucket::Bucket;").len(),
            1
        );
        assert!(faults("e/src/pool.rs", "use crate::{bucket::Bucket, magazine};").is_empty());
    }

    #[test]
    fn folders_have_a_plan_of_their_own() {
        assert_eq!(
            faults("e/src/base/bits.rs", "use super::table::T;").len(),
            1
        );
        assert_eq!(
            faults("e/src/base/bits.rs", "use crate::base::table;").len(),
            1
        );
        assert!(
            faults(
                "e/src/base/table.rs",
                "use super::bits::B; use super::Item;"
            )
            .is_empty()
        );
    }

    #[test]
    fn downward_imports_prose_and_tests_pass() {
        assert!(faults("e/src/pool.rs", "use crate::bucket; // crate::other").is_empty());
        assert!(faults("e/src/base/bits.rs", "/// [`crate::pool`]\nfn a() {}").is_empty());
        assert!(faults("e/src/base/bits.rs", "() => { $crate::pool::go() }").is_empty());
        assert!(faults("e/src/base/tests.rs", "use crate::pool::Pool;").is_empty());
        assert!(
            faults(
                "e/src/base/bits.rs",
                "#[cfg(test)]\nmod t {\n use crate::pool::P;\n}"
            )
            .is_empty()
        );
    }

    #[test]
    fn a_root_without_floors_is_rejected() {
        let sources = [Source::new("e/src/lib.rs", "mod a;\nmod b;\n")];
        assert_eq!(upward_imports(&sources).len(), 1);
    }
}

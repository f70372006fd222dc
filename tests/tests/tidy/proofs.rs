//! `// SAFETY:` cites named invariants, `// ORDERING:` names its partner.
//!
//! An invariant is stated once, as an item of an `# Invariants` section of a file's or type's documentation:
//! ``//! - `SLB-2`: ...``. Every `unsafe` block and `unsafe impl` cites at least one. An id that is
//! cited and not stated is a wrong proof; one that is stated and not cited is a dead one.

use crate::text::{Source, words};
use std::collections::BTreeMap;

/// How far above an ordering its comment may stand.
const ORDERING_REACH: usize = 4;

/// The ids (three capitals, a dash, a number) in a piece of prose.
pub(crate) fn ids(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in 0..bytes.len().saturating_sub(4) {
        let capitals = bytes[at..at + 3].iter().all(u8::is_ascii_uppercase);
        let alone = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'-';
        if capitals && alone && bytes[at + 3] == b'-' {
            let digits = bytes[at + 4..]
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            let end = at + 4 + digits;
            if digits > 0 && !bytes.get(end).is_some_and(u8::is_ascii_alphabetic) {
                found.push(text[at..end].to_owned());
            }
        }
    }
    found
}

/// The lines (from 0) of `# Invariants` sections in the documentation of files and types.
fn invariants(source: &Source) -> impl Iterator<Item = (usize, &str)> {
    let mut inside = false;
    source
        .lines
        .iter()
        .enumerate()
        .filter_map(move |(index, line)| {
            let comment = line.comment.as_str();
            let doc = comment.strip_prefix("//!").or(comment.strip_prefix("///"));
            let text = doc.unwrap_or_default().trim();
            if doc.is_none() || text.starts_with('#') {
                inside = text == "# Invariants";
            }
            inside.then_some((index, text))
        })
}

/// Each id stated: where.
fn stated(sources: &[Source], found: &mut Vec<String>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for source in sources {
        for (index, text) in invariants(source) {
            let item = text.trim_start_matches(['-', '*', ' ', '`']);
            let Some(id) = ids(text)
                .into_iter()
                .next()
                .filter(|id| item.starts_with(id))
            else {
                continue;
            };
            if let Some(first) = all.insert(id.clone(), source.place(index)) {
                found.push(format!(
                    "{}: {id} is stated already at {first}",
                    source.place(index)
                ));
            }
        }
    }
    all
}

/// Whether the line opens an `unsafe` block or an `unsafe impl`.
fn claims_safety(code: &str) -> bool {
    words(code, "unsafe").into_iter().any(|at| {
        let rest = code[at + 6..].trim_start();
        rest.starts_with('{') || rest.starts_with("impl") || rest.is_empty()
    })
}

/// The SAFETY comment of the statement that line `index` belongs to.
fn safety_comment(source: &Source, index: usize) -> Option<String> {
    let tail = |text: &str| text.find("SAFETY:").map(|at| text[at..].to_owned());
    if let Some(comment) = tail(&source.lines[index].comment) {
        return Some(comment);
    }
    for above in (0..index).rev() {
        let line = &source.lines[above];
        if line.is_comment() {
            return tail(&source.comment_block(above));
        }
        let code = line.code.trim();
        if code.is_empty() || (code.ends_with([';', '{', '}']) && !code.starts_with("#[")) {
            return None;
        }
    }
    None
}

/// Every `unsafe` block and impl of `sources` cites a stated invariant, and none is stated in vain.
pub(crate) fn safety(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    let stated = stated(sources, &mut found);
    let mut cited: BTreeMap<String, String> = BTreeMap::new();
    for source in sources {
        let head: Vec<usize> = invariants(source).map(|(index, _)| index).collect();
        for (index, line) in source.lines.iter().enumerate() {
            if !head.contains(&index) {
                let known = ids(&line.raw)
                    .into_iter()
                    .filter(|id| stated.contains_key(id));
                let mut named: Vec<String> = known.collect();
                if line.comment.contains("SAFETY:") {
                    named.extend(ids(&source.comment_block(source.comment_end(index))));
                }
                for id in named {
                    cited.entry(id).or_insert_with(|| source.place(index));
                }
            }
            if !claims_safety(&line.code) {
                continue;
            }
            match safety_comment(source, index) {
                None => found.push(format!(
                    "{}: no `// SAFETY:` comment above",
                    source.place(index)
                )),
                Some(text) if ids(&text).is_empty() => {
                    found.push(format!(
                        "{}: the SAFETY comment cites no invariant",
                        source.place(index)
                    ));
                }
                Some(_) => {}
            }
        }
    }
    for (id, place) in &cited {
        if !stated.contains_key(id) {
            found.push(format!("{place}: {id} is cited and stated nowhere"));
        }
    }
    for (id, place) in &stated {
        if !cited.contains_key(id) {
            found.push(format!("{place}: {id} is stated and cited nowhere"));
        }
    }
    found
}

/// Every ordering stronger than `Relaxed` has a comment above that names its partner.
pub(crate) fn orderings(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        let mut importing = false;
        for (index, line) in source.shipped() {
            let starts = line
                .code
                .trim_start()
                .trim_start_matches("pub(crate) ")
                .trim_start_matches("pub ");
            importing |= starts.starts_with("use ");
            let here = importing;
            if line.code.contains(';') {
                importing = false;
            }
            let strong = ["Acquire", "Release", "AcqRel", "SeqCst"];
            let Some(ordering) = strong
                .into_iter()
                .find(|word| !words(&line.code, word).is_empty())
            else {
                continue;
            };
            if here {
                continue;
            }
            if !line.code.contains(&format!("Ordering::{ordering}")) {
                let place = source.place(index);
                found.push(format!(
                    "{place}: spell `Ordering::{ordering}`, as ci/weaken reads it"
                ));
            }
            let nearest = (index.saturating_sub(ORDERING_REACH)..=index)
                .rev()
                .find(|at| source.lines[*at].comment.contains("ORDERING:"));
            let Some(start) = nearest else {
                found.push(format!(
                    "{}: {ordering} without an `// ORDERING:` comment",
                    source.place(index)
                ));
                continue;
            };
            let text = source.comment_block(source.comment_end(start).min(index));
            if !["pairs with", "meets", "pair with", "meet "]
                .iter()
                .any(|verb| text.contains(verb))
            {
                found.push(format!(
                    "{}: the ORDERING comment names no partner",
                    source.place(index)
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "//! A.\n//! # Invariants\n//! - `SLB-2`: bits say what is free.\n//! # Not here\n";

    fn safety_faults(body: &str) -> Vec<String> {
        safety(&[Source::new("e/src/a.rs", &format!("{HEAD}{body}"))])
    }

    #[test]
    fn ids_are_three_capitals_and_a_number() {
        assert_eq!(
            ids("SLB-2, then `OSL-14`; not ABCD-1, AB-1, UTF-8x or XSLB-2"),
            ["SLB-2", "OSL-14"]
        );
    }

    #[test]
    fn a_cited_and_stated_id_passes() {
        assert_eq!(
            safety_faults("// SAFETY: SLB-2; within.\nlet a =\n    unsafe { b() };"),
            Vec::<String>::new()
        );
        assert_eq!(
            safety_faults("// SAFETY: long,\n// see SLB-2.\n#[inline]\nunsafe impl A for B {}"),
            Vec::<String>::new()
        );
        assert_eq!(
            safety_faults("unsafe { b() } // SAFETY: SLB-2.\nunsafe fn c();"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_unsafe_without_a_proof_is_rejected() {
        let cited = "// SAFETY: SLB-2.\nunsafe { a() };\n";
        for bad in [
            "unsafe { b() };",
            "unsafe impl A for B {}",
            "// words\nunsafe { b() };",
            "// SAFETY: fine.\nunsafe { b() };",
        ] {
            assert_eq!(safety_faults(&format!("{cited}{bad}")).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_dead_or_unknown_or_double_id_is_rejected() {
        assert!(
            safety_faults("")
                .iter()
                .any(|fault| fault.contains("stated and cited nowhere"))
        );
        let both = safety_faults("// SAFETY: SLB-2 and SLB-3.\nunsafe { a() };");
        assert!(
            both.len() == 1 && both[0].contains("SLB-3 is cited and stated nowhere"),
            "{both:?}"
        );
        let head = "//! # Invariants\n//! - `SLB-2`: a.\n//! - `SLB-2`: b.\n// SAFETY: SLB-2.\nunsafe { a() };";
        assert_eq!(safety(&[Source::new("e/src/a.rs", head)]).len(), 1);
    }

    fn ordering_faults(body: &str) -> usize {
        orderings(&[Source::new("e/src/a.rs", body)]).len()
    }

    #[test]
    fn an_ordering_without_a_partner_is_rejected() {
        assert_eq!(ordering_faults("a.load(Ordering::Acquire);"), 1);
        assert_eq!(
            ordering_faults("// ORDERING: pairs with b.\na.store(1, Release);"),
            1
        );
        assert_eq!(
            ordering_faults("// ORDERING: needed.\na.load(Ordering::Acquire);"),
            1
        );
        assert_eq!(
            ordering_faults("// ORDERING: pairs with b.\n\n\n\n\na.load(Ordering::Acquire);"),
            1
        );
    }

    #[test]
    fn a_partner_relaxed_imports_and_tests_pass() {
        assert_eq!(
            ordering_faults("use x::Ordering::{\n  Acquire,\n  Release,\n};\na.load(Relaxed);"),
            0
        );
        assert_eq!(
            ordering_faults(
                "// ORDERING: Acquire pairs with the Release in `unlock`.\na.load(Ordering::Acquire);"
            ),
            0
        );
        assert_eq!(
            ordering_faults("#[cfg(test)]\nmod t {\n fn a() { a.load(Acquire); }\n}"),
            0
        );
    }
}

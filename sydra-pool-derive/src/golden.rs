//! Golden expansions: `tests/golden/NAME.rs` is what a user writes, `NAME.expanded.rs` what comes
//! out, formatted for reading.
//!
//! A change of the expansion shows as a difference of these files. After one on purpose,
//! `SYDRA_BLESS=1 cargo test -p sydra-pool-derive golden` writes them anew; read them before
//! committing, and delete the expansion of a case that is gone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::string::{String, ToString};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// Every file of the folder.
fn files() -> BTreeSet<String> {
    std::fs::read_dir(folder())
        .expect("the folder of golden files")
        .map(|entry| entry.expect("a readable entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// The names of the cases: files that are no expansion.
fn cases(files: &BTreeSet<String>) -> Vec<&str> {
    let sources = files.iter().filter(|name| !name.ends_with(EXPANDED));
    sources
        .filter_map(|name| name.strip_suffix(".rs"))
        .collect()
}

const EXPANDED: &str = ".expanded.rs";

/// Files without a partner: a case that was never blessed, an expansion whose case is gone, and
/// what is neither.
fn strays(files: &BTreeSet<String>) -> Vec<String> {
    let partner = |name: &String| match name.strip_suffix(EXPANDED) {
        Some(case) => Some(format!("{case}.rs")),
        None => name
            .strip_suffix(".rs")
            .map(|case| format!("{case}{EXPANDED}")),
    };
    let alone = files
        .iter()
        .filter(|name| !partner(name).is_some_and(|partner| files.contains(&partner)));
    alone.cloned().collect()
}

/// What the macro on the only item of `source` writes.
fn expanded(source: &str) -> TokenStream {
    let file: TokenStream = source.parse().expect("tokens");
    let mut item = TokenStream::new();
    let mut configured = None;
    let mut derived = false;
    let mut trees = file.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if let (TokenTree::Punct(mark), Some(TokenTree::Group(attribute))) = (&tree, trees.peek())
            && mark.as_char() == '#'
            && attribute.delimiter() == Delimiter::Bracket
        {
            let inside = attribute.stream();
            let text: String = inside.to_string().split_whitespace().collect();
            let ours = match text.strip_prefix("sydra_pool::config") {
                Some(_) => {
                    configured = Some(arguments(inside));
                    true
                }
                None => text.starts_with("derive("),
            };
            derived |= text == "derive(Pooled)";
            if ours {
                trees.next();
                continue;
            }
        }
        tree.to_tokens(&mut item);
    }
    match configured {
        Some(list) => crate::config::attribute(list, item),
        None => {
            assert!(derived, "the case has no `#[derive(Pooled)]`");
            crate::pooled::derive(item)
        }
    }
}

/// The tokens within the parentheses at the end of an attribute.
fn arguments(attribute: TokenStream) -> TokenStream {
    match attribute.into_iter().last() {
        Some(TokenTree::Group(group)) => group.stream(),
        _ => TokenStream::new(),
    }
}

fn formatted(tokens: TokenStream) -> String {
    let file = syn::parse2::<syn::File>(tokens).expect("items");
    prettyplease::unparse(&file)
}

#[test]
fn golden_expansions_are_as_recorded() {
    let files = files();
    let bless = std::env::var_os("SYDRA_BLESS").is_some_and(|value| value == "1");
    let mut differing = Vec::new();
    for case in cases(&files) {
        let source = std::fs::read_to_string(folder().join(format!("{case}.rs"))).expect("a case");
        let now = formatted(expanded(&source));
        let path = folder().join(format!("{case}{EXPANDED}"));
        let recorded = std::fs::read_to_string(&path).unwrap_or_default();
        if now != recorded && bless {
            std::fs::write(&path, &now).expect("a writable file");
        } else if now != recorded {
            let line = now.lines().zip(recorded.lines()).position(|(a, b)| a != b);
            let at = line.unwrap_or(now.lines().count().min(recorded.lines().count()));
            let show = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_string();
            differing.push(format!(
                "{case}{EXPANDED}, line {}:\n  recorded: {}\n  now:      {}",
                at + 1,
                show(&recorded),
                show(&now)
            ));
        }
    }
    assert!(
        differing.is_empty(),
        "`SYDRA_BLESS=1 cargo test -p sydra-pool-derive golden` records what is meant:\n{}",
        differing.join("\n")
    );
}

#[test]
fn every_golden_case_has_its_expansion_and_every_expansion_its_case() {
    let files = files();
    assert!(cases(&files).len() >= 8, "{files:?}");
    assert_eq!(strays(&files), [""; 0]);
}

#[test]
fn strays_are_found() {
    let files = [
        "a.rs",
        "a.expanded.rs",
        "b.rs",
        "c.expanded.rs",
        "notes.txt",
    ];
    let files = files.into_iter().map(String::from).collect();
    assert_eq!(strays(&files), ["b.rs", "c.expanded.rs", "notes.txt"]);
    assert_eq!(cases(&files), ["a", "b"]);
}

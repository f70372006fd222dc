//! The errors of one item: collected, not thrown.
//!
//! A macro that stops at its first error makes its user build once for each mistake. Every reader
//! of this crate therefore returns a `syn::Result` for the one thing it reads, and
//! [`Errors::keep`] turns the failure into an entry of the list and lets the caller go on.
//!
//! # Not here
//! Which words exist, and what a value may be: the callers bring the candidates.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// All errors of one item, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Errors {
    list: Vec<syn::Error>,
}

impl Errors {
    /// Adds an error at the span of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl core::fmt::Display) {
        self.list.push(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error made elsewhere.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.list.push(error);
    }

    /// The value of `result`, or `None` after its error went onto the list.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// Whether nothing went wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One `compile_error!` for each entry, each at its own span.
    pub(crate) fn into_compile_errors(self) -> TokenStream {
        self.list.iter().map(syn::Error::to_compile_error).collect()
    }

    /// The messages alone, for unit tests (spans are the business of the trybuild cases).
    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.list
            .iter()
            .flat_map(|e| e.clone().into_iter().map(|one| one.to_string()))
            .collect()
    }
}

/// The candidate a person most likely meant by `word`, if one is near enough to be worth naming.
///
/// Near enough is one edit, or up to a third of the longer word if the first letters agree, so
/// `shard` finds `shards` and `siz` finds nothing. Failing that, the candidate that `word` begins or
/// is a word of: `small` finds `small_pool`, `limbo` finds `max_limbo`. Of two candidates equally
/// near the earlier one wins.
pub(crate) fn closest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase().replace('-', "_");
    let mut best: Option<(usize, &'a str)> = None;
    for &candidate in candidates {
        let distance = edit_distance(&word, candidate);
        let longer = word.chars().count().max(candidate.chars().count());
        let same_start = word.chars().next() == candidate.chars().next();
        let bound = if same_start { (longer / 3).max(1) } else { 1 };
        if distance <= bound && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    let begun = || {
        candidates
            .iter()
            .find(|candidate| {
                candidate.starts_with(&word) || candidate.split('_').any(|part| part == word)
            })
            .copied()
    };
    match best {
        Some((_, candidate)) => Some(candidate),
        None if word.len() >= 3 => begun(),
        None => None,
    }
}

/// `; did you mean `x`?` when [`closest`] finds something, otherwise nothing.
pub(crate) fn did_you_mean(word: &str, candidates: &[&str]) -> String {
    closest(word, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// The words as a list for a sentence, each between two marks: `` `a`, `b` and `c` ``.
pub(crate) fn listed(words: &[&str], mark: char, joint: &str) -> String {
    let quoted: Vec<String> = words
        .iter()
        .map(|word| format!("{mark}{word}{mark}"))
        .collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., last] => format!("{} {joint} {last}", head.join(", ")),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    // Three rows of the usual table suffice: a swap looks two rows back.
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1)
                .min(row[j - 1] + 1)
                .min(above[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &[&str] = &[
        "shards",
        "slab_size",
        "magazine",
        "align",
        "isolate",
        "merge",
    ];

    #[test]
    fn edits_are_counted_as_a_person_counts_them() {
        assert_eq!(edit_distance("", ""), 0);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance("merge", "merge"), 0);
        assert_eq!(edit_distance("mergw", "merge"), 1);
        assert_eq!(
            edit_distance("mereg", "merge"),
            1,
            "a swap of neighbours is one edit"
        );
        assert_eq!(edit_distance("kitten", "sitting"), 3);
    }

    #[test]
    fn the_nearest_word_is_suggested_and_a_far_one_is_not() {
        assert_eq!(closest("shard", WORDS), Some("shards"));
        assert_eq!(closest("shrads", WORDS), Some("shards"));
        assert_eq!(closest("slabsize", WORDS), Some("slab_size"));
        assert_eq!(closest("slab-size", WORDS), Some("slab_size"));
        assert_eq!(closest("Isolated", WORDS), Some("isolate"));
        assert_eq!(closest("capacity", WORDS), None);
        assert_eq!(closest("x", WORDS), None);
        assert_eq!(
            closest("slab", WORDS),
            Some("slab_size"),
            "its beginning is enough"
        );
        assert_eq!(closest("sl", WORDS), None, "two letters are not");
        assert_eq!(
            closest("size", WORDS),
            Some("slab_size"),
            "one of its words is enough"
        );
        assert_eq!(closest("iz", WORDS), None);
        assert_eq!(closest("siz", WORDS), None, "a part of a word is not");
        assert_eq!(
            closest("jemalloc", &["mimalloc"]),
            None,
            "nobody mistypes the first letter"
        );
        assert_eq!(
            closest("nerge", WORDS),
            Some("merge"),
            "unless it is the only mistake"
        );
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(listed(&[], '`', "or"), "");
        assert_eq!(listed(&["a"], '`', "or"), "`a`");
        assert_eq!(listed(&["a", "b"], '"', "or"), "\"a\" or \"b\"");
        assert_eq!(listed(&["a", "b", "c"], '`', "and"), "`a`, `b` and `c`");
    }

    #[test]
    fn every_error_of_the_list_is_reported() {
        let mut errors = Errors::default();
        assert!(errors.is_empty());
        errors.at(quote::quote!(one), "first");
        let kept: Option<u8> =
            errors.keep(Err(syn::Error::new_spanned(quote::quote!(two), "next")));
        assert_eq!(kept, None);
        assert_eq!(errors.keep(Ok(3)), Some(3));
        assert!(!errors.is_empty());
        assert_eq!(errors.messages(), ["first", "next"]);
        let text = errors.into_compile_errors().to_string();
        assert_eq!(text.matches("compile_error").count(), 2, "{text}");
    }
}

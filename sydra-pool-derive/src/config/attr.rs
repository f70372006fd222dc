//! The spelling of `#[sydra_pool::config(..)]`: from tokens to keys with values of the right kind.
//!
//! # Not here
//! What the static must look like: `item` and `model`.

use proc_macro2::{Delimiter, TokenStream};
use quote::quote;
use syn::Lit;

use crate::diag::Errors;
use crate::entry::{Entry, Key, Reader, Vocabulary};
use crate::range::{self, Range};
use crate::tokens::{inside, kind_of, literal, misplaced, split_commas};
use crate::value;

/// The keys of `#[sydra_pool::config(..)]`. To add one: a line here, an arm in [`Keys::take`], its
/// builder call in the engine's `Settings`, its row in the table of the attribute's documentation,
/// and a compile-fail case.
pub(crate) static VOCABULARY: Vocabulary = Vocabulary {
    attribute: "#[sydra_pool::config(..)]",
    keys: &[
        Key {
            name: "mode",
            example: "mode = \"small_pool\"",
        },
        Key {
            name: "shards",
            example: "shards = 8",
        },
        Key {
            name: "classes",
            example: "classes = [16, 32, 64]",
        },
        Key {
            name: "slab_size",
            example: "slab_size = 65536",
        },
        Key {
            name: "magazine",
            example: "magazine = 64",
        },
        Key {
            name: "max_limbo",
            example: "max_limbo = 67108864",
        },
        Key {
            name: "fallback",
            example: "fallback = \"system\"",
        },
        Key {
            name: "stats",
            example: "stats = \"basic\"",
        },
        Key {
            name: "poison",
            example: "poison = true",
        },
        Key {
            name: "crate",
            example: "crate = path::to::sydra_pool",
        },
    ],
    elsewhere: Some(&crate::pooled::VOCABULARY),
};

const SHARDS: Range = Range {
    or: Some("auto"),
    ..range::SHARDS
};

const MODES: [(&str, &str); 3] = [
    ("small_pool", "SmallPool"),
    ("mimalloc", "Mimalloc"),
    ("default", "Default"),
];
const BACKINGS: [(&str, &str); 2] = [("system", "System"), ("mimalloc", "Mimalloc")];
const LEVELS: [(&str, &str); 3] = [("off", "Off"), ("basic", "Basic"), ("full", "Full")];

/// The word of a choice: the variant of the engine's enum, and the tokens that chose it.
pub(crate) struct Choice {
    pub(crate) variant: &'static str,
    pub(crate) tokens: TokenStream,
}

/// How many shards.
pub(crate) enum Shards {
    Auto,
    Count(TokenStream),
}

/// The class table.
pub(crate) enum Classes {
    /// `[16, 24, ..]`: the elements, all literals or not.
    List {
        list: TokenStream,
        literals: Option<Vec<syn::LitInt>>,
    },
    /// An expression of type `&'static [usize]`.
    Expression(TokenStream),
}

/// The keys of one static.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) mode: Option<Choice>,
    pub(crate) shards: Option<Shards>,
    pub(crate) classes: Option<Classes>,
    pub(crate) slab_size: Option<TokenStream>,
    pub(crate) magazine: Option<TokenStream>,
    pub(crate) max_limbo: Option<TokenStream>,
    pub(crate) fallback: Option<Choice>,
    pub(crate) stats: Option<Choice>,
    pub(crate) poison: Option<TokenStream>,
    pub(crate) krate: Option<syn::Path>,
}

/// The keys of the attribute's list.
pub(crate) fn read(list: TokenStream, errors: &mut Errors) -> Keys {
    let mut keys = Keys::default();
    Reader::new(&VOCABULARY).read(list, errors, |entry| keys.take(entry));

    keys
}

impl Keys {
    fn take(&mut self, entry: &Entry) -> syn::Result<()> {
        match entry.name().as_str() {
            "mode" => self.mode = Some(choice(entry, &MODES)?),
            "shards" => self.shards = Some(shards(entry)?),
            "classes" => self.classes = Some(classes(entry)?),
            "slab_size" => self.slab_size = Some(value::count(entry, &range::SLAB_SIZE)?),
            "magazine" => self.magazine = Some(value::count(entry, &range::MAGAZINE)?),
            "max_limbo" => self.max_limbo = Some(value::count(entry, &range::MAX_LIMBO)?),
            "fallback" => self.fallback = Some(choice(entry, &BACKINGS)?),
            "stats" => self.stats = Some(choice(entry, &LEVELS)?),
            "poison" => self.poison = Some(value::switch(entry)?),
            "crate" => self.krate = Some(value::path(entry)?),
            other => unreachable!("the reader lets only known keys through, not `{other}`"),
        }
        Ok(())
    }
}

fn choice(entry: &Entry, words: &[(&str, &'static str)]) -> syn::Result<Choice> {
    let spellings: Vec<&str> = words.iter().map(|(spelling, _)| *spelling).collect();
    let (index, tokens) = value::choice(entry, &spellings)?;
    Ok(Choice {
        variant: words[index].1,
        tokens,
    })
}

/// `shards = 8` or `shards = "auto"`
fn shards(entry: &Entry) -> syn::Result<Shards> {
    let tokens = value::tokens(entry)?;
    match literal(&tokens) {
        Some(Lit::Str(text)) if text.value() == "auto" => Ok(Shards::Auto),
        _ => value::count(entry, &SHARDS).map(Shards::Count),
    }
}

/// `classes = [16, 32]` or `classes = TABLE`
fn classes(entry: &Entry) -> syn::Result<Classes> {
    let tokens = value::tokens(entry)?;
    if let Some(found) = literal(&tokens) {
        let message = format!(
            "`classes` is a list of sizes; found {}; write `{}`",
            kind_of(&found),
            entry.example
        );
        return Err(syn::Error::new_spanned(tokens, message));
    }
    let Some(elements) = inside(&tokens, Delimiter::Bracket) else {
        return Ok(Classes::Expression(tokens));
    };
    let mut literals = Some(Vec::new());
    let mut faults: Option<syn::Error> = None;
    for segment in split_commas(elements) {
        match size(&segment.tokens) {
            Ok(Some(size)) => literals.iter_mut().for_each(|list| list.push(size.clone())),
            Ok(None) => literals = None,
            Err(fault) => match &mut faults {
                Some(faults) => faults.combine(fault),
                None => faults = Some(fault),
            },
        }
    }
    if let Some(faults) = faults {
        return Err(faults);
    }
    Ok(Classes::List {
        list: quote!(#tokens),
        literals,
    })
}

/// A size in the list: a literal, or an expression that is left to the const assertion.
fn size(tokens: &TokenStream) -> syn::Result<Option<syn::LitInt>> {
    let expected = "a class is a size in bytes; found";
    if let Some((culprit, message)) = misplaced(tokens) {
        return Err(syn::Error::new_spanned(culprit, message));
    }
    if value::is_negative(tokens) {
        return Err(syn::Error::new_spanned(
            tokens,
            format!("{expected} a negative number"),
        ));
    }
    match literal(tokens) {
        Some(Lit::Int(size)) => value::usize_literal(&size).map(|_| Some(size)),
        Some(other) => {
            let message = format!("{expected} {}", kind_of(&other));
            Err(syn::Error::new_spanned(tokens, message))
        }
        None => Ok(None),
    }
}

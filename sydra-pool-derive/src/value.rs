//! The kinds of values a key can have.
//!
//! Each function reads one [`Entry`] as one kind. A literal is judged at once, at its own span; a
//! constant expression is handed on, and a const assertion in the expansion judges it.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Error, Lit, LitInt, Path, Result};

use crate::diag::{did_you_mean, listed};
use crate::entry::{Entry, Form};
use crate::range::Range;
use crate::tokens::{identifier, kind_of, literal, misplaced, ungroup};

/// `key`
pub(crate) fn flag(entry: &Entry) -> Result<Ident> {
    match &entry.form {
        Form::Flag => Ok(entry.key.clone()),
        Form::Value(tokens) | Form::List(tokens) => {
            let key = entry.name();
            let at = if tokens.is_empty() {
                entry.key.to_token_stream()
            } else {
                tokens.clone()
            };
            Err(Error::new_spanned(
                at,
                format!("`{key}` is a flag: write `{key}` alone"),
            ))
        }
    }
}

/// `key = 8` or `key = EXPRESSION`, a `usize` within the range.
pub(crate) fn count(entry: &Entry, range: &Range) -> Result<TokenStream> {
    let tokens = tokens(entry)?;
    let expected = || format!("`{}` is {}", entry.name(), range.described());
    if is_negative(&tokens) {
        return Err(Error::new_spanned(
            &tokens,
            format!("{}; found a negative number", expected()),
        ));
    }
    match literal(&tokens) {
        Some(Lit::Int(number)) => {
            let value = usize_literal(&number)?;
            if !range.contains(value) {
                return Err(Error::new_spanned(
                    &tokens,
                    format!("{}; found {value}", expected()),
                ));
            }
        }
        Some(other) => return Err(wrong_kind(entry, &tokens, &expected(), &other)),
        None => {}
    }
    if let (Some(word), Some(found)) = (range.or, identifier(&tokens))
        && found == word
    {
        let message = format!("put it in quotes: `{} = \"{word}\"`", entry.name());
        return Err(Error::new_spanned(&tokens, message));
    }
    Ok(tokens)
}

/// Whether an expression begins with a minus sign: no `usize` does.
pub(crate) fn is_negative(tokens: &TokenStream) -> bool {
    ungroup(tokens).to_string().starts_with('-')
}

/// The value of a literal that is meant to be a `usize`.
pub(crate) fn usize_literal(number: &LitInt) -> Result<u64> {
    if !matches!(number.suffix(), "" | "usize") {
        let message = format!(
            "expected a `usize`; remove the suffix `{}`",
            number.suffix()
        );
        return Err(Error::new_spanned(number, message));
    }
    number
        .base10_parse()
        .map_err(|_| Error::new_spanned(number, "this number is too large"))
}

/// `key = "one of the words"`: the index of the word, and the literal.
pub(crate) fn choice(entry: &Entry, words: &[&str]) -> Result<(usize, TokenStream)> {
    let tokens = tokens(entry)?;
    let key = entry.name();
    let expected = format!("`{key}` is {}", listed(words, '"', "or"));
    match literal(&tokens) {
        Some(Lit::Str(text)) => {
            let value = text.value();
            if let Some(index) = words.iter().position(|word| *word == value) {
                return Ok((index, tokens));
            }
            let near = did_you_mean(&value, words).replace('`', "\"");
            Err(Error::new_spanned(
                &tokens,
                format!("{expected}; found \"{value}\"{near}"),
            ))
        }
        Some(other) => Err(wrong_kind(entry, &tokens, &expected, &other)),
        None => {
            let hint = match identifier(&tokens) {
                Some(word) if words.iter().any(|known| word == known) => {
                    format!("; put it in quotes: `{key} = \"{word}\"`")
                }
                _ => format!("; write `{}`", entry.example),
            };
            Err(Error::new_spanned(&tokens, format!("{expected}{hint}")))
        }
    }
}

/// `key = true`, `key = EXPRESSION` of type `bool`, or `key` alone for `true`.
pub(crate) fn switch(entry: &Entry) -> Result<TokenStream> {
    if let Form::Flag = entry.form {
        let span = entry.key.span();
        return Ok(quote::quote_spanned!(span=> true));
    }
    let tokens = tokens(entry)?;
    let expected = format!("`{}` is `true` or `false`", entry.name());
    match literal(&tokens) {
        Some(Lit::Bool(_)) | None => Ok(tokens),
        Some(other) => Err(wrong_kind(entry, &tokens, &expected, &other)),
    }
}

/// `key = "text"`, or an expression of type `&'static str`; the literal's text where there is one.
pub(crate) fn text(entry: &Entry) -> Result<(TokenStream, Option<String>)> {
    let tokens = tokens(entry)?;
    let expected = format!("`{}` is a string", entry.name());
    match literal(&tokens) {
        Some(Lit::Str(text)) if text.value().trim().is_empty() => {
            let message =
                format!("{expected} that is not empty; leave the key out for the default");
            Err(Error::new_spanned(&tokens, message))
        }
        Some(Lit::Str(text)) => Ok((tokens, Some(text.value()))),
        Some(other) => Err(wrong_kind(entry, &tokens, &expected, &other)),
        None => Ok((tokens, None)),
    }
}

/// `key = a::path` or `key = "a::path"`.
pub(crate) fn path(entry: &Entry) -> Result<Path> {
    let tokens = tokens(entry)?;
    let expected = format!("`{}` is a path; write `{}`", entry.name(), entry.example);
    let parsed = match literal(&tokens) {
        Some(Lit::Str(text)) => text.parse_with(Path::parse_mod_style),
        _ => syn::parse::Parser::parse2(Path::parse_mod_style, ungroup(&tokens)),
    };
    parsed.map_err(|_| Error::new_spanned(&tokens, expected))
}

/// The tokens after `key =`, without the invisible group of a macro's `$x:expr`: its inside is where
/// the one who wrote the value finds it.
pub(crate) fn tokens(entry: &Entry) -> Result<TokenStream> {
    match &entry.form {
        Form::Value(tokens) if !ungroup(tokens).is_empty() => {
            let tokens = ungroup(tokens);
            match misplaced(&tokens) {
                Some((culprit, message)) => Err(Error::new_spanned(culprit, message)),
                None => Ok(tokens),
            }
        }
        _ => {
            let message = format!(
                "`{}` needs a value; write `{}`",
                entry.name(),
                entry.example
            );
            Err(Error::new_spanned(&entry.key, message))
        }
    }
}

fn wrong_kind(entry: &Entry, tokens: &TokenStream, expected: &str, found: &Lit) -> Error {
    let message = format!(
        "{expected}; found {}; write `{}`",
        kind_of(found),
        entry.example
    );
    Error::new_spanned(tokens, message)
}

/// The path of the engine crate when no `crate = ..` names another.
pub(crate) fn default_crate() -> TokenStream {
    quote!(::sydra_pool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Errors;
    use crate::entry::{Key, Reader, Vocabulary};

    static KEYS: Vocabulary = Vocabulary {
        attribute: "#[test(..)]",
        keys: &[
            Key {
                name: "k",
                example: "k = 8",
            },
            Key {
                name: "crate",
                example: "crate = a::b",
            },
        ],
        elsewhere: None,
    };

    fn entry(list: TokenStream) -> Entry {
        let mut errors = Errors::default();
        let mut only = None;
        Reader::new(&KEYS).read(list, &mut errors, |entry| {
            let Entry { key, form, example } = entry;
            only = Some(Entry {
                key: key.clone(),
                form: form.clone(),
                example,
            });
            Ok(())
        });
        assert!(errors.is_empty(), "{:?}", errors.messages());
        only.expect("one entry")
    }

    fn count_of(list: TokenStream) -> core::result::Result<String, String> {
        let range = Range::powers_of_two(2, 64);
        count(&entry(list), &range)
            .map(|t| t.to_string())
            .map_err(|e| e.to_string())
    }

    #[test]
    fn counts_are_judged_when_they_are_literals() {
        assert_eq!(count_of(quote!(k = 8)), Ok("8".into()));
        assert_eq!(count_of(quote!(k = 0x10usize)), Ok("0x10usize".into()));
        assert_eq!(
            count_of(quote!(k = 1 + 2)),
            Ok("1 + 2".into()),
            "left to the const assertion"
        );
        let range = "`k` is a power of two from 2 to 64; found";
        assert_eq!(count_of(quote!(k = 128)), Err(format!("{range} 128")));
        assert_eq!(count_of(quote!(k = 24)), Err(format!("{range} 24")));
        assert_eq!(
            count_of(quote!(k = -8)),
            Err(format!("{range} a negative number"))
        );
        assert_eq!(
            count_of(quote!(k = "8")),
            Err(format!("{range} a string; write `k = 8`"))
        );
        assert_eq!(
            count_of(quote!(k = 8u32)),
            Err("expected a `usize`; remove the suffix `u32`".into())
        );
        assert!(
            count_of(quote!(k = 99999999999999999999999)).is_err_and(|e| e.contains("too large"))
        );
        assert_eq!(
            count_of(quote!(k)),
            Err("`k` needs a value; write `k = 8`".into())
        );
        assert_eq!(
            count_of(quote!(k = )),
            Err("`k` needs a value; write `k = 8`".into())
        );
    }

    #[test]
    fn a_range_may_have_no_end() {
        let judged = |list| {
            count(&entry(list), &Range::at_least(1))
                .map(|t| t.to_string())
                .map_err(|e| e.to_string())
        };
        assert_eq!(judged(quote!(k = 1)), Ok("1".into()));
        assert_eq!(
            judged(quote!(k = 18446744073709551615)),
            Ok("18446744073709551615".into())
        );
        let range = "`k` is a number of at least 1; found";
        assert_eq!(judged(quote!(k = 0)), Err(format!("{range} 0")));
        assert_eq!(
            judged(quote!(k = -1)),
            Err(format!("{range} a negative number"))
        );
    }

    #[test]
    fn choices_name_their_words() {
        let pick = |list| choice(&entry(list), &["heap", "none"]).map_err(|e| e.to_string());
        assert_eq!(pick(quote!(k = "none")).expect("known").0, 1);
        let unknown = pick(quote!(k = "heep")).expect_err("unknown");
        assert_eq!(
            unknown,
            "`k` is \"heap\" or \"none\"; found \"heep\"; did you mean \"heap\"?"
        );
        let bare = pick(quote!(k = none)).expect_err("no quotes");
        assert!(bare.ends_with("put it in quotes: `k = \"none\"`"), "{bare}");
        assert!(
            pick(quote!(k = 3))
                .expect_err("number")
                .contains("found a number")
        );
    }

    #[test]
    fn flags_switches_texts_and_paths() {
        assert!(flag(&entry(quote!(k))).is_ok());
        assert!(flag(&entry(quote!(k = true))).is_err_and(|e| e.to_string().contains("is a flag")));
        assert_eq!(switch(&entry(quote!(k))).expect("flag").to_string(), "true");
        assert_eq!(
            switch(&entry(quote!(k = false))).expect("bool").to_string(),
            "false"
        );
        assert!(switch(&entry(quote!(k = 1))).is_err());
        assert_eq!(
            text(&entry(quote!(k = "x"))).expect("text").1.as_deref(),
            Some("x")
        );
        assert!(text(&entry(quote!(k = " "))).is_err());
        for good in [
            quote!(crate = a::b),
            quote!(crate = "a::b"),
            quote!(crate = ::a),
            quote!(crate = crate),
        ] {
            assert!(path(&entry(good.clone())).is_ok(), "{good}");
        }
        for bad in [
            quote!(crate = "a b"),
            quote!(crate = 3),
            quote!(crate = a<b>),
            quote!(crate = ""),
        ] {
            assert!(path(&entry(bad.clone())).is_err(), "{bad}");
        }
    }
}

//! Lists of keys: `key`, `key = value`, `key(list)`.
//!
//! Both attributes are such lists. What is common to them is here: cutting, unknown keys, keys
//! given twice. A broken entry is reported and left out, and the next one is read.
//!
//! # Not here
//! What a value may be (`value`), and which keys go together (the models).

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;

use crate::diag::{Errors, did_you_mean, listed};
use crate::tokens::split_commas;

/// A key of a list, with one correct use of it for error messages.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) example: &'static str,
}

/// The keys of one attribute.
pub(crate) struct Vocabulary {
    /// The attribute as a person writes it.
    pub(crate) attribute: &'static str,
    pub(crate) keys: &'static [Key],
    /// The project's other attribute, where a key unknown here may belong.
    pub(crate) elsewhere: Option<&'static Vocabulary>,
}

/// One key as it was written.
pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) form: Form,
    /// One correct use, for messages.
    pub(crate) example: &'static str,
}

/// What followed the key.
#[derive(Clone)]
pub(crate) enum Form {
    /// Nothing.
    Flag,
    /// `= tokens`; the tokens may be none.
    Value(TokenStream),
    /// `(tokens)`
    List(TokenStream),
}

impl Entry {
    /// The key's name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.key.unraw().to_string()
    }
}

/// Reads lists of one item; remembers the keys seen, so that several attributes are one list.
pub(crate) struct Reader {
    vocabulary: &'static Vocabulary,
    seen: Vec<Ident>,
}

impl Reader {
    pub(crate) fn new(vocabulary: &'static Vocabulary) -> Self {
        Self {
            vocabulary,
            seen: Vec::new(),
        }
    }

    /// Hands every well-formed entry with a known key, each key once, to `take`. Its errors and the
    /// reader's own come in the order of writing.
    pub(crate) fn read(
        &mut self,
        list: TokenStream,
        errors: &mut Errors,
        mut take: impl FnMut(&Entry) -> syn::Result<()>,
    ) {
        for segment in split_commas(list) {
            if segment.tokens.is_empty() {
                errors.at(segment.comma, "expected a key before this comma");
            } else {
                let taken = self.entry(segment.tokens).and_then(|entry| take(&entry));
                errors.keep(taken);
            }
        }
    }

    fn entry(&mut self, tokens: TokenStream) -> syn::Result<Entry> {
        let all = tokens.clone();
        let mut trees = tokens.into_iter();
        let key = match trees.next() {
            Some(TokenTree::Ident(key)) => key,
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
                syn::parse2(group.stream()).map_err(|_| self.no_key(&all))?
            }
            _ => return Err(self.no_key(&all)),
        };
        let known = self.known(&key)?;
        let form = match trees.next() {
            None => Form::Flag,
            Some(TokenTree::Punct(p)) if p.as_char() == '=' => Form::Value(trees.collect()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
                if let Some(extra) = trees.next() {
                    let message = format!("expected a comma after `{}(..)`", known.name);
                    return Err(syn::Error::new_spanned(extra, message));
                }
                Form::List(group.stream())
            }
            Some(other) => {
                let message = format!("expected a comma or `=` here; write `{}`", known.example);
                return Err(syn::Error::new_spanned(other, message));
            }
        };
        if let Some(first) = self.seen.iter().find(|seen| seen.unraw() == known.name) {
            let name = known.name;
            let message = format!("`{name}` is given twice; keep one of them");
            let mut error = syn::Error::new_spanned(&key, message);
            // A macro on stable Rust cannot attach a note, so the other place is an error too.
            let message = format!("`{name}` is given here first");
            error.combine(syn::Error::new_spanned(first, message));
            return Err(error);
        }
        self.seen.push(key.clone());
        Ok(Entry {
            key,
            form,
            example: known.example,
        })
    }

    fn no_key(&self, tokens: &TokenStream) -> syn::Error {
        let example = self.vocabulary.keys[0].example;
        syn::Error::new_spanned(tokens, format!("expected a key, as in `{example}`"))
    }

    fn known(&self, key: &Ident) -> syn::Result<&'static Key> {
        let name = key.unraw().to_string();
        let Vocabulary {
            attribute,
            keys,
            elsewhere,
        } = self.vocabulary;
        if let Some(known) = keys.iter().find(|known| known.name == name) {
            return Ok(known);
        }
        let names: Vec<&str> = keys.iter().map(|known| known.name).collect();
        let near = match elsewhere {
            Some(other) if other.keys.iter().any(|known| known.name == name) => {
                format!("; `{name}` is a key of `{}`", other.attribute)
            }
            _ => did_you_mean(&name, &names),
        };
        let list = listed(&names, '`', "and");
        let message = format!("`{attribute}` has no key `{name}`{near}\nits keys are {list}");
        Err(syn::Error::new_spanned(key, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    static FRUIT: Vocabulary = Vocabulary {
        attribute: "#[fruit(..)]",
        keys: &[
            Key {
                name: "apples",
                example: "apples = 3",
            },
            Key {
                name: "pears",
                example: "pears(big, small)",
            },
            Key {
                name: "ripe",
                example: "ripe",
            },
        ],
        elsewhere: Some(&TOOLS),
    };
    static TOOLS: Vocabulary = Vocabulary {
        attribute: "#[tools(..)]",
        keys: &[Key {
            name: "saw",
            example: "saw",
        }],
        elsewhere: None,
    };

    fn written(entry: &Entry) -> String {
        match &entry.form {
            Form::Flag => entry.name(),
            Form::Value(tokens) => format!("{}={tokens}", entry.name()),
            Form::List(tokens) => format!("{}({tokens})", entry.name()),
        }
    }

    fn read(list: TokenStream) -> (Vec<String>, Vec<String>) {
        let mut errors = Errors::default();
        let mut entries = Vec::new();
        Reader::new(&FRUIT).read(list, &mut errors, |entry| {
            entries.push(written(entry));
            Ok(())
        });
        (entries, errors.messages())
    }

    #[test]
    fn the_three_forms_are_told_apart() {
        let (entries, errors) = read(quote!(apples = 1 + 2, pears(a, b), ripe));
        assert_eq!(entries, ["apples=1 + 2", "pears(a , b)", "ripe"]);
        assert!(errors.is_empty(), "{errors:?}");
    }

    #[test]
    fn a_broken_entry_does_not_hide_the_next() {
        let (entries, errors) = read(quote!("x", ripe ripe, aples = 2, , saw, apples = 4));
        assert_eq!(entries, ["apples=4"]);
        assert_eq!(errors.len(), 5, "{errors:?}");
        assert!(errors[0].contains("expected a key, as in `apples = 3`"));
        assert!(errors[1].contains("expected a comma or `=` here; write `ripe`"));
        assert!(errors[2].contains("no key `aples`; did you mean `apples`?"));
        assert!(errors[2].contains("its keys are `apples`, `pears` and `ripe`"));
        assert!(errors[3].contains("before this comma"));
        assert!(errors[4].contains("`saw` is a key of `#[tools(..)]`"));
    }

    #[test]
    fn a_key_may_stand_once_in_all_lists_of_an_item() {
        let mut errors = Errors::default();
        let mut reader = Reader::new(&FRUIT);
        let mut count = 0;
        for list in [quote!(apples = 1, ripe), quote!(pears(x), apples = 1)] {
            reader.read(list, &mut errors, |_| {
                count += 1;
                Ok(())
            });
        }
        assert_eq!(count, 3);
        assert_eq!(
            errors.messages(),
            [
                "`apples` is given twice; keep one of them",
                "`apples` is given here first"
            ]
        );
    }
}

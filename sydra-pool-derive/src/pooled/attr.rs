//! The spelling of `#[pooled(..)]`: from tokens to keys with values of the right kind.
//!
//! # Not here
//! Which keys go together, and on which types: `model`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Meta, Token, Type, WherePredicate};

use super::item::Item;
use crate::diag::Errors;
use crate::entry::{Entry, Form, Key, Reader, Vocabulary};
use crate::range;
use crate::value;

/// The keys of `#[pooled(..)]`. To add one: a line here, an arm in [`Keys::take`], its rule in
/// `model`, its builder call in the engine's `Plan`, its row in the table of the derive's
/// documentation, and a compile-fail case.
pub(crate) static VOCABULARY: Vocabulary = Vocabulary {
    attribute: "#[pooled(..)]",
    keys: &[
        Key {
            name: "shards",
            example: "shards = 8",
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
            name: "align",
            example: "align = 64",
        },
        Key {
            name: "capacity",
            example: "capacity = 1024",
        },
        Key {
            name: "max_limbo",
            example: "max_limbo = 1048576",
        },
        Key {
            name: "max_waste",
            example: "max_waste = 25",
        },
        Key {
            name: "isolate",
            example: "isolate",
        },
        Key {
            name: "merge",
            example: "merge",
        },
        Key {
            name: "fallback",
            example: "fallback = \"none\"",
        },
        Key {
            name: "zero_on_free",
            example: "zero_on_free",
        },
        Key {
            name: "name",
            example: "name = \"order\"",
        },
        Key {
            name: "instances",
            example: "instances(Node<u32>, Node<u64>)",
        },
        Key {
            name: "bound",
            example: "bound = \"T: Clone\"",
        },
        Key {
            name: "crate",
            example: "crate = path::to::sydra_pool",
        },
    ],
    elsewhere: Some(&crate::config::VOCABULARY),
};

/// A key's value with the key itself, for errors about the key's presence.
pub(crate) struct Given<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// What `fallback` says, with the value's tokens.
pub(crate) enum Fallback {
    Heap(TokenStream),
    None(TokenStream),
}

/// The keys of one type, from all its attributes.
#[derive(Default)]
pub(crate) struct Keys {
    pub(crate) shards: Option<Given<TokenStream>>,
    pub(crate) slab_size: Option<Given<TokenStream>>,
    pub(crate) magazine: Option<Given<TokenStream>>,
    pub(crate) align: Option<Given<TokenStream>>,
    pub(crate) capacity: Option<Given<TokenStream>>,
    pub(crate) max_limbo: Option<Given<TokenStream>>,
    pub(crate) max_waste: Option<TokenStream>,
    /// `isolate` and `merge`, as many as were given, in the order of writing.
    pub(crate) placement: Vec<Ident>,
    pub(crate) fallback: Option<Fallback>,
    pub(crate) zero_on_free: Option<Ident>,
    /// The expression, and its text where it is a literal.
    pub(crate) name: Option<Given<(TokenStream, Option<String>)>>,
    pub(crate) instances: Option<Given<Vec<Type>>>,
    pub(crate) bound: Option<Given<Punctuated<WherePredicate, Token![,]>>>,
    pub(crate) krate: Option<syn::Path>,
}

/// The keys of all `#[pooled(..)]` attributes of the item.
pub(crate) fn read(item: &Item, errors: &mut Errors) -> Keys {
    let mut keys = Keys::default();
    let mut reader = Reader::new(&VOCABULARY);
    for attribute in item
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("pooled"))
    {
        match &attribute.meta {
            Meta::List(list) if matches!(list.delimiter, syn::MacroDelimiter::Paren(_)) => {
                reader.read(list.tokens.clone(), errors, |entry| keys.take(entry));
            }
            other => errors.at(
                other,
                "expected a list of keys, as in `#[pooled(shards = 8)]`",
            ),
        }
    }
    for attribute in item.stray_attributes() {
        errors.at(
            attribute,
            "`#[pooled(..)]` belongs on the type, beside its `derive`",
        );
    }
    keys
}

impl Keys {
    fn take(&mut self, entry: &Entry) -> syn::Result<()> {
        let key = entry.key.clone();
        let count = |range| Some(value::count(entry, range)).transpose();
        let given = |value: TokenStream| Given {
            key: entry.key.clone(),
            value,
        };
        match entry.name().as_str() {
            "shards" => self.shards = count(&range::SHARDS)?.map(given),
            "slab_size" => self.slab_size = count(&range::SLAB_SIZE)?.map(given),
            "magazine" => self.magazine = count(&range::MAGAZINE)?.map(given),
            "align" => self.align = count(&range::ALIGN)?.map(given),
            "capacity" => self.capacity = count(&range::CAPACITY)?.map(given),
            "max_limbo" => self.max_limbo = count(&range::MAX_LIMBO)?.map(given),
            "max_waste" => self.max_waste = count(&range::MAX_WASTE)?,
            "isolate" | "merge" => self.placement.push(value::flag(entry)?),
            "zero_on_free" => self.zero_on_free = Some(value::flag(entry)?),
            "fallback" => {
                let (index, tokens) = value::choice(entry, &["heap", "none"])?;
                self.fallback = Some(match index {
                    0 => Fallback::Heap(tokens),
                    _ => Fallback::None(tokens),
                });
            }
            "name" => {
                self.name = Some(Given {
                    key,
                    value: value::text(entry)?,
                })
            }
            "instances" => {
                self.instances = Some(Given {
                    key,
                    value: instances(entry)?,
                })
            }
            "bound" => {
                self.bound = Some(Given {
                    key,
                    value: bound(entry)?,
                })
            }
            "crate" => self.krate = Some(value::path(entry)?),
            other => unreachable!("the reader lets only known keys through, not `{other}`"),
        }
        Ok(())
    }
}

/// `instances(Node<u32>, ..)`
fn instances(entry: &Entry) -> syn::Result<Vec<Type>> {
    let Form::List(list) = &entry.form else {
        let message = format!(
            "`instances` lists types in parentheses; write `{}`",
            entry.example
        );
        return Err(syn::Error::new_spanned(&entry.key, message));
    };
    match Punctuated::<Type, Token![,]>::parse_terminated.parse2(list.clone()) {
        Ok(types) => Ok(types.into_iter().map(ungrouped).collect()),
        Err(error) => {
            let message = format!(
                "{error}; `instances` lists types, as in `{}`",
                entry.example
            );
            Err(syn::Error::new(error.span(), message))
        }
    }
}

/// The type without the invisible group of a macro's `$t:ty`.
fn ungrouped(ty: Type) -> Type {
    match ty {
        Type::Group(group) => ungrouped(*group.elem),
        other => other,
    }
}

/// `bound = "T: Clone, U: Send"`
fn bound(entry: &Entry) -> syn::Result<Punctuated<WherePredicate, Token![,]>> {
    let (tokens, literal) = value::text(entry)?;
    let malformed = |why: String| {
        let message = format!(
            "`bound` is a string of bounds, as in `{}`{why}",
            entry.example
        );
        syn::Error::new_spanned(&tokens, message)
    };
    if literal.is_none() {
        return Err(malformed(String::new()));
    }
    let literal: syn::LitStr = syn::parse2(crate::tokens::ungroup(&tokens))?;
    let parsed = literal.parse_with(Punctuated::parse_terminated);
    parsed.map_err(|error| malformed(format!("; {error} in it")))
}

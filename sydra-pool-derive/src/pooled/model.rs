//! The rules of `#[pooled(..)]`: which keys a type may have, and what they come to.
//!
//! A [`Model`] is always complete. Where a rule is broken the error is on the list and the model
//! holds the defaults, so that the expansion beside the error still implements `Pooled`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Token, Type, WherePredicate};

use super::attr::{Fallback, Given, Keys};
use super::instances::{arguments_of, example_instance, judge_instances};
use super::item::{Item, Kind};
use crate::check;
use crate::diag::Errors;
use crate::value::default_crate;

/// Everything the expansion needs to know.
pub(crate) struct Model<'a> {
    pub(crate) item: &'a Item,
    /// The path of the engine crate.
    pub(crate) krate: TokenStream,
    pub(crate) pools: Pools,
    pub(crate) counts: Vec<Count>,
    /// An expression that the pool's name is, where it is no literal.
    pub(crate) computed_name: Option<TokenStream>,
    /// Builder calls without a value.
    pub(crate) flags: Vec<&'static str>,
    /// The tokens of `fallback = "none"`, where the size must be checked.
    pub(crate) no_fallback: Option<TokenStream>,
    /// The percentage of a block that may be waste.
    pub(crate) max_waste: Option<TokenStream>,
    /// Predicates of the generic implementation besides the type's own.
    pub(crate) bound: Punctuated<WherePredicate, Token![,]>,
}

/// Whose memory the blocks come from.
pub(crate) enum Pools {
    /// A pool and a magazine for each of these types.
    Own(Vec<Instance>),
    /// The class magazines, for every instantiation.
    Shared { name: TokenStream },
}

/// A type with a pool of its own.
pub(crate) struct Instance {
    /// What the pool is called in figures: an expression of type `&'static str`.
    pub(crate) name: TokenStream,
    /// The type as an implementation names it; `None` stands for the item itself, lifetimes and all.
    pub(crate) target: Option<Type>,
}

/// A number that the engine must check: builder call and check have the same suffix.
pub(crate) struct Count {
    pub(crate) key: &'static str,
    pub(crate) value: TokenStream,
}

impl<'a> Model<'a> {
    /// Judges the keys. After the first error the model is the default one.
    pub(crate) fn new(item: &'a Item, keys: Keys, errors: &mut Errors) -> Self {
        judge_item(item, errors);
        judge_presence(item, &keys, errors);
        let listed = keys
            .instances
            .as_ref()
            .map(|given| judge_instances(item, given, errors));
        let krate = keys
            .krate
            .as_ref()
            .map_or_else(default_crate, |path| path.to_token_stream());
        match errors.is_empty() {
            true => Self::judged(item, keys, krate, listed),
            false => Self::judged(item, Keys::default(), krate, None),
        }
    }

    fn judged(item: &'a Item, keys: Keys, krate: TokenStream, listed: Option<Vec<Type>>) -> Self {
        let (literal, computed_name) = match keys.name {
            Some(Given {
                value: (_, Some(literal)),
                ..
            }) => (literal, None),
            Some(Given {
                value: (tokens, None),
                ..
            }) => (String::new(), Some(tokens)),
            None => (item.ident.unraw().to_string(), None),
        };
        let name = match computed_name {
            Some(_) => check::constant_name("name").to_token_stream(),
            None => literal.to_token_stream(),
        };
        let pools = match listed {
            Some(types) => {
                let instances = types.into_iter().map(|target| Instance {
                    name: format!("{literal}{}", arguments_of(&target)).to_token_stream(),
                    target: Some(target),
                });
                Pools::Own(instances.collect())
            }
            None if item.is_generic() => Pools::Shared { name },
            None => Pools::Own(vec![Instance { name, target: None }]),
        };
        let no_fallback = match keys.fallback {
            // A fixed pool has no other way to fall back on, whatever the size.
            Some(Fallback::None(tokens)) if keys.capacity.is_none() => Some(tokens),
            _ => None,
        };
        let counts = [
            ("shards", keys.shards),
            ("slab_size", keys.slab_size),
            ("magazine", keys.magazine),
            ("align", keys.align),
            ("capacity", keys.capacity),
            ("max_limbo", keys.max_limbo),
        ];
        let flags = [
            ("merge", keys.placement.iter().any(|key| key == "merge")),
            ("no_fallback", no_fallback.is_some()),
            ("zero_on_free", keys.zero_on_free.is_some()),
        ];
        Self {
            item,
            krate,
            pools,
            computed_name,
            counts: counts
                .into_iter()
                .filter_map(|(key, given)| {
                    Some(Count {
                        key,
                        value: given?.value,
                    })
                })
                .collect(),
            flags: flags
                .into_iter()
                .filter(|(_, on)| *on)
                .map(|(flag, _)| flag)
                .collect(),
            no_fallback,
            max_waste: keys.max_waste,
            bound: keys.bound.map(|given| given.value).unwrap_or_default(),
        }
    }

    /// The value of a number among the keys.
    pub(crate) fn count(&self, key: &str) -> Option<&TokenStream> {
        let found = self.counts.iter().find(|count| count.key == key)?;
        Some(&found.value)
    }
}

fn judge_item(item: &Item, errors: &mut Errors) {
    if item.kind == Kind::Union {
        let message = "`Pooled` cannot be derived for a union: nobody knows which field to drop; \
                       put the union into a struct and derive there";
        errors.push(syn::Error::new(item.kind_span, message));
    }
}

/// Keys that exclude one another, or that this kind of type cannot have.
fn judge_presence(item: &Item, keys: &Keys, errors: &mut Errors) {
    if let [_, second, ..] = keys.placement.as_slice() {
        errors.at(
            second,
            "`isolate` and `merge` exclude one another; keep one of them",
        );
    }
    let ident = &item.ident;
    let shared = item.is_generic() && keys.instances.is_none();
    if shared {
        let counts = [
            &keys.shards,
            &keys.slab_size,
            &keys.magazine,
            &keys.capacity,
        ];
        let counts = counts.into_iter().flatten().map(|given| &given.key);
        for key in counts.chain(&keys.placement) {
            let message = match key == "merge" {
                true => format!(
                    "`{ident}` is generic and uses the shared pools of the size classes already; \
                     remove `merge`"
                ),
                false => format!(
                    "`{key}` needs a pool of its own, and a static cannot be generic: list the \
                     types that shall have one, as in `instances({})`",
                    example_instance(item),
                ),
            };
            errors.at(key, message);
        }
    }
    if let [only] = keys.placement.as_slice()
        && only == "merge"
        && !shared
        && keys.capacity.is_none()
    {
        let counts = [&keys.shards, &keys.slab_size, &keys.magazine];
        for Given { key, .. } in counts.into_iter().flatten() {
            let message = format!(
                "`{key}` has no effect beside `merge`: the blocks are those of the shared pool of \
                 the size class; remove one of the two"
            );
            errors.at(key, message);
        }
    }
    if keys.capacity.is_some() && !shared {
        judge_beside_capacity(keys, errors);
    }
    if let Some(Given { key, .. }) = &keys.instances
        && !item.is_generic()
    {
        let message = format!(
            "`{ident}` has no type or const parameters, so it has a pool of its own already; \
             remove `instances(..)`"
        );
        errors.at(key, message);
    }
    if let Some(Given { key, .. }) = &keys.bound {
        if keys.instances.is_some() {
            errors.at(
                key,
                "`bound` has no effect beside `instances(..)`: no impl is generic",
            );
        } else if !item.is_generic() {
            let message =
                format!("`bound` has no effect: `{ident}` has no type or const parameters");
            errors.at(key, message);
        }
    }
    if let (
        Some(Given {
            value: (tokens, None),
            ..
        }),
        Some(_),
    ) = (&keys.name, &keys.instances)
    {
        errors.at(
            tokens,
            "beside `instances(..)` the name must be a string literal: the arguments of each \
             listed type are appended to it",
        );
    }
}

/// What a fixed pool has not: it is one array of blocks that all threads share.
fn judge_beside_capacity(keys: &Keys, errors: &mut Errors) {
    let merge = keys.placement.iter().find(|key| *key == "merge");
    let key_of =
        |given: &'_ Option<Given<TokenStream>>| given.as_ref().map(|given| given.key.clone());
    let senseless = [
        (
            key_of(&keys.shards),
            "a fixed pool is not divided into shards",
        ),
        (
            key_of(&keys.slab_size),
            "a fixed pool has no slabs: its blocks stand in a static",
        ),
        (
            key_of(&keys.magazine),
            "no thread keeps free blocks of a fixed pool to itself, or the others could not have all of them",
        ),
        (
            merge.cloned(),
            "a fixed pool has blocks of its own, in a static",
        ),
    ];
    for (key, why) in senseless {
        if let Some(key) = key {
            let message =
                format!("`{key}` cannot stand beside `capacity`: {why}; remove one of the two");
            errors.at(key, message);
        }
    }
    if let Some(Fallback::Heap(tokens)) = &keys.fallback {
        errors.at(
            tokens,
            "`capacity` says how many values there can be, and a fallback would allow more: leave \
             `fallback` out, or write `fallback = \"none\"`",
        );
    }
}

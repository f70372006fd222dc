//! The expansion of `#[derive(Pooled)]`: data, and no decision.
//!
//! Everything sits in one `const _` block, so no name is visible outside. Names that stand where a
//! user's own could stand too begin with `__sydra`: items, type parameters and arguments are not
//! hygienic towards constants and parameters of the user.
//!
//! The tokens `unsafe impl` carry the span of the macro's call, not of anything the user wrote; so
//! they pass `#![forbid(unsafe_code)]`. The user's own tokens are types, bounds and constant
//! expressions; but `crate = path` names what is trusted to be the engine. No lint attribute is
//! emitted, because an `allow` inside a `forbid` is an error.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{GenericParam, Token, WherePredicate, parse_quote};

use super::item::Item;
use super::model::{Instance, Model, Pools};
use crate::check;

/// The tokens that implement `Pooled`.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let krate = &model.krate;
    let blocks: Vec<TokenStream> = match &model.pools {
        Pools::Own(instances) => instances
            .iter()
            .map(|instance| own(model, instance))
            .collect(),
        Pools::Shared { name } => vec![shared(model, name)],
    };
    quote! {
        #(
            const _: () = {
                use #krate::__private::v1 as __sydra;
                #blocks
            };
        )*
    }
}

/// A static pool, a thread-local magazine, and the implementation that names them.
fn own(model: &Model<'_>, instance: &Instance) -> TokenStream {
    let Model { krate, item, .. } = model;
    let (header, subject) = match &instance.target {
        Some(target) => (quote!(for #target), target.to_token_stream()),
        None => header(item),
    };
    let parameters = match &instance.target {
        Some(_) => quote!(),
        None => item.generics.split_for_impl().0.to_token_stream(),
    };
    let name = &instance.name;
    let values = values(model);
    let builder = builder(model);
    let fits = fits(model, &subject);
    let homes = [
        ("", "own", quote!(__Home)),
        ("COUNTED_", "counted", quote!(__CountedHome)),
    ]
    .map(|(part, plan, item)| {
        let home = check::ident(&format!(
            "__Sydra{}Home",
            if part.is_empty() { "" } else { "Counted" }
        ));
        let pool = check::ident(&format!("__SYDRA_{part}POOL"));
        let magazine = check::ident(&format!("__SYDRA_{part}MAGAZINE"));
        let plan = check::ident(plan);
        let tokens = quote! {
            #[doc(hidden)]
            pub struct #home;
            static #pool: __sydra::Pool = __sydra::Pool::of::<#home>();
            __sydra::thread_local! {
                static #magazine: __sydra::Magazine = const { __sydra::Magazine::new() };
            }
            unsafe impl __sydra::Home for #home {
                const PLAN: __sydra::Plan = __sydra::Plan::#plan::<#subject>(#name)#builder;
                type Fixed = __sydra::NotFixed;
                #[inline(always)]
                fn pool() -> &'static __sydra::Pool {
                    &#pool
                }
                fn fixed() -> &'static __sydra::NotFixed {
                    &__sydra::NOT_FIXED
                }
                #[inline(always)]
                fn with_magazine<__SydraResult>(
                    __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
                ) -> __SydraResult {
                    #magazine.with(__sydra_job)
                }
            }
        };
        (tokens, quote!(type #item = #home;))
    });
    let (homes, items): (Vec<TokenStream>, Vec<TokenStream>) = homes.into_iter().unzip();
    quote! {
        #values
        #fits
        #(#homes)*
        #[automatically_derived]
        unsafe impl #parameters #krate::Pooled #header {
            type Layout = ();
            #(#items)*
        }
    }
}

/// The implementation for every instantiation, by way of the class magazines.
fn shared(model: &Model<'_>, name: &TokenStream) -> TokenStream {
    let Model { krate, item, .. } = model;
    let values = values(model);
    let builder = builder(model);
    // Which type it is about is known only at each use, and then the assertion is made.
    let fits = model.no_fallback.as_ref().map(|culprit| {
        let assertion = check::call("check_fits", &quote!(::<Self>), &quote!(), culprit);
        quote!(#assertion;)
    });
    let ident = &item.ident;
    let (parameters, arguments, _) = item.generics.split_for_impl();
    let clause = clause(model);
    quote! {
        #values
        unsafe impl #parameters __sydra::Described for #ident #arguments #clause {
            const PLAN: __sydra::Plan = {
                #fits
                __sydra::Plan::shared::<Self>(#name)#builder
            };
            const COUNTED_PLAN: __sydra::Plan =
                __sydra::Plan::shared_counted::<Self>(#name)#builder;
        }
        #[automatically_derived]
        unsafe impl #parameters #krate::Pooled for #ident #arguments #clause {
            type Layout = ();
            type __Home = __sydra::ClassHome<Self>;
            type __CountedHome = __sydra::CountedClassHome<Self>;
        }
    }
}

/// `for Order<'a> where ..`, and the type as a static names it: `Order<'static>`.
fn header(item: &Item) -> (TokenStream, TokenStream) {
    let ident = &item.ident;
    let (_, arguments, clause) = item.generics.split_for_impl();
    let statics = item.generics.params.iter().filter_map(|param| match param {
        GenericParam::Lifetime(_) => Some(quote!('static)),
        _ => None,
    });
    let statics: Vec<TokenStream> = statics.collect();
    let subject = match statics.is_empty() {
        true => ident.to_token_stream(),
        false => quote!(#ident<#(#statics),*>),
    };
    (quote!(for #ident #arguments #clause), subject)
}

/// The where clause of the generic implementation.
fn clause(model: &Model<'_>) -> TokenStream {
    let own = model.item.generics.where_clause.as_ref();
    let mut predicates: Punctuated<WherePredicate, Token![,]> = own
        .map(|clause| clause.predicates.clone())
        .unwrap_or_default();
    predicates.extend(model.bound.iter().cloned());
    if model.item.relaxes_sized() {
        // `Pooled` demands a size; with `T: ?Sized` only some instantiations have one.
        predicates.push(parse_quote!(Self: ::core::marker::Sized));
    }
    match predicates.is_empty() {
        true => quote!(),
        false => quote!(where #predicates),
    }
}

/// The typed constants of the values, each with its assertion.
fn values(model: &Model<'_>) -> TokenStream {
    let counts = model
        .counts
        .iter()
        .map(|count| check::count(count.key, &count.value));
    let name = model
        .computed_name
        .iter()
        .map(|value| check::checked("name", &quote!(&'static ::core::primitive::str), value, &[]));
    counts.chain(name).collect()
}

/// The calls on the plan.
fn builder(model: &Model<'_>) -> TokenStream {
    let counts = model.counts.iter().map(|count| {
        let method = check::ident(count.key);
        let constant = check::constant_name(count.key);
        quote!(.#method(#constant))
    });
    let flags = model.flags.iter().map(|flag| {
        let method = check::ident(flag);
        quote!(.#method())
    });
    counts.chain(flags).collect()
}

/// The assertion that a type without fallback can always be served by the pool.
fn fits(model: &Model<'_>, subject: &TokenStream) -> Option<TokenStream> {
    let culprit = model.no_fallback.as_ref()?;
    Some(check::assertion(
        "check_fits",
        &quote!(::<#subject>),
        &quote!(),
        culprit,
    ))
}

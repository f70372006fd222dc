//! The expansion of `#[derive(Pooled)]`: data, and no decision.
//!
//! Everything sits in one `const _` block, so no name is visible outside. Names that stand where a
//! user's own could stand too begin with `__sydra`: items, type parameters and arguments are not
//! hygienic towards constants and parameters of the user.
//!
//! The tokens `unsafe impl` carry the span of the macro's call, not of anything the user wrote; so
//! they pass `#![forbid(unsafe_code)]`. The user's own tokens are types, bounds and constant
//! expressions; but `crate = path` names what is trusted to be the engine. No `allow` is emitted,
//! because inside a `forbid` it is an error.
//!
//! Listed instances are denied `coherence_leak_check`: `Node<for<'a> fn(&'a u8)>` is a subtype of
//! `Node<fn(&'static u8)>`, so a box of the one becomes a box of the other without a word, and its
//! block would go to the wrong one of two pools. By that lint the compiler tells such types.
//!
//! `tests/golden/` shows what comes out, case by case.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{GenericParam, Token, WherePredicate, parse_quote};

use super::home;
use super::item::Item;
use super::model::{Instance, Model, Pools};
use crate::check;
use crate::tokens::text;

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

/// Homes of its own for one type, and the implementation that names them.
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
    let values = values(model);
    let fits = model
        .no_fallback
        .as_ref()
        .map(|culprit| check::assertion("check_fits", &quote!(::<#subject>), &quote!(), culprit));
    let (boxed, boxed_type) = home::of(model, &subject, &instance.name, home::For::Box);
    let (counted, counted_type) = home::of(model, &subject, &instance.name, home::For::Arc);
    let plan = quote!(&__SYDRA_PLAN);
    let named = match &instance.target {
        Some(target) => text(target.to_token_stream()),
        None => text(item.ident.to_token_stream()),
    };
    let waste = waste(model, &subject, &plan, &named).map(|check| quote!(const _: () = #check;));
    let length = |function: &str| {
        let function = check::ident(function);
        quote!([__sydra::primitive::u8; __sydra::#function(#plan)])
    };
    let (class, stride) = (length("class_bytes"), length("block_bytes"));
    let wasted = length("waste_bytes");
    let doc = doc(model);
    let leaks = instance
        .target
        .as_ref()
        .map(|_| quote!(#[deny(coherence_leak_check)]));
    quote! {
        #values
        #fits
        #boxed
        #counted
        const __SYDRA_PLAN: __sydra::Plan = <#boxed_type as __sydra::Home>::PLAN;
        #waste
        #[doc = #doc]
        #leaks
        #[automatically_derived]
        unsafe impl #parameters #krate::Pooled #header {
            type Layout = __sydra::Report<
                __sydra::Class<#class>,
                __sydra::Stride<#stride>,
                __sydra::Waste<#wasted>,
            >;
            type __Home = #boxed_type;
            type __CountedHome = #counted_type;
        }
    }
}

/// The implementation for every instantiation, by way of the class magazines.
fn shared(model: &Model<'_>, name: &TokenStream) -> TokenStream {
    let Model { krate, item, .. } = model;
    let values = values(model);
    let builder = builder(model);
    // Which type it is about is known only at each use, and then the assertions are made.
    let fits = model.no_fallback.as_ref().map(|culprit| {
        let assertion = check::call("check_fits", &quote!(::<Self>), &quote!(), culprit);
        quote!(#assertion;)
    });
    let ident = &item.ident;
    let named = text(ident.to_token_stream());
    let waste = waste(model, &quote!(Self), &quote!(&__sydra_plan), &named);
    let waste = waste.map(|check| quote!(#check;));
    let (parameters, arguments, _) = item.generics.split_for_impl();
    let clause = clause(model);
    let doc = doc(model);
    quote! {
        #values
        #[automatically_derived]
        unsafe impl #parameters __sydra::Described for #ident #arguments #clause {
            const PLAN: __sydra::Plan = {
                #fits
                let __sydra_plan = __sydra::Plan::shared::<Self>(#name)#builder;
                #waste
                __sydra_plan
            };
            const COUNTED_PLAN: __sydra::Plan = __sydra::Plan::shared_counted::<Self>(#name)#builder;
        }
        #[doc = #doc]
        #[automatically_derived]
        unsafe impl #parameters #krate::Pooled for #ident #arguments #clause {
            type Layout = __sydra::ByInstance;
            type __Home = __sydra::ClassHome<Self>;
            type __CountedHome = __sydra::CountedClassHome<Self>;
        }
    }
}

/// What the documentation of the implementation says before its `Layout`.
fn doc(model: &Model<'_>) -> String {
    let merged = model.flags.contains(&"merge");
    match (&model.pools, model.count("capacity")) {
        (Pools::Shared { .. }, _) => "Each instantiation uses the pool of its size class.".into(),
        (Pools::Own(_), Some(capacity)) => {
            let capacity = text(capacity.clone());
            format!(
                "A fixed pool of its own: `capacity = {capacity}`. See `Layout` for its blocks."
            )
        }
        (Pools::Own(_), None) if merged => {
            "Magazines of its own, with the blocks of its size class: see `Layout`.".into()
        }
        (Pools::Own(_), None) => "A pool of its own: see `Layout` for its blocks.".into(),
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
        predicates.push(parse_quote!(Self: __sydra::Sized));
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
    let waste = model
        .max_waste
        .iter()
        .map(|value| check::count("max_waste", value));
    let name = model.computed_name.iter().map(|value| {
        check::checked(
            "name",
            &quote!(&'static __sydra::primitive::str),
            value,
            &[],
        )
    });
    counts.chain(waste).chain(name).collect()
}

/// The calls on the plan.
pub(super) fn builder(model: &Model<'_>) -> TokenStream {
    let counts = model.counts.iter().map(|count| {
        let method = check::ident(count.key);
        let constant = check::constant_name(count.key);
        quote!(.#method(#constant))
    });
    let flags = model.flags.iter().map(|flag| {
        let method: Ident = check::ident(flag);
        quote!(.#method())
    });
    counts.chain(flags).collect()
}

/// The call that fails where more of a block is wasted than `max_waste` allows.
fn waste(
    model: &Model<'_>,
    subject: &TokenStream,
    plan: &TokenStream,
    name: &str,
) -> Option<TokenStream> {
    let culprit = model.max_waste.as_ref()?;
    let most = check::constant_name("max_waste");
    Some(check::call(
        "check_waste",
        &quote!(::<#subject>),
        &quote!(#plan, #name, #most),
        culprit,
    ))
}

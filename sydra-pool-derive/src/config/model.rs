//! The rules of `#[sydra_pool::config(..)]`, and what the keys come to.
//!
//! A [`Model`] is always complete. Where a rule is broken the error is on the list and the model
//! configures nothing, so that the static beside the error still has its default type.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{LitInt, PathArguments, Type};

use super::attr::{Choice, Classes, Keys, Shards};
use super::item::Static;
use crate::check;
use crate::diag::Errors;
use crate::tokens::text;
use crate::value::{default_crate, usize_literal};

/// How the names of generated types begin.
const GENERATED: &str = "__SydraConfigOf";

/// Everything the expansion needs to know.
pub(crate) struct Model<'a> {
    pub(crate) item: &'a Static,
    pub(crate) krate: TokenStream,
    /// The name of the generated type; `None` leaves the static with its default type.
    pub(crate) config: Option<Ident>,
    pub(crate) settings: Vec<Setting>,
    pub(crate) assertions: Vec<TokenStream>,
}

/// One call on the settings.
pub(crate) struct Setting {
    pub(crate) method: &'static str,
    pub(crate) argument: TokenStream,
    /// Typed constants and assertions that come with the argument.
    pub(crate) items: TokenStream,
}

impl<'a> Model<'a> {
    /// Judges the static and the keys.
    pub(crate) fn new(item: &'a Static, keys: Keys, errors: &mut Errors) -> Self {
        judge_static(item, errors);
        if let Some(Classes::List {
            literals: Some(sizes),
            list,
        }) = &keys.classes
        {
            judge_classes(sizes, list, errors);
        }
        let krate = keys
            .krate
            .as_ref()
            .map_or_else(default_crate, |path| path.to_token_stream());
        let mut model = Self {
            item,
            krate,
            config: None,
            settings: vec![],
            assertions: vec![],
        };
        if errors.is_empty() {
            let name = format!("{GENERATED}{}", item.name());
            model.config = Some(Ident::new(&name, Span::call_site()));
            model.fill(keys);
        }
        model
    }

    fn fill(&mut self, keys: Keys) {
        for choice in [&keys.mode, &keys.fallback].into_iter().flatten() {
            if choice.variant == "Mimalloc" {
                let (none, culprit) = (quote!(), &choice.tokens);
                self.assertions
                    .push(check::assertion("check_mimalloc", &none, &none, culprit));
            }
        }
        let krate = self.krate.clone();
        let mut choose = |method, ty: &str, choice: Option<Choice>| {
            if let Some(Choice { variant, .. }) = choice {
                let (ty, variant) = (check::ident(ty), check::ident(variant));
                self.set(method, quote!(#krate::#ty::#variant), quote!());
            }
        };
        choose("mode", "Mode", keys.mode);
        choose("fallback", "Backing", keys.fallback);
        choose("stats", "StatsLevel", keys.stats);
        let shards = match keys.shards {
            Some(Shards::Auto) => {
                self.set("shards_auto", quote!(), quote!());
                None
            }
            Some(Shards::Count(value)) => Some(value),
            None => None,
        };
        let counts = [
            ("shards", shards),
            ("slab_size", keys.slab_size),
            ("magazine", keys.magazine),
            ("max_limbo", keys.max_limbo),
        ];
        for (key, value) in counts {
            if let Some(value) = value {
                let constant = check::constant_name(key);
                self.set(key, quote!(#constant), check::count(key, &value));
            }
        }
        if let Some(classes) = keys.classes {
            self.set_classes(&classes);
        }
        if let Some(value) = keys.poison {
            let constant = check::constant_name("poison");
            let ty = quote!(__sydra::primitive::bool);
            self.set(
                "poison",
                quote!(#constant),
                check::checked("poison", &ty, &value, &[]),
            );
        }
    }

    fn set(&mut self, method: &'static str, argument: TokenStream, items: TokenStream) {
        self.settings.push(Setting {
            method,
            argument,
            items,
        });
    }

    fn set_classes(&mut self, classes: &Classes) {
        let given = check::given_name("classes");
        let ty = quote!(&'static [__sydra::primitive::usize]);
        let items = match classes {
            // One check for each size, so that the one which is no class is pointed at; that they
            // ascend has been seen here.
            Classes::List {
                list,
                literals: Some(sizes),
            } => {
                let sizes: Vec<TokenStream> = sizes.iter().map(LitInt::to_token_stream).collect();
                let checks: Vec<_> = sizes.iter().map(|size| (quote!(&[#size]), size)).collect();
                check::checked("classes", &ty, &quote!(&#list), &checks)
            }
            Classes::List {
                list,
                literals: None,
            } => check::checked("classes", &ty, &quote!(&#list), &[(quote!(#given), list)]),
            Classes::Expression(value) => {
                check::checked("classes", &ty, value, &[(quote!(#given), value)])
            }
        };
        let constant = check::constant_name("classes");
        self.set("classes", quote!(#constant), items);
    }

    /// The static's type: its last segment has the configuration as argument, or, beside an
    /// error, none.
    pub(crate) fn configured_type(&self) -> TokenStream {
        let krate = &self.krate;
        let mut ty = match &self.item.ty {
            Some(ty) => ty.clone(),
            None => return quote!(#krate::SydraPool),
        };
        if let Some(last) = path_of(&mut ty).and_then(|path| path.segments.last_mut()) {
            last.arguments = match &self.config {
                Some(config) => PathArguments::AngleBracketed(syn::parse_quote!(<#config>)),
                None => PathArguments::None,
            };
        }
        ty.to_token_stream()
    }

    /// The initialiser, or one in its place where it is missing.
    pub(crate) fn initialiser(&self) -> TokenStream {
        match &self.item.initialiser {
            Some(tokens) if !tokens.is_empty() => tokens.clone(),
            _ => {
                let krate = &self.krate;
                quote!(#krate::SydraPool::new())
            }
        }
    }
}

/// The path of a type, through invisible groups.
fn path_of(ty: &mut Type) -> Option<&mut syn::Path> {
    match ty {
        Type::Path(path) if path.qself.is_none() => Some(&mut path.path),
        Type::Group(group) => path_of(&mut group.elem),
        _ => None,
    }
}

fn judge_static(item: &Static, errors: &mut Errors) {
    let name = &item.ident;
    if let Some(mutability) = item.mutability {
        errors.at(
            mutability,
            "a configured allocator is shared by all threads and never assigned: remove `mut`",
        );
    }
    match &item.ty {
        Some(ty) => judge_type(name, ty, errors),
        None => {
            errors.at(
                name,
                format!("`{name}` has no type: write `static {name}: SydraPool = ..`"),
            );
        }
    }
    if item.initialiser.as_ref().is_none_or(TokenStream::is_empty) {
        errors.at(
            name,
            format!("`{name}` has no value: write `= SydraPool::new()` after its type"),
        );
    }
}

fn judge_type(name: &Ident, ty: &Type, errors: &mut Errors) {
    let written = text(ty.to_token_stream());
    match path_of(&mut ty.clone()).and_then(|path| path.segments.last()) {
        None => errors.at(
            ty,
            format!("expected the type `SydraPool`; found `{written}`"),
        ),
        Some(last) if text(last.arguments.to_token_stream()).contains(GENERATED) => {
            let message = format!(
                "`{name}` is configured twice: write one `#[sydra_pool::config(..)]` with the keys of both"
            );
            errors.push(syn::Error::new(Span::call_site(), message));
        }
        Some(last) if !matches!(last.arguments, PathArguments::None) => {
            let message = format!(
                "`{}` gets its argument from the attribute: write `{name}: {}` without `{}`",
                last.ident,
                last.ident,
                text(last.arguments.to_token_stream()),
            );
            errors.at(&last.arguments, message);
        }
        Some(_) => {}
    }
}

/// Sizes that can be read are judged here, each at its own span.
fn judge_classes(sizes: &[LitInt], list: &TokenStream, errors: &mut Errors) {
    if sizes.is_empty() {
        errors.at(
            list,
            "`classes` lists no size; write `classes = [16, 32, 64]`",
        );
    }
    let mut before = 0;
    for size in sizes {
        match errors.keep(usize_literal(size)) {
            Some(0) => errors.at(size, "a class has at least one byte"),
            Some(bytes) if bytes == before => {
                errors.at(size, format!("the class of {bytes} bytes is listed twice"));
            }
            Some(bytes) if bytes < before => errors.at(
                size,
                format!("the classes must ascend: {bytes} comes after {before}"),
            ),
            Some(bytes) => before = bytes,
            None => {}
        }
    }
}

//! The expansion of `#[sydra_pool::config(..)]`: data, and no decision.
//!
//! The generated type stands beside the static, because the static's type must name it; all else
//! sits in a `const _` block. The type's tokens carry the span of the macro's call, so that no lint
//! of the user's crate judges its name, and no `allow` is needed, which a `forbid` would refuse.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Model;
use crate::check;

/// The static, its configuration, and the assertions on it.
pub(crate) fn expand(model: &Model<'_>) -> TokenStream {
    let super::item::Static {
        attrs,
        vis,
        static_token,
        ident,
        ..
    } = model.item;
    let ty = model.configured_type();
    let value = model.initialiser();
    let configuration = configuration(model);
    quote! {
        #(#attrs)*
        #vis #static_token #ident: #ty = #value;
        #configuration
    }
}

/// The type that carries the settings.
fn configuration(model: &Model<'_>) -> Option<TokenStream> {
    let config = model.config.as_ref()?;
    let Model {
        item,
        krate,
        assertions,
        ..
    } = model;
    let vis = &item.vis;

    let items = model.settings.iter().map(|setting| &setting.items);
    let calls = model.settings.iter().map(|setting| {
        let method = check::ident(setting.method);
        let argument = &setting.argument;
        quote!(.#method(#argument))
    });
    Some(quote! {
        #[doc(hidden)]
        #vis struct #config;
        const _: () = {
            use #krate::__private::v1 as __sydra;
            #(#items)*
            #(#assertions)*
            impl #krate::Config for #config {
                const SETTINGS: #krate::Settings = #krate::Settings::new()#(#calls)*;
            }
        };
    })
}

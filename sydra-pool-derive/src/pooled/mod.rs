//! `#[derive(Pooled)]`: spelling, rules, data.

mod attr;
mod expand;
mod home;
mod instances;
mod item;
mod model;

use proc_macro2::TokenStream;

use crate::diag::Errors;

pub(crate) use attr::VOCABULARY;

/// The implementation of `Pooled` for the type in `input`, or its errors beside a default
/// implementation that keeps the uses of the type quiet.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let item = match syn::parse2::<item::Item>(input) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let keys = attr::read(&item, &mut errors);
    let model = model::Model::new(&item, keys, &mut errors);
    let implementation = expand::expand(&model);
    let errors = errors.into_compile_errors();
    quote::quote!(#errors #implementation)
}

#[cfg(test)]
mod tests;

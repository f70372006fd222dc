//! `#[sydra_pool::config(..)]`: spelling, rules, data.

mod attr;
mod expand;
mod item;
mod model;

use proc_macro2::TokenStream;

use crate::diag::Errors;

pub(crate) use attr::VOCABULARY;

/// The static in `input` with its configuration, or the errors beside a static that still
/// compiles, so that the uses of its name stay quiet.
pub(crate) fn attribute(list: TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let keys = attr::read(list, &mut errors);
    let item = match syn::parse2::<item::Static>(input.clone()) {
        Ok(item) => item,
        Err(error) => {
            errors.push(error);
            let errors = errors.into_compile_errors();
            return quote::quote!(#errors #input);
        }
    };
    let model = model::Model::new(&item, keys, &mut errors);
    let expansion = expand::expand(&model);
    let errors = errors.into_compile_errors();
    quote::quote!(#errors #expansion)
}

#[cfg(test)]
mod tests;

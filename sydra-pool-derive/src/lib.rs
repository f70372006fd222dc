//! The macros of `sydra-pool`. Use them through that crate, which re-exports both.
//!
//! The floor plan is the order of the modules: each imports only from those above it, the two
//! macros' vocabularies aside, which name one another for their error messages. A macro is three
//! steps: `attr` (spelling) to `model` (rules) to `expand` (data).

// Ground: errors and tokens.
mod diag;
mod tokens;

// Spelling: lists of keys, kinds of values.
mod entry;

mod value;

// Data: how a value is handed to the compiler.
mod check;

// The two macros.
mod config;
mod pooled;

use proc_macro::TokenStream;

#[proc_macro_derive(Pooled, attributes(pooled))]
pub fn derive_pooled(input: TokenStream) -> TokenStream {
    pooled::derive(input.into()).into()
}

#[proc_macro_attribute]
pub fn config(attribute: TokenStream, item: TokenStream) -> TokenStream {
    config::attribute(attribute.into(), item.into()).into()
}

//! The hand-over of a value to the compiler: a typed constant, and a const assertion at its span.
//!
//! The value's tokens appear once, so an expression of a wrong type is one error. The call of the
//! check carries the span of the value, and the engine's checks are `#[track_caller]`, so a failed
//! assertion points at what the user wrote and at nothing else.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

/// A name the macro writes.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

/// The constant that holds the value of `key` in the expansion, once it is checked.
pub(crate) fn constant_name(key: &str) -> Ident {
    ident(&format!("__SYDRA_KEY_{}", key.to_uppercase()))
}

/// A `usize` and its check.
pub(crate) fn count(key: &str, value: &TokenStream) -> TokenStream {
    let span = ends(value).0;
    let ty = quote_spanned!(span=> __sydra::primitive::usize);
    let given = given_name(key);
    checked(key, &ty, value, &[(quote!(#given), value)])
}

/// The constant of `key` with one check for each pair of argument and culprit.
///
/// Who reads the constant reads the checks: when one fails, the reader is silently wrong too, and
/// the engine's own checks on the same value do not repeat the error.
pub(crate) fn checked(
    key: &str,
    ty: &TokenStream,
    value: &TokenStream,
    checks: &[(TokenStream, &TokenStream)],
) -> TokenStream {
    let (given, constant) = (given_name(key), constant_name(key));
    let names: Vec<Ident> = (0..checks.len())
        .map(|index| ident(&format!("__SYDRA_CHECK_{}_{index}", key.to_uppercase())))
        .collect();
    let function = format!("check_{key}");
    let calls = checks
        .iter()
        .map(|(argument, culprit)| call(&function, &quote!(), argument, culprit));
    quote! {
        const #given: #ty = #value;
        #(const #names: () = #calls;)*
        const #constant: #ty = {
            #(let () = #names;)*
            #given
        };
    }
}

/// The constant that holds the value of `key` as it was written.
pub(crate) fn given_name(key: &str) -> Ident {
    ident(&format!("__SYDRA_GIVEN_{}", key.to_uppercase()))
}

/// A const assertion by a function of the engine, blamed on `culprit`.
pub(crate) fn assertion(
    function: &str,
    turbofish: &TokenStream,
    argument: &TokenStream,
    culprit: &TokenStream,
) -> TokenStream {
    let call = call(function, turbofish, argument, culprit);
    quote!(const _: () = #call;)
}

/// The call alone, with its import: a block of type `()`.
pub(crate) fn call(
    function: &str,
    turbofish: &TokenStream,
    argument: &TokenStream,
    culprit: &TokenStream,
) -> TokenStream {
    let imported = ident(function);
    let (first, last) = ends(culprit);
    let called = Ident::new(function, first);
    let mut arguments = Group::new(Delimiter::Parenthesis, argument.clone());
    arguments.set_span(last);
    quote! {{
        use __sydra::#imported;
        #called #turbofish #arguments
    }}
}

/// The spans of the first and the last token, resolved as if the macro had written them.
fn ends(tokens: &TokenStream) -> (Span, Span) {
    let here = Span::call_site();
    let mut spans = tokens
        .clone()
        .into_iter()
        .map(|tree| tree.span().resolved_at(here));
    let first = spans.next().unwrap_or(here);
    (first, spans.last().unwrap_or(first))
}

//! The static under `#[sydra_pool::config(..)]`, as far as the attribute must understand it.
//!
//! `syn` knows items only with its largest feature; of a static nothing is needed but where its
//! type ends and its initialiser begins.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Result, Token, Type, Visibility};

/// A static, cut into its parts.
pub(crate) struct Static {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) static_token: Token![static],
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) ident: Ident,
    pub(crate) ty: Option<Type>,
    /// The tokens between `=` and `;`, if there is an `=`.
    pub(crate) initialiser: Option<TokenStream>,
}

impl Static {
    /// The name without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl Parse for Static {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let Some(static_token) = input.parse::<Option<Token![static]>>()? else {
            return Err(no_static(input));
        };
        let mutability = input.parse()?;
        let ident: Ident = input.parse()?;
        let ty = match input.parse::<Option<Token![:]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        let initialiser = match input.parse::<Option<Token![=]>>()? {
            Some(_) => {
                let mut tokens = TokenStream::new();
                while !input.peek(Token![;]) && !input.is_empty() {
                    input.parse::<TokenTree>()?.to_tokens(&mut tokens);
                }
                Some(tokens)
            }
            None => None,
        };
        input.parse::<Option<Token![;]>>()?;
        Ok(Self {
            attrs,
            vis,
            static_token,
            mutability,
            ident,
            ty,
            initialiser,
        })
    }
}

/// The error for another item, at the word that says what it is.
fn no_static(input: ParseStream) -> Error {
    let found = input.fork().call(Ident::parse_any);
    let (span, found) = match &found {
        Ok(word) => (word.span(), format!("; found `{word}`")),
        Err(_) => (Span::call_site(), String::new()),
    };
    let message = format!(
        "`#[sydra_pool::config(..)]` configures a static, as in \
         `static GLOBAL: SydraPool = SydraPool::new();`{found}"
    );
    Error::new(span, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn parsed(tokens: TokenStream) -> Static {
        syn::parse2(tokens).expect("a static")
    }

    #[test]
    fn a_static_is_cut_into_its_parts() {
        let item = parsed(quote! {
            #[global_allocator]
            pub(crate) static GLOBAL: sydra_pool::SydraPool = { let a = [1; 2]; f(a) };
        });
        assert_eq!(item.attrs.len(), 1);
        assert_eq!(item.ident, "GLOBAL");
        assert!(item.mutability.is_none());
        let initialiser = item.initialiser.expect("an initialiser").to_string();
        assert!(
            initialiser.contains("let a = [1 ; 2]"),
            "the inner `;` belongs to it: {initialiser}"
        );
    }

    #[test]
    fn what_is_missing_is_noticed() {
        assert!(
            parsed(quote!(
                static A: P;
            ))
            .initialiser
            .is_none()
        );
        assert!(parsed(quote!(static A = P;)).ty.is_none());
        assert!(
            parsed(quote!(
                static mut A: P = P;
            ))
            .mutability
            .is_some()
        );
        assert_eq!(
            parsed(quote!(
                static r#type: P = P;
            ))
            .name(),
            "type"
        );
        for other in [
            quote!(
                fn f() {}
            ),
            quote!(
                const A: P = P;
            ),
            quote!(
                struct A;
            ),
        ] {
            let error = syn::parse2::<Static>(other)
                .err()
                .expect("no static")
                .to_string();
            assert!(error.contains("configures a static"), "{error}");
        }
    }
}

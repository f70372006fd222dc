//! The type under `#[derive(Pooled)]`: its head, and its body as the tokens it is.
//!
//! No rule of the derive depends on a field's type, so fields are not parsed: a type whose array
//! length is a block of code derives as well as any other.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, GenericParam, Generics, Result, Token, Visibility};

/// The kinds of types a derive can stand on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Struct,
    Enum,
    Union,
}

/// The head of a type, and the rest.
pub(crate) struct Item {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) kind: Kind,
    pub(crate) kind_span: Span,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// What follows the head: the fields or variants, with their brackets.
    pub(crate) body: TokenStream,
}

impl Item {
    /// Whether there are type or const parameters. Lifetimes do not count: they leave no trace in
    /// a layout, so one static serves them all.
    pub(crate) fn is_generic(&self) -> bool {
        self.generics
            .params
            .iter()
            .any(|param| !matches!(param, GenericParam::Lifetime(_)))
    }

    /// Whether every type and const parameter has a default, so that the bare name is a type.
    pub(crate) fn has_defaults(&self) -> bool {
        self.generics.params.iter().all(|param| match param {
            GenericParam::Type(param) => param.default.is_some(),
            GenericParam::Const(param) => param.default.is_some(),
            GenericParam::Lifetime(_) => true,
        })
    }

    /// Whether some parameter may be unsized, by `?Sized` in the list or in the where clause.
    pub(crate) fn relaxes_sized(&self) -> bool {
        let clause = self.generics.where_clause.to_token_stream();
        [self.generics.params.to_token_stream(), clause]
            .into_iter()
            .flatten()
            .any(|tree| matches!(tree, TokenTree::Punct(punct) if punct.as_char() == '?'))
    }

    /// The `#[pooled]` attributes in the body, where they have no meaning.
    pub(crate) fn stray_attributes(&self) -> Vec<TokenStream> {
        let mut found = Vec::new();
        stray(self.body.clone(), &mut found);
        found
    }
}

fn stray(tokens: TokenStream, found: &mut Vec<TokenStream>) {
    let mut hash = None;
    for tree in tokens {
        let after_hash = hash.take();
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == '#' => hash = Some(punct),
            TokenTree::Group(group) => {
                let first = group.stream().into_iter().next();
                match (after_hash, first) {
                    (Some(hash), Some(TokenTree::Ident(name)))
                        if group.delimiter() == Delimiter::Bracket && name == "pooled" =>
                    {
                        let mut attribute = hash.to_token_stream();
                        group.to_tokens(&mut attribute);
                        found.push(attribute);
                    }
                    _ => stray(group.stream(), found),
                }
            }
            _ => {}
        }
    }
}

impl Parse for Item {
    fn parse(input: ParseStream) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let _: Visibility = input.parse()?;
        let (kind, kind_span) = if input.peek(Token![struct]) {
            (Kind::Struct, input.parse::<Token![struct]>()?.span)
        } else if input.peek(Token![enum]) {
            (Kind::Enum, input.parse::<Token![enum]>()?.span)
        } else {
            (Kind::Union, input.parse::<Token![union]>()?.span)
        };
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let mut body = TokenStream::new();
        // The where clause stands before braces, but after the parentheses of a tuple struct.
        while !input.is_empty() {
            if input.peek(Token![where]) {
                generics.where_clause = input.parse()?;
            } else {
                input.parse::<TokenTree>()?.to_tokens(&mut body);
            }
        }
        Ok(Self {
            attrs,
            kind,
            kind_span,
            ident,
            generics,
            body,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn item(tokens: TokenStream) -> Item {
        syn::parse2(tokens).expect("an item")
    }

    #[test]
    fn every_shape_of_type_is_read() {
        assert_eq!(
            item(quote!(
                struct A;
            ))
            .kind,
            Kind::Struct
        );
        assert_eq!(
            item(quote!(
                pub(crate) enum A {
                    B,
                    C(u8),
                }
            ))
            .kind,
            Kind::Enum
        );
        assert_eq!(item(quote!(union A { a: u8 })).kind, Kind::Union);
        let tuple = item(quote!(
            struct A<T>(T, u8)
            where
                T: Copy;
        ));
        assert!(tuple.generics.where_clause.is_some());
        assert_eq!(tuple.ident, "A");
    }

    #[test]
    fn fields_need_not_be_understood() {
        item(quote!(
            struct A {
                a: [u8; if true {
                    let n = 1;
                    n
                } else {
                    2
                }],
            }
        ));
        item(quote!(
            enum A {
                B = {
                    const N: isize = 3;
                    N
                },
                C,
            }
        ));
    }

    #[test]
    fn lifetimes_alone_are_not_generic() {
        assert!(
            !item(quote!(
                struct A<'a>(&'a u8);
            ))
            .is_generic()
        );
        assert!(
            item(quote!(
                struct A<'a, T>(&'a T);
            ))
            .is_generic()
        );
        assert!(
            item(quote!(
                struct A<const N: usize>([u8; N]);
            ))
            .is_generic()
        );
        assert!(
            item(quote!(
                struct A<'a, T = u8, const N: usize = 4>([&'a T; N]);
            ))
            .has_defaults()
        );
        assert!(
            !item(quote!(
                struct A<T = u8, const N: usize>([T; N]);
            ))
            .has_defaults()
        );
    }

    #[test]
    fn relaxed_bounds_are_seen_in_both_places() {
        assert!(
            item(quote!(
                struct A<T: ?Sized>(Box<T>);
            ))
            .relaxes_sized()
        );
        assert!(
            item(quote!(
                struct A<T>(Box<T>)
                where
                    T: ?Sized;
            ))
            .relaxes_sized()
        );
        assert!(
            !item(quote!(
                struct A<T: Send>(Box<T>)
                where
                    T: Sync;
            ))
            .relaxes_sized()
        );
    }

    #[test]
    fn attributes_inside_the_body_are_found() {
        let fields = item(quote!(
            struct A {
                #[pooled(shards = 1)]
                a: u8,
                #[doc = "x"]
                b: u8,
            }
        ));
        assert_eq!(fields.stray_attributes().len(), 1);
        let variants = item(quote!(
            enum A {
                #[pooled]
                B(#[pooled(merge)] u8),
                C {
                    #[serde]
                    c: u8,
                },
            }
        ));
        assert_eq!(variants.stray_attributes().len(), 2);
    }
}

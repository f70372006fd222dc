//! Token streams read without a grammar of expressions.
//!
//! A value of a key is a constant expression. To parse one in full would cost every user of the
//! derive the larger half of `syn`; to know where it *ends* is enough, because its meaning is the
//! compiler's business: the expansion stores it in a typed constant and checks that.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// What stands between two commas, and the comma that ended it.
pub(crate) struct Segment {
    pub(crate) tokens: TokenStream,
    pub(crate) comma: Option<TokenTree>,
}

/// Cuts a list at its top-level commas. A comma inside brackets of any kind is not top-level, nor
/// is one inside the angle brackets of `f::<A, B>()` or `<A as B<C, D>>::E`. A trailing comma makes
/// no empty segment; two commas in a row do.
pub(crate) fn split_commas(tokens: TokenStream) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut current: Vec<TokenTree> = Vec::new();
    let mut angles = 0_usize;
    // In an expression `<` opens brackets only where an operand is expected: at its start, after
    // `::` or after another operator. Elsewhere it compares.
    let mut operand_expected = true;
    // The mark before this one, if the two are written together: `->`, `<<`.
    let mut joint = None;
    for tree in tokens {
        let (mark, spacing) = match &tree {
            TokenTree::Punct(punct) => (Some(punct.as_char()), Some(punct.spacing())),
            _ => (None, None),
        };
        match mark {
            Some(',') if angles == 0 => {
                let tokens = current.drain(..).collect();
                segments.push(Segment {
                    tokens,
                    comma: Some(tree),
                });
                operand_expected = true;
                joint = None;
                continue;
            }
            Some('<') if angles > 0 || (operand_expected && joint != Some('<')) => angles += 1,
            Some('>') if joint != Some('-') => angles = angles.saturating_sub(1),
            _ => {}
        }
        operand_expected = mark.is_some_and(|mark| mark != '>');
        joint = mark.filter(|_| spacing == Some(Spacing::Joint));
        current.push(tree);
    }
    if !current.is_empty() {
        segments.push(Segment {
            tokens: current.into_iter().collect(),
            comma: None,
        });
    }
    segments
}

/// The stream without the invisible groups that `macro_rules!` puts around `$x:expr` and
/// `$x:literal`, as long as such a group is all there is.
pub(crate) fn ungroup(tokens: &TokenStream) -> TokenStream {
    let mut tokens = tokens.clone();
    loop {
        let mut trees = tokens.clone().into_iter();
        match (trees.next(), trees.next()) {
            (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
                tokens = group.stream();
            }
            _ => return tokens,
        }
    }
}

/// What cannot stand where it stands, if the stream is to be one expression: the token, and why.
///
/// No grammar: only what a slip of the fingers leaves, above all a comma forgotten between two keys.
/// Such a value would make the whole expansion unreadable for the compiler, and every use of the
/// type an error. What passes here and is no expression, the compiler refuses.
pub(crate) fn misplaced(tokens: &TokenStream) -> Option<(TokenTree, String)> {
    /// What came before.
    #[derive(Clone, Copy, PartialEq)]
    enum Before {
        Nothing,
        /// A name, a literal, something in brackets: no other such thing may follow.
        Operand,
        /// The quote of a lifetime.
        Quote,
        Other,
    }
    let mut before = Before::Nothing;
    let mut last: Option<TokenTree> = None;
    // `if let A = B {}` and `f::<dyn A<B = C>>()` are where a lone `=` may stand.
    let mut equals_may_stand = false;
    for tree in tokens.clone() {
        let expected = |what: &str| Some((tree.clone(), format!("{what} `{tree}`")));
        let joint =
            matches!(&last, Some(TokenTree::Punct(punct)) if punct.spacing() == Spacing::Joint);
        let now = match &tree {
            TokenTree::Punct(punct) => match punct.as_char() {
                '=' if before != Before::Nothing
                    && !joint
                    && !equals_may_stand
                    && punct.spacing() == Spacing::Alone =>
                {
                    return expected("expected a comma or an operator, found");
                }
                '<' => {
                    equals_may_stand = true;
                    Before::Other
                }
                ';' | '@' | '~' | '$' => return expected("expected a comma, found"),
                '#' if before != Before::Nothing => {
                    return expected("expected a comma, found");
                }
                '+' | '/' | '%' | '^' | '=' | '>' | '?' if before == Before::Nothing => {
                    return expected("expected an expression, found");
                }
                '.' | ':' if before == Before::Nothing && punct.spacing() == Spacing::Alone => {
                    return expected("expected an expression, found");
                }
                '?' => Before::Operand,
                '\'' => Before::Quote,
                _ => Before::Other,
            },
            TokenTree::Group(group) => match group.delimiter() {
                Delimiter::None if before == Before::Operand => {
                    return expected("expected a comma or an operator before");
                }
                _ => Before::Operand,
            },
            TokenTree::Ident(_) if before == Before::Quote => Before::Other,
            TokenTree::Ident(word) if KEYWORDS.iter().any(|keyword| word == keyword) => {
                equals_may_stand |= word == "let";
                Before::Other
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) if before == Before::Operand => {
                return expected("expected a comma or an operator before");
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => Before::Operand,
        };
        before = now;
        last = Some(tree);
    }
    match last {
        Some(TokenTree::Punct(punct)) if "+-*/%^&|=<!,:".contains(punct.as_char()) => {
            let message = format!("expected an operand after `{punct}`");
            Some((TokenTree::Punct(punct), message))
        }
        _ => None,
    }
}

/// Words after which, or before which, an operand may stand.
const KEYWORDS: [&str; 21] = [
    "as", "async", "break", "const", "continue", "dyn", "else", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "move", "mut", "ref", "return", "unsafe", "while",
];

/// The literal, if the stream is one literal and nothing else. `true` and `false` are literals.
pub(crate) fn literal(tokens: &TokenStream) -> Option<syn::Lit> {
    syn::parse2(ungroup(tokens)).ok()
}

/// The identifier, if the stream is one identifier and nothing else.
pub(crate) fn identifier(tokens: &TokenStream) -> Option<proc_macro2::Ident> {
    syn::parse2(ungroup(tokens)).ok()
}

/// The inside of the stream's one group, if it is one group with this delimiter.
pub(crate) fn inside(tokens: &TokenStream, delimiter: Delimiter) -> Option<TokenStream> {
    let mut trees = ungroup(tokens).into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == delimiter => {
            Some(group.stream())
        }
        _ => None,
    }
}

/// What a literal is called in an error message, with its article.
pub(crate) fn kind_of(literal: &syn::Lit) -> &'static str {
    match literal {
        syn::Lit::Str(_) => "a string",
        syn::Lit::ByteStr(_) | syn::Lit::Byte(_) => "bytes",
        syn::Lit::CStr(_) => "a C string",
        syn::Lit::Char(_) => "a character",
        syn::Lit::Int(_) => "a number",
        syn::Lit::Float(_) => "a number with a fraction",
        syn::Lit::Bool(_) => "a boolean",
        _ => "something else",
    }
}

/// The tokens of a type as a person writes them: `Node<u32, &'static str>`.
pub(crate) fn text(tokens: TokenStream) -> String {
    let mut out = String::new();
    write_text(tokens, &mut out);
    out
}

fn write_text(tokens: TokenStream, out: &mut String) {
    let mut dash = false;
    for tree in tokens {
        let after_dash = core::mem::take(&mut dash);
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                out.push_str(open);
                write_text(group.stream(), out);
                out.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                '>' if after_dash => {
                    out.pop();
                    out.push_str(" -> ");
                }
                mark @ (',' | ';') => out.extend([mark, ' ']),
                mark @ ('+' | '=') => out.extend([' ', mark, ' ']),
                mark => {
                    dash = mark == '-';
                    out.push(mark);
                }
            },
            word => {
                if out.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                    out.push(' ');
                }
                out.push_str(&word.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn cut(tokens: TokenStream) -> Vec<String> {
        split_commas(tokens)
            .into_iter()
            .map(|segment| segment.tokens.to_string())
            .collect()
    }

    #[test]
    fn a_list_is_cut_at_top_level_commas_only() {
        assert_eq!(cut(quote!()), [""; 0]);
        assert_eq!(cut(quote!(a = 1, b(c, d), e = [f, g])).len(), 3);
        assert_eq!(
            cut(quote!(a = 1,)).len(),
            1,
            "a trailing comma ends, it does not begin"
        );
        assert_eq!(cut(quote!(a,, b)), ["a", "", "b"]);
    }

    #[test]
    fn angle_brackets_hide_commas_and_comparisons_do_not() {
        assert_eq!(cut(quote!(a = size::<A, B>(), b)).len(), 2);
        assert_eq!(cut(quote!(a = <A as B<C, D>>::E, b)).len(), 2);
        assert_eq!(cut(quote!(a = 1 + <A as B<C, D>>::E, b)).len(), 2);
        assert_eq!(cut(quote!(a = f::<fn(A) -> B, C>(), b)).len(), 2);
        assert_eq!(cut(quote!(a = (X < Y) as usize, b)).len(), 2);
        assert_eq!(cut(quote!(a = X < Y, b = Z > W, c)).len(), 3);
        assert_eq!(cut(quote!(a = 1 << 3, b = 256 >> 2, c)).len(), 3);
    }

    #[test]
    fn slips_in_expressions_are_seen() {
        let said = |tokens: TokenStream| misplaced(&tokens).map(|(_, message)| message);
        for (tokens, message) in [
            (quote!(8 9), "expected a comma or an operator before `9`"),
            (
                quote!(8 shards = 9),
                "expected a comma or an operator before `shards`",
            ),
            (
                quote!(f(x) shards),
                "expected a comma or an operator before `shards`",
            ),
            (
                quote!(maybe maybe),
                "expected a comma or an operator before `maybe`",
            ),
            (
                quote!("a" "b"),
                "expected a comma or an operator before `\"b\"`",
            ),
            (quote!(= 3), "expected an expression, found `=`"),
            (quote!(a = 3), "expected a comma or an operator, found `=`"),
            (quote!(/ 3), "expected an expression, found `/`"),
            (quote!(8; 9), "expected a comma, found `;`"),
            (
                quote!(if A { 8 } else { 9 } shards),
                "expected a comma or an operator before `shards`",
            ),
            (quote!(8 # 9), "expected a comma, found `#`"),
            (quote!(8 +), "expected an operand after `+`"),
            (quote!(a::), "expected an operand after `:`"),
        ] {
            assert_eq!(said(tokens.clone()).as_deref(), Some(message), "{tokens}");
        }
    }

    #[test]
    fn expressions_of_every_kind_pass() {
        let group = proc_macro2::Group::new(Delimiter::None, quote!(1 + 2));
        for good in [
            quote!(8),
            quote!(-8),
            quote!(::a::B),
            quote!(..3),
            quote!(SHARDS * 2 + f::<A, B>(x).y.0),
            quote!(<A as B<C>>::E),
            quote!({
                let half = 8;
                half * 2
            }),
            quote!(if A < B { A } else { B }),
            quote!(if let Some(n) = N { n } else { 4 }),
            quote!(match N {
                0 => 1,
                n => n,
            }),
            quote!(unsafe { f() }),
            quote!(x as *const u8 as usize),
            quote!(f::<&'static str>()),
            quote!(f::<dyn A<'a, B>>()),
            quote!('a: loop {
                break 'a 3;
            }),
            quote!(concat!("a", "b")),
            quote!(&[1, 2][..]),
            quote!((|x| x + 1)(3)),
            quote!(Plan { a: 1 }.a),
            quote!(#group * 3),
            quote!(b"x"[0] as usize),
            quote!(a == b && c <= d && e >= f && g != h),
            quote!(f::<dyn A<B = C>>()),
        ] {
            assert_eq!(misplaced(&good).map(|(_, message)| message), None, "{good}");
        }
    }

    #[test]
    fn invisible_groups_are_looked_through() {
        let inner = quote!(8);
        let group = proc_macro2::Group::new(Delimiter::None, inner);
        let wrapped = quote!(#group);
        assert!(matches!(literal(&wrapped), Some(syn::Lit::Int(_))));
        assert!(literal(&quote!(8 + 1)).is_none());
        assert!(matches!(literal(&quote!(true)), Some(syn::Lit::Bool(_))));
    }

    #[test]
    fn types_are_written_as_people_write_them() {
        assert_eq!(
            text(quote!(Node<u32, &'static str>)),
            "Node<u32, &'static str>"
        );
        assert_eq!(text(quote!(a::Node<[u8; 4]>)), "a::Node<[u8; 4]>");
        assert_eq!(text(quote!(Node<fn(u8) -> u16>)), "Node<fn(u8) -> u16>");
        assert_eq!(
            text(quote!(Node<Box<dyn A + Send>>)),
            "Node<Box<dyn A + Send>>"
        );
        assert_eq!(text(quote!(Ring<-1, { 4 }>)), "Ring<-1, { 4 }>");
    }
}

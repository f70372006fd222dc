//! One home: a static pool with its plan, a thread's magazine, and the static with the blocks if their
//! number is fixed. (The magazine of a fixed pool holds no free blocks, only what is retired.)
//!
//! A type has two, because a `PoolArc` keeps a counter before the value. Their names differ, since
//! both stand in one `const _` block; apart from that and from the plan they are alike. What the
//! second costs a program that has no `PoolArc` of the type: nobody names its statics, so the linker
//! leaves them out.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand::builder;
use super::model::Model;
use crate::check;

/// Who lives there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// Values in a `PoolBox`: the value alone.
    Box,
    /// Values in a `PoolArc`: a counter and the value.
    Arc,
}

/// The items of a home, and the type that stands for it.
pub(crate) fn of(
    model: &Model<'_>,
    subject: &TokenStream,
    name: &TokenStream,
    tenant: For,
) -> (TokenStream, TokenStream) {
    let arc = tenant == For::Arc;
    let ident = |plain: &str, counted: &str| check::ident(if arc { counted } else { plain });
    let home = ident("__SydraHome", "__SydraCountedHome");
    let pool = ident("__SYDRA_POOL", "__SYDRA_COUNTED_POOL");
    let plan = ident("own", "counted");
    let builder = builder(model);
    let room = model.count("capacity").map(|_| room(model, subject, arc));
    // A fixed room is a type that names the subject, which may be private. So its home names it
    // too: then the home is as private as the subject, and leaks nothing.
    let (parameter, argument) = match &room {
        Some(_) => (
            quote!(<__SydraT>(__sydra::PhantomData<__SydraT>)),
            quote!(<#subject>),
        ),
        None => (quote!(), quote!()),
    };
    let (fixed_static, fixed_type, fixed) = match room {
        Some(room) => {
            let fixed = ident("__SYDRA_FIXED", "__SYDRA_COUNTED_FIXED");
            let item = quote!(static #fixed: #room = __sydra::FixedRoom::new(););
            (item, room, quote!(#fixed))
        }
        None => (
            quote!(),
            quote!(__sydra::NotFixed),
            quote!(__sydra::NOT_FIXED),
        ),
    };
    let magazine = ident("__SYDRA_MAGAZINE", "__SYDRA_COUNTED_MAGAZINE");
    let items = quote! {
        #[doc(hidden)]
        pub struct #home #parameter;
        static #pool: __sydra::Pool = __sydra::Pool::of::<#home #argument>();
        __sydra::thread_local! {
            static #magazine: __sydra::Magazine = const { __sydra::Magazine::new() };
        }
        #fixed_static
        #[automatically_derived]
        unsafe impl __sydra::Home for #home #argument {
            const PLAN: __sydra::Plan = __sydra::Plan::#plan::<#subject>(#name)#builder;
            type Fixed = #fixed_type;
            #[inline(always)]
            fn pool() -> &'static __sydra::Pool {
                &#pool
            }
            #[inline(always)]
            fn fixed() -> &'static Self::Fixed {
                &#fixed
            }
            #[inline(always)]
            fn with_magazine<__SydraResult>(
                __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
            ) -> __SydraResult {
                #magazine.with(__sydra_job)
            }
        }
    };
    (items, quote!(#home #argument))
}

/// The type of a fixed pool's storage.
fn room(model: &Model<'_>, subject: &TokenStream, counted: bool) -> TokenStream {
    let capacity = check::constant_name("capacity");
    let align = match model.count("align") {
        Some(_) => {
            let align = check::constant_name("align");
            quote!({ #align })
        }
        None => quote!(1),
    };
    let value = match counted {
        true => quote!(__sydra::Counted<#subject>),
        false => subject.clone(),
    };
    quote!(__sydra::FixedRoom<#value, { #capacity }, #align>)
}

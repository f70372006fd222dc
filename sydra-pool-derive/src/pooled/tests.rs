//! The derive on token streams: what is merged, what is refused, what comes out.

use proc_macro2::TokenStream;
use quote::quote;

use super::{attr, item::Item, model::Model};
use crate::diag::Errors;

/// The messages for an item, in order.
fn errors(item: TokenStream) -> Vec<String> {
    let item: Item = syn::parse2(item).expect("an item");
    let mut errors = Errors::default();
    let keys = attr::read(&item, &mut errors);
    Model::new(&item, keys, &mut errors);
    errors.messages()
}

/// The expansion without any space, so that formatting does not matter.
fn expansion(item: TokenStream) -> String {
    squeezed(super::derive(item))
}

fn squeezed(tokens: TokenStream) -> String {
    tokens.to_string().split_whitespace().collect()
}

#[track_caller]
fn assert_has(expansion: &str, part: &str) {
    let part: String = part.split_whitespace().collect();
    assert!(expansion.contains(&part), "no `{part}` in\n{expansion}");
}

#[test]
fn a_plain_type_gets_a_static_pool_and_a_magazine() {
    let all = expansion(quote!(
        struct Order(u8);
    ));
    assert_has(&all, "use ::sydra_pool::__private::v1 as __sydra;");
    assert_has(&all, r#"__sydra::Plan::own::<Order>("Order");"#);
    assert_has(&all, r#"__sydra::Plan::counted::<Order>("Order");"#);
    assert_has(
        &all,
        "static __SYDRA_POOL: __sydra::Pool = __sydra::Pool::of::<__SydraHome>();",
    );
    assert_has(
        &all,
        "type __Home = __SydraHome; type __CountedHome = __SydraCountedHome;",
    );
    assert_has(&all, "static __SYDRA_MAGAZINE: __sydra::Magazine = const");
    assert_has(&all, "unsafe impl ::sydra_pool::Pooled for Order {");
    assert!(
        !all.contains("allow("),
        "an allow inside a forbid is an error: {all}"
    );
}

#[test]
fn lifetimes_are_static_in_the_static_and_free_in_the_impl() {
    let all = expansion(quote!(
        struct View<'a, 'b: 'a>(&'a u8, &'b u8)
        where
            'b: 'a;
    ));
    assert_has(&all, r#"own::<View<'static, 'static>>("View")"#);
    assert_has(
        &all,
        "impl<'a, 'b: 'a> ::sydra_pool::Pooled for View<'a, 'b> where 'b: 'a {",
    );
}

#[test]
fn a_generic_type_shares_the_class_magazines() {
    let all = expansion(quote!(
        struct Node<K: Ord, const N: usize = 4>([K; N])
        where
            K: Copy;
    ));
    assert_has(&all, r#"__sydra::Plan::shared::<Self>("Node")"#);
    assert_has(
        &all,
        "impl<K: Ord, const N: usize> ::sydra_pool::Pooled for Node<K, N>",
    );
    assert_has(&all, "where K: Copy {");
    assert!(
        !all.contains("static__SYDRA_POOL"),
        "a static cannot be generic: {all}"
    );
}

#[test]
fn the_keys_of_several_attributes_are_merged() {
    let all = expansion(quote! {
        #[pooled(shards = 8, align = 64, max_limbo = 1 << 20)]
        #[pooled(name = "hot", zero_on_free)]
        #[pooled(fallback = "none")]
        struct Order(u8);
    });
    assert!(!all.contains("compile_error"), "{all}");
    assert_has(
        &all,
        r#"own::<Order>("hot") .shards(__SYDRA_KEY_SHARDS) .align(__SYDRA_KEY_ALIGN) .max_limbo(__SYDRA_KEY_MAX_LIMBO) .no_fallback() .zero_on_free()"#,
    );
    assert_has(
        &all,
        "const __SYDRA_GIVEN_SHARDS: __sydra::primitive::usize = 8;",
    );
    assert_has(&all, "check_shards(__SYDRA_GIVEN_SHARDS)");
    assert_has(
        &all,
        "const __SYDRA_GIVEN_MAX_LIMBO: __sydra::primitive::usize = 1 << 20;",
    );
    assert_has(&all, "check_max_limbo(__SYDRA_GIVEN_MAX_LIMBO)");
    assert_has(&all, "check_fits::<Order>()");
}

#[test]
fn defaults_add_no_calls() {
    let all = expansion(quote!(
        #[pooled(isolate, fallback = "heap")]
        struct Order(u8);
    ));
    assert_has(&all, r#"own::<Order>("Order");"#);
    assert!(!all.contains("check_"), "{all}");
}

#[test]
fn a_key_given_twice_is_an_error_across_attributes() {
    let twice = quote!(
        #[pooled(shards = 8)]
        #[pooled(isolate, shards = 8)]
        struct Order(u8);
    );
    assert_eq!(
        errors(twice),
        [
            "`shards` is given twice; keep one of them",
            "`shards` is given here first"
        ]
    );
}

#[test]
fn each_listed_instance_gets_a_pool_and_no_impl_is_generic() {
    let all = expansion(quote! {
        #[pooled(instances(Node<u32>, Node<Vec<u8>>), name = "n")]
        struct Node<T>(T) where T: Send;
    });
    assert_has(&all, r#"own::<Node<u32>>("n<u32>")"#);
    assert_has(&all, r#"own::<Node<Vec<u8>>>("n<Vec<u8>>")"#);
    assert_has(&all, "impl ::sydra_pool::Pooled for Node<u32> {");
    assert_eq!(all.matches("__SYDRA_POOL:").count(), 2);
    assert!(!all.contains("impl<T>"), "{all}");
}

#[test]
fn beside_an_error_stands_the_default_implementation() {
    let plain = expansion(quote!(
        #[pooled(shards = 8, magazine = 9999)]
        struct Order(u8);
    ));
    assert_has(&plain, "compile_error");
    assert_has(&plain, r#"own::<Order>("Order");"#);
    assert!(
        !plain.contains("check_"),
        "no follow-on error from the good keys: {plain}"
    );
    // For every instance, so that the uses of the listed ones stay quiet.
    let listed = expansion(quote!(
        #[pooled(instances(Node<u8>, Node<u8>))]
        struct Node<T>(T);
    ));
    assert_has(&listed, "impl<T> ::sydra_pool::Pooled for Node<T>");
    // The engine's path is kept: without it the default implementation would be an error itself.
    let path = expansion(quote!(
        #[pooled(crate = a::b, nonsense)]
        struct Order(u8);
    ));
    assert_has(&path, "unsafe impl a::b::Pooled for Order");
}

#[test]
fn all_errors_of_an_item_are_found() {
    let found = errors(quote! {
        #[pooled(shards = 65, isolate, nonsense)]
        #[pooled(merge, bound = "T: Copy")]
        union Either { #[pooled(align = 3)] a: u8 }
    });
    assert_eq!(found.len(), 6, "{found:#?}");
}

#[test]
fn a_generic_type_refuses_what_needs_a_static() {
    for key in [
        quote!(shards = 1),
        quote!(slab_size = 65536),
        quote!(magazine = 8),
        quote!(capacity = 8),
        quote!(isolate),
    ] {
        let found = errors(quote!(
            #[pooled(#key)]
            struct Node<T>(T);
        ));
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(
            found[0].ends_with("as in `instances(Node<u32>)`"),
            "{found:?}"
        );
    }
    let merge = errors(quote!(
        #[pooled(merge)]
        struct Node<T>(T);
    ));
    assert!(merge[0].contains("remove `merge`"), "{merge:?}");
    for key in [
        quote!(align = 8),
        quote!(max_limbo = 1),
        quote!(max_waste = 10),
        quote!(fallback = "none"),
        quote!(name = "x"),
        quote!(zero_on_free),
    ] {
        let found = errors(quote!(
            #[pooled(#key)]
            struct Node<T>(T);
        ));
        assert!(found.is_empty(), "{key}: {found:?}");
    }
}

/// It is about the type's values, wherever their blocks come from.
#[test]
fn a_limit_of_limbo_goes_with_every_kind_of_pool() {
    for item in [
        quote!(
            #[pooled(merge, max_limbo = 4096)]
            struct Order(u8);
        ),
        quote!(
            #[pooled(max_limbo = 4096)]
            struct Node<T>(T);
        ),
        quote!(
            #[pooled(instances(Node<u8>, Node<u16>), max_limbo = 4096)]
            struct Node<T>(T);
        ),
    ] {
        let all = expansion(item);
        assert!(!all.contains("compile_error"), "{all}");
        let plans = all.matches("__sydra::Plan::").count();
        assert!(plans > 0, "{all}");
        assert_eq!(
            all.matches(".max_limbo(__SYDRA_KEY_MAX_LIMBO)").count(),
            plans,
            "{all}"
        );
    }
    let nothing = errors(quote!(
        #[pooled(max_limbo = 0)]
        struct Order(u8);
    ));
    assert_eq!(nothing, ["`max_limbo` is a number of at least 1; found 0"]);
}

#[test]
fn relaxed_parameters_ask_for_a_size() {
    let all = expansion(quote!(
        struct Tail<T: ?Sized>(T);
    ));
    assert_has(&all, "for Tail<T> where Self: __sydra::Sized {");
    let strict = expansion(quote!(
        struct Tail<T>(T);
    ));
    assert!(!strict.contains("Self:__sydra"), "{strict}");
}

#[test]
fn bounds_of_the_key_follow_those_of_the_type() {
    let all = expansion(quote!(
        #[pooled(bound = "T: Send")]
        struct Node<T>(T)
        where
            T: Copy;
    ));
    assert_has(&all, "for Node<T> where T: Copy, T: Send {");
}

#[test]
fn raw_names_lose_their_mark_in_figures_only() {
    let all = expansion(quote!(
        struct r#type(u8);
    ));
    assert_has(&all, r#"own::<r#type>("type")"#);
}

/// The advice in an error message must be good advice.
#[test]
fn every_key_is_documented_and_its_example_is_accepted() {
    for key in attr::VOCABULARY.keys {
        let row = format!("/// | `{}", key.name);
        assert!(include_str!("../lib.rs").contains(&row), "no `{row}`");
        let list: TokenStream = key.example.parse().expect("tokens");
        let item = match key.name {
            "instances" | "bound" => quote!(
                #[pooled(#list)]
                struct Node<T>(T);
            ),
            _ => quote!(
                #[pooled(#list)]
                struct Order(u8);
            ),
        };
        assert_eq!(errors(item), [""; 0], "{}", key.example);
    }
}

/// A fixed pool is a static of blocks: nothing that a sharded pool has can be set, and what it
/// implies need not be said.
#[test]
fn a_capacity_makes_the_pool_fixed() {
    let all = expansion(quote!(
        #[pooled(capacity = 4 * 2, align = 64, fallback = "none", isolate)]
        struct Order<'a>(&'a u8);
    ));
    assert!(!all.contains("compile_error"), "{all}");
    assert_has(
        &all,
        "static __SYDRA_FIXED: __sydra::FixedRoom<Order<'static>, { __SYDRA_KEY_CAPACITY }, { __SYDRA_KEY_ALIGN }> = __sydra::FixedRoom::new();",
    );
    assert_has(
        &all,
        "__sydra::FixedRoom<__sydra::Counted<Order<'static> >, { __SYDRA_KEY_CAPACITY }, { __SYDRA_KEY_ALIGN }>",
    );
    assert_has(&all, "type __Home = __SydraHome<Order<'static> >;");
    assert_has(&all, "check_capacity(__SYDRA_GIVEN_CAPACITY)");
    for absent in ["check_fits", ".no_fallback()"] {
        assert!(!all.contains(absent), "`{absent}` in {all}");
    }
    let plain = expansion(quote!(
        #[pooled(capacity = 8)]
        struct Order(u8);
    ));
    assert_has(&plain, "FixedRoom<Order, { __SYDRA_KEY_CAPACITY }, 1>");
}

#[test]
fn a_capacity_refuses_what_a_fixed_pool_has_not() {
    for (key, why) in [
        (quote!(shards = 8), "not divided into shards"),
        (quote!(slab_size = 65536), "has no slabs"),
        (quote!(magazine = 8), "keeps free blocks"),
        (quote!(merge), "blocks of its own"),
    ] {
        let found = errors(quote!(
            #[pooled(#key, capacity = 8)]
            struct Order(u8);
        ));
        assert_eq!(found.len(), 1, "{key}: {found:?}");
        assert!(found[0].contains(why), "{found:?}");
        assert!(
            found[0].contains("cannot stand beside `capacity`"),
            "{found:?}"
        );
    }
    let once = errors(quote!(
        #[pooled(merge, shards = 8, capacity = 8)]
        struct Order(u8);
    ));
    assert_eq!(
        once.len(),
        2,
        "not that `shards` beside `merge` too: {once:?}"
    );
    let heap = errors(quote!(
        #[pooled(fallback = "heap", capacity = 8)]
        struct Order(u8);
    ));
    assert!(heap[0].contains("a fallback would allow more"), "{heap:?}");
    for (key, beyond) in [
        (quote!(capacity = 0), 0),
        (quote!(capacity = 65_536), 65536),
    ] {
        let range = format!("`capacity` is a number from 1 to 65535; found {beyond}");
        let found = errors(quote!(
            #[pooled(#key)]
            struct Order(u8);
        ));
        assert_eq!(found, [range]);
    }
}

#[test]
fn waste_is_judged_by_the_plan_in_force() {
    let own = expansion(quote!(
        #[pooled(max_waste = 10, merge)]
        struct Order<'a>(&'a u8);
    ));
    assert_has(&own, "check_max_waste(__SYDRA_GIVEN_MAX_WASTE)");
    assert_has(
        &own,
        r#"check_waste::<Order<'static> >(&__SYDRA_PLAN, "Order", __SYDRA_KEY_MAX_WASTE)"#,
    );
    let shared = expansion(quote!(
        #[pooled(max_waste = 10)]
        struct Node<T>(T);
    ));
    assert_has(
        &shared,
        r#"check_waste::<Self>(&__sydra_plan, "Node", __SYDRA_KEY_MAX_WASTE)"#,
    );
    let beyond = errors(quote!(
        #[pooled(max_waste = 101)]
        struct Order(u8);
    ));
    assert_eq!(beyond, ["`max_waste` is a number from 0 to 100; found 101"]);
}

#[test]
fn the_documentation_says_whose_blocks_they_are() {
    for (list, says) in [
        (quote!(), "A pool of its own"),
        (quote!(merge), "with the blocks of its size class"),
        (
            quote!(capacity = 2 + N),
            "A fixed pool of its own: `capacity = 2 + N`.",
        ),
    ] {
        let all = super::derive(quote!(
            #[pooled(#list)]
            struct Order(u8);
        ));
        assert!(all.to_string().contains(says), "{all}");
    }
    let all = super::derive(quote!(
        struct Node<T>(T);
    ))
    .to_string();
    assert!(
        all.contains("Each instantiation uses the pool of its size class."),
        "{all}"
    );
}

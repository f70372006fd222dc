//! The attribute on token streams: what is refused, what comes out.

use proc_macro2::TokenStream;
use quote::quote;

use super::{attr, item::Static, model::Model};
use crate::diag::Errors;

fn errors(list: TokenStream, item: TokenStream) -> Vec<String> {
    let item: Static = syn::parse2(item).expect("a static");
    let mut errors = Errors::default();
    let keys = attr::read(list, &mut errors);
    Model::new(&item, keys, &mut errors);
    errors.messages()
}

fn good() -> TokenStream {
    quote!(
        #[global_allocator]
        pub static GLOBAL: a::SydraPool = a::SydraPool::new();
    )
}

fn expansion(list: TokenStream, item: TokenStream) -> String {
    squeezed(super::attribute(list, item))
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
fn the_static_gets_the_configuration_and_keeps_the_rest() {
    let all = expansion(quote!(shards = 8), good());
    assert_has(
        &all,
        "#[global_allocator] pub static GLOBAL: a::SydraPool<__SydraConfigOfGLOBAL> = a::SydraPool::new(); #[doc(hidden)] pub struct __SydraConfigOfGLOBAL;",
    );
    assert_has(
        &all,
        "impl ::sydra_pool::Config for __SydraConfigOfGLOBAL {",
    );
    assert_has(
        &all,
        "::sydra_pool::Settings::new().shards(__SYDRA_KEY_SHARDS);",
    );
    assert_has(&all, "check_shards(__SYDRA_GIVEN_SHARDS)");
    assert!(
        !all.contains("allow("),
        "an allow inside a forbid is an error: {all}"
    );
}

#[test]
fn every_key_becomes_its_call() {
    let all = expansion(
        quote! {
            mode = "default", shards = "auto", classes = [16, 32], slab_size = 65536,
            magazine = 8, max_limbo = 64 << 20, fallback = "system", stats = "off", poison,
            crate = b
        },
        good(),
    );
    assert!(!all.contains("compile_error"), "{all}");
    for call in [
        ".mode(b::Mode::Default)",
        ".shards_auto()",
        ".classes(__SYDRA_KEY_CLASSES)",
        ".slab_size(__SYDRA_KEY_SLAB_SIZE)",
        ".magazine(__SYDRA_KEY_MAGAZINE)",
        ".max_limbo(__SYDRA_KEY_MAX_LIMBO)",
        "const __SYDRA_GIVEN_MAX_LIMBO: __sydra::primitive::usize = 64 << 20;",
        "check_max_limbo(__SYDRA_GIVEN_MAX_LIMBO)",
        ".fallback(b::Backing::System)",
        ".stats(b::StatsLevel::Off)",
        ".poison(__SYDRA_KEY_POISON)",
        "const __SYDRA_GIVEN_POISON: __sydra::primitive::bool = true;",
        "= &[16, 32];",
        "check_classes(&[16])",
        "check_classes(&[32])",
    ] {
        assert_has(&all, call);
    }
    assert!(!all.contains("check_mimalloc"), "{all}");
}

#[test]
fn mimalloc_brings_the_check_of_its_feature() {
    for list in [quote!(mode = "mimalloc"), quote!(fallback = "mimalloc")] {
        assert_has(&expansion(list, good()), "check_mimalloc()");
    }
}

#[test]
fn beside_an_error_stands_a_static_that_compiles() {
    let broken = quote!(
        pub static mut GLOBAL: SydraPool<u8>;
    );
    let found = errors(quote!(shards = 65), broken.clone());
    assert_eq!(found.len(), 4, "{found:#?}");
    let all = expansion(quote!(shards = 65), broken);
    assert_has(
        &all,
        "pub static GLOBAL: SydraPool = ::sydra_pool::SydraPool::new();",
    );
    assert!(!all.contains("__SydraConfig"), "{all}");
    let other = expansion(
        quote!(shards = 1),
        quote!(
            fn f() {}
        ),
    );
    assert_has(&other, "fn f() {}");
    assert_has(&other, "compile_error");
}

#[test]
fn classes_that_can_be_read_are_judged_here() {
    let judged = |list| errors(quote!(classes = #list), good());
    assert!(judged(quote!([16, 24, 256])).is_empty());
    assert!(
        judged(quote!([A, 16])).is_empty(),
        "left to the const assertion"
    );
    assert_eq!(
        judged(quote!([32, 16])),
        ["the classes must ascend: 16 comes after 32"]
    );
    assert_eq!(
        judged(quote!([16, 16])),
        ["the class of 16 bytes is listed twice"]
    );
    assert_eq!(judged(quote!([0])), ["a class has at least one byte"]);
    assert_eq!(judged(quote!([])).len(), 1);
}

#[test]
fn both_spellings_of_no_keys_configure_nothing() {
    let all = expansion(quote!(), good());
    assert_has(
        &all,
        "const SETTINGS: ::sydra_pool::Settings = ::sydra_pool::Settings::new();",
    );
}

/// The advice in an error message must be good advice.
#[test]
fn every_key_is_documented_and_its_example_is_accepted() {
    let (_, table) = include_str!("../lib.rs")
        .split_once("/// Configures a static")
        .expect("docs");
    for key in attr::VOCABULARY.keys {
        let row = format!("/// | `{}", key.name);
        assert!(table.contains(&row), "no `{row}`");
        let list: TokenStream = key.example.parse().expect("tokens");
        assert_eq!(errors(list, good()), [""; 0], "{}", key.example);
    }
}

//! Lists at random: whatever stands in the attributes, the macros do not panic, what they write can
//! be read, and the type has its implementation.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// Lists for each macro. 20,000 take a minute.
const ROUNDS: usize = 2_000;

/// Xorshift, so that a failure comes again.
struct Dice(u64);

impl Dice {
    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        from[(self.0 % from.len() as u64) as usize]
    }
}

/// What stands after a key: right for some key, or a slip that is caught.
const VALUES: &[&str] = &[
    "",
    "= 8",
    "= 0",
    "= 65536",
    "= 99999999999999999999999",
    "= -1",
    "= 8u8",
    "= 1 << 16",
    "= \"heap\"",
    "= \"none\"",
    "= \"auto\"",
    "= \"full\"",
    "= \"T: Copy\"",
    "= \"T:\"",
    "= \"\"",
    "= true",
    "= a::b",
    "= ::a",
    "= \"a::b\"",
    "= concat!(\"a\", \"b\")",
    "= [16, 32]",
    "= &[16, N]",
    "= { let n = 8; n }",
    "=",
    "= 8 9",
    "= = 3",
    "= 8 +",
    "= 8;",
    "= 1.5",
    "= 'c'",
    "= b\"x\"",
    "(8)",
    "()",
    "(Node<u32>)",
    "(Node<u32>, Node<&'static str>,)",
    "(Order)",
    "(T)",
    "(<A as B>::C, [u8; 4], !)",
    "[8]",
    "{ 8 }",
    "8",
    "= if A < B { A } else { B }",
    "= f::<A, B>()",
    "= (8, 9)",
    "= N as usize",
];
const KEYS: &[&str] = &[
    "shards",
    "slab_size",
    "magazine",
    "align",
    "capacity",
    "max_limbo",
    "max_waste",
    "isolate",
    "merge",
    "fallback",
    "zero_on_free",
    "name",
    "instances",
    "bound",
    "crate",
    "mode",
    "classes",
    "stats",
    "poison",
    "r#name",
    "shard",
    "self",
    "8",
    "\"x\"",
    "",
    "#",
    "T",
];
const COMMAS: &[&str] = &[",", ",", ",", ", ,", "", ",", ";"];

fn list(dice: &mut Dice) -> TokenStream {
    let entries = dice.pick(&[&0_usize, &1, &2, &3, &4]);
    let mut text = String::new();
    for _ in 0..*entries {
        text.push_str(dice.pick(KEYS));
        text.push(' ');
        text.push_str(dice.pick(VALUES));
        text.push_str(dice.pick(COMMAS));
        text.push(' ');
    }
    text.parse().expect("tokens")
}

/// Panics unless the output is a file of items in which `wanted` stands.
fn readable(list: &TokenStream, output: TokenStream, wanted: &str) {
    let squeezed: String = output.to_string().split_whitespace().collect();
    assert!(
        squeezed.contains(wanted),
        "`{list}` gives no {wanted}: {output}"
    );
    if let Err(error) = syn::parse2::<syn::File>(output.clone()) {
        panic!("`{list}` gives what cannot be read ({error}): {output}");
    }
}

#[test]
fn whatever_stands_in_the_attributes_a_type_is_pooled() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for round in 0..ROUNDS {
        let (one, two) = (list(&mut dice), list(&mut dice));
        let (keyword, generics, body) = match round % 4 {
            0 => ("struct", quote!(), quote!((u8);)),
            1 => ("struct", quote!(<'a>), quote!({ a: &'a u8 })),
            2 => (
                "enum",
                quote!(<T: Copy, const N: usize>),
                quote!({ A(T), B([u8; N]) }),
            ),
            _ => (
                "union",
                quote!(<T>),
                quote!({ a: u8, #[pooled(#two)] b: T }),
            ),
        };
        let keyword = format_ident!("{keyword}");
        let item = quote!(#[pooled(#one)] #[pooled(#two)] pub #keyword Node #generics #body);
        let wanted = if one.to_string().contains("crate") || two.to_string().contains("crate") {
            "::PooledforNode"
        } else {
            "unsafeimpl"
        };
        readable(&one, crate::pooled::derive(item), wanted);
    }
}

#[test]
fn whatever_stands_in_the_attribute_a_static_is_a_static() {
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    for _ in 0..ROUNDS {
        let list = list(&mut dice);
        let item = quote!(
            #[global_allocator]
            static GLOBAL: SydraPool = SydraPool::new();
        );
        let output = crate::config::attribute(list.clone(), item);
        readable(&list, output, "staticGLOBAL:SydraPool");
    }
}

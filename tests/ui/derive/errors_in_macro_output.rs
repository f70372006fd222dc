// What a macro's caller wrote is blamed at the call, what the macro wrote within the macro.
use sydra_pool::Pooled;

macro_rules! record {
    ($name:ident, $shards:expr, $key:ident = $value:literal) => {
        #[derive(Pooled)]
        #[pooled(shards = $shards, $key = $value)]
        struct $name(u8);
    };
}
record!(Literal, 65, name = "literal");
record!(Expression, 64 + 1, name = "expression");
record!(Key, 8, nmae = "key");
record!(Value, 8, magazine = "64");
record!(Twice, 8, shards = 8);

macro_rules! fixed {
    ($name:ident) => {
        #[derive(Pooled)]
        #[pooled(fallback = "nobody")]
        struct $name(u8);
    };
}
fixed!(Fixed);

fn main() {}

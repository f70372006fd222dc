use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(capacity = 0)]
struct Nothing(u8);

#[derive(Pooled)]
#[pooled(capacity = 65_536)]
struct TooMany(u8);

#[derive(Pooled)]
#[pooled(capacity = -1)]
struct Negative(u8);

#[derive(Pooled)]
#[pooled(capacity = "64")]
struct Text(u8);

#[derive(Pooled)]
#[pooled(capacity(64))]
struct List(u8);

fn main() {}

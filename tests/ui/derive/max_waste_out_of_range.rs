use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(max_waste = 101)]
struct TooMuch(u64);

#[derive(Pooled)]
#[pooled(max_waste = -1)]
struct Negative(u64);

#[derive(Pooled)]
#[pooled(max_waste = 12.5)]
struct Fraction(u64);

#[derive(Pooled)]
#[pooled(max_waste = "10%")]
struct Text(u64);

#[derive(Pooled)]
#[pooled(max_waste = 50 * 3)]
struct Expression(u64);

#[derive(Pooled)]
#[pooled(max_waste = 0.1 + 0.2)]
struct WrongType(u64);

fn main() {}

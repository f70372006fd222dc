// Magazines of its own, the blocks of the class, and every key that goes with that.
#[derive(Pooled)]
#[pooled(merge, align = 64, max_limbo = 1 << 20, max_waste = 50)]
#[pooled(fallback = "none", zero_on_free, name = concat!("or", "der"), crate = engine::renamed)]
enum Order {
    Buy(u64),
    Sell(u64),
}

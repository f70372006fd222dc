// A fixed pool: the blocks stand in a static, and no thread keeps any to itself.
#[derive(Pooled)]
#[pooled(capacity = 4 * WORKERS, align = 64)]
struct Frame<'a> {
    bytes: &'a [u8],
}

use sydra_pool::Pooled;

struct Plain(u8);

fn needs_a_pool<T: Pooled>(_: T) {}

fn main() {
    needs_a_pool(Plain(1));
}

use sydra_pool::SydraPool;

const TABLE: &[usize] = &[16, 32, 48, 130];

#[sydra_pool::config(classes = [16, 20, 24, 65536])]
#[global_allocator]
static LITERALS: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = TABLE)]
static EXPRESSION: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = [TABLE[1], TABLE[0]])]
static ELEMENTS: SydraPool = SydraPool::new();

fn main() {
    drop((LITERALS.snapshot(), EXPRESSION.snapshot(), ELEMENTS.snapshot()));
}

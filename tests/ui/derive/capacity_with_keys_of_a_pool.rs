use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(capacity = 8, shards = 8, slab_size = 65536, magazine = 8, merge, fallback = "heap")]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(instances(Listed<u8>), capacity = 8, shards = 0)]
struct Listed<T>(T);

fn main() {}

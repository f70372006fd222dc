// Every key of a pool of its own.
#[derive(Pooled)]
#[pooled(shards = 8, slab_size = 1 << 17, magazine = 64, isolate)]
struct Order(u8);

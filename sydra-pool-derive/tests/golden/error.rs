// Beside its errors stands the default implementation, so that uses report nothing more.
#[derive(Pooled)]
#[pooled(shards = 65, nonsense)]
struct Order(u8);

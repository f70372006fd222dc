// The size is known at each use, so that is where the assertion is made.
use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Generic<T>(T);

fn main() {
    let _ = const { <Generic<[u8; 32768]> as Pooled>::BLOCK_BYTES };
    let _ = const { <Generic<[u8; 32769]> as Pooled>::BLOCK_BYTES };
}

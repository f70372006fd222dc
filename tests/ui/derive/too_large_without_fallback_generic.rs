// The size is known at each use, so that is where the assertion is made.
use sydra_pool::{Pooled, __private::v1::Described};

#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Generic<T>(T);

fn main() {
    let _ = const { <Generic<[u8; 32768]> as Described>::PLAN };
    let _ = const { <Generic<[u8; 32769]> as Described>::PLAN };
}

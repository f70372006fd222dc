use sydra_pool::{Pooled, Stored, pooled_dyn};

trait Shape {}
trait Far {}
trait Helper {
    type __Rooms;
}

#[derive(Pooled)]
struct Other(u64);

pooled_dyn!(@one [] Shape; { type __Rooms = <Other as Stored>::__Rooms; } impl<'__object> Helper for dyn Far);

fn main() {}

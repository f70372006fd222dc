use sydra_pool::{Pooled, Stored, pooled_dyn};

trait Shape {}

#[derive(Pooled)]
struct Large([u64; 64]);

struct Tail<T: ?Sized>(u64, T);
struct NotSend(*mut u8);

pooled_dyn!(@one [> Stored for Tail<[u8]> { type __Rooms = <Large as Stored>::__Rooms; } #[cfg(any())] impl<] Shape;);
pooled_dyn!(@one [> Send for NotSend {} #[cfg(any())] impl<] Shape;);

fn main() {}

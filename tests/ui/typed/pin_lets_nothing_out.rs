use std::marker::PhantomPinned;
use std::pin::Pin;
use sydra_pool::{PoolArc, PoolBox, Pooled};

#[derive(Pooled)]
struct Fixed(PhantomPinned);

fn main() {
    let boxed = PoolBox::pin(Fixed(PhantomPinned));
    let _boxed = Pin::into_inner(boxed);
    let shared = PoolArc::pin(Fixed(PhantomPinned));
    let _shared = Pin::into_inner(shared);
}

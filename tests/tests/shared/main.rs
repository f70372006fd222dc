//! Shared ownership: `PoolArc` and `PoolRc` do what `Arc` and `Rc` do, drop each value once, and give
//! every block back, whatever the program's own code does in between.

mod drops;
#[cfg(all(unix, not(miri)))]
mod overflow;
mod races;
mod script;
mod shapes;
mod traits;

//! The typed door: `PoolBox` behaves as `Box` does, for every shape of type, and counts exactly.

mod auto_traits;
mod box_surface;
mod capacity;
#[cfg(not(miri))] // in processes of their own
mod capacity_more;
mod conversions;
#[cfg(not(miri))] // in processes of their own
mod corners;
mod drops;
mod figures;
mod forwarding;
mod futures;
mod keys;
mod layout;
mod matrix;
mod pass_through;
mod shapes;
mod slices;
mod tables;

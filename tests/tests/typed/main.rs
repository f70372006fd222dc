//! The typed door: `PoolBox` behaves as `Box` does, for every shape of type, and counts exactly.

mod auto_traits;
mod box_surface;
mod capacity;
mod capacity_more;
mod conversions;
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

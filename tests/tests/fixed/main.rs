//! Fixed pools through their door: exactly `N`, from any thread, whatever values do when they are dropped.

mod crowds;
mod drops;
mod forwarding;
mod image;
mod surface;
mod torture;

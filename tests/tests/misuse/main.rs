//! Errors of a program, as the feature `paranoid` reports them: each in a process of its own, which
//! must end with the message. Without the feature there is nothing to test here.
#![cfg(all(unix, feature = "paranoid"))]

mod boxes;
mod forks;
mod global;

//! The judge itself, and every heap of this project before it.

mod bites;
mod property;

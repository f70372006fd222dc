//! Trait objects in pooled pointers: values of every route behind one trait, dropped by whoever has
//! them, found again by address alone, counted exactly.

mod casts;
#[cfg(all(unix, not(miri)))]
mod forks;
mod orders;
mod routes;
mod standard;
mod things;

/// A test's body, where no other test counts or is counted: in a process of its own, if there is such a
/// thing; an interpreter runs one test at a time.
fn apart(_test: &'static str, body: fn()) {
    #[cfg(all(unix, not(miri)))]
    tests::child::Apart::new(_test, |_| body())
        .run("")
        .succeeded();
    #[cfg(not(all(unix, not(miri))))]
    body();
}

//! Threads: more than shards, coming and going, ending with blocks in hand, forking under load.

#[cfg(all(unix, not(miri)))]
mod ends;
#[cfg(all(target_os = "linux", not(miri)))]
mod forks;
mod crowds;

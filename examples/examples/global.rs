//! The global door: every `Box`, `Vec`, `String` and `HashMap` of the program comes from the pools.
//!
//! Four threads count the routes of a table of flights, each in a map of its own; the maps are sent to the main thread,
//! which adds them up and frees what the others allocated.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::{env, fs, thread};
use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

const THREADS: usize = 4;

fn main() -> ExitCode {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/data/flights-20k.csv");
    let path = env::args().nth(1).unwrap_or_else(|| own.to_owned());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("global: {path}: {error}");
            return ExitCode::from(2);
        }
    };
    // Owned lines, so that there is something to allocate.
    let lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    let (sender, counted) = channel();
    let mut routes: HashMap<String, u64> = HashMap::new();
    thread::scope(|scope| {
        for part in lines.chunks(lines.len().div_ceil(THREADS).max(1)) {
            let sender = sender.clone();
            // The receiver lives until the scope ends, so the map arrives.
            scope.spawn(move || sender.send(count_routes(part)));
        }
        drop(sender);
        for part in counted {
            for (route, flights) in part {
                *routes.entry(route).or_default() += flights;
            }
        }
    });
    let mut busiest: Vec<(String, u64)> = routes.into_iter().collect();
    busiest.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    println!(
        "{} flights on {} routes; the busiest:",
        lines.len(),
        busiest.len()
    );
    for (route, flights) in busiest.iter().take(5) {
        println!("  {route}  {flights:>4}");
    }
    println!("\n{}", GLOBAL.snapshot());
    ExitCode::SUCCESS
}

fn count_routes(lines: &[String]) -> HashMap<String, u64> {
    let mut routes = HashMap::new();
    for line in lines {
        let mut fields = line.rsplit(',');
        if let (Some(destination), Some(origin)) = (fields.next(), fields.next()) {
            *routes
                .entry(format!("{origin} - {destination}"))
                .or_default() += 1;
        }
    }
    routes
}

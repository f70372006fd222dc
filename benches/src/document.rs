//! A JSON document of about five megabytes, made in code from a seed.

use std::fmt::Write;

use crate::clock::{Effort, fastest};
use crate::random::Random;

/// Size to which the document grows.
const BYTES: usize = 5_000_000;

/// Words that names and texts are made of; two of them need escapes.
const WORDS: [&str; 12] = [
    "amber",
    "north",
    "cargo",
    "delta",
    "ember",
    "quartz",
    "lantern",
    "\\\"quoted\\\"",
    "m\\u00fcnchen",
    "river",
    "sequoia",
    "tangent",
];

/// A list of records such as a service would answer with: names, texts, numbers, nested lists and objects.
pub fn make(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = String::with_capacity(BYTES + 4096);
    text.push('[');
    let mut number = 0_u32;
    while text.len() < BYTES {
        if number > 0 {
            text.push(',');
        }
        record(&mut text, &mut random, number).expect("a string takes all that is written");
        number += 1;
    }
    text.push(']');
    text
}

fn record(text: &mut String, random: &mut Random, number: u32) -> std::fmt::Result {
    let word = |random: &mut Random| WORDS[random.below(WORDS.len())];
    write!(
        text,
        "{{\"id\":{number},\"name\":\"{}-{}\"",
        word(random),
        random.below(100_000)
    )?;
    write!(
        text,
        ",\"active\":{},\"score\":{}",
        random.below(2) == 0,
        random.below(1_000_000) as f64 / 1000.0
    )?;
    write!(
        text,
        ",\"parent\":{}",
        if random.below(3) == 0 { "null" } else { "17" }
    )?;
    text.push_str(",\"tags\":[");
    for place in 0..random.below(8) {
        write!(
            text,
            "{}\"{}\"",
            if place > 0 { "," } else { "" },
            word(random)
        )?;
    }
    write!(
        text,
        "],\"position\":{{\"x\":{},\"y\":-{}}}",
        random.below(10_000),
        random.below(10_000)
    )?;
    text.push_str(",\"events\":[");
    for place in 0..random.below(6) {
        let comma = if place > 0 { "," } else { "" };
        write!(
            text,
            "{comma}{{\"kind\":\"{}\",\"at\":{}}}",
            word(random),
            random.below(100_000)
        )?;
    }
    text.push_str("],\"note\":\"");
    for _ in 0..random.below(12) {
        write!(text, "{} ", word(random))?;
    }
    text.push_str("\"}");
    Ok(())
}

/// Nanoseconds per kilobyte to parse the document and drop the tree.
pub fn measure(effort: Effort) -> f64 {
    let text = make(5);
    let per_document = fastest(
        Effort {
            sample: std::time::Duration::ZERO,
            ..effort
        },
        |documents| {
            for _ in 0..documents {
                let tree: serde_json::Value =
                    serde_json::from_str(&text).expect("the document is well formed");
                std::hint::black_box(&tree);
            }
            documents
        },
    );
    per_document / (text.len() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_well_formed_and_of_its_size() {
        let text = make(5);
        assert!(text.len() >= BYTES && text.len() < BYTES + 4096);
        assert_eq!(text, make(5));
        let tree: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(tree.as_array().unwrap().len() > 5_000);
    }
}

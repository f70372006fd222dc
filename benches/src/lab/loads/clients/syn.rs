//! Rust sources of about 300 kilobytes, made in code from a seed, parsed to a `syn::File` and dropped.

use std::fmt::{Result, Write};

use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report};
use crate::random::Random;

/// Size to which the sources grow.
const BYTES: usize = 300_000;

/// Words that names are made of.
const WORDS: [&str; 12] = [
    "batch", "cursor", "delta", "entry", "field", "guard", "handle", "index", "journal", "key",
    "ledger", "marker",
];

/// Measures it. An operation is a kilobyte of text.
pub(super) fn run(job: &Job) -> Report {
    crew::run(job, |_| Sources {
        text: make(BYTES, job.seed),
    })
}

struct Sources {
    text: String,
}

impl Part for Sources {
    fn step(&mut self) {
        self.body(1);
    }

    /// Whole files only.
    fn body(&mut self, operations: u64) -> u64 {
        let kilobytes = (self.text.len() / 1000) as u64;
        let files = operations.div_ceil(kilobytes);
        for _ in 0..files {
            let tree = syn::parse_file(&self.text).expect("it is well formed");
            std::hint::black_box(&tree);
        }
        files * kilobytes
    }

    fn has_tail(&self) -> bool {
        false
    }
}

/// A file with items of each kind in turn.
fn make(bytes: usize, seed: u64) -> String {
    let mut text = String::with_capacity(bytes + 8192);
    let mut source = Source {
        text: &mut text,
        random: Random::new(seed),
    };
    let mut number = 0;
    while source.text.len() < bytes {
        source
            .item(number)
            .expect("a string takes all that is written");
        number += 1;
    }
    text
}

struct Source<'t> {
    text: &'t mut String,
    random: Random,
}

impl Source<'_> {
    fn word(&mut self) -> &'static str {
        WORDS[self.random.below(WORDS.len())]
    }

    fn kind(&mut self) -> &'static str {
        const KINDS: [&str; 10] = [
            "u64",
            "&'a str",
            "Option<Box<T>>",
            "Vec<(u32, String)>",
            "[f64; 16]",
            "std::collections::BTreeMap<String, Vec<u8>>",
            "fn(&T, usize) -> bool",
            "Box<dyn Fn(u64) -> Option<&'a T> + Send + 'a>",
            "(i32, i32, core::marker::PhantomData<T>)",
            "*const T",
        ];
        KINDS[self.random.below(KINDS.len())]
    }

    fn item(&mut self, number: usize) -> Result {
        match number % 5 {
            0 => self.structure(number),
            1 => self.choice(number),
            2 => self.implementation(number),
            3 => self.behaviour(number),
            _ => self.module(number),
        }
    }

    fn structure(&mut self, number: usize) -> Result {
        let word = self.word();
        write!(
            self.text,
            "/// What is known of a {word}.\n#[derive(Debug, Clone)]\n#[repr(C)]\npub struct Type{number}<'a, T: Clone + 'a> where T: Send {{\n"
        )?;
        for place in 0..3 + self.random.below(8) {
            let (word, kind) = (self.word(), self.kind());
            writeln!(
                self.text,
                "    /// Its {word}.\n    pub(crate) {word}_{place}: {kind},"
            )?;
        }
        self.text.write_str("}\n\n")
    }

    fn choice(&mut self, number: usize) -> Result {
        writeln!(
            self.text,
            "#[non_exhaustive]\npub enum Choice{number}<'a, T> {{"
        )?;
        for place in 0..3 + self.random.below(6) {
            let kind = self.kind();
            match place % 3 {
                0 => writeln!(self.text, "    Plain{place} = {place},")?,
                1 => writeln!(self.text, "    Tuple{place}({kind}, u8),")?,
                _ => writeln!(self.text, "    Named{place} {{ at: {kind}, with: i64 }},")?,
            }
        }
        self.text.write_str("}\n\n")
    }

    fn implementation(&mut self, number: usize) -> Result {
        let of = number - number % 5;
        writeln!(
            self.text,
            "impl<'a, T: Clone + Send + 'a> Type{of}<'a, T> {{"
        )?;
        for place in 0..2 + self.random.below(4) {
            let (word, kind) = (self.word(), self.kind());
            writeln!(
                self.text,
                "    #[inline]\n    pub fn {word}_{place}(&mut self, mut first: u64, other: {kind}) -> Result<u64, String> {{"
            )?;
            for _ in 0..3 + self.random.below(6) {
                self.statement(2)?;
            }
            self.text.write_str("        Ok(first)\n    }\n\n")?;
        }
        self.text.write_str("}\n\n")
    }

    /// A statement, nested `deeper` times at most.
    fn statement(&mut self, deeper: usize) -> Result {
        let (word, other, number) = (self.word(), self.word(), self.random.below(10_000));
        match self.random.below(if deeper == 0 { 5 } else { 8 }) {
            0 => writeln!(
                self.text,
                "let {word}: u64 = (first + {number}) * 3 - self.{other}_0 as u64 / 2;"
            ),
            1 => writeln!(
                self.text,
                "let {word} = self.{other}_1.iter().enumerate().filter(|(at, one)| *at > {number} && one.0 != 0).map(|(_, one)| one.1.clone()).collect::<Vec<_>>();"
            ),
            2 => writeln!(
                self.text,
                "println!(\"{{}} of {{:?}}: {word}\", {number}, first);"
            ),
            3 => writeln!(
                self.text,
                "self.{word}_0 = Some(Box::new({other}({number}, &first, \"text {number}\")?));"
            ),
            4 => writeln!(
                self.text,
                "first ^= u64::from_le_bytes([{number} as u8, 1, 2, 3, 0x4, 0b101, 6, b'7']);"
            ),
            5 => {
                writeln!(
                    self.text,
                    "if let Some({word}) = self.{other}_2.as_ref() && first > {number} {{"
                )?;
                self.statement(deeper - 1)?;
                self.text.write_str("} else {\n")?;
                self.statement(deeper - 1)?;
                self.text.write_str("}\n")
            }
            6 => {
                writeln!(self.text, "for {word} in (0..{number}).rev().step_by(2) {{")?;
                self.statement(deeper - 1)?;
                self.statement(deeper - 1)?;
                self.text.write_str("}\n")
            }
            _ => {
                writeln!(
                    self.text,
                    "match ({word}, first) {{ (0, _) | (1, 1..=9) => return Err(\"{other}\".into()),"
                )?;
                writeln!(
                    self.text,
                    "(Choice1::Named2 {{ at, .. }}, {word}) if *at == {number} => {{"
                )?;
                self.statement(deeper - 1)?;
                self.text.write_str("}\n_ => unreachable!(),\n}\n")
            }
        }
    }

    fn behaviour(&mut self, number: usize) -> Result {
        let (word, kind) = (self.word(), self.kind());
        writeln!(
            self.text,
            "/// Who has a {word}.\npub trait Behaviour{number}<'a, T = u8>: Clone + 'static {{\n    const MOST: usize = 1 << {};\n    type Kind: Iterator<Item = T> + 'a;",
            number % 30
        )?;
        for place in 0..2 + self.random.below(5) {
            let word = self.word();
            writeln!(
                self.text,
                "    fn {word}_{place}<U: AsRef<[u8]> + ?Sized>(&self, with: &U, kind: {kind}) -> impl Iterator<Item = u8> where Self: Sized;"
            )?;
        }
        self.text.write_str("}\n\n")
    }

    fn module(&mut self, number: usize) -> Result {
        let (word, other) = (self.word(), self.word());
        writeln!(
            self.text,
            "pub mod {word}_{number} {{\n    use super::{{{other}::{{self, *}}, {word} as _}};\n    macro_rules! two {{ ($one:expr, $($rest:tt)*) => {{ ($one, stringify!($($rest)*)) }}; }}"
        )?;
        for place in 0..4 + self.random.below(8) {
            let word = self.word().to_uppercase();
            let first = self.random.below(100_000);
            writeln!(
                self.text,
                "    pub static {word}_{place}: [i64; 6] = [{first}, -1, 2_000, 0xff, {first} + 1, i64::MAX];"
            )?;
        }
        self.text.write_str("}\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_well_formed_whatever_the_seed() {
        for seed in 0..20 {
            let text = make(20_000, seed);
            assert_eq!(text, make(20_000, seed));
            let file = syn::parse_file(&text).unwrap();
            assert!(file.items.len() > 10);
        }
    }

    #[test]
    fn operations_are_kilobytes_of_whole_files() {
        let mut sources = Sources {
            text: make(3500, 1),
        };
        let kilobytes = sources.text.len() as u64 / 1000;
        assert_eq!(sources.body(1), kilobytes);
        assert_eq!(sources.body(kilobytes + 1), 2 * kilobytes);
    }
}

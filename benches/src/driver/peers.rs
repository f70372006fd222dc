//! The peer binaries: where they are, and one run of one of them.

use core::marker::PhantomData;
use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use super::contest::Contestant;
use crate::cores::Sample;

/// A peer binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// The loop without an allocator.
    None,
    System,
    Mimalloc,
    Snmalloc,
    Jemalloc,
    /// `PoolBox`.
    Typed,
    /// `Box` under our global allocator.
    Global,
}

/// The allocators that ours are compared with.
pub(super) const RIVALS: [Peer; 4] = [Peer::System, Peer::Mimalloc, Peer::Snmalloc, Peer::Jemalloc];

impl Contestant for Peer {
    const ALL: &'static [Self] = &[
        Self::None,
        Self::System,
        Self::Mimalloc,
        Self::Snmalloc,
        Self::Jemalloc,
        Self::Typed,
        Self::Global,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::None => "loop",
            Self::System => "System",
            Self::Mimalloc => "mimalloc",
            Self::Snmalloc => "snmalloc",
            Self::Jemalloc => "jemalloc",
            Self::Typed => "typed",
            Self::Global => "global",
        }
    }

    fn binary(self) -> &'static str {
        match self {
            Self::None => "peer_none",
            Self::System => "peer_system",
            Self::Mimalloc => "peer_mimalloc",
            Self::Snmalloc => "peer_snmalloc",
            Self::Jemalloc => "peer_jemalloc",
            Self::Typed => "peer_typed",
            Self::Global => "peer_global",
        }
    }
}

/// What a peer said, as lines of words.
#[derive(Debug, Default)]
pub(super) struct Answer(Vec<Vec<String>>);

impl Answer {
    /// The words after `key`, on every line that begins with it.
    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a [String]> {
        self.0
            .iter()
            .filter(move |line| line[0] == key)
            .map(|line| &line[1..])
    }

    /// The number at `place` after `key`, on the first line that begins with it.
    pub(super) fn number<N: FromStr>(&self, key: &str, place: usize) -> Option<N> {
        self.all(key).next()?.get(place)?.parse().ok()
    }

    /// The samples of two threads.
    pub(super) fn samples(&self) -> impl Iterator<Item = Sample> {
        self.all("sample").filter_map(|words| {
            let [_, ns, before, after, together] = words else {
                return None;
            };
            let probes_ns = [before.parse().ok()?, after.parse().ok()?];
            Some(Sample {
                ns: ns.parse().ok()?,
                probes_ns,
                together: together.parse().ok()?,
            })
        })
    }
}

impl FromStr for Answer {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = |line: &str| {
            line.split_whitespace()
                .map(String::from)
                .collect::<Vec<_>>()
        };
        Ok(Self(
            text.lines()
                .map(words)
                .filter(|line| !line.is_empty())
                .collect(),
        ))
    }
}

/// The folder with the peers.
#[derive(Debug)]
pub(super) struct Peers<P> {
    folder: PathBuf,
    all: PhantomData<P>,
}

impl<P: Contestant> Peers<P> {
    /// Finds the peers beside this program. If cargo started it and `may_build`, cargo brings them up to date first.
    pub(super) fn find(name: &str, may_build: bool) -> Result<Self, Box<dyn Error>> {
        let program = env::current_exe()?;
        let folder = program
            .parent()
            .ok_or("this program is in no folder")?
            .to_path_buf();
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev".to_string(),
            Some(name) => name.to_string(),
        };
        if profile != "bench-lto" {
            eprintln!(
                "{name}: profile `{profile}` is not `bench-lto`: its figures are for a look only"
            );
        }
        let mut build = vec!["build", "--profile", &profile, "-p", "benches"];
        build.extend(["--features", "peers"]);
        build.extend(P::ALL.iter().flat_map(|peer| ["--bin", peer.binary()]));
        if let (true, Some(cargo)) = (may_build, env::var_os("CARGO")) {
            // snmalloc's own build file for cmake defines it; the one for `cc`, which we use, leaves its assertions on.
            let flags = format!("{} -DNDEBUG", env::var("CXXFLAGS").unwrap_or_default());
            let status = Command::new(cargo)
                .args(&build)
                .env("CXXFLAGS", flags.trim())
                .status()?;
            if !status.success() {
                return Err("the peers cannot be built".into());
            }
        }
        let peers = Self {
            folder,
            all: PhantomData,
        };
        for peer in P::ALL {
            let path = peers.path(*peer);
            if !path.exists() {
                let missing = path.display();
                return Err(format!(
                    "{missing} is missing: CXXFLAGS=-DNDEBUG cargo {}",
                    build.join(" ")
                )
                .into());
            }
        }
        Ok(peers)
    }

    fn path(&self, peer: P) -> PathBuf {
        self.folder
            .join(format!("{}{}", peer.binary(), env::consts::EXE_SUFFIX))
    }

    /// Runs a peer and waits for it.
    pub(super) fn ask(&self, peer: P, arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
        ask(&self.path(peer), arguments)
    }
}

fn ask(binary: &Path, arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
    let output = Command::new(binary).args(arguments).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let status = output.status;
        return Err(format!("{} {arguments:?}: {status}\n{said}", binary.display()).into());
    }
    Ok(String::from_utf8(output.stdout)?.parse()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cores::Distance;

    #[test]
    fn an_answer_is_read_by_its_keys() {
        let answer: Answer = "sample near 7.5 60 61 1\nrss 2048\n\nsample far 40 340 350 0.98\n"
            .parse()
            .unwrap();
        assert_eq!(answer.number::<u64>("rss", 0), Some(2048));
        assert_eq!(answer.number::<f64>("ns", 0), None);
        let samples: Vec<_> = answer.samples().collect();
        assert_eq!(
            (samples[0].ns, samples[0].distance()),
            (7.5, Distance::Near)
        );
        assert_eq!(
            (samples[1].together, samples[1].distance()),
            (0.98, Distance::Far)
        );
    }
}

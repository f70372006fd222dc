//! The peer binaries: where they are, and one run of one of them.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use crate::handoff::Distance;

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

pub(super) const ALL: [Peer; 7] = [
    Peer::None,
    Peer::System,
    Peer::Mimalloc,
    Peer::Snmalloc,
    Peer::Jemalloc,
    Peer::Typed,
    Peer::Global,
];

impl Peer {
    /// Its heading in a table.
    pub(super) fn name(self) -> &'static str {
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

    /// The samples of two threads, with their distance and probes.
    pub(super) fn samples(&self) -> impl Iterator<Item = (Distance, f64, [f64; 2])> {
        self.all("sample").filter_map(|words| {
            let [distance, ns, before, after] = words else {
                return None;
            };
            let probes = [before.parse().ok()?, after.parse().ok()?];
            Some((distance.parse().ok()?, ns.parse().ok()?, probes))
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
pub(super) struct Peers {
    folder: PathBuf,
}

impl Peers {
    /// Finds the peers beside this program. If cargo started it and `may_build`, cargo brings them up to date first.
    pub(super) fn find(may_build: bool) -> Result<Self, Box<dyn Error>> {
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
                "ratios: profile `{profile}` is not `bench-lto`: its figures are for a look only"
            );
        }
        let build = [
            "build",
            "--profile",
            &profile,
            "-p",
            "benches",
            "--features",
            "peers",
            "--bins",
        ];
        if let (true, Some(cargo)) = (may_build, env::var_os("CARGO")) {
            // snmalloc's own build file for cmake defines it; the one for `cc`, which we use, leaves its assertions on.
            let flags = format!("{} -DNDEBUG", env::var("CXXFLAGS").unwrap_or_default());
            let status = Command::new(cargo)
                .args(build)
                .env("CXXFLAGS", flags.trim())
                .status()?;
            if !status.success() {
                return Err("the peers cannot be built".into());
            }
        }
        let peers = Self { folder };
        for peer in ALL {
            let path = peers.path(peer);
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

    fn path(&self, peer: Peer) -> PathBuf {
        self.folder
            .join(format!("{}{}", peer.binary(), env::consts::EXE_SUFFIX))
    }

    /// Runs a peer and waits for it.
    pub(super) fn ask(&self, peer: Peer, arguments: &[&str]) -> Result<Answer, Box<dyn Error>> {
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

    #[test]
    fn an_answer_is_read_by_its_keys() {
        let answer: Answer = "sample near 7.5 60 61\nrss 2048\n\nsample far 40 340 350\n"
            .parse()
            .unwrap();
        assert_eq!(answer.number::<u64>("rss", 0), Some(2048));
        assert_eq!(answer.number::<f64>("ns", 0), None);
        let samples: Vec<_> = answer.samples().collect();
        assert_eq!(samples[0], (Distance::Near, 7.5, [60.0, 61.0]));
        assert_eq!(samples[1].0, Distance::Far);
    }
}

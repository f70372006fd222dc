//! The binaries that are measured: built by cargo, started once for each job.

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::instructions;
use super::options::Options;
use crate::lab::contestant::Contestant;
use crate::lab::job::{Job, Report};
use crate::lab::peer::CANNOT;

/// The cargo feature of the rows of real libraries.
const CLIENTS: &str = "clients";

/// The folder with the binaries.
#[derive(Debug)]
pub(super) struct Peers {
    folder: PathBuf,
    /// The profile they were built in.
    pub(super) profile: String,
}

impl Peers {
    /// Finds the binaries of `contestants` beside this program, or in the folder of the profile that is wished. If cargo
    /// started this program, cargo brings them up to date first.
    ///
    /// # Errors
    /// If one cannot be built or is missing.
    pub(super) fn find(
        options: &Options,
        contestants: &[Contestant],
    ) -> Result<Self, Box<dyn Error>> {
        let program = env::current_exe()?;
        let own = program.parent().ok_or("this program is in no folder")?;
        let (folder, profile) = place(own, options.profile.as_deref());
        if options.shards.is_some() && (options.no_build || env::var_os("CARGO").is_none()) {
            return Err("--shards is a constant of the peer: it needs cargo to build it".into());
        }
        let peers = Self { folder, profile };
        // One build for each set of features: mimalloc 2 and 3 are features of one crate.
        let mut builds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for one in contestants {
            let binaries = builds.entry(one.feature()).or_default();
            if !binaries.contains(&one.binary()) {
                binaries.push(one.binary());
            }
        }
        for (feature, binaries) in builds {
            peers.build(options, feature, &binaries)?;
        }
        Ok(peers)
    }

    fn build(
        &self,
        options: &Options,
        feature: &str,
        binaries: &[&str],
    ) -> Result<(), Box<dyn Error>> {
        let mut words = vec!["build", "--profile", &self.profile, "-p", "benches"];
        // Whatever is asked for, the same binaries: where code happens to lie decides the shortest rows.
        let features = [CLIENTS, feature].join(",");
        words.extend(["--features", features.trim_end_matches(',')]);
        words.extend(binaries.iter().flat_map(|binary| ["--bin", binary]));
        // snmalloc's own build file for cmake defines it; the one for `cc`, which we use, leaves its assertions on.
        let flags = format!("{} -DNDEBUG", env::var("CXXFLAGS").unwrap_or_default());
        if let (false, Some(cargo)) = (options.no_build, env::var_os("CARGO")) {
            let mut command = Command::new(cargo);
            command.args(&words).env("CXXFLAGS", flags.trim());
            if let Some(shards) = options.shards {
                command.env("SYDRA_BENCH_SHARDS", shards.to_string());
            }
            if options.quiet {
                command.arg("--quiet");
            }
            if !command.status()?.success() {
                return Err("the peers cannot be built".into());
            }
        }
        match binaries
            .iter()
            .map(|binary| self.path(binary))
            .find(|path| !path.exists())
        {
            None => Ok(()),
            Some(path) => Err(format!(
                "{} is missing: CXXFLAGS=-DNDEBUG cargo {}",
                path.display(),
                words.join(" ")
            )
            .into()),
        }
    }

    fn path(&self, binary: &str) -> PathBuf {
        self.folder
            .join(format!("{binary}{}", env::consts::EXE_SUFFIX))
    }

    /// Has a process do the job. `None` if it says that it cannot.
    ///
    /// # Errors
    /// If it cannot be started, fails, or answers nonsense.
    pub(super) fn ask(&self, job: &Job) -> Result<Option<Report>, Box<dyn Error>> {
        ask(&self.path(job.contestant.binary()), job)
    }

    /// Has Callgrind count the instructions of an operation.
    ///
    /// # Errors
    /// If Callgrind or the process cannot be started or fails.
    pub(super) fn count(&self, job: &Job) -> Result<f64, Box<dyn Error>> {
        instructions::count(&self.path(job.contestant.binary()), job)
    }
}

/// The folder of the binaries and the profile they are built in: `wished`, or that of the program, which is in `own`.
fn place(own: &Path, wished: Option<&str>) -> (PathBuf, String) {
    let Some(profile) = wished else {
        let profile = match own.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(name) => name,
        };
        return (own.into(), profile.into());
    };
    // Two profiles of cargo's own have a folder of another name.
    let name = match profile {
        "dev" | "test" => "debug",
        "bench" => "release",
        name => name,
    };
    (own.with_file_name(name), profile.into())
}

fn ask(binary: &Path, job: &Job) -> Result<Option<Report>, Box<dyn Error>> {
    let output = Command::new(binary)
        .arg(serde_json::to_string(job)?)
        .output()?;
    if output.status.code() == Some(i32::from(CANNOT)) {
        return Ok(None);
    }
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let (row, contestant, status) = (&job.row, job.contestant, output.status);
        return Err(format!("{contestant} at {row}: {status}\n{said}").into());
    }
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_in_the_folder_of_their_profile() {
        let own = Path::new("target/debug");
        let at = |wished| {
            let (folder, profile) = place(own, wished);
            (folder.to_str().map(String::from), profile)
        };
        let expected = |folder: &str, profile: &str| (Some(folder.into()), profile.into());
        assert_eq!(at(None), expected("target/debug", "dev"));
        assert_eq!(
            at(Some("bench-lto")),
            expected("target/bench-lto", "bench-lto")
        );
        assert_eq!(at(Some("test")), expected("target/debug", "test"));
        assert_eq!(at(Some("bench")), expected("target/release", "bench"));
    }
}

//! Instructions of an operation, counted exactly by Callgrind.
//!
//! Each row is run twice with different numbers of operations; the difference leaves out everything that happens once.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use crate::lab::job::{Job, Report};

/// Operations of a sample in the two runs. Multiples of a thousand, so that deep rows do whole rounds.
const FEW: u64 = 16_000;
const MANY: u64 = 48_000;

/// Whether Callgrind is there.
pub(super) fn can_count() -> bool {
    let tried = Command::new("valgrind").arg("--version").output();
    tried.is_ok_and(|output| output.status.success())
}

/// Instructions for each operation of the job, the loop included.
///
/// # Errors
/// If Callgrind cannot be started, or the process fails under it.
pub(super) fn count(binary: &Path, job: &Job) -> Result<f64, Box<dyn Error>> {
    let few = total(binary, job, FEW)?;
    let many = total(binary, job, MANY)?;
    Ok((many.instructions - few.instructions) / (many.operations - few.operations))
}

#[derive(Debug)]
struct Total {
    instructions: f64,
    operations: f64,
}

fn total(binary: &Path, job: &Job, operations: u64) -> Result<Total, Box<dyn Error>> {
    let job = Job {
        ops: Some(operations),
        // No more samples than there must be.
        seconds: 0.0,
        tail: false,
        sample_ms: 0,
        ..job.clone()
    };
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(binary)
        .arg(serde_json::to_string(&job)?)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!(
            "{} at {} under valgrind: {}\n{said}",
            job.contestant, job.row, output.status
        )
        .into());
    }
    let report: Report = serde_json::from_slice(&output.stdout)?;
    let operations = report.figures.get("operations").copied();
    Ok(Total {
        instructions: collected(&said).ok_or("valgrind did not say what it collected")?,
        operations: operations.ok_or("the process did not say how many operations it did")?,
    })
}

/// Callgrind's sum, on the line `==1== Collected : 123`.
fn collected(said: &str) -> Option<f64> {
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_read() {
        let said = "==12== Events    : Ir\n==12== Collected : 1234567\n==12== \n";
        assert_eq!(collected(said), Some(1_234_567.0));
        assert_eq!(collected("==12== Events : Ir\n"), None);
    }
}

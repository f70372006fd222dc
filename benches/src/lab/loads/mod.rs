//! The workloads. Each module's `run` measures one row as the job says.

#[cfg(feature = "clients")]
pub mod clients;
pub mod memory;
pub mod orders;

/// A job that ends soon, for tests.
#[cfg(test)]
pub(crate) fn a_job(row: &str) -> super::job::Job {
    super::job::Job {
        row: row.parse().expect("there is such a row"),
        contestant: super::contestant::Contestant::System,
        seconds: 0.05,
        ops: Some(2),
        seed: 1,
        pin: false,
        prefault: false,
        tail: false,
        rate: None,
        remote_ratio: None,
        sizes: None,
        sample_ms: 5,
        inject: None,
    }
}

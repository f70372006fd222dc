//! How long rows may take: a time for all, and others for some.

use core::str::FromStr;

use super::options::workloads;
use crate::lab::workload::Workload;

/// Seconds, for all rows or for those of some workloads.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowance {
    /// Whose rows; none for all that have no time of their own.
    of: Option<Vec<Workload>>,
    seconds: f64,
}

impl Allowance {
    /// What a workload's rows are given: the last time that names it, or else the last that names none.
    pub(super) fn of(all: &[Self], workload: Workload) -> Option<f64> {
        let last = |fits: &dyn Fn(&Option<Vec<Workload>>) -> bool| {
            let mut from_last = all.iter().rev();
            from_last.find(|one| fits(&one.of)).map(|one| one.seconds)
        };
        last(&|of| of.as_ref().is_some_and(|named| named.contains(&workload)))
            .or_else(|| last(&Option::is_none))
    }
}

impl FromStr for Allowance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (of, seconds) = match text.split_once('=') {
            Some((name, seconds)) => (Some(workloads(name)?.0), seconds),
            None => (None, text),
        };
        let seconds = positive(seconds)?;
        Ok(Self { of, seconds })
    }
}

/// A number above 0.
pub(super) fn positive(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    if number.is_finite() && number > 0.0 {
        Ok(number)
    } else {
        Err("must be above 0".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_time_that_names_a_workload_counts() {
        let all = |text: &str| -> Vec<Allowance> {
            text.split(',').map(|one| one.parse().unwrap()).collect()
        };
        let given = all("clients=3,json=4,2,1");
        let of = |workload| Allowance::of(&given, workload);
        assert_eq!(
            [of(Workload::Json), of(Workload::Syn), of(Workload::Larson)],
            [Some(4.0), Some(3.0), Some(1.0)]
        );
        assert_eq!(Allowance::of(&all("json=4"), Workload::Syn), None);
        assert_eq!(
            Allowance::of(&all("json=4,clients=5"), Workload::Json),
            Some(5.0)
        );
        for wrong in ["", "0", "json=", "jason=1", "=1", "json=1=2", "-1"] {
            assert!(wrong.parse::<Allowance>().is_err(), "{wrong}");
        }
    }
}

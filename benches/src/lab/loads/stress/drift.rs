//! What the rounds of a stress say: whether it becomes slower, and whether more and more waits.

use std::collections::BTreeMap;

use crate::clock::median;

/// One round of all threads.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Round {
    /// Latencies in nanoseconds: p50, p99, p999.
    pub(super) latency_ns: [u64; 3],
    /// Entries that were retired and waited at its end.
    pub(super) backlog: u64,
}

const NAMES: [&str; 3] = ["p50", "p99", "p999"];

/// The rounds as figures. Drift is the median of the last quarter over the median of the first: 1 is none.
pub(super) fn figures(rounds: &[Round]) -> BTreeMap<String, f64> {
    let quarter = (rounds.len() / 4).max(1).min(rounds.len());
    let (first, last) = (&rounds[..quarter], &rounds[rounds.len() - quarter..]);
    let middle = |part: &[Round], of: &dyn Fn(&Round) -> u64| {
        median(part.iter().map(|round| of(round) as f64).collect()).unwrap_or(0.0)
    };
    let mut figures = BTreeMap::from([("stress.rounds".to_string(), rounds.len() as f64)]);
    for (place, name) in NAMES.into_iter().enumerate() {
        let of = |round: &Round| round.latency_ns[place];
        figures.insert(format!("stress.{name}"), middle(rounds, &of));
        let drift = middle(last, &of) / middle(first, &of).max(1.0);
        figures.insert(format!("stress.drift_{name}"), drift);
    }
    let backlog = |round: &Round| round.backlog;
    let most = rounds.iter().map(backlog).max().unwrap_or(0);
    figures.extend([
        ("stress.backlog_first".to_string(), middle(first, &backlog)),
        ("stress.backlog_last".to_string(), middle(last, &backlog)),
        ("stress.backlog_max".to_string(), most as f64),
        // From nothing to one is no drift.
        (
            "stress.drift_backlog".to_string(),
            (middle(last, &backlog) + 1.0) / (middle(first, &backlog) + 1.0),
        ),
    ]);
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(ns: u64, backlog: u64) -> Round {
        Round {
            latency_ns: [ns, 2 * ns, 5 * ns],
            backlog,
        }
    }

    #[test]
    fn drift_is_the_last_quarter_over_the_first() {
        // The middle is not looked at, and one bad round is no drift.
        let mut rounds = vec![round(100, 9); 4];
        rounds[1] = round(90_000, 9);
        rounds.extend(vec![round(7, 1000); 8]);
        rounds.extend(vec![round(150, 19); 4]);
        let figures = figures(&rounds);
        for name in ["stress.drift_p50", "stress.drift_p99", "stress.drift_p999"] {
            assert_eq!(figures[name], 1.5, "{name}");
        }
        assert_eq!(figures["stress.drift_backlog"], 2.0);
        assert_eq!(figures["stress.backlog_max"], 1000.0);
        assert_eq!(figures["stress.rounds"], 16.0);
    }

    #[test]
    fn few_rounds_have_no_drift() {
        assert_eq!(figures(&[round(100, 0)])["stress.drift_p99"], 1.0);
        assert_eq!(figures(&[])["stress.rounds"], 0.0);
    }
}

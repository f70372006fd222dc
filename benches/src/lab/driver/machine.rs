//! The machine, and whether it left us alone.

use std::fs;
use std::thread;

use super::results::{Figures, Machine, Results};
use crate::lab::time::Calibration;

/// Looks at the machine before a run; [`Watch::end`] completes it after.
#[derive(Debug)]
pub(super) struct Watch {
    load: f64,
    ticks: Option<Ticks>,
    clock: Calibration,
}

/// Ticks that the system has counted, over all cores.
#[derive(Debug, Clone, Copy)]
struct Ticks {
    all: u64,
    stolen: u64,
}

impl Watch {
    pub(super) fn begin() -> Self {
        Self {
            load: load(),
            ticks: ticks(&read("/proc/stat")),
            clock: Calibration::measure(),
        }
    }

    pub(super) fn clock(&self) -> &Calibration {
        &self.clock
    }

    pub(super) fn end(&self) -> Machine {
        let now = ticks(&read("/proc/stat"));
        let stolen = self.ticks.zip(now).map_or(0.0, |(then, now)| {
            (now.stolen - then.stolen) as f64 / (now.all - then.all).max(1) as f64
        });
        Machine {
            processor: processor(&read("/proc/cpuinfo")),
            cores: thread::available_parallelism().map_or(1, usize::from),
            system: format!(
                "{} {}",
                std::env::consts::OS,
                read("/proc/sys/kernel/osrelease").trim()
            ),
            clock: self.clock,
            load: [self.load, load()],
            stolen,
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn load() -> f64 {
    let text = read("/proc/loadavg");
    let first = text
        .split_whitespace()
        .next()
        .and_then(|word| word.parse().ok());
    first.unwrap_or(0.0)
}

fn processor(cpuinfo: &str) -> String {
    let line = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let name = line
        .and_then(|rest| rest.split_once(':'))
        .map(|(_, name)| name.trim());
    name.unwrap_or(std::env::consts::ARCH).into()
}

/// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal, and two that are part of the first.
fn ticks(stat: &str) -> Option<Ticks> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let numbers: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .map_while(|word| word.parse().ok())
        .collect();
    Some(Ticks {
        all: numbers.iter().sum(),
        stolen: *numbers.get(7)?,
    })
}

/// What speaks against believing the times of a run; empty if nothing does.
pub(super) fn noise(results: &Results) -> Vec<String> {
    let mut reasons = Vec::new();
    let machine = &results.machine;
    let busy = 0.5 * machine.cores as f64;
    if machine.load[0] > busy {
        reasons.push(format!(
            "the load was {:.1} before the run",
            machine.load[0]
        ));
    }
    if machine.stolen > 0.02 {
        reasons.push(format!(
            "the host gave {:.0} % of the time to others",
            machine.stolen * 100.0
        ));
    }
    let mut widths: Vec<f64> = results
        .rows
        .iter()
        .flat_map(|row| &row.contestants)
        .filter_map(width)
        .collect();
    widths.sort_by(f64::total_cmp);
    if let Some(&middle) = widths.get(widths.len() / 2)
        && middle > WIDE
    {
        reasons.push(format!(
            "half of the intervals are wider than {:.0} % of their medians",
            middle * 100.0
        ));
    }
    reasons
}

/// An interval this wide, as a part of its median, decides nothing.
const WIDE: f64 = 0.15;

/// Nothing to say of fewer rounds: their interval is no measure.
const ROUNDS_LEAST: usize = 5;

fn width(figures: &Figures) -> Option<f64> {
    let ns = figures
        .ns
        .filter(|_| figures.ns_rounds.len() >= ROUNDS_LEAST)?;
    (ns.median > 0.0).then(|| (ns.high - ns.low) / ns.median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_read() {
        let stat = ticks("cpu  10 1 5 80 2 0 1 7 9 9\ncpu0 1 2\n").unwrap();
        assert_eq!((stat.all, stat.stolen), (106, 7));
        assert!(ticks("").is_none() && ticks("cpu  1 2\n").is_none());
        assert_eq!(
            processor("x\t: 1\nmodel name\t: Fast CPU @ 3 GHz\n"),
            "Fast CPU @ 3 GHz"
        );
    }
}

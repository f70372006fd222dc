//! What the run prints.

use crate::calendar::Minute;
use crate::model::Expected;
use crate::query::{Answer, Question};
use crate::readers::{Finished, Task};
use crate::workload::Workload;
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::time::Duration;
use sydra_pool::EpochFigures;

/// The measured rounds of one kind of pointer.
#[derive(Debug)]
pub struct Rounds {
    pub name: &'static str,
    /// What a round did: writes and questions.
    pub operations: u64,
    pub elapsed: Vec<Duration>,
}

impl Rounds {
    /// Operations per second in each round, slowest first.
    fn rates(&self) -> Vec<f64> {
        let rate = |elapsed: &Duration| self.operations as f64 / elapsed.as_secs_f64().max(1e-9);
        let mut rates = self.elapsed.iter().map(rate).collect::<Vec<_>>();
        rates.sort_by(f64::total_cmp);
        rates
    }
}

/// The middle of sorted figures; 0 of none.
fn median(sorted: &[f64]) -> f64 {
    match sorted.len() {
        0 => 0.0,
        len => (sorted[(len - 1) / 2] + sorted[len / 2]) / 2.0,
    }
}

/// Prints the answers to the closing questions.
pub fn answers(out: &mut dyn Write, workload: &Workload, got: &Expected) -> io::Result<()> {
    let width = workload
        .closing
        .iter()
        .map(|question| question.to_string().len())
        .max();
    let width = width.unwrap_or(0);
    let head = ["flights", "mean delay", "distance", "last report"];
    let [flights, delay, distance, report] = head;
    writeln!(
        out,
        "{:width$}  {flights:>10}  {delay:>10}  {distance:>17}  {report:16}",
        "answers"
    )?;
    let closing = got.answers.iter().skip(workload.questions.len());
    for (question, answer) in workload.closing.iter().zip(closing) {
        line(out, question, answer, width)?;
    }
    if let Some(Answer { earliest, .. }) = got.answers.last()
        && let Some(question) = workload.closing.last()
    {
        let mut named = String::new();
        for key in earliest.iter().flatten() {
            let _ = write!(named, "  {key}");
        }
        writeln!(out, "earliest of the last ({question}):{named}")?;
    }
    Ok(())
}

fn line(out: &mut dyn Write, question: &Question, answer: &Answer, width: usize) -> io::Result<()> {
    let question = question.to_string();
    let flights = Grouped(answer.flights).to_string();
    let delay = format!("{:.2} min", answer.mean_delay());
    let distance = format!("{} mi", Grouped(answer.distance_miles));
    let report = answer
        .last_report
        .as_ref()
        .map_or_else(|| "-".to_owned(), Minute::to_string);
    writeln!(
        out,
        "{question:width$}  {flights:>10}  {delay:>10}  {distance:>17}  {report}"
    )
}

/// Prints the speed of both kinds of pointer and their ratio.
pub fn speed(out: &mut dyn Write, pooled: &Rounds, boxed: &Rounds) -> io::Result<()> {
    let rounds = pooled.elapsed.len();
    writeln!(
        out,
        "{:22}  {:>12}  {:>12}  {:>12}",
        "operations per second", "median", "slowest", "fastest"
    )?;
    let (pooled_rates, boxed_rates) = (pooled.rates(), boxed.rates());
    for (kind, rates) in [(pooled, &pooled_rates), (boxed, &boxed_rates)] {
        let slowest = rates.first().copied().unwrap_or_default();
        let fastest = rates.last().copied().unwrap_or_default();
        let [median, slowest, fastest] =
            [median(rates), slowest, fastest].map(|rate| Grouped(rate as u64).to_string());
        writeln!(
            out,
            "  {:20}  {median:>12}  {slowest:>12}  {fastest:>12}",
            kind.name
        )?;
    }
    writeln!(
        out,
        "  (Box is served by the allocator of this program: the system's)"
    )?;
    let ratio = median(&pooled_rates) / median(&boxed_rates);
    writeln!(
        out,
        "  {} / {}: {ratio:.2} (above 1 the pool is faster; {rounds} alternating rounds of {} operations)",
        pooled.name,
        boxed.name,
        Grouped(pooled.operations),
    )
}

/// Prints what writers and readers did with the shared list, and the epoch's figures.
pub fn shared(out: &mut dyn Write, task: &Task<'_>, finished: &Finished) -> io::Result<()> {
    let (done, epoch) = (&finished.done, &finished.epoch);
    let [inserted, overwritten, deleted, asked, rows] = [
        done.inserted,
        done.overwritten,
        done.deleted,
        done.asked,
        done.rows,
    ]
    .map(Grouped);
    let (writers, readers) = (task.writers, task.readers);
    let (seconds, pins) = (finished.elapsed.as_secs_f64(), epoch.pinned_threads);
    writeln!(
        out,
        "shared    one lock-free list, {writers} writers: {inserted} inserted, {overwritten} overwritten, {deleted} deleted"
    )?;
    writeln!(
        out,
        "          {readers} readers meanwhile: {asked} ranges of {rows} flights, each intact and in its place; {seconds:.2} s"
    )?;
    writeln!(
        out,
        "checked   {} rows at {} stops, and the closing answers: all equal to the BTreeMap's\n",
        Grouped(finished.compared),
        task.stops
    )?;
    writeln!(
        out,
        "{:22}  {:>12}  {:>12}",
        "epoch", "last stop", "at most"
    )?;
    for (name, now, most) in [
        (
            "limbo, objects",
            epoch.limbo_objects,
            epoch.limbo_objects_peak,
        ),
        ("limbo, bytes", epoch.limbo_bytes, epoch.limbo_bytes_peak),
        ("lag", epoch.lag, finished.lag_peak),
    ] {
        let [now, most] = [now, most].map(|figure| Grouped(figure).to_string());
        writeln!(out, "  {name:20}  {now:>12}  {most:>12}")?;
    }
    let [advances, forced, stalls] = [epoch.advances, epoch.forced, epoch.stalls].map(Grouped);
    writeln!(
        out,
        "  {advances} advances, {forced} forced, {stalls} stalls; {pins} of {} threads pinned",
        epoch.participants
    )
}

/// Prints what is left when the readers are gone.
pub fn collected(out: &mut dyn Write, finished: &Finished, epoch: &EpochFigures) -> io::Result<()> {
    let [retired, reclaimed] = [epoch.retired, epoch.reclaimed].map(Grouped);
    let keys = Grouped(finished.list.len() as u64);
    writeln!(
        out,
        "collected {retired} retired, {reclaimed} reclaimed; {keys} nodes and as many records alive, as in the BTreeMap"
    )
}

/// A number with commas between the thousands.
#[derive(Debug, Clone, Copy)]
pub struct Grouped(pub u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut text = String::with_capacity(digits.len() * 4 / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests;

//! The driver: starts a process for each row, contestant and round, and says what came out.

mod allowance;
mod comparison;
mod file;
#[cfg(test)]
mod fixture;
mod gate;
#[cfg(test)]
mod guide;
mod instructions;
mod machine;
mod marks;
mod merge;
mod options;
mod page;
mod peers;
mod plot;
pub mod results;
mod saturation;
mod standing;
pub mod stats;
mod table;
mod told;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};

use super::contestant::{Contestant, Kind};
use super::workload::{Group, Workload};
use gate::{Gate, Judged, Verdict};
pub use options::Options;
use page::Page;
use peers::Peers;
use results::{Collected, Results, SCHEMA};

/// Does what the command line says.
///
/// # Errors
/// If a peer cannot be built or started or answers nonsense, if a file cannot be read or written, or if nobody can do
/// what was asked for.
pub fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    if options.list {
        list();
        return Ok(ExitCode::SUCCESS);
    }
    // A wrong file is said before the long work, not after.
    let gate = options.gate.as_deref().map(Gate::read).transpose()?;
    if gate.as_ref().is_some_and(Gate::needs_baseline) && options.baseline.is_none() {
        return Err("a limit of the gate is to a baseline: --baseline FILE".into());
    }
    let baseline = options.baseline.as_deref().map(file::read).transpose()?;
    let page = options.page.as_deref().map(Page::read).transpose()?;
    let also = read_all(&options.also)?;
    if let Some(path) = &options.json {
        file::prepare(path)?;
    }
    let results = if options.from.is_empty() {
        measure(options)?
    } else {
        merge::merged(read_all(&options.from)?)?
    };
    show(options, &results, baseline.as_ref())?;
    if let Some(page) = &page {
        let plots = page.write(&results, &also)?;
        if !options.quiet {
            println!("\nthe page is written, with {plots} plots beside it");
        }
    }
    let Some(gate) = gate else {
        return Ok(ExitCode::SUCCESS);
    };
    let judged = gate.judge(&results, baseline.as_ref());
    print!("\n{}", gate::text(&judged));
    Ok(exit_code(&judged))
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Results>, Box<dyn Error>> {
    paths.iter().map(|path| file::read(path)).collect()
}

/// 0 if all limits were kept, 1 if one was not, 3 if only times were not and the machine was too noisy to judge them.
fn exit_code(judged: &[Judged]) -> ExitCode {
    let any = |verdict| judged.iter().any(|one| one.verdict == verdict);
    if any(Verdict::Fail) || any(Verdict::Missing) {
        ExitCode::from(1)
    } else if any(Verdict::Noisy) {
        ExitCode::from(3)
    } else {
        ExitCode::SUCCESS
    }
}

/// Writes, draws and prints what was asked for.
fn show(
    options: &Options,
    results: &Results,
    baseline: Option<&Results>,
) -> Result<(), Box<dyn Error>> {
    if let Some(path) = &options.json {
        file::write(results, path)?;
    }
    if !options.quiet {
        print!("{}", table::text(results, options.full));
    }
    if let (Some(baseline), false) = (baseline, options.quiet) {
        print!("{}", comparison::text(results, baseline, options.full));
    }
    if let Some(folder) = &options.plot {
        let drawn = plot::draw(results, folder, &|_| true)?;
        if !options.quiet {
            println!(
                "\n{} plots in {}, each as .svg and .png",
                drawn.len() / 2,
                folder.display()
            );
        }
    }
    Ok(())
}

fn list() {
    println!("contestants (--allocator):");
    for one in Contestant::ALL {
        println!("  {one}");
    }
    println!("\nworkloads (--workload), by group:");
    for group in Group::ALL {
        println!("  {}", group.name());
        let of_group = Workload::ALL
            .iter()
            .filter(|one| one.about().group == group);
        for one in of_group {
            println!("    {:10} {}", one.name(), one.about().shows);
        }
    }
}

/// Measures all that was asked for.
fn measure(options: &Options) -> Result<Results, Box<dyn Error>> {
    let contestants = options.contestants();
    let takes_part =
        |one: &&Contestant| options.rows().iter().any(|row| row.workload.is_for(**one));
    let taking_part: Vec<Contestant> = contestants.iter().filter(takes_part).copied().collect();
    if taking_part.is_empty() {
        return Err("none of these contestants can do any of these workloads".into());
    }
    if options.instructions && !instructions::can_count() {
        return Err("--instructions needs valgrind".into());
    }
    let peers = Peers::find(options, &taking_part)?;
    let began = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let watch = machine::Watch::begin();
    let mut collected: Vec<Collected> = options.rows().into_iter().map(Collected::new).collect();
    let rounds = options.rounds();
    let rates = saturation::Rates::find(options, &peers, &taking_part)?;
    let progress = progress(options, &collected, &taking_part);
    let results = |collected: &[Collected], rounds: u32| Results {
        schema: SCHEMA,
        unix_seconds: began.as_secs(),
        command: std::env::args().skip(1).collect(),
        profile: peers.profile.clone(),
        rounds,
        machine: watch.end(),
        rows: collected
            .iter()
            .flat_map(|one| one.measured(watch.clock()))
            .collect(),
    };
    for round in 0..rounds as usize {
        for one in &mut collected {
            if round >= options.rounds_of(&one.row) as usize {
                continue;
            }
            let here = taking_part
                .iter()
                .filter(|who| one.row.workload.is_for(**who));
            let here: Vec<Contestant> = here.copied().collect();
            for turn in 0..here.len() {
                // Another one begins each round, so that nobody always follows the same neighbour.
                let contestant = here[(turn + round) % here.len()];
                progress.set_message(format!(
                    "round {} of {rounds}: {} {contestant}",
                    round + 1,
                    one.row
                ));
                let mut job = options.job(one.row.clone(), contestant);
                rates.set(&mut job);
                if let Some(mut report) = peers.ask(&job)? {
                    rates.tell(&job, &mut report);
                    one.reports.entry(contestant).or_default().push(report);
                }
                progress.inc(1);
            }
        }
        // Whatever ends a long run before its time, the rounds until then are not lost.
        if let Some(path) = &options.json {
            file::write(&results(&collected, round as u32 + 1), path)?;
        }
    }
    if options.instructions {
        for one in collected.iter_mut().filter(|one| one.row.threads == 1) {
            for (&contestant, reports) in &mut one.reports {
                progress.set_message(format!("instructions: {} {contestant}", one.row));
                let counted = peers.count(&options.job(one.row.clone(), contestant))?;
                for report in reports {
                    report.figures.insert("instructions".into(), counted);
                }
            }
        }
    }
    progress.finish_and_clear();
    Ok(results(&collected, rounds))
}

/// A bar on a terminal, nothing elsewhere.
fn progress(options: &Options, rows: &[Collected], contestants: &[Contestant]) -> ProgressBar {
    if options.quiet {
        return ProgressBar::hidden();
    }
    let able = |row: &Collected| {
        let here = contestants
            .iter()
            .filter(|one| row.row.workload.is_for(**one));
        here.count() as u64 * u64::from(options.rounds_of(&row.row))
    };
    let bar = ProgressBar::new(rows.iter().map(able).sum());
    let style =
        ProgressStyle::with_template("{elapsed_precise} [{bar:30}] {pos}/{len} {msg}, {eta} left");
    bar.set_style(
        style
            .expect("the template is well formed")
            .progress_chars("=> "),
    );
    bar
}

/// Whether a contestant is a rival of ours.
fn is_rival(contestant: Contestant) -> bool {
    !contestant.is_ours() && contestant.kind() != Kind::Loop
}

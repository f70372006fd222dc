//! The tables that a person reads.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::results::{Figures, Measured, Results};
use super::{is_rival, machine, told};

/// Everything that is printed about a run.
pub(super) fn text(results: &Results) -> String {
    let mut text = head(results);
    for row in &results.rows {
        let _ = write!(
            text,
            "\n{}\n{}\n{}",
            title(row),
            block(row),
            told::text(row)
        );
    }
    text
}

fn head(results: &Results) -> String {
    let machine = &results.machine;
    let mut text = format!(
        "{}, {} cores, {}; profile {}, {} rounds\nthe clock steps by {:.0} ns, a reading costs {:.0} ns: single operations below {:.0} ns are not told apart\nload {:.2} before, {:.2} after; {:.1} % stolen by the host\n",
        machine.processor,
        machine.cores,
        machine.system,
        results.profile,
        results.rounds,
        machine.clock.step_ns,
        machine.clock.reading_ns,
        machine.clock.floor_ns(),
        machine.load[0],
        machine.load[1],
        machine.stolen * 100.0,
    );
    for reason in machine::noise(results) {
        let _ = writeln!(text, "WARNING: too noisy to judge times: {reason}");
    }
    text
}

fn title(measured: &Measured) -> String {
    let mut title = measured.row.to_string();
    if let (Some(distance), Some(trip)) = (measured.distance, measured.trip_ns) {
        let _ = write!(title, ", cores {distance} (round trip {trip:.0} ns)");
    }
    title
}

/// The contestants of a row, the fastest first.
fn block(measured: &Measured) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header([
        "",
        "ns/op",
        "95 % interval",
        "to best rival",
        "p50",
        "p99",
        "p999",
        "max",
        "peak MiB",
    ]);
    let best = measured
        .contestants
        .iter()
        .filter(|one| is_rival(one.contestant))
        .filter_map(|one| one.ns)
        .min_by(|one, other| one.median.total_cmp(&other.median));
    let mut order: Vec<&Figures> = measured.contestants.iter().collect();
    let key = |one: &Figures| one.ns.map_or(f64::INFINITY, |ns| ns.median);
    order.sort_by(|one, other| key(one).total_cmp(&key(other)));
    for one in order {
        let ns = one.ns;
        let tail = one.tail.as_ref();
        let ratio = ns.zip(best).map(|(ns, best)| {
            let apart = if ns.differs(&best) { "" } else { " ~" };
            format!("{:.2}{apart}", ns.median / best.median)
        });
        table.add_row([
            one.contestant.to_string(),
            number(ns.map(|ns| ns.median)),
            ns.map_or("-".into(), |ns| format!("{:.2}..{:.2}", ns.low, ns.high)),
            ratio.unwrap_or("-".into()),
            whole(tail.and_then(|tail| tail.p50)),
            whole(tail.and_then(|tail| tail.p99)),
            whole(tail.and_then(|tail| tail.p999)),
            whole(tail.and_then(|tail| tail.max)),
            number(one.memory.peak_rss_kib.map(|kib| kib / 1024.0)),
        ]);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn number(figure: Option<f64>) -> String {
    figure.map_or("-".into(), |figure| format!("{figure:.2}"))
}

fn whole(figure: Option<f64>) -> String {
    figure.map_or("-".into(), |figure| format!("{figure:.0}"))
}

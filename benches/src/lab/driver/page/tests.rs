//! Tests of the page.

use super::super::fixture;
use super::*;
use crate::lab::contestant::Contestant;

fn page(parts: &[&str]) -> String {
    let part = |name: &&str| format!("words before {name}\n{BEGIN}{name} -->\nold figures\n{END}");
    let parts: String = parts.iter().map(part).collect();
    format!("# Title\n{parts}words at the end\n")
}

fn written(text: &str, results: &Results) -> String {
    filled(text, (results, &[]), "page", &[])
}

#[test]
fn prose_stays_and_figures_go() {
    let text = page(&["goals", "threads"]);
    let now = written(&text, &fixture::results(20));
    for kept in [
        "# Title\n",
        "words before goals\n",
        "words before threads\n",
        "words at the end\n",
    ] {
        assert!(now.contains(kept), "{kept}: {now}");
    }
    assert!(!now.contains("old figures"), "{now}");
    // The same again: what is written is found and exchanged.
    assert_eq!(written(&now, &fixture::results(20)), now);
}

#[test]
fn every_part_has_its_tables() {
    let names: Vec<&str> = Part::all().map(Part::name).collect();
    let now = written(&page(&names), &fixture::results(40));
    for part in [
        // run
        "2026-05-28 20:26 UTC",
        "near in 1 rows (a cache line's round trip: 62 ns in the median)",
        // goals
        "| typed pools | time to the best of each row, geometric mean | ≤ 0.60 | 0.67 over 2 rows | **missed by 11 %** |",
        // standing
        "| typed | time | typed | 2 | 0.67 | 0.33 | 2 | 0 | 0 |",
        // typed: two matrices, the least in bold in each
        "**Time, ns**",
        "**Time, ns, pools**",
        "| pair/node | **1.00** | 1.50 |",
        // epoch: an open loop's tail
        "**ingest/half/4t; tail of an open loop",
        "| sharded | 2.0M |",
        // memory
        "±3.1 %",
        // heap
        NOT_MEASURED,
    ] {
        assert!(now.contains(part), "{part}:\n{now}");
    }
}

const NOT_MEASURED: &str = "heap -->\n\nNot measured in this run.\n";

#[test]
fn what_overlaps_with_the_least_is_marked() {
    let mut results = fixture::results(20);
    let json = results
        .rows
        .iter_mut()
        .find(|row| row.name() == "json")
        .unwrap();
    let ns = json.contestants[0].ns.unwrap();
    let system = json
        .contestants
        .iter_mut()
        .find(|one| one.contestant == Contestant::System);
    let mut near = ns;
    near.median *= 1.01;
    system.unwrap().ns = Some(near);
    let now = written(&page(&["clients"]), &results);
    assert!(now.contains("| json | **400** | 1600 | 404 ~ |"), "{now}");
}

#[test]
fn a_rival_that_is_ahead_is_in_the_table() {
    let mut results = fixture::results(20);
    let behind = |results: &Results| written(&page(&["behind"]), results);
    assert!(behind(&results).contains("No rival is ahead"));
    for one in &mut results.rows[0].contestants {
        if one.contestant == Contestant::Slab {
            one.ns = one.ns.map(|mut ns| {
                ns.median /= 3.0;
                ns.low /= 3.0;
                ns.high /= 3.0;
                ns
            });
        }
    }
    let now = behind(&results);
    assert!(
        now.contains("| row | figure | ours | best rival | ours to theirs |\n| --- |"),
        "{now}"
    );
    assert!(
        now.contains("| pair/node | time | typed | slab | 2.00 |"),
        "{now}"
    );
}

#[test]
fn wrong_marks_are_refused() {
    assert!(check(&page(&["goals", "run"])).is_ok());
    let said = |text: &str| check(text).unwrap_err();
    assert!(said("# Title\n").contains("nothing to write"));
    assert!(said(&page(&["speed"])).contains("\"speed\""));
    let open = page(&["goals", "run"]).replacen(END, "", 1);
    assert!(
        said(&open).contains("\"goals\" has no end"),
        "{}",
        said(&open)
    );
    let open = page(&["goals"]).replace(END, "");
    assert!(said(&open).contains("no end"));
}

#[test]
fn the_page_is_written_and_its_plots_are_drawn_beside_it() {
    let folder = std::env::temp_dir().join(format!("sydra-page-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("PAGE.md");
    fs::write(&path, page(&["run", "epoch", "memory"])).unwrap();
    let page = Page::read(&path).unwrap();
    let drawn = page.write(&fixture::results(20), &[]).unwrap();
    let written = fs::read_to_string(&path).unwrap();
    let mut files: Vec<_> = fs::read_dir(folder.join("page"))
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    files.sort();
    fs::remove_dir_all(&folder).unwrap();
    assert!(written.contains("Example CPU"), "{written}");
    // Nothing of parts that the page does not have, and no link to what there was nothing for.
    assert_eq!(files, ["latency-ingest-half-4t.svg", "memory-churn.svg"]);
    assert_eq!((drawn, written.matches("](page/").count()), (2, 2));
    assert!(
        written.contains("](page/memory-churn.svg)\n\n"),
        "{written}"
    );
    assert!(Page::read(&path).is_err());
}

/// A page of this repository that has lost a mark would keep its old figures for good.
#[test]
fn the_page_of_this_repository_has_all_parts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/PERFORMANCE.md");
    let page = Page::read(&path).unwrap();
    for part in Part::all() {
        assert!(page.text.contains(&part.begin()), "{}", part.name());
    }
}

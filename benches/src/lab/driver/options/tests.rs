//! What the command line asks for, and what of it is refused.

use super::*;

fn options(line: &[&str]) -> Options {
    Options::parse_from([&["bench_alloc"], line].concat())
}

#[test]
fn words_choose_rows_and_contestants() {
    let all = options(&["--allocator", "all", "--workload", "all"]);
    assert_eq!(all.contestants(), Contestant::ALL);
    let two = options(&[
        "--allocator",
        "system,sharded,system",
        "--workload",
        "json,larson",
    ]);
    assert_eq!(two.contestants(), [Contestant::Sharded, Contestant::System]);
    let names: Vec<_> = two.rows().iter().map(Row::to_string).collect();
    assert_eq!(names, ["larson/2t", "larson/4t", "json"]);
    assert_eq!(options(&["--workload", "clients"]).rows().len(), 7);
    assert_eq!(
        options(&["--workload", "larson", "--threads", "8"]).rows()[0].threads,
        8
    );
}

#[test]
fn memory_is_given_time_in_each_of_few_rounds() {
    let times = |line: &[&str]| {
        let options = options(line);
        let [churn, json] = ["churn", "json"].map(|name| name.parse::<Row>().unwrap());
        let seconds = |row: &Row| options.job(row.clone(), Contestant::System).seconds;
        [&churn, &json].map(|row| (options.rounds_of(row), seconds(row)))
    };
    assert_eq!(times(&["--seconds", "14"]), [(3, 14.0), (7, 2.0)]);
    let five = ["--seconds", "10", "--repeat", "5"];
    assert_eq!(times(&five), [(5, 10.0), (5, 2.0)]);
    let named = ["--seconds", "7,memory=3,json=14"];
    assert_eq!(times(&named), [(3, 3.0), (7, 2.0)]);
}

#[test]
fn an_open_loop_runs_at_the_rate_given_or_at_those_found() {
    let names = |line: &[&str]| -> Vec<String> {
        let rows = options(&[&["--workload", "ingest"], line].concat()).rows();
        rows.iter().map(Row::to_string).collect()
    };
    assert_eq!(names(&[]), ["ingest/half/4t", "ingest/most/4t"]);
    assert_eq!(names(&["--rate", "1000"]), ["ingest/given/4t"]);
}

#[test]
fn stress_takes_the_place_of_workloads() {
    let stress = options(&["--workload", "json", "--stress-seconds", "3"]);
    let rows = stress.rows();
    assert_eq!((rows.len(), rows[0].workload), (1, Workload::Stress));
    let job = stress.job(rows[0].clone(), Contestant::System);
    assert_eq!(
        (job.seconds, job.ops, stress.rounds()),
        (3.0, Some(20_000), 1)
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let parses = |line: &[&str]| Options::try_parse_from([&["bench_alloc"], line].concat()).is_ok();
    let wrong = [
        ["--allocator", "malloc"],
        ["--allocator", "sharded,malloc"],
        ["--workload", "nothing"],
        ["--seconds", "0"],
        ["--seconds", "-1"],
        ["--seconds", "nan"],
        ["--rate", "inf"],
        ["--stress-seconds", "0"],
        ["--stress-ops", "0"],
        ["--remote-ratio", "1.5"],
        ["--remote-ratio", "-0.1"],
        ["--remote-ratio", "nan"],
        ["--sizes", "64..16"],
        ["--sizes", "0"],
        ["--sizes", "8..5000000000"],
        ["--sizes", "16..many"],
        ["--inject", "luck"],
        ["--threads", "1"],
        ["--threads", "257"],
        ["--shards", "65"],
        ["--ops", "1"],
        ["--repeat", "0"],
        ["--repeat", "1001"],
        ["--pin", "perhaps"],
    ];
    let taken = wrong.iter().filter(|line| parses(&line[..]));
    assert_eq!(taken.collect::<Vec<_>>(), [&[""; 2]; 0]);
    // At the edge of what is refused.
    let right = [
        ["--remote-ratio", "0"],
        ["--remote-ratio", "1"],
        ["--sizes", "1"],
        ["--threads", "2"],
        ["--threads", "256"],
        ["--shards", "0"],
        ["--shards", "64"],
        ["--ops", "2"],
        ["--repeat", "1000"],
        ["--pin", "false"],
        ["--stress-ops", "1"],
    ];
    let refused = right.iter().filter(|line| !parses(&line[..]));
    assert_eq!(refused.collect::<Vec<_>>(), [&[""; 2]; 0]);
    // What was measured is not measured otherwise.
    for line in [
        "--allocator all",
        "--workload types",
        "--shards 8",
        "--threads 2",
        "--ops 10",
        "--seconds 1",
        "--sizes 16",
        "--remote-ratio 1",
        "--rate 1",
        "--stress-seconds 1",
        "--prefault",
        "--seed 2",
        "--repeat 3",
        "--inject leak",
        "--no-tail",
        "--quick",
        "--instructions",
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        assert!(parses(&words), "{line}");
        assert!(
            !parses(&[&["--from", "old.json"], &words[..]].concat()),
            "{line}"
        );
    }
    assert_eq!(options(&["--sizes", "16..64"]).sizes, Some([16, 64]));
    let from = options(&["--from", "old.json", "--plot", "out", "--full"]);
    assert!(from.from.len() == 1 && from.full);
    assert!(parses(&["--page", "page.md", "--also", "old.json"]));
    assert!(!parses(&["--also", "old.json"]));
}

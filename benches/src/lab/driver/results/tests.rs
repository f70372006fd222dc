//! Tests of what is made of reports.

use super::*;

const CLOCK: Calibration = Calibration {
    step_ns: 10.0,
    reading_ns: 20.0,
};

fn report(samples: &[(f64, Option<[f64; 2]>)]) -> Report {
    let samples = samples.iter().map(|&(ns, trips_ns)| Sample {
        ns,
        trips_ns,
        together: trips_ns.map(|_| 1.0),
    });
    Report {
        samples: samples.collect(),
        ..Report::default()
    }
}

fn collected(row: &str, reports: Vec<Report>) -> Vec<Measured> {
    let mut all = Collected::new(row.parse().unwrap());
    all.reports.insert(Contestant::System, reports);
    all.measured(&CLOCK)
}

#[test]
fn on_one_thread_the_fastest_sample_of_each_round_counts() {
    let rounds = [3.0, 5.0, 4.0].map(|ns| report(&[(ns, None), (ns + 10.0, None)]));
    let measured = collected("json", rounds.into());
    assert_eq!(measured.len(), 1);
    let figures = &measured[0].contestants[0];
    assert_eq!(figures.ns.unwrap().median, 4.0);
    assert_eq!(figures.ns_rounds, [3.0, 5.0, 4.0]);
}

#[test]
fn only_like_is_compared_with_like() {
    let near = Some([60.0, 61.0]);
    let far = Some([340.0, 350.0]);
    let mixed = Some([60.0, 350.0]);
    let rounds = vec![
        report(&[(5.0, near), (99.0, mixed), (7.0, near), (6.0, near)]),
        report(&[(20.0, far)]),
    ];
    let measured = collected("larson/2t", rounds);
    let of = |wanted| {
        let found = measured
            .iter()
            .find(|one| one.distance == Some(wanted))
            .unwrap();
        found.contestants[0].ns_rounds.clone()
    };
    assert_eq!(of(Distance::Near), [6.0]);
    assert_eq!(of(Distance::Far), [20.0]);
    assert_eq!(measured.len(), 2);
}

#[test]
fn memory_and_counts_are_told_of_a_process_whose_cores_moved_if_there_is_no_other() {
    let round = |trips_ns: &[[f64; 2]], kib| {
        let samples: Vec<_> = trips_ns.iter().map(|ns| (5.0, Some(*ns))).collect();
        Report {
            peak_rss_kib: Some(kib),
            figures: [("rmw.shared".to_string(), 7.0)].into(),
            ..report(&samples)
        }
    };
    let (near, far) = ([60.0, 61.0], [340.0, 350.0]);
    let kib = |rounds| -> Vec<_> {
        let measured = collected("larson/2t", rounds);
        let all = measured.iter().map(|one| &one.contestants[0]);
        all.map(|one| (one.memory.peak_rss_kib.unwrap(), one.figures["rmw.shared"]))
            .collect()
    };
    assert_eq!(kib(vec![round(&[near, far], 3)]), [(3.0, 7.0), (3.0, 7.0)]);
    // Near has a process of its own.
    let both = vec![round(&[near, far], 3), round(&[near], 9)];
    assert_eq!(kib(both), [(9.0, 7.0), (3.0, 7.0)]);
}

#[test]
fn a_sample_in_which_two_threads_did_not_meet_is_left_out() {
    let mut one = report(&[(5.0, Some([60.0, 60.0])), (1.0, Some([60.0, 60.0]))]);
    one.samples[1].together = Some(0.5);
    assert_eq!(
        collected("larson/2t", vec![one])[0].contestants[0].ns_rounds,
        [5.0]
    );
}

#[test]
fn a_tail_tells_nothing_that_it_cannot_know() {
    let tail = |counts: &[(u64, u64)]| Report {
        tail: Some(Tail {
            counts: counts.to_vec(),
            ..Tail::default()
        }),
        ..report(&[(1.0, None)])
    };
    let few = collected("json", vec![tail(&[(30, 900), (500, 99)])]);
    let few = few[0].contestants[0].tail.clone().unwrap();
    // Below three readings of 20 ns, and 10 of 999 operations beyond p99.
    assert_eq!((few.p50, few.p99, few.max), (None, None, Some(500.0)));
    let many = collected(
        "json",
        vec![tail(&[(30, 60_000)]), tail(&[(100, 60_000), (7000, 5000)])],
    );
    let many = many[0].contestants[0].tail.clone().unwrap();
    assert_eq!((many.count, many.p50), (125_000, Some(100.0)));
    assert!(many.p999.unwrap() >= 7000.0);
}

#[test]
fn memory_is_judged_over_the_last_half() {
    let moment = |ms: f64, rss_kib| Moment {
        ms,
        rss_kib,
        live_kib: 100,
        committed_kib: Some(150),
    };
    let one = Report {
        moments: vec![
            moment(0.0, 10),
            moment(1000.0, 900),
            moment(2000.0, 100),
            moment(3000.0, 110),
            moment(4000.0, 120),
        ],
        peak_rss_kib: Some(900),
        peak_live_kib: Some(450),
        ..report(&[(1.0, None)])
    };
    let memory = collected("churn", vec![one])[0].contestants[0]
        .memory
        .clone();
    assert_eq!(memory.blow_up, Some(2.0));
    assert_eq!(memory.end_rss_kib, Some(120.0));
    assert!((memory.slope_kib_s.unwrap() - 10.0).abs() < 1e-9);
    assert!((memory.stability.unwrap() - 10.0 / 110.0).abs() < 1e-9);
    assert_eq!(memory.fragmentation, Some(1.5));
    assert_eq!(memory.series.len(), 5);
}

use super::*;

#[test]
fn thousands_are_grouped() {
    for (number, text) in [
        (0, "0"),
        (12, "12"),
        (999, "999"),
        (1_000, "1,000"),
        (1_234_567, "1,234,567"),
    ] {
        assert_eq!(Grouped(number).to_string(), text);
    }
    assert_eq!(format!("{:>7}", Grouped(1_000)), "  1,000");
}

#[test]
fn medians() {
    assert_eq!(median(&[]), 0.0);
    assert_eq!(median(&[3.0]), 3.0);
    assert_eq!(median(&[1.0, 2.0]), 1.5);
    assert_eq!(median(&[1.0, 2.0, 90.0]), 2.0);
}

#[test]
fn the_ratio_is_that_of_the_medians_and_above_one_when_the_pool_is_faster() {
    let rounds = |name, millis: [u64; 3]| Rounds {
        name,
        operations: 1_000,
        elapsed: millis.map(Duration::from_millis).to_vec(),
    };
    let mut out = Vec::new();
    speed(
        &mut out,
        &rounds("PoolBox", [50, 100, 900]),
        &rounds("Box", [200, 10, 300]),
    )
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("PoolBox / Box: 2.00"), "{text}");
    let pool = text
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .collect::<Vec<_>>();
    assert_eq!(pool, ["PoolBox", "10,000", "1,111", "20,000"]);
}

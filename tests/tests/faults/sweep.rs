//! The sweep over n, and what the operations are told.

use sydra_pool::__private::v1::faults;
use tests::child::Apart;

/// No operation of these tests makes more requests than this; a sweep that gets here runs astray.
const MOST: u64 = 400;

/// Whether the system may refuse while an operation runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Some request is, or was, refused.
    Stingy,
    /// All requests are served: the operation must succeed.
    Generous,
}

/// Runs `operation` under every refusal, and after each refusal once more without one.
pub(crate) fn sweep(test: &'static str, operation: impl Fn(Mood)) {
    sweep_after(test, || {}, operation);
}

/// [`sweep`], after a `start` that nothing is refused.
pub(crate) fn sweep_after(test: &'static str, start: impl Fn(), operation: impl Fn(Mood)) {
    let apart = Apart::new(test, |argument| {
        let (rule, number) = argument.split_once(' ').expect("a rule and a number");
        let number: u64 = number.parse().expect("a number");
        start();
        match rule {
            "only" => faults::refuse_only(number),
            _ => faults::refuse_from(number),
        }
        operation(Mood::Stingy);
        let requests = faults::requests();
        faults::allow_all();
        operation(Mood::Generous);
        println!("\nrequests {requests}");
        if requests <= number {
            println!("\nall served");
        }
    });
    for rule in ["only", "from"] {
        let mut number = 0;
        while !apart
            .run(format!("{rule} {number}"))
            .succeeded()
            .said("all served")
        {
            number += 1;
            assert!(number < MOST, "{test}: more than {MOST} requests");
        }
        assert!(
            number > 0,
            "{test}: the operation asks the system for nothing"
        );
    }
}

//! Linearisability of a stack and a queue: small histories, recorded as they happen and searched for
//! an order that explains them. The values are poisoned when dropped, so that one that is read too late
//! is no value of any history.

use std::collections::VecDeque;

use tests::history::{Event, Model, Moments, at_once, is_linearisable, overlapping};
use tests::rng::Rng;

use crate::lines::{Line, Queue, Stack};

#[derive(Clone, Copy, Debug)]
enum Done {
    Pushed(u64),
    Popped(Option<u64>),
}

/// A stack or a queue, one operation after the other.
#[derive(Clone, Default)]
struct Values {
    values: VecDeque<u64>,
    first_out: bool,
}

impl Model for Values {
    type Done = Done;

    fn agrees(&mut self, done: &Done) -> bool {
        match *done {
            Done::Pushed(value) => {
                self.values.push_back(value);
                true
            }
            Done::Popped(found) if self.first_out => self.values.pop_front() == found,
            Done::Popped(found) => self.values.pop_back() == found,
        }
    }
}

/// A round: some values are there, then two or three threads do three operations each.
fn round(line: &dyn Line, moments: &Moments, rng: &mut Rng) -> Vec<Event<Done>> {
    let mut events = Vec::new();
    let mut value = 0;
    let mut push = || {
        value += 1;
        Some(value)
    };
    for _ in 0..rng.below(3) {
        let value = push();
        events.push(operate(line, moments, value));
    }
    let plans: Vec<[Option<u64>; 3]> = (0..rng.within(2, 3))
        .map(|_| [(); 3].map(|()| if rng.chance(50) { push() } else { None }))
        .collect();
    events.extend(at_once(plans, |step| operate(line, moments, step)));
    // What is left says what the threads have done as well.
    loop {
        let event = operate(line, moments, None);
        events.push(event);
        if matches!(event.done, Done::Popped(None)) {
            return events;
        }
    }
}

fn operate(line: &dyn Line, moments: &Moments, step: Option<u64>) -> Event<Done> {
    moments.record(|| match step {
        Some(value) => {
            line.push(value);
            Done::Pushed(value)
        }
        None => Done::Popped(line.pop()),
    })
}

fn linearisable(name: &str, line: &dyn Line, first_out: bool) {
    let rounds = if cfg!(miri) { 3 } else { 1_500 };
    let (mut rng, moments) = (Rng::announced(name), Moments::default());
    let model = Values {
        values: VecDeque::new(),
        first_out,
    };
    let mut overlapped = 0;
    for _ in 0..rounds {
        let mut events = round(line, &moments, &mut rng);
        assert!(is_linearisable(&model, &events), "{name}: {events:#?}");
        overlapped += overlapping(&mut events);
        if rng.chance(20) {
            sydra_pool::collect_garbage();
        }
    }
    println!("{name}: {overlapped} pairs overlapped in {rounds} rounds");
    assert!(
        overlapped > rounds / 10 || cfg!(miri),
        "nothing was concurrent"
    );
}

#[test]
fn a_stack_is_linearisable() {
    linearisable("a_stack_is_linearisable", &Stack::new(), false);
}

#[test]
fn a_queue_is_linearisable() {
    linearisable("a_queue_is_linearisable", &Queue::new(), true);
}

/// The same check tells a stack from a queue.
#[test]
fn a_stack_is_no_queue() {
    let (line, moments) = (Stack::new(), Moments::default());
    let steps = [Some(1), Some(2), None, None];
    let events = steps.map(|step| operate(&line, &moments, step));
    for first_out in [true, false] {
        let model = Values {
            values: VecDeque::new(),
            first_out,
        };
        assert_eq!(is_linearisable(&model, &events), !first_out);
    }
}

//! Every method of a trait that `StaticBox` passes on arrives at the value's own method.

use core::hash::BuildHasher;
use core::pin::Pin;
use std::hash::{BuildHasherDefault, DefaultHasher};

use sydra_pool::StaticPool;
use tests::noted::{self, Broken, Log, Wakes};

static LOGS: StaticPool<Log, 8> = StaticPool::new();
static ERRORS: StaticPool<Broken, 2, 64> = StaticPool::new();

#[test]
fn each_comparison() {
    let log = || LOGS.try_box(Log::default()).expect("room");
    noted::each_comparison(&log(), &log());
}

#[test]
fn each_write_of_a_hasher() {
    noted::each_write_of_a_hasher(LOGS.try_box(Log::default()).expect("room"));
}

#[test]
fn each_step_of_an_iterator() {
    noted::each_step_of_an_iterator(LOGS.try_box(Log::default()).expect("room"));
}

#[test]
fn the_source_and_the_cause_of_an_error() {
    noted::the_source(&ERRORS.try_box(Broken::default()).expect("room"));
}

#[test]
fn texts_and_addresses_with_all_a_format_asks_for() {
    noted::shown_alike(&ERRORS.try_box(Broken::default()).expect("room"));
}

#[test]
fn the_waker_of_the_caller() {
    static FUTURES: StaticPool<Wakes, 1> = StaticPool::new();
    let mut future = FUTURES.try_box(Wakes).expect("room");
    noted::the_callers_waker(Pin::new(&mut future));
}

#[test]
fn equal_and_hashed_by_value() {
    static TEXTS: StaticPool<String, 3> = StaticPool::new();
    let text = |text: &str| TEXTS.try_box(text.to_owned()).expect("room");
    let (one, same, other) = (text("a"), text("a"), text("b"));
    assert!(one == same && one != other && one <= same && one >= same && other > one);
    let build = BuildHasherDefault::<DefaultHasher>::default();
    assert_eq!(build.hash_one(&one), build.hash_one("a"));
    assert_ne!(build.hash_one(&one), build.hash_one(&other));
}

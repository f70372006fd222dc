use sydra_pool::epoch;

fn main() {
    let guard = epoch::pin();
    std::thread::scope(|scope| {
        scope.spawn(|| guard.flush());
    });
    std::thread::spawn(move || drop(guard));
}

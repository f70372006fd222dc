//! Resident memory: bursts go back, with and without being told, and churn stays flat.
//!
//! Each test is a process of its own, since the figure belongs to the process.
#![cfg(all(target_os = "linux", not(miri)))]

use std::time::{Duration, Instant};

use sydra_pool::{PoolBox, Pooled, SydraPool, pool};
use tests::block::{Block, Door};
use tests::child::Apart;
use tests::op::layout;
use tests::resident::resident_bytes;
use tests::rng::Rng;

static GLOBAL: SydraPool = SydraPool::new();

/// The burst of the requirement is 1 GiB; `SYDRA_BURST_MIB` makes it smaller on a small machine.
fn burst_bytes() -> usize {
    let mib = std::env::var("SYDRA_BURST_MIB")
        .ok()
        .and_then(|text| text.parse().ok());
    mib.unwrap_or(1024_usize) << 20
}

/// Within 5 % or 4 MiB of the start, whichever is more.
fn is_back(start: usize, now: usize) -> bool {
    now <= start + (start / 20).max(4 << 20)
}

#[derive(Pooled)]
struct Kilo([u64; 128]);

/// A burst of typed blocks, every page of it touched.
fn typed_burst(bytes: usize) {
    let blocks: Vec<_> = (0..bytes / size_of::<Kilo>())
        .map(|number| PoolBox::new(Kilo([number as u64; 128])))
        .collect();
    assert!(resident_bytes() > bytes, "the burst is resident");
    for (number, block) in blocks.iter().enumerate() {
        assert_eq!(block.0[127], number as u64);
    }
}

/// A burst of global blocks of mixed sizes, freed in random order.
fn global_burst(bytes: usize, rng: &mut Rng) {
    let door = Door::new(&GLOBAL);
    let mut blocks: Vec<Block<SydraPool>> = Vec::new();
    let mut taken = 0;
    while taken < bytes {
        let layout = layout(rng.within(16, 4_000), 3);
        let mut block = door.take(layout).expect("memory for the burst");
        block.fill(taken as u64);
        taken += layout.size();
        blocks.push(block);
    }
    assert!(resident_bytes() > bytes, "the burst is resident");
    rng.shuffle(&mut blocks);
    blocks.into_iter().for_each(|block| door.give(block));
}

#[test]
fn a_burst_of_typed_blocks_goes_back_by_trim() {
    let apart = Apart::new("a_burst_of_typed_blocks_goes_back_by_trim", |_| {
        typed_burst(1 << 20);
        let start = resident_bytes();
        typed_burst(burst_bytes());
        let purged = sydra_pool::trim();
        let now = resident_bytes();
        assert!(is_back(start, now), "resident {start} before, {now} after");
        assert!(
            purged > burst_bytes() / 2,
            "trim says it gave {purged} bytes back"
        );
        assert_eq!(pool::<Kilo>().live(), 0);
        // What was given back is there again when it is wanted.
        typed_burst(8 << 20);
    });
    apart.run("").succeeded();
}

#[test]
fn a_burst_through_the_global_door_goes_back_by_trim() {
    let apart = Apart::new("a_burst_through_the_global_door_goes_back_by_trim", |_| {
        let mut rng = Rng::announced("burst");
        global_burst(1 << 20, &mut rng);
        let start = resident_bytes();
        global_burst(burst_bytes() / 4, &mut rng);
        GLOBAL.trim();
        // The list of blocks itself was the system's; its heap may keep the top, so give it back.
        // SAFETY: asks the system's heap to release what it keeps free.
        unsafe { libc::malloc_trim(0) };
        let now = resident_bytes();
        assert!(is_back(start, now), "resident {start} before, {now} after");
        global_burst(8 << 20, &mut rng);
    });
    apart.run("").succeeded();
}

#[test]
fn a_burst_goes_back_by_itself_under_light_activity() {
    let apart = Apart::new("a_burst_goes_back_by_itself_under_light_activity", |_| {
        typed_burst(1 << 20);
        let start = resident_bytes();
        typed_burst(burst_bytes() / 2);
        let end = Instant::now() + Duration::from_secs(3);
        while Instant::now() < end && !is_back(start, resident_bytes()) {
            typed_burst_quietly(1_000);
            std::thread::sleep(Duration::from_millis(10));
        }
        let now = resident_bytes();
        assert!(
            is_back(start, now),
            "resident {start} before, {now} after three seconds"
        );
    });
    apart.run("").succeeded();
}

/// Light activity: some blocks taken and freed.
fn typed_burst_quietly(count: u64) {
    drop(
        (0..count)
            .map(|number| PoolBox::new(Kilo([number; 128])))
            .collect::<Vec<_>>(),
    );
}

/// A type's own trim gives its slabs back and leaves those of others alone.
#[test]
fn a_types_trim_gives_its_own_slabs_back() {
    #[derive(Pooled)]
    struct Other(#[expect(dead_code, reason = "gives the value a size")] [u64; 128]);
    let apart = Apart::new("a_types_trim_gives_its_own_slabs_back", |_| {
        let burst = 64 << 20;
        typed_burst(1 << 20);
        let others: Vec<_> = (0..4_096).map(|_| PoolBox::new(Other([1; 128]))).collect();
        let start = resident_bytes();
        typed_burst(burst);
        let purged = pool::<Kilo>().trim();
        assert!(purged >= burst / 2, "trim says it gave {purged} bytes back");
        let now = resident_bytes();
        assert!(is_back(start, now), "resident {start} before, {now} after");
        assert_eq!(pool::<Other>().live(), 4_096);
        drop(others);
    });
    apart.run("").succeeded();
}

/// Random churn through both doors: resident memory stays within 10 % of its mean. Six seconds by
/// default; `SYDRA_CHURN_SECONDS=60` is the run of the requirement.
#[test]
fn churn_keeps_resident_memory_flat() {
    let apart = Apart::new("churn_keeps_resident_memory_flat", |_| {
        let seconds = std::env::var("SYDRA_CHURN_SECONDS")
            .ok()
            .and_then(|text| text.parse().ok());
        let length = Duration::from_secs(seconds.unwrap_or(6));
        let mut rng = Rng::announced("churn");
        let door = Door::new(&GLOBAL);
        let mut typed: Vec<PoolBox<Kilo>> =
            (0..20_000).map(|n| PoolBox::new(Kilo([n; 128]))).collect();
        let draw = |rng: &mut Rng| {
            let layout = layout(rng.within(16, 2_000), 3);
            let mut block = door.take(layout).expect("memory for the churn");
            block.fill(1);
            block
        };
        let mut raw: Vec<Block<SydraPool>> = (0..40_000).map(|_| draw(&mut rng)).collect();
        let mut churn = |rounds: usize| {
            for _ in 0..rounds {
                let place = rng.below(typed.len());
                typed[place] = PoolBox::new(Kilo([rng.bits(); 128]));
                let (place, fresh) = (rng.below(raw.len()), draw(&mut rng));
                door.give(std::mem::replace(&mut raw[place], fresh));
            }
        };
        // Every place replaced some times: the churn's own steady state.
        churn(200_000);
        let (start, mut samples) = (Instant::now(), Vec::new());
        while start.elapsed() < length {
            churn(5_000);
            samples.push(resident_bytes());
        }
        let mean = samples.iter().sum::<usize>() / samples.len();
        let (low, high) = (samples.iter().min(), samples.iter().max());
        let within = samples
            .iter()
            .all(|&sample| sample.abs_diff(mean) * 10 <= mean);
        println!(
            "resident: mean {mean}, from {low:?} to {high:?} in {} samples",
            samples.len()
        );
        assert!(within, "resident: mean {mean}, from {low:?} to {high:?}");
    });
    apart.run("").succeeded();
}

//! Memory over time: does what a burst took go back, and does churn stay level?

use std::thread;
use std::time::{Duration, Instant};

use crate::block::{Block, Block24, Block48, Block64, Block200};
use crate::owner::{Door, Owner, keep};
use crate::random::Random;
use crate::resident;
use crate::row::SIZES;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// A burst is freed, then `trim()` is called.
    Trim,
    /// A burst is freed, then little happens.
    Decay,
    /// Random allocations and frees for a long time.
    Churn,
}

/// All trials, in the order of the table.
pub const TRIALS: [Trial; 3] = [Trial::Trim, Trial::Decay, Trial::Churn];

impl core::fmt::Display for Trial {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Trim => "trim",
            Self::Decay => "decay",
            Self::Churn => "churn",
        })
    }
}

/// Resident memory before, at the height of, and after a burst.
#[derive(Debug, Clone, Copy)]
pub struct Burst {
    /// Before, in KiB.
    pub start_kib: u64,
    /// With all blocks live.
    pub peak_kib: u64,
    /// At the end of the trial.
    pub end_kib: u64,
    /// How long after the last free it came back to [`acceptable_kib`], if it did.
    pub settled: Option<Duration>,
}

/// Resident memory during churn.
#[derive(Debug, Clone, Copy)]
pub struct Churn {
    /// The mean, in KiB.
    pub mean_kib: u64,
    /// The lowest sample.
    pub low_kib: u64,
    /// The highest sample.
    pub high_kib: u64,
}

/// What may stay resident after a burst: 5 % or 4 MiB above the start, whichever is more.
pub const fn acceptable_kib(start_kib: u64) -> u64 {
    let share = start_kib / 20;
    start_kib + if share > 4096 { share } else { 4096 }
}

/// Allocates `bytes` in blocks of four sizes, all live at once, frees them, calls `trim` or waits up to `patience` under
/// light activity.
pub fn burst<D: Door>(bytes: usize, trim: Option<fn() -> usize>, patience: Duration) -> Burst {
    // Whatever is set up once, is set up before the start.
    drop(pile::<D>(1 << 20));
    if let Some(trim) = trim {
        trim();
    }
    request::<D>();
    let start_kib = resident::now_kib().expect("the system tells what is resident");

    let pile = pile::<D>(bytes);
    let peak_kib = resident::now_kib().expect("the system tells what is resident");
    drop(pile);

    let freed = Instant::now();
    if let Some(trim) = trim {
        trim();
    }
    let mut settled = None;
    loop {
        let end_kib = resident::now_kib().expect("the system tells what is resident");
        if end_kib <= acceptable_kib(start_kib) {
            settled.get_or_insert(freed.elapsed());
        } else {
            settled = None;
        }
        if trim.is_some() || freed.elapsed() >= patience {
            return Burst {
                start_kib,
                peak_kib,
                end_kib,
                settled,
            };
        }
        for _ in 0..20 {
            thread::sleep(Duration::from_millis(1));
            request::<D>();
        }
    }
}

/// Light activity: what a small request to a server may allocate and free again.
fn request<D: Door>() {
    drop(pile_of::<D>([100; 4]));
}

/// Blocks of all four sizes, in equal shares of bytes.
fn pile<D: Door>(bytes: usize) -> Pile<D> {
    pile_of::<D>(SIZES.map(|size| bytes / 4 / size))
}

/// So many blocks of each size.
fn pile_of<D: Door>(counts: [usize; 4]) -> Pile<D> {
    Pile(
        owners::<D, _>(counts[0]),
        owners::<D, _>(counts[1]),
        owners::<D, _>(counts[2]),
        owners::<D, _>(counts[3]),
    )
}

type Owners<D, T> = Vec<Option<<D as Door>::Owner<T>>>;

fn owners<D: Door, T: Block>(count: usize) -> Owners<D, T> {
    (0..count as u64)
        .map(|stamp| {
            let owner = D::Owner::<T>::stamped(stamp);
            keep(owner.address());
            Some(owner)
        })
        .collect()
}

struct Pile<D: Door>(
    Owners<D, Block24>,
    Owners<D, Block48>,
    Owners<D, Block64>,
    Owners<D, Block200>,
);

impl<D: Door> Drop for Pile<D> {
    /// Every other block first, so that no slab is empty before the second pass.
    fn drop(&mut self) {
        every_other(&mut self.0);
        every_other(&mut self.1);
        every_other(&mut self.2);
        every_other(&mut self.3);
    }
}

fn every_other<O>(owners: &mut [Option<O>]) {
    owners.iter_mut().step_by(2).for_each(|owner| *owner = None);
}

/// A live block of churn: owned, never read.
enum Piece<D: Door> {
    Small(D::Owner<Block24>),
    Middle(D::Owner<Block48>),
    Line(D::Owner<Block64>),
    Large(D::Owner<Block200>),
}

/// Fills and empties random places of a table for `seconds`, and watches resident memory.
///
/// About half of the places are full at any time; the sizes wander: which size is frequent changes every second.
pub fn churn<D: Door>(seconds: u64) -> Churn {
    const PLACES: usize = 400_000;
    let mut table: Vec<Option<Piece<D>>> = Vec::new();
    table.resize_with(PLACES, || None);
    let mut random = Random::new(60);
    let start = Instant::now();
    // The first seconds fill the table and go through each size once.
    let warm_up = Duration::from_secs(4);
    let end = warm_up + Duration::from_secs(seconds);
    let (mut next_sample, mut samples) = (warm_up, Vec::new());
    loop {
        let now = start.elapsed();
        if now >= end {
            break;
        }
        if now >= next_sample {
            samples.push(resident::now_kib().expect("the system tells what is resident"));
            next_sample = now + Duration::from_millis(50);
        }
        let frequent = now.as_secs();
        for stamp in 0..4096 {
            let place = &mut table[random.below(PLACES)];
            *place = match place {
                Some(_) => None,
                None => Some(piece(&mut random, frequent, stamp)),
            };
        }
    }
    let sum: u64 = samples.iter().sum();
    Churn {
        mean_kib: sum / samples.len().max(1) as u64,
        low_kib: samples.iter().copied().min().unwrap_or(0),
        high_kib: samples.iter().copied().max().unwrap_or(0),
    }
}

/// A block of the frequent size in half of the cases, of any size in the others.
fn piece<D: Door>(random: &mut Random, frequent: u64, stamp: u64) -> Piece<D> {
    let any = u64::from(random.word());
    match if any.is_multiple_of(2) {
        frequent % 4
    } else {
        any / 2 % 4
    } {
        0 => Piece::Small(Owner::stamped(stamp)),
        1 => Piece::Middle(Owner::stamped(stamp)),
        2 => Piece::Line(Owner::stamped(stamp)),
        _ => Piece::Large(Owner::stamped(stamp)),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use crate::owner::BoxDoor;

    #[test]
    fn a_burst_is_resident_at_its_height() {
        let burst = burst::<BoxDoor>(32 << 20, None, Duration::ZERO);
        // Other tests of this process come and go, so only a lower bound holds.
        assert!(burst.peak_kib >= 32 << 10, "{burst:?}");
    }

    #[test]
    fn the_margin_is_four_mebibytes_or_five_percent() {
        assert_eq!(acceptable_kib(10_000), 14_096);
        assert_eq!(acceptable_kib(1_000_000), 1_050_000);
    }
}

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
    prepare::<D>();
    if let Some(trim) = trim {
        trim();
    }
    request::<D>();
    let start_kib = resident::now_kib().expect("the system tells what is resident");

    let pile = pile::<D>(bytes, |_| {});
    let peak_kib = resident::now_kib().expect("the system tells what is resident");
    pile.free(|_| {});

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

/// Makes and frees a small pile and a request, so that whatever is set up once is set up.
pub(crate) fn prepare<D: Door>() {
    pile::<D>(1 << 20, |_| {}).free(|_| {});
    request::<D>();
}

/// Light activity: what a small request to a server may allocate and free again.
pub(crate) fn request<D: Door>() {
    pile_of::<D>([100; 4], |_| {}).free(|_| {});
}

/// Blocks of all four sizes, in equal shares of bytes. `note` is told the bytes of each allocation.
pub(crate) fn pile<D: Door>(bytes: usize, note: impl Fn(usize)) -> Pile<D> {
    pile_of::<D>(SIZES.map(|size| bytes / 4 / size), note)
}

/// So many blocks of each size.
fn pile_of<D: Door>(counts: [usize; 4], note: impl Fn(usize)) -> Pile<D> {
    Pile(
        owners::<D, _>(counts[0], &note),
        owners::<D, _>(counts[1], &note),
        owners::<D, _>(counts[2], &note),
        owners::<D, _>(counts[3], &note),
    )
}

type Owners<D, T> = Vec<Option<<D as Door>::Owner<T>>>;

fn owners<D: Door, T: Block>(count: usize, note: &impl Fn(usize)) -> Owners<D, T> {
    note(count * size_of::<Option<D::Owner<T>>>());
    (0..count as u64)
        .map(|stamp| {
            let owner = D::Owner::<T>::stamped(stamp);
            keep(owner.address());
            note(T::BYTES);
            Some(owner)
        })
        .collect()
}

/// Blocks of four sizes.
pub(crate) struct Pile<D: Door>(
    Owners<D, Block24>,
    Owners<D, Block48>,
    Owners<D, Block64>,
    Owners<D, Block200>,
);

impl<D: Door> Pile<D> {
    /// Frees all, every other block first, so that no slab is empty before the second pass. `note` is told the bytes of each
    /// allocation that is gone.
    pub(crate) fn free(mut self, note: impl Fn(usize)) {
        every_other::<D, _>(&mut self.0, &note);
        every_other::<D, _>(&mut self.1, &note);
        every_other::<D, _>(&mut self.2, &note);
        every_other::<D, _>(&mut self.3, &note);
        rest::<D, _>(self.0, &note);
        rest::<D, _>(self.1, &note);
        rest::<D, _>(self.2, &note);
        rest::<D, _>(self.3, &note);
    }
}

fn every_other<D: Door, T: Block>(owners: &mut [Option<D::Owner<T>>], note: &impl Fn(usize)) {
    for owner in owners.iter_mut().step_by(2) {
        *owner = None;
        note(T::BYTES);
    }
}

fn rest<D: Door, T: Block>(owners: Owners<D, T>, note: &impl Fn(usize)) {
    let table = owners.len() * size_of::<Option<D::Owner<T>>>();
    for owner in owners {
        if owner.is_some() {
            drop(owner);
            note(T::BYTES);
        }
    }
    note(table);
}

/// A live block of churn: owned, never read.
enum Piece<D: Door> {
    Small(D::Owner<Block24>),
    Middle(D::Owner<Block48>),
    Line(D::Owner<Block64>),
    Large(D::Owner<Block200>),
}

/// Places of churn.
const PLACES: usize = 400_000;

/// Places that are filled and emptied at random, so that about half are full.
pub(crate) struct Table<D: Door> {
    places: Vec<Option<Piece<D>>>,
    random: Random,
}

impl<D: Door> Table<D> {
    /// An empty table.
    pub(crate) fn new(seed: u64) -> Self {
        let mut places = Vec::new();
        places.resize_with(PLACES, || None);
        Self {
            places,
            random: Random::new(seed),
        }
    }

    /// Bytes of the table itself.
    pub(crate) fn bytes(&self) -> usize {
        size_of_val(&*self.places)
    }

    /// Empties a place or fills it, most often with a block of the frequent size. Returns the bytes that came or, below 0, went.
    #[inline(always)]
    pub(crate) fn step(&mut self, frequent: u64, stamp: u64) -> isize {
        let place = self.random.below(PLACES);
        match self.places[place].take() {
            Some(piece) => -piece.bytes(),
            None => {
                let piece = piece(&mut self.random, frequent, stamp);
                let bytes = piece.bytes();
                self.places[place] = Some(piece);
                bytes
            }
        }
    }
}

impl<D: Door> Piece<D> {
    const fn bytes(&self) -> isize {
        let bytes = match self {
            Self::Small(_) => Block24::BYTES,
            Self::Middle(_) => Block48::BYTES,
            Self::Line(_) => Block64::BYTES,
            Self::Large(_) => Block200::BYTES,
        };
        bytes as isize
    }
}

/// Fills and empties random places of a table for `seconds`, and watches resident memory.
///
/// The sizes wander: which size is frequent changes every second.
pub fn churn<D: Door>(seconds: u64) -> Churn {
    let mut table = Table::<D>::new(60);
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
            table.step(frequent, stamp);
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
    fn a_pile_notes_as_much_when_it_goes_as_when_it_comes() {
        let live = core::cell::Cell::new(0_usize);
        let pile = pile::<BoxDoor>(1 << 20, |bytes| live.set(live.get() + bytes));
        // The tables are a fifth of it, and shares are rounded down.
        let most = live.get();
        assert!((1_200_000..1_300_000).contains(&most), "{most}");
        pile.free(|bytes| live.set(live.get() - bytes));
        assert_eq!(live.get(), 0);
    }

    #[test]
    fn a_table_fills_to_half_and_says_what_it_holds() {
        let mut table = Table::<BoxDoor>::new(1);
        let mut bytes = 0;
        for stamp in 0..4 * PLACES as u64 {
            bytes += table.step(3, stamp);
        }
        let full: Vec<_> = table.places.iter().flatten().collect();
        let half = 2.0 * full.len() as f64 / PLACES as f64;
        assert!((0.98..1.02).contains(&half), "{half}");
        assert_eq!(full.iter().map(|piece| piece.bytes()).sum::<isize>(), bytes);
    }

    #[test]
    fn the_margin_is_four_mebibytes_or_five_percent() {
        assert_eq!(acceptable_kib(10_000), 14_096);
        assert_eq!(acceptable_kib(1_000_000), 1_050_000);
    }
}

//! The figures of the epoch: who reads, and what waits.

use crate::limbo::Participant;
use crate::os::{self, NAME_BYTES};
use crate::pool::Pool;
use crate::reclaim::{self, CLOCK, Kind};
use core::fmt;

/// A thread's name as the system keeps it: at most 15 bytes, empty where there is none.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ThreadName([u8; NAME_BYTES]);

impl ThreadName {
    /// The name; a character that was cut in the middle is left out.
    pub fn as_str(&self) -> &str {
        let length = self.0.iter().position(|byte| *byte == 0);
        let bytes = &self.0[..length.unwrap_or(NAME_BYTES)];
        match core::str::from_utf8(bytes) {
            Ok(name) => name,
            Err(error) => core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for ThreadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for ThreadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A thread that is pinned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PinFigures {
    /// The system's number of the thread.
    pub thread: u64,
    /// The thread's name when it first pinned.
    pub name: ThreadName,
    /// The epoch it is pinned at.
    pub epoch: u64,
    /// Milliseconds for which it has been pinned, at least: since the epoch moved on from its own. 0
    /// while it has not.
    pub pinned_ms: u64,
}

/// Readers and limbo. Objects and bytes are of values that were retired and are not freed yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EpochFigures {
    /// The epoch.
    pub current: u64,
    /// The earliest epoch at which a thread is pinned.
    pub oldest_pinned: Option<u64>,
    /// How far that lies behind: 1, as a rule; more if a thread was put to sleep in the middle of its pin.
    pub lag: u64,
    /// Threads that are pinned.
    pub pinned_threads: u64,
    /// Threads that take part: that have pinned, retired or done maintenance, and have not ended.
    pub participants: u64,
    /// A thread that is pinned at the earliest epoch, if any is pinned.
    pub oldest_pin: Option<PinFigures>,
    /// Values that wait.
    pub limbo_objects: u64,
    /// Bytes of their blocks.
    pub limbo_bytes: u64,
    /// Most values that waited at once, but for those in bags that were not full.
    pub limbo_objects_peak: u64,
    /// Most bytes that waited at once, but for those in bags that were not full.
    pub limbo_bytes_peak: u64,
    /// Times the epoch moved on.
    pub advances: u64,
    /// Times a full bag tried to force it, because `max_limbo` was reached; while that is in vain, at most
    /// once in a tick of the coarse clock (1 to 4 ms).
    pub forced: u64,
    /// Times that was in vain: a reader stood in the way, perhaps (for 20 ms) the retiring thread itself,
    /// or the system refused the fence.
    pub stalls: u64,
    /// Values retired since the process started.
    pub retired: u64,
    /// Values dropped and freed since then, of those.
    ///
    /// In the child of a `fork`, what other threads had retired is no longer in limbo and stays alive;
    /// a bag that one of them had in its hands stays counted.
    pub reclaimed: u64,
    /// Drops of retired values that panicked.
    pub drop_panics: u64,
}

/// The figures at about this moment. Takes the locks with which threads seal their bags.
pub(super) fn epoch_figures() -> EpochFigures {
    let sealed = || {
        let limbo = reclaim::figures();
        (limbo.retired, limbo)
    };
    let (limbo, open) = with_open_bags(sealed, |_| true);
    // The epoch first: its time is no earlier than when it moved there.
    let current = CLOCK.epoch.now();
    let (advances, advanced_ms) = CLOCK.advances();
    let limbo_objects = limbo.objects + open.values;
    let limbo_bytes = limbo.bytes + open.bytes;
    let mut figures = EpochFigures {
        current,
        limbo_objects,
        limbo_bytes,
        // The peaks are of sealed bags, and are raised a moment after the levels.
        limbo_objects_peak: limbo.objects_peak.max(limbo_objects),
        limbo_bytes_peak: limbo.bytes_peak.max(limbo_bytes),
        advances,
        forced: limbo.forced,
        stalls: limbo.stalls,
        retired: limbo.retired + open.values,
        reclaimed: limbo.reclaimed,
        drop_panics: limbo.drop_panics,
        ..EpochFigures::default()
    };
    for one in CLOCK.participants().filter(|one| one.is_claimed()) {
        figures.participants += 1;
        note_pin(one, &mut figures, advanced_ms);
    }
    figures
}

fn note_pin(one: &Participant, figures: &mut EpochFigures, advanced_ms: u64) {
    let Some(epoch) = one.pinned_at() else {
        return;
    };
    figures.pinned_threads += 1;
    if figures.oldest_pinned.is_some_and(|oldest| oldest <= epoch) {
        return;
    }
    let label = one.label();
    let behind = epoch < figures.current;
    figures.oldest_pinned = Some(epoch);
    figures.lag = figures.current.saturating_sub(epoch);
    figures.oldest_pin = Some(PinFigures {
        thread: label.number,
        name: ThreadName(label.name),
        epoch,
        pinned_ms: if behind {
            os::now_coarse_ms().saturating_sub(advanced_ms)
        } else {
            0
        },
    });
}

/// What of a pool is in limbo: retired so far, reclaimed so far.
pub(super) fn limbo_of(pool: &'static Pool) -> (u64, u64) {
    let of_pool = |kind: &Kind| {
        let counted = kind.counted();
        counted.is_some_and(|counted| core::ptr::eq(counted, pool))
    };
    let ((retired, reclaimed), open) = with_open_bags(
        || {
            let limbo = pool.limbo();
            (limbo.0, limbo)
        },
        of_pool,
    );
    (retired + open.values, reclaimed)
}

/// Looks at limbo, as long as bags are sealed meanwhile.
const LOOKS: usize = 4;

/// What waits in bags that are not sealed.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    values: u64,
    bytes: u64,
}

/// What `sealed` reads, how much was retired first, and what waits in open bags of the kinds asked for.
///
/// A bag is counted under the lock under which it is sealed; so both are of one moment if as much was retired
/// after the open bags were visited as before.
fn with_open_bags<S>(sealed: impl Fn() -> (u64, S), counts: impl Fn(&Kind) -> bool) -> (S, Open) {
    let (mut retired, mut rest) = sealed();
    let mut open = Open::default();
    for _ in 0..LOOKS {
        open = Open::default();
        for one in CLOCK.participants() {
            one.each_open(|kind, count| {
                let kind = reclaim::kind_of(kind);
                if counts(kind) {
                    open.values += count as u64;
                    open.bytes += count as u64 * kind.bytes();
                }
            });
        }
        let before = retired;
        (retired, rest) = sealed();
        if retired == before {
            break;
        }
    }
    (rest, open)
}

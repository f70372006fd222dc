//! 400,000 places filled and emptied at random, while the size that is frequent wanders.

use std::time::Duration;

use crate::block::{Block, Block200};
use crate::cores::keep_to_core;
use crate::footprint::Table;
use crate::lab::job::{Inject, Job, Report};
use crate::lab::moments::{Live, watch};
use crate::owner::{BoxDoor, Owner, keep};

/// Steps between two looks at the clock.
const STRIDE: u64 = 4096;

/// How often the frequent size changes: as often in a short run, so that its last half has seen each size twice.
const CHANGES: u32 = 16;

/// But not more seldom than this.
const CHANGE_MOST: Duration = Duration::from_secs(1);

/// Blocks that are lost in each stride where a leak was asked for: a thousandth of the blocks that are made.
const LOST: u64 = 2;

/// Watches it for `job.seconds`.
pub(super) fn run(job: &Job) -> Report {
    let live = Live::default();
    let length = Duration::from_secs_f64(job.seconds);
    let change = (length / CHANGES).min(CHANGE_MOST);
    watch(job, length, &live, |start| {
        if job.pin {
            keep_to_core(0);
        }
        let mut table = Table::<BoxDoor>::new(job.seed);
        live.made(table.bytes());
        loop {
            let now = start.elapsed();
            if now >= length {
                break;
            }
            let frequent = (now.as_nanos() / change.as_nanos().max(1)) as u64;
            for stamp in 0..STRIDE {
                match table.step(frequent, stamp) {
                    came @ 0.. => live.made(came as usize),
                    went => live.freed(went.unsigned_abs()),
                }
            }
            if job.inject == Some(Inject::Leak) {
                (0..LOST).for_each(lose);
            }
        }
        table
    })
}

/// A block that nobody frees. It is not counted as alive.
fn lose(stamp: u64) {
    let block: Box<Block200> = Owner::whole(Block200::filled(stamp));
    keep(block.address());
    core::mem::forget(block);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::tests::watched;

    #[test]
    fn the_table_and_its_blocks_are_alive() {
        let peak = |seconds| {
            let mut job = watched("churn");
            job.seconds = seconds;
            run(&job).peak_live_kib.unwrap()
        };
        assert_eq!(peak(0.0), 6250);
        // Half of the places are full, with 54 to 142 bytes in the mean.
        let full = peak(0.3);
        assert!((12_000..46_000).contains(&full), "{full}");
    }
}

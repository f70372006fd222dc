//! Who has the entries where: written once for all loads on them.

use super::memory::{Boxes, Memory};
use super::ours::{Buckets, Pools};
use crate::lab::contestant::Contestant;
use crate::lab::job::{Job, Report};

/// A load on entries, written once for every memory.
pub trait Load {
    /// Measures the row with the entries there.
    fn with<M: Memory>(job: &Job) -> Report;

    /// Measures the row with the entries where the job's contestant has them.
    fn run(job: &Job) -> Report {
        match job.contestant {
            Contestant::Sharded => Self::with::<Pools>(job),
            Contestant::Buckets => Self::with::<Buckets>(job),
            _ => Self::with::<Boxes>(job),
        }
    }
}

#[cfg(test)]
mod tests {
    use core::any::type_name;

    use super::*;
    use crate::lab::job::tests::job;

    enum Name {}

    impl Load for Name {
        fn with<M: Memory>(_: &Job) -> Report {
            Report {
                allocator: type_name::<M>().into(),
                ..Report::default()
            }
        }
    }

    #[test]
    fn our_allocators_have_typed_pools_and_all_others_boxes() {
        for &contestant in Contestant::ALL {
            let expected = match contestant {
                Contestant::Sharded => type_name::<Pools>(),
                Contestant::Buckets => type_name::<Buckets>(),
                _ => type_name::<Boxes>(),
            };
            let job = Job {
                contestant,
                ..job("ingest/given/4t")
            };
            assert_eq!(Name::run(&job).allocator, expected, "{contestant}");
        }
    }
}

//! Nodes published, replaced and retired on one thread: the loop of `epochs`, under this crew.

use crate::epoch::loops::Stand;
use crate::epoch::reclaim::Reclaim;
use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report};

/// Measures a row of retirements.
///
/// # Panics
/// If the variant is not known.
pub fn run<R: Reclaim>(job: &Job) -> Report {
    match job.row.variant {
        "pin-1" => crew::run(job, |_| Retire::<1, R>(Stand::default())),
        "pin-64" => crew::run(job, |_| Retire::<64, R>(Stand::default())),
        other => panic!("{other} is no number of nodes a pin"),
    }
}

/// A link whose node is replaced, pinned once for so many nodes.
struct Retire<const PINNED_FOR: u64, R: Reclaim>(Stand<R>);

impl<const PINNED_FOR: u64, R: Reclaim> Part for Retire<PINNED_FOR, R> {
    fn step(&mut self) {
        self.0.replace::<PINNED_FOR>(1);
    }

    fn body(&mut self, operations: u64) -> u64 {
        self.0.replace::<PINNED_FOR>(operations)
    }

    /// A single operation is one node, so there has to be one pin for each.
    fn has_tail(&self) -> bool {
        PINNED_FOR == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epoch::sydra::Sydra;

    #[test]
    fn an_operation_is_a_node() {
        let mut one = Retire::<1, Sydra>(Stand::default());
        assert_eq!(one.body(100), 100);
        assert!(one.has_tail());
        let mut many = Retire::<64, Sydra>(Stand::default());
        assert_eq!(many.body(100), 128);
        assert!(!many.has_tail());
    }
}

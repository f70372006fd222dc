//! The pools of the size classes, shared by the global door and by generic types.
//!
//! Handles that poison have pools of their own: what is in a free block must be known there, and
//! nobody else may use those blocks in between.

use super::{Plan, Pool};
use crate::class;

type Pools = [Pool; class::COUNT];

const fn pools(poisoned: bool) -> Pools {
    let mut pools = [const { Pool::new(Plan::class(0)) }; class::COUNT];
    let mut index = 0;
    while index < class::COUNT {
        pools[index].plan = if poisoned {
            Plan::poisoned_class(index)
        } else {
            Plan::class(index)
        };
        index += 1;
    }
    pools
}

static POOLS: Pools = pools(false);
static POISONED: Pools = pools(true);

/// The pool of a class.
#[inline(always)]
pub(crate) fn pool(class: usize) -> &'static Pool {
    &POOLS[class]
}

/// The pool of a class for handles that poison.
#[inline(always)]
pub(crate) fn poisoned_pool(class: usize) -> &'static Pool {
    &POISONED[class]
}

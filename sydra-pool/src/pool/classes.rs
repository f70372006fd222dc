//! The pools of the size classes, shared by the global door and by generic types.

use super::{Plan, Pool};
use crate::class;

static POOLS: [Pool; class::COUNT] = {
    let mut pools = [const { Pool::new(Plan::class(0)) }; class::COUNT];
    let mut index = 0;
    while index < class::COUNT {
        pools[index].plan = Plan::class(index);
        index += 1;
    }
    pools
};

/// The pool of a class.
#[inline(always)]
pub(crate) fn pool(class: usize) -> &'static Pool {
    &POOLS[class]
}

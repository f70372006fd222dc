//! Values made one after another and freed in an order that was decided beforehand: the loop of all deep rows.
//!
//! Each order is a table, so the loop costs the same for all of them. A place has no mark that says whether it is full: to look
//! at it would cost owners more than keys, which need no drop.
//!
//! # Invariants
//! - `BAT-1`: `order` is a permutation of the numbers of `places`. Made by `new`, never changed; used by `round`.

use core::fmt;
use core::mem::MaybeUninit;

use crate::clock::Watch;
use crate::random::Random;
use crate::row::Order;

/// Places for so many values, and the order in which they are emptied.
pub struct Batch<V> {
    order: Vec<u32>,
    places: Vec<MaybeUninit<V>>,
}

impl<V> Batch<V> {
    /// For `depth` values, all places empty. The seed decides the shuffled order.
    pub fn new(depth: usize, order: Order, seed: u64) -> Self {
        let mut numbers: Vec<u32> = (0..depth as u32).collect();
        match order {
            Order::Lifo => numbers.reverse(),
            Order::Fifo => {}
            Order::Shuffled => Random::new(seed).shuffle(&mut numbers),
        }
        Self {
            order: numbers,
            places: (0..depth).map(|_| MaybeUninit::uninit()).collect(),
        }
    }

    /// Values of a round.
    #[inline(always)]
    pub fn depth(&self) -> u64 {
        self.order.len() as u64
    }

    /// Fills all places, then empties them in the order. `watch` looks on: an operation is a value made and put into its place,
    /// or one taken out and freed.
    #[inline(always)]
    pub fn round<C>(
        &mut self,
        watch: &mut impl Watch,
        context: &mut C,
        make: impl Fn(&mut C) -> V,
        free: impl Fn(&mut C, V),
    ) {
        for place in &mut self.places {
            watch.time(|| {
                place.write(make(context));
            });
        }
        for &number in &self.order {
            watch.time(|| {
                let place = &self.places[number as usize];
                // SAFETY: the loop above has filled all, and by BAT-1 each is emptied once.
                free(context, unsafe { place.assume_init_read() });
            });
        }
    }
}

impl<V> fmt::Debug for Batch<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} places", self.places.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Unwatched;

    /// The numbers of the values in the order in which they are freed, of two rounds.
    fn freed(depth: usize, order: Order, seed: u64) -> Vec<usize> {
        let mut batch = Batch::new(depth, order, seed);
        let mut context = (0, Vec::new());
        for _ in 0..2 {
            batch.round(
                &mut Unwatched,
                &mut context,
                |(made, _)| {
                    *made += 1;
                    Box::new(*made)
                },
                |(_, freed), value| freed.push(*value),
            );
        }
        context.1
    }

    #[test]
    fn each_value_is_freed_once_in_the_order_asked_for() {
        assert_eq!(freed(3, Order::Lifo, 1), [3, 2, 1, 6, 5, 4]);
        assert_eq!(freed(3, Order::Fifo, 1), [1, 2, 3, 4, 5, 6]);
        let mut shuffled = freed(1000, Order::Shuffled, 1);
        assert_ne!(shuffled, freed(1000, Order::Shuffled, 2));
        let first: Vec<usize> = shuffled[..1000]
            .iter()
            .map(|number| number + 1000)
            .collect();
        assert_eq!(first, shuffled[1000..]);
        assert!(!shuffled[..1000].is_sorted());
        shuffled.sort_unstable();
        assert_eq!(shuffled, (1..=2000).collect::<Vec<_>>());
    }
}

//! Figures of several rounds: the median, how sure it is, and the mean of ratios.

use serde::{Deserialize, Serialize};

use crate::clock::median;
use crate::random::Random;

/// A median with the interval in which it lies, 19 times of 20.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The median over the rounds.
    pub median: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Samples that are drawn from the rounds.
const DRAWS: usize = 2000;

impl Estimate {
    /// Of one figure a round, by bootstrap (Efron 1979): rounds are drawn with replacement, and the interval holds 95 % of
    /// the medians of such draws. The same figures give the same interval.
    pub fn of(figures: &[f64]) -> Option<Self> {
        let middle = median(figures.to_vec())?;
        let mut random = Random::new(figures.len() as u64);
        let mut medians: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let draw = figures.iter().map(|_| figures[random.below(figures.len())]);
                median(draw.collect()).unwrap_or(middle)
            })
            .collect();
        medians.sort_by(f64::total_cmp);
        Some(Self {
            median: middle,
            low: medians[DRAWS / 40],
            high: medians[DRAWS - 1 - DRAWS / 40],
        })
    }

    /// Whether the two differ: their intervals are apart.
    pub fn differs(&self, other: &Self) -> bool {
        self.high < other.low || other.high < self.low
    }
}

/// The geometric mean; none of nothing, or of what is not above 0.
pub fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    if ratios.is_empty() || ratios.iter().any(|ratio| *ratio <= 0.0) {
        return None;
    }
    let sum: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    Some((sum / ratios.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_holds_the_median_and_narrows_with_rounds() {
        let few = Estimate::of(&[9.0, 10.0, 11.0]).unwrap();
        assert_eq!(few.median, 10.0);
        assert!(few.low <= 10.0 && few.high >= 10.0 && few.low < few.high);
        let many: Vec<f64> = (0..300).map(|place| 9.0 + f64::from(place % 3)).collect();
        let many = Estimate::of(&many).unwrap();
        assert!(many.high - many.low < few.high - few.low);
        assert_eq!(Estimate::of(&[]), None);
        let one = Estimate::of(&[5.0]).unwrap();
        assert_eq!((one.low, one.median, one.high), (5.0, 5.0, 5.0));
    }

    #[test]
    fn a_difference_is_called_only_when_the_intervals_are_apart() {
        let near = Estimate {
            median: 2.0,
            low: 1.0,
            high: 3.0,
        };
        let over = Estimate {
            median: 3.5,
            low: 2.9,
            high: 4.0,
        };
        let far = Estimate {
            median: 5.0,
            low: 3.1,
            high: 6.0,
        };
        assert!(!near.differs(&over) && near.differs(&far) && far.differs(&near));
    }

    #[test]
    fn the_geometric_mean_of_a_ratio_and_its_inverse_is_one() {
        assert!((geometric_mean(&[0.5, 2.0]).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[]), None);
        assert_eq!(geometric_mean(&[1.0, 0.0]), None);
    }
}

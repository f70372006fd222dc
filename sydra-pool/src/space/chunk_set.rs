//! A set of chunk numbers that finds its least member in constant time: two levels of bits.

/// The most chunks: 64 GiB of 2 MiB.
pub(super) const CHUNKS_MOST: usize = 32 * 1024;
const WORDS: usize = CHUNKS_MOST / 64;

pub(super) struct ChunkSet {
    /// Bit `w` of the summary: `words[w]` is not zero.
    summary: [u64; WORDS / 64],
    words: [u64; WORDS],
}

impl ChunkSet {
    pub(super) const fn new() -> Self {
        Self {
            summary: [0; WORDS / 64],
            words: [0; WORDS],
        }
    }

    pub(super) fn set(&mut self, chunk: usize, member: bool) {
        let (word, bit) = (chunk / 64, 1 << (chunk % 64));
        if member {
            self.words[word] |= bit;
            self.summary[word / 64] |= 1 << (word % 64);
        } else {
            self.words[word] &= !bit;
            if self.words[word] == 0 {
                self.summary[word / 64] &= !(1 << (word % 64));
            }
        }
    }

    /// The least member that is at least `from`.
    pub(super) fn next(&self, from: usize) -> Option<usize> {
        let word = from / 64;
        let rest = self.words.get(word)? & (u64::MAX << (from % 64));
        if rest != 0 {
            return Some(word * 64 + rest.trailing_zeros() as usize);
        }
        let after = word + 1;
        let mut group = after / 64;
        let mut mask = u64::MAX << (after % 64);
        while let Some(summary) = self.summary.get(group) {
            let bits = summary & mask;
            if bits != 0 {
                let word = group * 64 + bits.trailing_zeros() as usize;
                return Some(word * 64 + self.words[word].trailing_zeros() as usize);
            }
            group += 1;
            mask = u64::MAX;
        }
        None
    }

    /// The greatest member below `chunk`.
    pub(super) fn previous(&self, chunk: usize) -> Option<usize> {
        let (word, bit) = (chunk / 64, chunk % 64);
        let rest = self.words[word] & !(u64::MAX << bit);
        if rest != 0 {
            return Some(word * 64 + rest.ilog2() as usize);
        }
        let mut group = word / 64;
        let mut bits = self.summary[group] & !(u64::MAX << (word % 64));
        while bits == 0 {
            group = group.checked_sub(1)?;
            bits = self.summary[group];
        }
        let word = group * 64 + bits.ilog2() as usize;
        Some(word * 64 + self.words[word].ilog2() as usize)
    }

    /// The greatest member.
    pub(super) fn last(&self) -> Option<usize> {
        let group = self.summary.iter().rposition(|&bits| bits != 0)?;
        let word = group * 64 + self.summary[group].ilog2() as usize;
        Some(word * 64 + self.words[word].ilog2() as usize)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn agrees_with_a_sorted_set() {
        let mut set = std::boxed::Box::new(ChunkSet::new());
        let mut model = BTreeSet::new();
        let mut state = 3_u64;
        for _ in 0..if cfg!(miri) { 40 } else { 5000 } {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let chunk = (state >> 40) as usize % CHUNKS_MOST;
            let member = state & 3 != 0;
            set.set(chunk, member);
            if member {
                model.insert(chunk);
            } else {
                model.remove(&chunk);
                let last = model.last().copied().unwrap_or(chunk);
                set.set(last, false);
                model.remove(&last);
            }
            let from = (state >> 20) as usize % CHUNKS_MOST;
            assert_eq!(set.next(0), model.first().copied());
            assert_eq!(set.next(from), model.range(from..).next().copied());
            assert_eq!(set.last(), model.last().copied());
            assert_eq!(set.previous(from), model.range(..from).next_back().copied());
        }
    }
}

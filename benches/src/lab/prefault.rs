//! Memory that is touched and freed before a measurement (`--prefault`), so that first touches are no part of it. How much of
//! it the allocator keeps until then is its own affair.

use sydra_pool::PoolBox;

use super::hot::{Header, Item, Node, Record, Tombstone};

/// Bytes on the global allocator, in blocks of all the sizes of [`SIZES`].
const HEAP_BYTES: usize = 64 << 20;

/// Bytes of each pooled type.
const TYPE_BYTES: usize = 16 << 20;

/// Blocks of so many bytes, one after the other.
const SIZES: [usize; 12] = [16, 24, 32, 48, 64, 96, 128, 256, 512, 1024, 4096, 32_768];

/// Touches memory of the global allocator.
pub fn heap() {
    std::hint::black_box(blocks());
}

fn blocks() -> Vec<Vec<u8>> {
    let mut blocks = Vec::new();
    let mut bytes = 0;
    for size in SIZES.into_iter().cycle() {
        if bytes >= HEAP_BYTES {
            break;
        }
        // All bytes written: a vector of zeros would be pages that nobody has touched.
        blocks.push(vec![1; size]);
        bytes += size;
    }
    blocks
}

/// Touches memory of the pools of the four hot structs. Returns how many values were alive at once, of all types.
pub fn types() -> usize {
    one::<Tombstone>() + one::<Header>() + one::<Node>() + one::<Record>()
}

fn one<T: Item>() -> usize {
    let count = TYPE_BYTES / size_of::<T>();
    let values: Vec<_> = (0..count as u64)
        .map(|stamp| PoolBox::new(T::new(stamp)))
        .collect();
    std::hint::black_box(&values);
    values.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heap_has_had_so_many_bytes_of_all_sizes_and_each_was_written() {
        let blocks = blocks();
        let bytes: usize = blocks.iter().map(Vec::len).sum();
        assert!(
            (HEAP_BYTES..HEAP_BYTES + SIZES[11]).contains(&bytes),
            "{bytes}"
        );
        let first = blocks.iter().map(Vec::len).take(SIZES.len());
        assert!(first.eq(SIZES));
        assert!(
            blocks
                .iter()
                .all(|block| block.iter().all(|byte| *byte == 1))
        );
    }

    #[test]
    fn pools_have_had_so_many_values() {
        let values = types();
        assert_eq!(
            values,
            [24, 48, 64, 200]
                .map(|bytes| TYPE_BYTES / bytes)
                .iter()
                .sum::<usize>()
        );
        let shot = sydra_pool::snapshot();
        let record = shot.types.iter().find(|one| one.name == "Record").unwrap();
        assert!(record.peak >= (TYPE_BYTES / 200) as u64, "{record:?}");
    }
}

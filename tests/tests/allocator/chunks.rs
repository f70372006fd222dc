//! Bump allocators whose chunks are blocks of the pools. (bumpalo implements the trait for its own
//! `&Bump` and takes its chunks from the global allocator; bump-scope takes an allocator for them.)

use bump_scope::Bump;
use bump_scope::alloc::compat::AllocatorApi2V02Compat;
use sydra_pool::SydraAlloc;

use crate::{alone, classes};

#[test]
fn chunks_are_blocks_of_the_pools() {
    let _alone = alone();
    let before = classes();
    let rounds = if cfg!(miri) { 20 } else { 5_000_u64 };
    let mut bump: Bump<_> = Bump::new_in(AllocatorApi2V02Compat(SydraAlloc));
    for round in 0..2 {
        let mut kept = Vec::new();
        for number in 0..rounds {
            let value = bump.alloc(number).into_ref();
            let text = bump.alloc_str("a line of text").into_ref();
            let row = bump
                .alloc_slice_fill(number as usize % 50, number as u8)
                .into_ref();
            kept.push((number, value, text, row));
        }
        for (number, value, text, row) in kept {
            assert_eq!((*value, text), (number, "a line of text"));
            assert_eq!(row.len() as u64, number % 50);
            assert!(row.iter().all(|&byte| byte == number as u8));
        }
        if round == 0 {
            assert!(
                classes().0 > before.0,
                "the first chunks are blocks of classes"
            );
        }
        // Keeps the largest chunk, which is the backing allocator's by now.
        bump.reset();
    }
    drop(bump);
    let after = classes();
    assert_eq!(after.0, before.0, "every chunk went back");
    assert!(after.1 > before.1);
}

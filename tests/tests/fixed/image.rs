//! What a pool looks like: nothing but zeros in the program's file, blocks where their alignment says.

use std::collections::BTreeSet;

use sydra_pool::{StaticBox, StaticPool};

/// A thousand of them are 62 MiB.
type Page = [u8; 65_536];
static VAST: StaticPool<Page, { if cfg!(miri) { 2 } else { 1_000 } }> = StaticPool::new();

/// With padding in each block.
static PADDED: StaticPool<(u8, u32), { if cfg!(miri) { 2 } else { 1_000 } }, 4096> =
    StaticPool::new();

#[test]
#[cfg(not(miri))]
fn blocks_take_no_room_in_the_programs_file() {
    let page = VAST.try_box_with(|| [7; 65_536]).expect("the first");
    let pair = PADDED.try_box((1, 2)).expect("the first");
    assert_eq!((page[65_535], pair.1), (7, 2));
    let blocks = (size_of_val(&VAST), size_of_val(&PADDED));
    assert!(blocks.0 > 62 << 20 && blocks.1 > 3 << 20);
    let program = std::env::current_exe().expect("the path of this program");
    let bytes = std::fs::metadata(program)
        .expect("the file of this program")
        .len();
    assert!(bytes < 60 << 20, "{bytes} bytes");
}

fn spread<const ALIGN: usize>(addresses: [usize; 6], bytes: usize) {
    let apart: BTreeSet<usize> = addresses.into_iter().collect();
    assert_eq!(apart.len(), 6);
    let low = *apart.first().expect("six");
    for address in apart {
        assert_eq!(address % ALIGN, 0, "alignment {ALIGN}");
        assert_eq!((address - low) % bytes, 0, "stride {bytes}");
    }
}

/// Neighbours go out one after the other only when nothing else is left: each is written by its owner.
#[test]
#[cfg(not(sydra_narrow))] // There the hand has one cell, and the list its own order.
fn blocks_that_go_out_together_share_no_lines() {
    static POOL: StaticPool<u64, 64> = StaticPool::new();
    let all = [(); 8].map(|()| StaticBox::leak(POOL.try_box(7).expect("64")));
    let addresses = all.map(|one| core::ptr::from_ref(one).addr());
    for pair in addresses.windows(2) {
        assert!(pair[0].abs_diff(pair[1]) >= 128, "{addresses:x?}");
    }
}

macro_rules! aligned {
    ($($align:literal: $value:expr, $type:ty, $bytes:literal;)*) => {
        #[test]
        fn blocks_lie_as_their_alignment_says() {
            $({
                static POOL: StaticPool<$type, 6, $align> = StaticPool::new();
                let all = [(); 6].map(|()| POOL.try_box($value).expect("six"));
                let addresses = all.each_ref().map(|one| StaticBox::as_ptr(one).addr());
                // Narrow links are shorter.
                spread::<$align>(addresses, if cfg!(sydra_narrow) { $align } else { $bytes });
                assert!(POOL.try_box($value).is_err());
                drop(all);
                assert!(POOL.is_empty());
            })*
        }
    };
}

#[cfg(target_pointer_width = "64")]
aligned! {
    1: 7, u8, 16;
    1: 7, u64, 16;
    1: [7; 6], [u64; 6], 56;
    1: (), (), 8;
    2: (), (), 8;
    4: 7, u16, 16;
    8: 7, u16, 16;
    16: 7, u64, 16;
    32: [7; 6], [u64; 6], 64;
    64: [7; 6], [u64; 6], 64;
    64: [7; 8], [u64; 8], 128;
    128: 7, u8, 128;
    256: 7, u8, 256;
    512: 7, u8, 512;
    1024: 7, u8, 1024;
    2048: 7, u8, 2048;
    4096: [7; 512], [u64; 512], 8192;
}

//! Each home's implementation, one after the other; what they share is tested through one of them by
//! the `tests` crate.

use super::*;

/// Every method once, with blocks that move, stay, change their alignment and come from nothing.
macro_rules! exercise {
    ($($home:ident)::+) => {{
        use $($home)::+::{AllocError, Allocator};
        let layout = |size, align| Layout::from_size_align(size, align).expect("a layout");
        let start = |slice: Result<NonNull<[u8]>, AllocError>, wanted: Layout| {
            let slice = slice.expect("there is memory");
            assert_eq!(slice.len(), wanted.size());
            assert!(slice.cast::<u8>().addr().get().is_multiple_of(wanted.align()));
            slice.cast::<u8>()
        };
        let (none, small, near) = (layout(0, 64), layout(20, 4), layout(24, 8));
        let (far, beyond) = (layout(500, 256), layout(50_000, 8));
        let block = start(SydraAlloc.allocate(none), none);
        // SAFETY: ALC-2; held with this layout.
        let block = start(unsafe { SydraAlloc.grow_zeroed(block, none, small) }, small);
        // SAFETY: ALC-1; a block of 20 bytes, which are zero.
        assert_eq!(unsafe { block.cast::<[u8; 20]>().read() }, [0; 20]);
        // SAFETY: ALC-1; within the block.
        unsafe { block.write_bytes(7, 20) };
        // SAFETY: ALC-2; held with this layout.
        let grown = start(unsafe { SydraAlloc.grow(block, small, near) }, near);
        assert_eq!(grown, block, "one class");
        // SAFETY: ALC-2; held with this layout.
        let grown = start(unsafe { SydraAlloc.grow_zeroed(grown, near, far) }, far);
        // SAFETY: ALC-1; within the block.
        assert_eq!(unsafe { grown.cast::<[u8; 20]>().read() }, [7; 20]);
        // SAFETY: ALC-1; within the block.
        let tail = unsafe { grown.add(24) };
        // SAFETY: ALC-1; what was asked to be zero.
        assert_eq!(unsafe { tail.cast::<[u8; 476]>().read() }, [0; 476]);
        // SAFETY: ALC-2; held with this layout.
        let grown = start(unsafe { SydraAlloc.grow(grown, far, beyond) }, beyond);
        // SAFETY: ALC-2; held with this layout.
        let shrunk = start(unsafe { SydraAlloc.shrink(grown, beyond, small) }, small);
        // SAFETY: ALC-1; within the block.
        assert_eq!(unsafe { shrunk.cast::<[u8; 20]>().read() }, [7; 20]);
        // SAFETY: ALC-2; held with this layout.
        unsafe { SydraAlloc.deallocate(shrunk, small) };
        let block = start(SydraAlloc.allocate_zeroed(far), far);
        // SAFETY: ALC-1; a block of 500 bytes, which are zero.
        assert_eq!(unsafe { block.cast::<[u8; 500]>().read() }, [0; 500]);
        // SAFETY: ALC-2; held with this layout.
        let block = start(unsafe { SydraAlloc.shrink(block, far, none) }, none);
        // SAFETY: ALC-2; held with this layout.
        unsafe { SydraAlloc.deallocate(block, none) };
        let huge = layout(isize::MAX as usize - 7, 8);
        assert!(cfg!(miri) || SydraAlloc.allocate(huge).is_err());
    }};
}

#[cfg(feature = "allocator-api2-v0_2")]
#[test]
fn version_0_2() {
    exercise!(allocator_api2_v0_2::alloc);
}

#[cfg(feature = "allocator-api2-v0_4")]
#[test]
fn version_0_4() {
    exercise!(allocator_api2_v0_4::alloc);
}

#[cfg(feature = "nightly")]
#[test]
fn nightly() {
    exercise!(core::alloc);
    let mut tree = std::collections::BTreeMap::new_in(SydraAlloc);
    let mut queue = std::collections::VecDeque::new_in(SydraAlloc);
    for number in 0..100_u64 {
        tree.insert(
            number * 7 % 100,
            std::boxed::Box::new_in(number, SydraAlloc),
        );
        queue.push_back(number);
    }
    assert!(tree.iter().all(|(key, number)| **number * 7 % 100 == *key));
    assert!(queue.into_iter().eq(0..100));
}

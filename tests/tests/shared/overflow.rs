//! The count cannot wrap around: the process stops first. To forget 2^31 pointers takes too long, so
//! the count is set from outside, where a counted value's head is known to hold it: right before the
//! value, with another word in between.

use sydra_pool::{PoolArc, PoolRc, Pooled};
use tests::child::Apart;

#[derive(Pooled)]
struct Common(u64);

macro_rules! overflow {
    ($($test:ident, $pointer:ident;)*) => {$(
        #[test]
        fn $test() {
            let apart = Apart::new(concat!("overflow::", stringify!($test)), |count| {
                let common = $pointer::new(Common(7));
                let raw = $pointer::into_raw($pointer::clone(&common));
                let place = raw.cast::<u32>().cast_mut();
                // SAFETY: within the block, by the layout that this test asserts below.
                let place = unsafe { place.sub(2) };
                // SAFETY: as above; no other thread has the value.
                assert_eq!(unsafe { place.read() }, 2, "here is the count");
                // SAFETY: as above.
                unsafe { place.write(count.parse().expect("a count")) };
                println!("\nabout to clone");
                // SAFETY: given out above; `common` is alive.
                unsafe { $pointer::increment_strong_count(raw) };
                println!("\ncloned once");
                core::mem::forget($pointer::clone(&common));
                println!("\ncloned twice");
                assert_eq!(common.0, 7);
                // The count is a lie, so nothing is dropped.
                core::mem::forget(common);
            });
            let most = i32::MAX as u32;
            assert!(apart.run(most - 2).succeeded().said("cloned twice"));
            let message = concat!("more than 2147483647 clones of one ", stringify!($pointer));
            let over = apart.run(most);
            over.aborted(message);
            assert!(over.said("cloned once") && !over.said("cloned twice"));
            let far_over = apart.run(most + 1);
            far_over.aborted(message);
            assert!(far_over.said("about to clone") && !far_over.said("cloned once"));
        }
    )*};
}

overflow! {
    too_many_in_many_threads, PoolArc;
    too_many_in_one_thread, PoolRc;
}

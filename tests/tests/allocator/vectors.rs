//! Vectors and boxes of `allocator-api2`, both versions, beside the standard library's.

use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec as PoolVec;
use sydra_pool::SydraAlloc;
use tests::rng::Rng;

use crate::{alone, classes};

/// The same random operations on a vector of the pools and on the model. A macro, because the two
/// versions of the crate share no trait.
macro_rules! play {
    ($vector:ty, $item:ty, $rng:expr, $steps:expr, $of:expr) => {{
        let (rng, of) = ($rng, $of);
        let mut ours = <$vector>::new_in(SydraAlloc);
        let mut model: Vec<$item> = Vec::new();
        for step in 0..$steps {
            match rng.below(100) {
                0..45 => {
                    let item = of(rng.bits());
                    ours.push(item);
                    model.push(item);
                }
                45..65 => assert_eq!(ours.pop(), model.pop()),
                65..75 => {
                    let more: Vec<$item> = (0..rng.below(80)).map(|_| of(rng.bits())).collect();
                    ours.extend_from_slice(&more);
                    model.extend_from_slice(&more);
                }
                75..80 => {
                    let length = rng.below(model.len() + 1);
                    ours.truncate(length);
                    model.truncate(length);
                }
                80..85 => {
                    ours.shrink_to_fit();
                    assert_eq!(ours.capacity(), ours.len());
                }
                85..90 => {
                    let most = rng.below(300);
                    ours.shrink_to(most);
                }
                90..95 => ours.reserve_exact(rng.below(200)),
                95..97 => ours = ours.clone(),
                97 => {
                    let length = rng.below(500);
                    let item = of(step);
                    ours.resize(length, item);
                    model.resize(length, item);
                }
                98 => {
                    let place = rng.below(model.len() + 1);
                    let item = of(step);
                    ours.insert(place, item);
                    model.insert(place, item);
                }
                _ => ours = ours.into_boxed_slice().into_vec(),
            }
            assert_eq!(ours.len(), model.len());
            if step % 16 == 0 {
                assert_eq!(ours[..], model[..]);
            }
        }
        assert_eq!(ours[..], model[..]);
    }};
}

/// An item of a size that no class has, aligned to more than a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(32))]
struct Odd([u8; 77]);

#[test]
fn vectors_grow_and_shrink_as_the_standard_ones() {
    let _alone = alone();
    let name = "vectors_grow_and_shrink_as_the_standard_ones";
    let mut rng = Rng::announced(name);
    let rng = &mut rng;
    let before = classes();
    let (rounds, steps) = if cfg!(miri) { (1, 60) } else { (6, 3_000_u64) };
    for _ in 0..rounds {
        play!(PoolVec<u8, SydraAlloc>, u8, &mut *rng, steps, |bits| bits as u8);
        play!(PoolVec<u64, SydraAlloc>, u64, &mut *rng, steps, |bits| bits);
        let odd = |bits: u64| Odd([bits as u8; 77]);
        play!(PoolVec<Odd, SydraAlloc>, Odd, &mut *rng, steps, odd);
        type Newest<T> = allocator_api2_v0_4::vec::Vec<T, SydraAlloc>;
        play!(Newest<u64>, u64, &mut *rng, steps, |bits| bits);
    }
    let after = classes();
    assert_eq!(after.0, before.0, "every block went back");
    assert!(after.1 > before.1, "the vectors' memory is the pools'");
}

/// One vector from nothing through every class and out of them, and back.
#[test]
fn one_vector_through_every_class() {
    let _alone = alone();
    let most = if cfg!(miri) { 300_u32 } else { 60_000 };
    let mut vector = PoolVec::new_in(SydraAlloc);
    for number in 0..most {
        vector.push(number);
        if number % 64 == 0 {
            vector.shrink_to_fit();
        }
    }
    while let Some(number) = vector.pop() {
        assert_eq!(number as usize, vector.len());
        if number % 512 == 0 {
            vector.shrink_to_fit();
            assert!(vector.iter().copied().eq(0..number));
        }
    }
}

#[test]
fn vectors_of_nothing_take_no_memory() {
    let _alone = alone();
    let before = classes();
    let mut vector = PoolVec::new_in(SydraAlloc);
    vector.resize(1_000, ());
    vector.shrink_to_fit();
    let empty: Box<[u64; 0], SydraAlloc> = Box::new_in([], SydraAlloc);
    assert_eq!((vector.len(), empty.len()), (1_000, 0));
    drop((vector, empty));
    assert_eq!(classes(), before);
}

#[test]
fn boxes_of_every_kind() {
    let _alone = alone();
    let before = classes().0;
    let zeroed = Box::<[u64; 100], _>::new_zeroed_in(SydraAlloc);
    // SAFETY: zeros are numbers.
    let zeroed = unsafe { zeroed.assume_init() };
    assert_eq!(*zeroed, [0; 100]);
    let mut bytes = PoolVec::new_in(SydraAlloc);
    bytes.resize(700, 9_u8);
    let slice: Box<[u8], SydraAlloc> = bytes.into_boxed_slice();
    assert!(slice.len() == 700 && slice.iter().all(|&byte| byte == 9));
    let pinned = Box::pin_in(std::marker::PhantomPinned, SydraAlloc);
    drop((zeroed, slice, pinned));
    assert_eq!(classes().0, before);
}

//! Wiping: what a value wipes, what its block wipes, and what is left with neither.

use sydra_pool::{PoolBox, Pooled};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const SECRET: u8 = 0xC3;

/// The value alone is wiped, when it is dropped.
#[derive(Pooled, Zeroize, ZeroizeOnDrop)]
struct Value([u8; 96]);

/// The block alone is wiped, when it comes back.
#[derive(Pooled)]
#[pooled(zero_on_free)]
struct Block([u8; 96]);

/// Both.
#[derive(Pooled, Zeroize, ZeroizeOnDrop)]
#[pooled(zero_on_free)]
struct Both([u8; 96]);

/// Neither.
#[derive(Pooled)]
struct Plain([u8; 96]);

/// The secret bytes that blocks still hold after `end` has had their boxes.
fn left<T: Pooled>(make: impl Fn() -> T, end: impl Fn(PoolBox<T>)) -> usize {
    let blocks: Vec<PoolBox<T>> = (0..30).map(|_| PoolBox::new(make())).collect();
    let places: Vec<*const u8> = blocks
        .iter()
        .map(|block| PoolBox::as_ptr(block).cast())
        .collect();
    blocks.into_iter().for_each(end);
    let bytes = places.iter().flat_map(|place| {
        // SAFETY: no access by the rules of the program, but by those of the engine: it keeps a freed
        // block's memory as it is while it lies in a magazine, and no other test uses this pool.
        unsafe { core::slice::from_raw_parts(*place, size_of::<T>()) }
    });
    bytes.filter(|&&byte| byte == SECRET).count()
}

/// One test, so that nobody else takes what it looks at.
#[cfg(not(miri))]
#[test]
fn what_each_leaves_in_freed_blocks() {
    let secret = [SECRET; 96];
    // The control: the freed blocks are seen.
    assert!(left(|| Plain(secret), drop) > 0);
    assert_eq!(left(|| Value(secret), drop), 0);
    assert_eq!(left(|| Block(secret), drop), 0);
    assert_eq!(left(|| Both(secret), drop), 0);
    // Moved out, the value is not dropped here: what stays in the block is the block's affair.
    let out = |boxed: PoolBox<Value>| assert_eq!(PoolBox::into_inner(boxed).0[0], SECRET);
    assert!(left(|| Value(secret), out) > 0);
    let out = |boxed: PoolBox<Both>| assert_eq!(PoolBox::into_inner(boxed).0[0], SECRET);
    assert_eq!(left(|| Both(secret), out), 0);
    let out = |boxed: PoolBox<Block>| assert_eq!(PoolBox::into_inner(boxed).0[0], SECRET);
    assert_eq!(left(|| Block(secret), out), 0);
    let out = |boxed: PoolBox<Plain>| assert_eq!(PoolBox::into_inner(boxed).0[0], SECRET);
    assert!(left(|| Plain(secret), out) > 0);
}

#[test]
fn a_box_is_wiped_as_its_value_is() {
    let mut key = PoolBox::new(Value([SECRET; 96]));
    key.zeroize();
    assert_eq!(key.0, [0; 96]);
    // Through the trait, not by the value's method.
    fn wipe(mut wiped: impl Zeroize) -> impl Zeroize {
        wiped.zeroize();
        wiped
    }
    let _ = wipe(PoolBox::new(Value([SECRET; 96])));
    let mut bytes = PoolBox::<[u8]>::from([SECRET; 50]);
    Zeroize::zeroize(&mut bytes);
    assert_eq!(*bytes, [0; 50]);
    let mut text = PoolBox::<str>::from("secret");
    Zeroize::zeroize(&mut text);
    assert_eq!(text.as_bytes(), [0; 6]);
}

#[test]
fn boxes_are_known_to_wipe_on_drop() {
    fn wiped_on_drop<T: ZeroizeOnDrop>(_: &T) {}
    wiped_on_drop(&PoolBox::new(Value([0; 96])));
    let kept = Zeroizing::new(PoolBox::<[u8]>::from([SECRET; 8]));
    assert_eq!(**kept, [SECRET; 8][..]);
    wiped_on_drop(&kept);
}

//! Every function `Box` has, by the same name and with the same meaning.

use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

use sydra_pool::{PoolBox, Pooled, pool};

/// One type for each test, so that figures do not mix.
macro_rules! record {
    ($name:ident) => {
        #[derive(Clone, Debug, Default, PartialEq, Pooled)]
        struct $name {
            number: u64,
            text: String,
        }

        #[allow(dead_code, reason = "not every test makes a value by number")]
        impl $name {
            fn new(number: u64) -> Self {
                Self {
                    number,
                    text: format!("record {number}"),
                }
            }
        }
    };
}

#[test]
fn new_holds_the_value_and_drop_frees_it() {
    record!(Record);
    let boxed = PoolBox::new(Record::new(1));
    assert_eq!(*boxed, Record::new(1));
    assert_eq!(pool::<Record>().live(), 1);
    drop(boxed);
    assert_eq!(pool::<Record>().live(), 0);
}

#[test]
fn try_new_and_new_with_and_try_new_with() {
    record!(Record);
    let one = PoolBox::try_new(Record::new(1)).expect("memory for one record");
    let two = PoolBox::new_with(|| Record::new(2));
    let three = PoolBox::try_new_with(|| Record::new(3)).expect("memory for one record");
    assert_eq!((one.number, two.number, three.number), (1, 2, 3));
    assert_eq!(three.text, "record 3");
}

#[test]
fn a_panicking_closure_frees_its_block() {
    record!(Record);
    for _ in 0..3 {
        let tried = std::panic::catch_unwind(|| PoolBox::<Record>::new_with(|| panic!("no value")));
        assert!(tried.is_err());
        let tried =
            std::panic::catch_unwind(|| PoolBox::<Record>::try_new_with(|| panic!("no value")));
        assert!(tried.is_err());
        assert_eq!(pool::<Record>().live(), 0);
    }
}

#[test]
fn uninitialised_then_written_then_assumed() {
    record!(Record);
    let block: PoolBox<MaybeUninit<Record>> = PoolBox::new_uninit();
    assert_eq!(pool::<Record>().live(), 1);
    let written = PoolBox::write(block, Record::new(4));
    assert_eq!(written.text, "record 4");

    let mut block = PoolBox::<Record>::new_uninit();
    block.write(Record::new(5));
    // SAFETY: written just above.
    let boxed = unsafe { block.assume_init() };
    assert_eq!(boxed.number, 5);

    // Dropping an uninitialised block frees it and runs no drop glue.
    drop(PoolBox::<Record>::new_uninit());
    drop((written, boxed));
    assert_eq!(pool::<Record>().live(), 0);
}

#[test]
fn into_inner_moves_the_value_out_and_frees_the_block() {
    record!(Record);
    let value = PoolBox::into_inner(PoolBox::new(Record::new(6)));
    assert_eq!(value, Record::new(6));
    assert_eq!(pool::<Record>().live(), 0);
}

#[test]
fn raw_and_back() {
    record!(Record);
    let raw: *mut Record = PoolBox::into_raw(PoolBox::new(Record::new(7)));
    assert_eq!(pool::<Record>().live(), 1);
    // SAFETY: from `into_raw` just above, owned once.
    let boxed = unsafe { PoolBox::from_raw(raw) };
    assert_eq!(PoolBox::as_ptr(&boxed), raw.cast_const());
    let pointer: NonNull<Record> = PoolBox::into_non_null(boxed);
    assert_eq!(pointer.as_ptr(), raw);
    // SAFETY: from `into_non_null` just above, owned once.
    let mut boxed = unsafe { PoolBox::from_non_null(pointer) };
    assert_eq!(PoolBox::as_mut_ptr(&mut boxed), raw);
    boxed.number = 8;
    assert_eq!(boxed.text, "record 7");
    drop(boxed);
    assert_eq!(pool::<Record>().live(), 0);
}

#[test]
fn leak_lives_for_ever_and_can_be_taken_back() {
    record!(Record);
    let leaked: &'static mut Record = PoolBox::leak(PoolBox::new(Record::new(9)));
    leaked.number += 1;
    assert_eq!(leaked.number, 10);
    assert_eq!(pool::<Record>().live(), 1);
    // SAFETY: `leak` gave up the box that owned this.
    drop(unsafe { PoolBox::from_raw(leaked) });
    assert_eq!(pool::<Record>().live(), 0);
}

#[test]
fn pinned_values_stay_where_they_are() {
    record!(Record);
    let pinned: Pin<PoolBox<Record>> = PoolBox::pin(Record::new(11));
    let before = core::ptr::from_ref(&*pinned);
    let moved = Box::new(pinned);
    assert_eq!(core::ptr::from_ref(&**moved), before);
    let other: Pin<PoolBox<Record>> = PoolBox::into_pin(PoolBox::new(Record::new(12)));
    assert_eq!(other.number, 12);
    let third: Pin<PoolBox<Record>> = PoolBox::new(Record::new(13)).into();
    assert_eq!(third.number, 13);
}

#[test]
fn a_value_may_be_moved_out_and_in_by_reference() {
    record!(Record);
    let mut boxed = PoolBox::new(Record::new(14));
    let old = core::mem::replace(&mut *boxed, Record::new(15));
    assert_eq!((old.number, boxed.number), (14, 15));
    let taken = core::mem::take(&mut *boxed);
    assert_eq!((taken.number, boxed.number), (15, 0));
}

#[test]
fn the_pools_handle_tells_what_it_is() {
    record!(Record);
    let _boxed = PoolBox::new(Record::new(16));
    let handle = pool::<Record>();
    assert_eq!(handle.name(), "Record");
    let (figures, geometry) = (handle.stats(), handle.geometry());
    assert_eq!(figures.name, "Record");
    assert_eq!(
        (figures.size, figures.align),
        (size_of::<Record>(), align_of::<Record>())
    );
    assert_eq!(figures.stride, geometry.stride);
    assert!(geometry.stride >= size_of::<Record>());
    assert_eq!(
        (figures.live, figures.allocations, figures.frees),
        (1, 1, 0)
    );
}

#[test]
fn try_pin_pins_the_value() {
    record!(Record);
    let pinned = PoolBox::try_pin(Record::new(1)).expect("memory for one record");
    assert_eq!(*pinned, Record::new(1));
    assert_eq!(pool::<Record>().live(), 1);
}

#[test]
fn try_new_uninit_and_try_new_zeroed() {
    #[derive(Pooled)]
    struct Bytes([u8; 300]);
    let block = PoolBox::<Bytes>::try_new_uninit().expect("memory for some bytes");
    let mut bytes = PoolBox::write(block, Bytes([1; 300]));
    assert_eq!(pool::<Bytes>().live(), 1);
    for _ in 0..3 {
        bytes.0.fill(0xFF);
        let place = PoolBox::as_ptr(&bytes);
        drop(bytes);
        let block = PoolBox::<Bytes>::try_new_zeroed().expect("memory for some bytes");
        // SAFETY: every byte is zero, which is a value of an array of bytes.
        bytes = unsafe { block.assume_init() };
        assert_eq!(PoolBox::as_ptr(&bytes), place, "not the block just used");
        assert_eq!(bytes.0, [0; 300]);
        bytes.0.fill(0xFF);
        drop(bytes);
        // SAFETY: as above.
        bytes = unsafe { PoolBox::<Bytes>::new_zeroed().assume_init() };
        assert_eq!(PoolBox::as_ptr(&bytes), place, "not the block just used");
        assert_eq!(bytes.0, [0; 300]);
    }
}

#[test]
fn shared_pointers_take_the_value_and_free_the_block() {
    record!(Record);
    let rc: Rc<Record> = PoolBox::new(Record::new(1)).into();
    let arc: Arc<Record> = PoolBox::new(Record::new(2)).into();
    assert_eq!((&*rc, &*arc), (&Record::new(1), &Record::new(2)));
    let figures = pool::<Record>().stats();
    assert_eq!((figures.live, figures.frees), (0, 2));
}

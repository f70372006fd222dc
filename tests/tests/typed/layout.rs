//! What a type's implementation says of its blocks, and `register!`.

#![expect(dead_code, reason = "the fields are there for their size")]

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use sydra_pool::layout::{ByInstance, Class, Report, Stride, Waste};
use sydra_pool::{PoolBox, Pooled, pool, register, snapshot};

/// Compiles only for two names of one type.
fn same<T>(_: PhantomData<T>, _: PhantomData<T>) {}

/// `reported::<T>::<class, stride, waste>()`: the report of `T` has these lengths.
macro_rules! reported {
    ($ty:ty: $class:literal, $stride:literal, $waste:literal) => {
        same(
            PhantomData::<<$ty as Pooled>::Layout>,
            PhantomData::<Report<Class<[u8; $class]>, Stride<[u8; $stride]>, Waste<[u8; $waste]>>>,
        );
        assert_eq!(<$ty as Pooled>::BLOCK_BYTES, $stride);
        assert_eq!(<$ty as Pooled>::WASTE_BYTES, $waste);
    };
}

#[derive(Debug, Pooled)]
struct Line([u8; 41]);

#[derive(Debug, Pooled)]
#[pooled(merge, max_waste = 15)]
struct Merged([u8; 41]);

#[derive(Debug, Pooled)]
#[pooled(align = 64, max_waste = 36)]
struct Aligned<'a>([u8; 41], PhantomData<&'a u8>);

#[derive(Debug, Pooled)]
struct Tiny(u16);

#[derive(Debug, Pooled)]
struct Nothing;

#[derive(Debug, Pooled)]
struct Large([u8; 40_000]);

#[derive(Debug, Pooled)]
#[pooled(instances(Listed<u8>, Listed<[u64; 17]>))]
struct Listed<T>(T);

#[derive(Debug, Pooled)]
#[pooled(max_waste = 15)]
struct Generic<T>(T);

#[test]
fn reports_tell_class_stride_and_waste() {
    reported!(Line: 48, 41, 0);
    reported!(Merged: 48, 48, 7);
    reported!(Aligned<'_>: 64, 64, 23);
    reported!(Tiny: 8, 8, 6);
    reported!(Nothing: 0, 0, 0);
    reported!(Large: 0, 0, 0);
    reported!(Listed<u8>: 8, 8, 7);
    reported!(Listed<[u64; 17]>: 160, 136, 0);
    reported!(MaybeUninit<Merged>: 48, 48, 7);
    same(
        PhantomData::<<Generic<u8> as Pooled>::Layout>,
        PhantomData::<ByInstance>,
    );
    assert_eq!(<Generic<[u8; 41]> as Pooled>::BLOCK_BYTES, 48);
    assert_eq!(<Generic<[u8; 41]> as Pooled>::WASTE_BYTES, 7);
}

/// The numbers are those of the pool that the values come from.
#[test]
fn reports_agree_with_the_pools() {
    fn agrees<T: Pooled>(value: T) {
        let value = PoolBox::new(value);
        assert_eq!(T::BLOCK_BYTES, pool::<T>().geometry().stride);
        assert_eq!(T::WASTE_BYTES, T::BLOCK_BYTES - size_of::<T>());
        drop(value);
    }
    agrees(Line([1; 41]));
    agrees(Merged([1; 41]));
    agrees(Aligned([1; 41], PhantomData));
    agrees(Tiny(1));
    agrees(Listed([1_u64; 17]));
    agrees(Generic([1_u8; 41]));
}

#[test]
fn registered_pools_are_in_the_figures_before_their_first_use() {
    #[derive(Pooled)]
    #[pooled(name = "registered early")]
    struct Early(u64);
    #[derive(Pooled)]
    #[pooled(instances(Node<u32>, Node<u64>), name = "registered node")]
    struct Node<T>(T);
    let rows = || {
        let rows = snapshot().types;
        let ours = rows.iter().filter(|row| row.name.starts_with("registered"));
        let mut ours: Vec<_> = ours.map(|row| (row.name, row.allocations)).collect();
        ours.sort_unstable();
        ours
    };
    assert_eq!(rows(), []);
    register!(Early, Node<u32>);
    register!(Early,);
    assert_eq!(
        rows(),
        [("registered early", 0), ("registered node<u32>", 0)]
    );
    drop((PoolBox::new(Early(1)), PoolBox::new(Node(1_u64))));
    let rows = rows();
    assert_eq!(rows.len(), 3, "{rows:?}");
    assert_eq!(rows[0], ("registered early", 1));
}

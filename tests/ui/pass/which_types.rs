//! Which types have a pool, and which have none: each derive implements for no type too many.
use core::marker::PhantomData;
use sydra_pool::Pooled;

struct Probe<T: ?Sized>(PhantomData<T>);

/// What an unpooled type finds; an inherent constant goes before a trait's.
trait Otherwise {
    const POOLED: bool = false;
}
impl<T: ?Sized> Otherwise for Probe<T> {}
impl<T: Pooled> Probe<T> {
    const POOLED: bool = true;
}

struct Plain;

#[derive(Pooled)]
struct Generic<T: Copy>(T);

#[derive(Pooled)]
#[pooled(bound = "T: Send, Vec<T>: Clone")]
struct Bounded<T>(T);

#[derive(Pooled)]
#[pooled(instances(Listed<u8>, Listed<&'static str>))]
struct Listed<T>(T);

/// The bare name is an instance where every parameter has a default.
#[derive(Pooled)]
#[pooled(instances(Default))]
struct Default<T = u8>(T);

#[derive(Pooled)]
struct Relaxed<T: ?Sized>(T);

#[derive(Pooled)]
struct RelaxedBox<T>(Box<T>)
where
    T: ?Sized;

struct NotSend(PhantomData<*const u8>);
#[derive(Clone)]
struct Cloned;

fn main() {
    assert!(!Probe::<Plain>::POOLED);
    assert!(Probe::<Generic<u8>>::POOLED);
    assert!(Probe::<Bounded<Cloned>>::POOLED);
    assert!(!Probe::<Bounded<Plain>>::POOLED, "Vec<Plain> is not Clone");
    assert!(!Probe::<Bounded<NotSend>>::POOLED);
    assert!(Probe::<Listed<u8>>::POOLED);
    assert!(Probe::<Listed<&str>>::POOLED);
    assert!(!Probe::<Listed<u16>>::POOLED);
    assert!(Probe::<Default>::POOLED);
    assert!(!Probe::<Default<u16>>::POOLED);
    assert!(Probe::<Relaxed<u8>>::POOLED);
    assert!(!Probe::<Relaxed<[u8]>>::POOLED);
    assert!(Probe::<RelaxedBox<[u8]>>::POOLED, "a box of a slice has a size");
    drop((Generic(1), Listed(1), Default(1), Relaxed(1), RelaxedBox(Box::new(1))));
    drop((Bounded(NotSend(PhantomData)), Cloned, Plain));
}

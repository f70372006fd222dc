//! `heapless`' pool of boxes: a static for each type, filled with blocks by whoever uses it.

use core::fmt;
use core::marker::PhantomData;

use heapless::pool::boxed::{Box as Owner, BoxBlock, BoxPool};

use crate::lab::hot::{Header, Item, Node, Record, Tombstone};
use crate::lab::store::{Offers, OffersShared, Shared, Store, owners};

/// `heapless`.
#[derive(Debug)]
pub struct Heapless;

macro_rules! pools {
    ($($Pool:ident of $Item:ident;)+) => {
        mod singletons {
            use super::{Header, Node, Record, Tombstone};
            $(heapless::box_pool!($Pool: $Item);)+
        }
        $(
            impl Offers<$Item> for Heapless {
                type Store = Boxes<singletons::$Pool>;
            }

            impl OffersShared<$Item> for Heapless {
                type Contended = Boxes<singletons::$Pool>;
                type Handed = Boxes<singletons::$Pool>;
            }
        )+
    };
}

pools! {
    Tombstones of Tombstone;
    Headers of Header;
    Nodes of Node;
    Records of Record;
}

/// The one pool of a type.
pub struct Boxes<P>(PhantomData<fn() -> P>);

impl<P> fmt::Debug for Boxes<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Boxes")
    }
}

impl<P: BoxPool<Data: Item> + 'static> Store<P::Data> for Boxes<P> {
    type Held = Owner<P>;

    /// Gives the pool more blocks, for ever: it takes none but those of a static's life.
    fn open(capacity: usize) -> Self {
        let blocks = (0..capacity).map(|_| BoxBlock::new());
        let blocks: &'static mut [_] = Box::leak(blocks.collect());
        blocks.iter_mut().for_each(P::manage);
        Self(PhantomData)
    }

    #[inline(always)]
    fn put(&mut self, value: P::Data) -> Owner<P> {
        match P::alloc(value) {
            Ok(owner) => owner,
            Err(_) => panic!("a row has more values than it has said"),
        }
    }

    owners!();
}

impl<P: BoxPool<Data: Item> + 'static> Shared<P::Data> for Boxes<P> {
    fn several(capacity: usize, threads: usize) -> Vec<Self> {
        let first: Self = Store::<P::Data>::open(capacity);
        let others = (1..threads).map(|_| Self(PhantomData));
        core::iter::once(first).chain(others).collect()
    }
}

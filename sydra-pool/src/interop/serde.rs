//! Serialisation of what the pointers own.
//!
//! A pointer is written as its value is. What is read goes into the pool at once, and a pool that
//! refuses is an error of the deserialiser: a document from outside must not be able to abort a process.
//! For the same reason a slice's length is believed only as far as it costs little (`HINT_BYTES`).
//!
//! Sharing is not kept, as with the feature `rc` of serde: a value with several counting pointers is
//! written as often as it is met, and each comes back as a value of its own.

use crate::error::AllocError;
use crate::typed::{PoolArc, PoolBox, PoolRc, Pooled, Stored};
use core::fmt;
use core::marker::PhantomData;
use serde_core::de::{Deserialize, Deserializer, Error, SeqAccess, Unexpected, Visitor};
use serde_core::ser::{Serialize, Serializer};
use std::vec::Vec;

/// Bytes that a sequence may reserve before its elements have been seen.
const HINT_BYTES: usize = 1 << 20;

/// Says what a document should have had here.
struct Elements<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Elements<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Vec<T>, A::Error> {
        let mut elements = Vec::new();
        let most = HINT_BYTES / size_of::<T>().max(1);
        let hint = from.size_hint().unwrap_or(0).min(most);
        elements.try_reserve_exact(hint).map_err(A::Error::custom)?;
        // Bounded by the document.
        while let Some(element) = from.next_element()? {
            if elements.len() == elements.capacity() {
                elements.try_reserve(1).map_err(A::Error::custom)?;
            }
            elements.push(element);
        }
        Ok(elements)
    }
}

/// Puts a string into a pool.
struct Text<P>(fn(&str) -> Result<P, AllocError>);

impl<P> Visitor<'_> for Text<P> {
    type Value = P;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<P, E> {
        self.0(text).map_err(E::custom)
    }

    /// As a `String` does: some formats have no strings of their own.
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<P, E> {
        match core::str::from_utf8(bytes) {
            Ok(text) => self.visit_str(text),
            Err(_) => Err(E::invalid_value(Unexpected::Bytes(bytes), &self)),
        }
    }
}

macro_rules! pointers {
    ($($name:ident),*) => {$(
        impl<T: ?Sized + Stored + Serialize> Serialize for $name<T> {
            /// Writes the value.
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                (**self).serialize(serializer)
            }
        }

        impl<'de, T> Deserialize<'de> for $name<[T]>
        where
            T: Deserialize<'de>,
        {
            /// Reads a sequence; gathers the elements in a vector first.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let elements = deserializer.deserialize_seq(Elements(PhantomData))?;
                Self::try_from_vec(elements).map_err(D::Error::custom)
            }
        }

        impl<'de> Deserialize<'de> for $name<str> {
            /// Reads a string.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Text(Self::try_from_str))
            }
        }
    )*};
}
pointers!(PoolBox, PoolArc, PoolRc);

impl<'de, T: Pooled + Deserialize<'de>> Deserialize<'de> for PoolBox<T> {
    /// Reads a value into the pool of its type.
    ///
    /// # Errors
    /// Those of the value, and what [`PoolBox::try_new`] says, as a custom error.
    ///
    /// ```
    /// use serde::{Deserialize, Serialize};
    /// use sydra_pool::{PoolBox, Pooled};
    ///
    /// #[derive(Pooled, Serialize, Deserialize, PartialEq, Debug)]
    /// struct Level {
    ///     price: u64,
    ///     below: Option<PoolBox<Level>>,
    /// }
    ///
    /// let text = r#"{"price":100,"below":{"price":99,"below":null}}"#;
    /// let best: PoolBox<Level> = serde_json::from_str(text)?;
    /// assert_eq!(best.below.as_ref().map(|level| level.price), Some(99));
    /// assert_eq!(serde_json::to_string(&best)?, text);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_new(T::deserialize(deserializer)?).map_err(D::Error::custom)
    }

    /// Reads into the block that is there already.
    fn deserialize_in_place<D>(deserializer: D, place: &mut Self) -> Result<(), D::Error>
    where
        D: Deserializer<'de>,
    {
        T::deserialize_in_place(deserializer, &mut **place)
    }
}

macro_rules! counting {
    ($($name:ident),*) => {$(
        impl<'de, T: Pooled + Deserialize<'de>> Deserialize<'de> for $name<T> {
            /// Reads a value into the pool of its type, with a count of one: pointers that shared a
            /// value when it was written do not share it any more.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::try_new(T::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }
    )*};
}
counting!(PoolArc, PoolRc);

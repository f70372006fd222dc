//! Trait objects: the coercion that only the compiler can do for a `Box`, by a macro on stable Rust.
//!
//! `CoerceUnsized` is not stable, so an owning pointer of one's own does not become a pointer to a trait
//! object by itself. A raw pointer does. So the coercion takes a closure that does nothing but coerce
//! a raw pointer, and only the macro can write one, since a wrong one would give a value another's
//! vtable (the idea is the `unsize` crate's).

use super::stored::{Rooms, Stored};
use super::{PoolBox, Pooled};
use crate::home::remember_type;
use core::any::Any;
use core::error::Error;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::{fmt, hash, ops};

/// An owning pointer that [`coerce!`](crate::coerce) can change.
///
/// # Safety
/// `__coerce` keeps what the pointer owns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pointer into a pool",
    label = "neither `PoolBox`, `PoolArc` nor `PoolRc`",
    note = "a `Box` becomes a trait object by itself; make a `PoolBox` of the value to pool it"
)]
pub unsafe trait Coercible: Sized {
    /// What it leads to.
    #[doc(hidden)]
    type __Value: ?Sized;
    /// The same kind of pointer to something else.
    #[doc(hidden)]
    type __To<U: ?Sized + Stored>: ops::Deref<Target = U>;
    /// The coercion.
    ///
    /// # Safety
    /// `coerce` only coerces: it returns the pointer it was given, to the same value.
    #[doc(hidden)]
    unsafe fn __coerce<U: ?Sized + Stored>(
        self,
        coerce: impl FnOnce(*mut Self::__Value) -> *mut U,
    ) -> Self::__To<U>;
}

// SAFETY: BOX-1; the value stays where it is, and the new box owns it.
unsafe impl<T: ?Sized + Stored> Coercible for PoolBox<T> {
    type __Value = T;
    type __To<U: ?Sized + Stored> = PoolBox<U>;
    #[inline]
    unsafe fn __coerce<U: ?Sized + Stored>(
        self,
        coerce: impl FnOnce(*mut T) -> *mut U,
    ) -> PoolBox<U> {
        let start = PoolBox::into_non_null(self);
        // Not for a "coercion" to the type itself, which stays known.
        if const { <U::__Rooms as Rooms>::BY_ADDRESS } {
            <T::__Rooms as Rooms>::forget(start.cast());
        }
        // SAFETY: BOX-1, STO-1; the same pointer, so not null.
        let start = unsafe { NonNull::new_unchecked(coerce(start.as_ptr())) };
        // SAFETY: BOX-1, STO-1; its type has just been forgotten, or was before.
        unsafe { PoolBox::from_non_null(start) }
    }
}

// SAFETY: BOX-1; the value stays where it is, so it stays pinned.
unsafe impl<P: Coercible> Coercible for Pin<P>
where
    P: ops::Deref<Target = <P as Coercible>::__Value>,
{
    type __Value = <P as Coercible>::__Value;
    type __To<U: ?Sized + Stored> = Pin<P::__To<U>>;
    #[inline]
    unsafe fn __coerce<U: ?Sized + Stored>(
        self,
        coerce: impl FnOnce(*mut Self::__Value) -> *mut U,
    ) -> Pin<P::__To<U>> {
        // SAFETY: BOX-1; pinned again below, without being moved out of meanwhile.
        let pointer = unsafe { Pin::into_inner_unchecked(self) };
        // SAFETY: STO-1; passed on to the caller.
        let pointer = unsafe { pointer.__coerce(coerce) };
        // SAFETY: BOX-1; the value has been pinned all along.
        unsafe { Pin::new_unchecked(pointer) }
    }
}

/// Makes an owning pointer lead to a trait object: `coerce!(pointer => dyn Trait)`.
///
/// Takes a [`PoolBox`](crate::PoolBox), a [`PoolArc`](crate::PoolArc), or a pinned one, and returns the
/// same kind of pointer, two words wide. The trait must have been named once by
/// [`pooled_dyn!`](crate::pooled_dyn), as many of the standard library's are. A trait object can become
/// one of a supertrait the same way.
///
/// ```
/// use sydra_pool::{PoolBox, Pooled, coerce, pooled_dyn};
///
/// trait Shape {
///     fn area(&self) -> f64;
/// }
/// pooled_dyn!(dyn Shape);
///
/// #[derive(Pooled)]
/// struct Square(f64);
///
/// impl Shape for Square {
///     fn area(&self) -> f64 {
///         self.0 * self.0
///     }
/// }
///
/// let shapes: Vec<PoolBox<dyn Shape>> = vec![coerce!(PoolBox::new(Square(3.0)) => dyn Shape)];
/// assert_eq!(shapes[0].area(), 9.0);
/// ```
///
/// The value stays where it is. When it is dropped, its slab tells whose block it was: some loads more
/// than where the type is known. A value outside of the slabs (larger than 32 KiB, over-aligned, or
/// of a fixed pool) is entered in a table under a lock here, and struck out when it is dropped. A
/// value of a type with `merge` counts as one of its size class from here on.
///
/// # Aborts
/// If there is no memory for that entry.
#[macro_export]
macro_rules! coerce {
    ($pointer:expr => $target:ty) => {
        // Names that no constant or static of the program has: a binding may not shadow those.
        match $pointer {
            // SAFETY: STO-1; the closure coerces, and does nothing else.
            __sydra_pointer => unsafe {
                $crate::__private::v1::Coercible::__coerce(
                    __sydra_pointer,
                    |__sydra_value: *mut _| -> *mut $target { __sydra_value },
                )
            },
        }
    };
    ($($other:tt)*) => {
        $crate::__private::v1::compile_error!("expected `pointer => dyn Trait`")
    };
}

/// Allows trait objects of a trait in pooled pointers: `pooled_dyn!(dyn Trait);`.
///
/// To be written once, in the crate of the trait, as an item beside it. It covers the trait object
/// alone, with `Send`, with `Sync` and with both. A generic trait names its parameters before:
///
/// ```
/// use sydra_pool::{PoolBox, Pooled, coerce, pooled_dyn};
///
/// trait Visitor<T> {
///     fn visit(&mut self, value: T);
/// }
/// pooled_dyn!([T] dyn Visitor<T>);
///
/// #[derive(Pooled)]
/// struct Sum(u64);
///
/// impl Visitor<u64> for Sum {
///     fn visit(&mut self, value: u64) {
///         self.0 += value;
///     }
/// }
///
/// let mut visitor = coerce!(PoolBox::new(Sum(0)) => dyn Visitor<u64> + Send);
/// visitor.visit(3);
/// ```
///
/// Of the standard library these are named: `Any`, `Error`, `Debug`, `Display`, `fmt::Write`, `Hasher`,
/// `Iterator`, `DoubleEndedIterator`, `ExactSizeIterator`, `Future`, `Read`, `Write` and `BufRead`. Not
/// `Fn` and the like: a closure has no name to derive [`Pooled`](crate::Pooled) on. For a trait of another
/// crate, write one of your own that has it as a supertrait.
#[macro_export]
macro_rules! pooled_dyn {
    ($([$($parameter:tt)*])? dyn $trait:path) => {
        $crate::pooled_dyn!(@one [$($($parameter)*)?] $trait;);
        $crate::pooled_dyn!(@one [$($($parameter)*)?] $trait; Send);
        $crate::pooled_dyn!(@one [$($($parameter)*)?] $trait; Sync);
        $crate::pooled_dyn!(@one [$($($parameter)*)?] $trait; Send Sync);
    };
    // What comes after the semicolon is no more than names: as tokens it could close the `unsafe impl` and
    // say otherwise where the rooms are.
    (@one [$($parameter:tt)*] $trait:path; $($marker:ident)*) => {
        // What is in the brackets must be parameters from end to end: tokens that close their list would
        // put the words `unsafe impl` before something else, and nothing that may follow the list there may
        // follow it here.
        const _: () = {
            trait __Parameters<'__object, $($parameter)*> {}
        };
        // SAFETY: STO-1; only `coerce!` makes such pointers, and the rooms go by address.
        #[diagnostic::do_not_recommend]
        unsafe impl<'__object, $($parameter)*> $crate::Stored
            for dyn $trait $(+ $crate::__private::v1::$marker)* + '__object
        {
            type __Rooms = $crate::__private::v1::Unknown;
        }
    };
    ($($other:tt)*) => {
        $crate::__private::v1::compile_error! {
            "expected `dyn Trait`, or with the parameters of a generic trait before it \
             `[T] dyn Trait<T>`; `Send` and `Sync` are covered"
        }
    };
}

pooled_dyn!(dyn Any);
pooled_dyn!(dyn Error);
pooled_dyn!(dyn fmt::Debug);
pooled_dyn!(dyn fmt::Display);
pooled_dyn!(dyn fmt::Write);
pooled_dyn!(dyn hash::Hasher);
pooled_dyn!([T] dyn Iterator<Item = T>);
pooled_dyn!([T] dyn DoubleEndedIterator<Item = T>);
pooled_dyn!([T] dyn ExactSizeIterator<Item = T>);
pooled_dyn!([T] dyn Future<Output = T>);
pooled_dyn!(dyn std::io::Read);
pooled_dyn!(dyn std::io::Write);
pooled_dyn!(dyn std::io::BufRead);

macro_rules! downcast {
    ($bound:ident: $($object:ty),*) => {$(
        impl PoolBox<$object> {
            /// Back to the type the value was made of, or unchanged if that was another.
            ///
            /// ```
            /// use core::any::Any;
            /// use sydra_pool::{PoolBox, Pooled, coerce};
            ///
            /// #[derive(Pooled, Debug, PartialEq)]
            /// struct Order(u64);
            ///
            /// let order = coerce!(PoolBox::new(Order(7)) => dyn Any);
            /// let order: PoolBox<Order> = order.downcast().expect("an order");
            /// assert_eq!(*order, Order(7));
            /// ```
            pub fn downcast<T: Pooled + $bound + 'static>(self) -> Result<PoolBox<T>, Self> {
                if !(*self).is::<T>() {
                    return Err(self);
                }
                let start = PoolBox::into_non_null(self).cast::<u8>();
                let start = remember_type::<T::__Home>(start).cast::<T>();
                // SAFETY: BOX-1, STO-1; a value of this very type, whose home is known again.
                Ok(unsafe { PoolBox::from_non_null(start) })
            }
        }
    )*};
}
downcast!(Any: dyn Any, dyn Any + Send, dyn Any + Send + Sync);
downcast!(Error: dyn Error, dyn Error + Send, dyn Error + Send + Sync);

impl<'a, E: Pooled + Error + 'a> From<E> for PoolBox<dyn Error + 'a> {
    /// Lets `?` turn any pooled error into a trait object.
    fn from(error: E) -> Self {
        coerce!(PoolBox::new(error) => dyn Error + 'a)
    }
}

impl<'a, E: Pooled + Error + Send + Sync + 'a> From<E> for PoolBox<dyn Error + Send + Sync + 'a> {
    /// Lets `?` turn any pooled error into a trait object.
    fn from(error: E) -> Self {
        coerce!(PoolBox::new(error) => dyn Error + Send + Sync + 'a)
    }
}

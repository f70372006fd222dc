//! Futures of any type in the pools, by their size class.
//!
//! The type that an `async` block makes has no name to write a derive on, so its pool is that of the size
//! class that serves it, chosen at compile time, as for generic types. The future goes into the block as
//! it is, without a wrapper around it.
//!
//! Two forms: `PoolFuture` keeps a table of its own with the function that drops the future and gives
//! *this* room back; a `PoolBox<dyn Future>` has the compiler's table, which knows nothing of rooms, so
//! its room is looked up by address.
//!
//! # Invariants
//! - `FUT-1`: `start` is a future in a room of its type's `FutureHome`, which this value alone owns and
//!   which does not move in it; `ops` are those of its type. Initialised until the value is dropped.

use super::PoolBox;
use crate::error::AllocError;
use crate::home::{ClassHome, Described, forget_type, give, take, take_or_abort, take_slow};
use crate::pool::Plan;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};

/// Stands for a type without a derive, which only this file puts into rooms.
struct Unnamed<F>(PhantomData<fn() -> F>);

// SAFETY: PLD-1; plans of the type, which share the class's pool.
unsafe impl<F> Described for Unnamed<F> {
    const PLAN: Plan = Plan::shared::<F>("future");
    const COUNTED_PLAN: Plan = Plan::shared_counted::<F>("future");
}

/// Where a future of this type lives.
type FutureHome<F> = ClassHome<Unnamed<F>>;

/// The room of a future: gives it back when dropped, also when the future's `drop` panics.
struct FutureRoom<F>(NonNull<F>);

impl<F> FutureRoom<F> {
    #[inline(always)]
    fn take() -> NonNull<F> {
        let room = match take::<FutureHome<F>>() {
            Some(room) => room,
            None => take_or_abort::<FutureHome<F>>(),
        };
        room.cast()
    }

    /// Room, or the future back with the reason.
    #[inline(always)]
    fn try_take_for(future: F) -> Result<(NonNull<F>, F), AllocError<F>> {
        let room = match take::<FutureHome<F>>() {
            Some(room) => Ok(room),
            None => take_slow::<FutureHome<F>>(),
        };
        match room {
            Ok(room) => Ok((room.cast(), future)),
            Err(reason) => Err(AllocError::<F>::new(future, reason)),
        }
    }
}

impl<F> Drop for FutureRoom<F> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: FUT-1, PLD-1; whoever made this guard gave the room up.
        unsafe { give::<FutureHome<F>>(self.0.cast()) };
    }
}

/// What can be done with a future whose type is not known.
struct Ops<T> {
    poll: unsafe fn(NonNull<u8>, &mut Context<'_>) -> Poll<T>,
    end: unsafe fn(NonNull<u8>),
}

/// # Safety
/// FUT-1; the future is an `F`, borrowed mutably.
unsafe fn poll<F: Future>(start: NonNull<u8>, context: &mut Context<'_>) -> Poll<F::Output> {
    // SAFETY: FUT-1; passed on to the caller.
    let future = unsafe { start.cast::<F>().as_mut() };
    // SAFETY: FUT-1; it does not move until it is dropped.
    let future = unsafe { Pin::new_unchecked(future) };
    future.poll(context)
}

/// # Safety
/// FUT-1; the future is an `F`, given up by the caller.
unsafe fn end<F>(start: NonNull<u8>) {
    let room = FutureRoom(start.cast::<F>());
    // SAFETY: FUT-1; dropped once, here.
    unsafe { room.0.drop_in_place() };
}

/// The table of a type.
struct OpsOf<F>(PhantomData<fn() -> F>);

impl<F: Future> OpsOf<F> {
    const OPS: Ops<F::Output> = Ops {
        poll: poll::<F>,
        end: end::<F>,
    };
}

macro_rules! pool_future {
    ($(#[$doc:meta])* $name:ident $(+ $send:ident)?) => {
        $(#[$doc])*
        #[must_use = "futures do nothing unless you `.await` or poll them"]
        pub struct $name<'a, T> {
            start: NonNull<u8>,
            ops: NonNull<Ops<T>>,
            owns: PhantomData<dyn Future<Output = T> + $($send +)? 'a>,
        }

        impl<'a, T> $name<'a, T> {
            /// Moves a future into the pool of its size class.
            ///
            /// Time: as [`PoolBox::new`]; a future larger than 32 KiB comes from the backing allocator.
            ///
            /// # Aborts
            /// If there is no memory; see [`try_new`](Self::try_new).
            #[inline]
            pub fn new<F: Future<Output = T> + $($send +)? 'a>(future: F) -> Self {
                Self::settle(FutureRoom::take(), future)
            }

            /// The same, or the future back with the reason.
            ///
            /// # Errors
            /// [`Refusal::OutOfMemory`](crate::Refusal::OutOfMemory).
            #[inline]
            pub fn try_new<F: Future<Output = T> + $($send +)? 'a>(
                future: F,
            ) -> Result<Self, AllocError<F>> {
                let (room, future) = FutureRoom::try_take_for(future)?;
                Ok(Self::settle(room, future))
            }

            #[inline(always)]
            fn settle<F: Future<Output = T> + $($send +)? 'a>(room: NonNull<F>, future: F) -> Self {
                // SAFETY: FUT-1; room for an `F` that is ours.
                unsafe { room.write(future) };
                Self {
                    start: room.cast(),
                    ops: NonNull::from(&OpsOf::<F>::OPS),
                    owns: PhantomData,
                }
            }

            #[inline(always)]
            fn ops(&self) -> &Ops<T> {
                // SAFETY: FUT-1; a constant of the program.
                unsafe { self.ops.as_ref() }
            }
        }

        impl<T> Future for $name<'_, T> {
            type Output = T;
            #[inline]
            fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
                // SAFETY: FUT-1; borrowed mutably as long as the call lasts.
                unsafe { (self.ops().poll)(self.start, context) }
            }
        }

        impl<T> Drop for $name<'_, T> {
            #[inline]
            fn drop(&mut self) {
                // SAFETY: FUT-1; given up, once.
                unsafe { (self.ops().end)(self.start) }
            }
        }

        // The future does not move with the pointer.
        impl<T> Unpin for $name<'_, T> {}

        impl<T> fmt::Debug for $name<'_, T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

pool_future! {
    /// A future of any type in the pool of its size class, `Send`: what `Pin<Box<dyn Future + Send>>` is
    /// used for, two words wide.
    ///
    /// For any type, so for `async` blocks, which have none to write a derive on. A type of one's own
    /// with `#[derive(Pooled)]` has a pool and figures of its own: pin it with [`PoolBox::pin`].
    /// [`PoolBox::future`] makes a `Pin<PoolBox<dyn Future>>`, for interfaces that name a trait object; this
    /// type knows its room and is dropped faster.
    ///
    /// ```
    /// use sydra_pool::PoolFuture;
    ///
    /// trait Store {
    ///     fn get<'a>(&'a self, key: &'a str) -> PoolFuture<'a, usize>;
    /// }
    ///
    /// struct Lengths;
    ///
    /// impl Store for Lengths {
    ///     fn get<'a>(&'a self, key: &'a str) -> PoolFuture<'a, usize> {
    ///         PoolFuture::new(async move { key.len() })
    ///     }
    /// }
    ///
    /// async fn both(store: &dyn Store) -> usize {
    ///     store.get("one").await + store.get("two").await
    /// }
    /// # use core::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # let mut answer = pin!(both(&Lengths));
    /// # let mut context = Context::from_waker(Waker::noop());
    /// # assert_eq!(answer.as_mut().poll(&mut context), Poll::Ready(6));
    /// ```
    PoolFuture + Send
}

// SAFETY: FUT-1; the future is `Send`, and its room may be given back by any thread.
unsafe impl<T> Send for PoolFuture<'_, T> {}

pool_future! {
    /// A future of any type in the pool of its size class that stays in its thread: [`PoolFuture`] for
    /// those that are not `Send`.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use sydra_pool::LocalPoolFuture;
    ///
    /// let shared = Rc::new(5);
    /// let mut task = LocalPoolFuture::new(async { *shared + 1 });
    /// # use core::{future::Future, pin::Pin, task::{Context, Poll, Waker}};
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(Pin::new(&mut task).poll(&mut context), Poll::Ready(6));
    /// ```
    LocalPoolFuture
}

/// The value in its room, whose type is about to be forgotten.
#[inline(always)]
fn settle<F>(room: NonNull<F>, future: F) -> NonNull<F> {
    forget_type::<FutureHome<F>>(room.cast());
    // SAFETY: BOX-1; room for an `F` that is ours.
    unsafe { room.write(future) };
    room
}

impl<'a, T> PoolBox<dyn Future<Output = T> + Send + 'a> {
    /// Moves a future into the pool of its size class, pinned: what `Box::pin(..)` is for
    /// `Pin<Box<dyn Future>>`.
    ///
    /// For interfaces that name the trait object; [`PoolFuture`] does the same and is dropped faster.
    ///
    /// ```
    /// use core::{future::Future, pin::Pin};
    /// use sydra_pool::PoolBox;
    ///
    /// type Answer<'a> = Pin<PoolBox<dyn Future<Output = usize> + Send + 'a>>;
    ///
    /// trait Store {
    ///     fn get<'a>(&'a self, key: &'a str) -> Answer<'a>;
    /// }
    ///
    /// struct Lengths;
    ///
    /// impl Store for Lengths {
    ///     fn get<'a>(&'a self, key: &'a str) -> Answer<'a> {
    ///         PoolBox::future(async move { key.len() })
    ///     }
    /// }
    /// # use core::task::{Context, Poll, Waker};
    /// # let mut answer = Lengths.get("four");
    /// # let mut context = Context::from_waker(Waker::noop());
    /// # assert_eq!(answer.as_mut().poll(&mut context), Poll::Ready(4));
    /// ```
    ///
    /// A type of one's own with `#[derive(Pooled)]` has a pool and figures of its own: pin it with
    /// [`PoolBox::pin`], and [`coerce!`](crate::coerce) it where it must become a trait object.
    ///
    /// Time: as [`PoolBox::new`]; a future larger than 32 KiB comes from the backing allocator and is
    /// entered in a table. Dropping it looks its class up by its address.
    ///
    /// # Aborts
    /// If there is no memory; see [`try_future`](Self::try_future).
    #[inline]
    pub fn future<F: Future<Output = T> + Send + 'a>(future: F) -> Pin<Self> {
        let start = settle::<F>(FutureRoom::take(), future);
        let start: NonNull<dyn Future<Output = T> + Send + 'a> = start;
        // BOX-1, STO-1: a room of its own, whose type has been forgotten.
        Self::into_pin(Self::from_start(start))
    }

    /// The same, or the future back with the reason.
    ///
    /// # Errors
    /// [`Refusal::OutOfMemory`](crate::Refusal::OutOfMemory).
    ///
    /// # Aborts
    /// If there is memory for a future larger than 32 KiB and none for its entry in the table.
    #[inline]
    pub fn try_future<F: Future<Output = T> + Send + 'a>(
        future: F,
    ) -> Result<Pin<Self>, AllocError<F>> {
        let (room, future) = FutureRoom::try_take_for(future)?;
        let start = settle::<F>(room, future);
        let start: NonNull<dyn Future<Output = T> + Send + 'a> = start;
        Ok(Self::into_pin(Self::from_start(start)))
    }
}

impl<'a, T> PoolBox<dyn Future<Output = T> + 'a> {
    /// [`PoolBox::future`] for one that stays in its thread: it need not be `Send`.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use sydra_pool::PoolBox;
    ///
    /// let shared = Rc::new(5);
    /// let mut task = PoolBox::local_future(async { *shared + 1 });
    /// # use core::{future::Future, task::{Context, Poll, Waker}};
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert_eq!(task.as_mut().poll(&mut context), Poll::Ready(6));
    /// ```
    ///
    /// # Aborts
    /// If there is no memory; see [`try_local_future`](Self::try_local_future).
    #[inline]
    pub fn local_future<F: Future<Output = T> + 'a>(future: F) -> Pin<Self> {
        let start = settle::<F>(FutureRoom::take(), future);
        let start: NonNull<dyn Future<Output = T> + 'a> = start;
        Self::into_pin(Self::from_start(start))
    }

    /// The same, or the future back with the reason.
    ///
    /// # Errors
    /// [`Refusal::OutOfMemory`](crate::Refusal::OutOfMemory).
    ///
    /// # Aborts
    /// As [`PoolBox::try_future`].
    #[inline]
    pub fn try_local_future<F: Future<Output = T> + 'a>(
        future: F,
    ) -> Result<Pin<Self>, AllocError<F>> {
        let (room, future) = FutureRoom::try_take_for(future)?;
        let start = settle::<F>(room, future);
        let start: NonNull<dyn Future<Output = T> + 'a> = start;
        Ok(Self::into_pin(Self::from_start(start)))
    }
}

//! `StaticPool`: a core, and its blocks behind it, in one static.

use super::slot::{Alignment, BlockAlignment, Slot};
use super::static_box::{Room, StaticBox};
use crate::error::{AllocError, Refusal};
use crate::fixed::{Blocks, HANDS, Hand, MOST_BLOCKS, Native, NativeCore, NativeWord};
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr::NonNull;

/// Exactly `N` blocks for values of `T`, in a static.
///
/// No heap, no call to a system, no lock: see [the module](crate::static_pool) for how it works, what it costs, and when
/// another pool is better. `ALIGN` is the least alignment of a block in bytes, a power of two up to 4096: with 64 (128 on
/// processors that fetch lines in pairs) no two blocks share a cache line, so threads that write to neighbours do not slow
/// each other down. A block takes the size of `T` and 8 bytes (4 on targets without 64-bit atomics), rounded up to its alignment.
///
/// ```
/// use sydra_pool::{StaticBox, StaticPool};
///
/// struct Bullet {
///     x: f32,
///     y: f32,
/// }
/// static BULLETS: StaticPool<Bullet, 1000> = StaticPool::new();
///
/// let mut bullet: StaticBox<Bullet> = BULLETS.try_box(Bullet { x: 0.0, y: 1.0 })?;
/// bullet.x += 2.0;
/// assert_eq!((bullet.x, bullet.y), (2.0, 1.0));
/// assert_eq!(BULLETS.len(), 1);
/// drop(bullet);
/// assert!(BULLETS.is_empty());
/// # Ok::<(), sydra_pool::AllocError<Bullet>>(())
/// ```
///
/// It is `Sync` whatever `T` is: the pool gives access to no value, only a [`StaticBox`] does, and that is `Send` and `Sync` as
/// `T` is.
#[repr(C)]
pub struct StaticPool<T, const N: usize, const ALIGN: usize = 1>
where
    Alignment<ALIGN>: BlockAlignment,
{
    core: NativeCore,
    slots: [Slot<T, ALIGN>; N],
}

// SAFETY: FIX-1; a block is the caller's alone from the exchange that took it to the store or exchange that gives it back, and
// the pool itself reads and writes no value. A value gets to another thread only in its box, which is `Send` as it is.
unsafe impl<T, const N: usize, const ALIGN: usize> Sync for StaticPool<T, N, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}
// SAFETY: FIX-1; it can be moved only before it is borrowed for ever, and then no block is taken and it holds no value.
unsafe impl<T, const N: usize, const ALIGN: usize> Send for StaticPool<T, N, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}

/// Two blocks so far apart do not slow down two threads that write to them: processors fetch lines of 64 bytes in pairs.
const APART_BYTES: usize = 128;

/// The number after another in the list of a new pool: by steps through the pool, so that threads that ask at the same time
/// get no neighbours, then from 1 on, from 2 on, and so on; at last `count`.
const fn after(number: usize, count: usize, step: usize) -> usize {
    let (below, column) = (number + step, number % step + 1);
    if below < count {
        below
    } else if column < step && column < count {
        column
    } else {
        count
    }
}

/// The blocks of a pool, for its core.
struct All<T, const N: usize, const ALIGN: usize> {
    pool: NonNull<u8>,
    of: PhantomData<T>,
}

impl<T, const N: usize, const ALIGN: usize> Blocks<Native> for All<T, N, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    type Block = NonNull<T>;

    #[inline(always)]
    fn count(&self) -> usize {
        N
    }

    #[inline(always)]
    fn numbered(&self, number: usize) -> NonNull<T> {
        // SAFETY: STP-1, FIX-2; this pool, and the protocol asks for no other number.
        unsafe { Slot::<T, ALIGN>::block(self.pool, number) }
    }

    #[inline(always)]
    fn after(&self, number: usize) -> usize {
        let step = const {
            APART_BYTES
                .div_ceil(Slot::<T, ALIGN>::STRIDE)
                .next_power_of_two()
        };
        after(number, N, step)
    }

    #[inline(always)]
    fn link(&self, block: NonNull<T>) -> &NativeWord {
        // SAFETY: STP-2; made by `numbered` or `at`.
        unsafe { Slot::<T, ALIGN>::link(block) }
    }

    #[inline(always)]
    fn place(&self, block: NonNull<T>, cell: &NativeWord) -> u64 {
        Slot::<T, ALIGN>::place(self.pool, block, cell)
    }

    #[inline(always)]
    fn at(&self, cell: &NativeWord, place: u64) -> NonNull<T> {
        // SAFETY: STP-1, FIX-3; the cell's word has the place of the block that was bound to it.
        unsafe { Slot::<T, ALIGN>::at(self.pool, cell, place) }
    }
}

/// The caller's hand: neighbouring stacks of 2 and of 8 MiB get different ones, and one thread's calls the same.
///
/// Where the stack is tells threads apart without a thread-local, which `core` does not have.
#[inline(always)]
fn hand() -> Hand {
    if HANDS == 1 {
        return 0;
    }
    let here = MaybeUninit::<u8>::uninit();
    let address = (&raw const here).addr();
    (address >> 21).wrapping_add(address >> 23)
}

impl<T, const N: usize, const ALIGN: usize> StaticPool<T, N, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// Panics if there can be no such pool, at the place where somebody wants one: in a static, that is a compile error there.
    #[track_caller]
    const fn check() {
        assert!(N >= 1, "a `StaticPool` has at least one block");
        #[cfg(all(target_has_atomic = "64", not(sydra_narrow)))]
        assert!(
            N <= MOST_BLOCKS,
            "a `StaticPool` has at most 65,535 blocks: a block's number has 16 bits"
        );
        #[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
        assert!(
            N <= MOST_BLOCKS,
            "a `StaticPool` has at most 1,023 blocks on a target without 64-bit atomics"
        );
        assert!(
            size_of::<Self>() <= Slot::<T, ALIGN>::MOST_BYTES,
            "a `StaticPool` has at most 32 GiB"
        );
    }

    /// An empty pool: all bytes are zero, so a static of it takes no room in the program's file.
    ///
    /// # Panics
    /// If `N` is 0, or above 65,535 (1,023 on targets without 64-bit atomics); in the initialiser of a static that is a compile
    /// error. An `ALIGN` that is no power of two up to 4096 never compiles.
    #[must_use]
    #[track_caller]
    pub const fn new() -> Self {
        const { assert!(core::mem::offset_of!(Self, slots) == Slot::<T, ALIGN>::SLOTS_AT) };
        Self::check();
        // SAFETY: FIX-1; atomic integers and uninitialised rooms only, for which all zero is a value: the one in which all
        // blocks are in the list.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }

    /// Room for a `T`, or `None` if all blocks are out.
    #[inline(always)]
    pub(crate) fn take(&'static self) -> Option<NonNull<T>> {
        let blocks = All::<T, N, ALIGN> {
            pool: NonNull::from_ref(self).cast(),
            of: PhantomData,
        };
        self.core.take(hand(), &blocks)
    }

    /// Gives the room of a `T` back to the pool it is from.
    ///
    /// # Safety
    /// `block` came from `take` of a pool with this `T` and `ALIGN`, its pointer may still be used for all of that pool, it holds
    /// no value any more, and nobody uses it again.
    #[cfg(feature = "std")]
    #[inline(always)]
    pub(crate) unsafe fn give(block: NonNull<T>) {
        // SAFETY: STP-2; passed on to the caller.
        unsafe { Slot::<T, ALIGN>::give(block) };
    }

    /// Bytes from one block to the next.
    #[cfg(feature = "std")]
    pub(crate) const BLOCK_STRIDE: usize = Slot::<T, ALIGN>::STRIDE;

    /// The core, for figures.
    pub(crate) fn core(&self) -> &NativeCore {
        &self.core
    }

    /// Moves `value` into a block, or gives it back if all `N` are in use.
    ///
    /// It refuses only if at some instant during the call all blocks were in use. Time: one exchange if the calling thread has
    /// given a block back to its hand; otherwise an exchange of the shared list; with the list empty, a look at every hand.
    /// Lock-free: if it is to begin again, another thread got on.
    ///
    /// # Errors
    /// [`Refusal::Full`], with the value.
    ///
    /// ```
    /// use sydra_pool::{Refusal, StaticPool};
    ///
    /// static POOL: StaticPool<String, 1> = StaticPool::new();
    ///
    /// let only = POOL.try_box("one".into())?;
    /// let refused = POOL.try_box("two".into()).unwrap_err();
    /// assert_eq!(refused.reason(), Refusal::Full);
    /// assert_eq!(refused.into_inner(), "two");
    /// # drop(only);
    /// # Ok::<(), sydra_pool::AllocError<String>>(())
    /// ```
    #[inline(always)]
    pub fn try_box(&'static self, value: T) -> Result<StaticBox<T, ALIGN>, AllocError<T>> {
        let Some(block) = self.take() else {
            return Err(AllocError::new(value, Refusal::Full));
        };
        // SAFETY: STB-1; room for a `T` that is ours.
        unsafe { block.write(value) };
        Ok(StaticBox::of(Room(block)))
    }

    /// Makes the value in its place: the block is taken first, then `make` is called. If `make` panics the block goes back.
    ///
    /// # Errors
    /// [`Refusal::Full`], with `make`, uncalled.
    ///
    /// ```
    /// use sydra_pool::StaticPool;
    ///
    /// static PAGES: StaticPool<[u8; 4096], 16> = StaticPool::new();
    ///
    /// let page = PAGES.try_box_with(|| [7; 4096]).expect("the first of sixteen");
    /// assert_eq!(page[4095], 7);
    /// ```
    #[inline]
    pub fn try_box_with<F: FnOnce() -> T>(
        &'static self,
        make: F,
    ) -> Result<StaticBox<T, ALIGN>, AllocError<F>> {
        let Some(block) = self.take() else {
            return Err(AllocError::new(make, Refusal::Full));
        };
        let room = Room(block);
        // SAFETY: STB-1; room for a `T` that is ours.
        unsafe { block.write(make()) };
        Ok(StaticBox::of(room))
    }

    /// Moves `value` into a block and pins it there.
    ///
    /// # Errors
    /// As for [`try_box`](Self::try_box).
    #[inline]
    pub fn try_pin(&'static self, value: T) -> Result<Pin<StaticBox<T, ALIGN>>, AllocError<T>> {
        self.try_box(value).map(StaticBox::into_pin)
    }

    /// How many blocks there are: `N`.
    #[inline]
    pub const fn capacity(&self) -> usize {
        N
    }

    /// How many blocks are in use. Exact if no other thread takes or gives one meanwhile. Time: a look at every hand.
    pub fn len(&self) -> usize {
        self.core().live().min(N)
    }

    /// Whether no block is in use, as far as [`len`](Self::len) can tell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many blocks are free, as far as [`len`](Self::len) can tell.
    pub fn available(&self) -> usize {
        N - self.len()
    }

    /// The most blocks that were in use at once.
    ///
    /// Exact if one thread uses the pool. Otherwise it may be too high by the blocks that other threads' hands held at that
    /// moment, at most four for each of seven hands; never too low.
    pub fn high_water(&self) -> usize {
        self.core().high_water().min(N)
    }
}

impl<T, const N: usize, const ALIGN: usize> Default for StaticPool<T, N, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    fn default() -> Self {
        // What is made when running is checked when compiling too.
        const { Self::check() };
        Self::new()
    }
}

impl<T, const N: usize, const ALIGN: usize> fmt::Debug for StaticPool<T, N, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// Prints figures; looks at no value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticPool")
            .field("capacity", &N)
            .field("len", &self.len())
            .field("high_water", &self.high_water())
            .field("given_back", &self.core().frees())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn a_new_list_has_every_block_once() {
        for step in [1, 2, 8, 16] {
            for count in 1..60 {
                let mut seen = [false; 60];
                let (mut number, mut blocks) = (0, 0);
                while number != count {
                    assert!(!core::mem::replace(&mut seen[number], true));
                    let next = after(number, count, step);
                    assert!(next == count || next.abs_diff(number) >= step || count < 3 * step);
                    (number, blocks) = (next, blocks + 1);
                }
                assert_eq!(blocks, count);
            }
        }
    }
}

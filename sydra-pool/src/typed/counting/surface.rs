//! The type of a counting pointer and its functions, once for both. What they name is in `mod.rs`.

macro_rules! counting_pointer {
    ($(#[$doc:meta])* $name:ident, $count:ty, $own:path) => {
        $(#[$doc])*
        #[repr(transparent)]
        pub struct $name<T: ?Sized + Stored> {
            start: NonNull<T>,
            owns: PhantomData<T>,
        }

        impl<T: Pooled> $name<T> {
            /// Evaluated where a value is asked for, so that the compiler points there.
            const HAS_ROOM: () = assert!(
                has_room::<T::__CountedHome>(),
                "`fallback = \"none\"`, and with a counter in front of it the value is larger than \
                 32 KiB or aligned to more than 4096"
            );

            /// A pointer to the value in this room, with a count of one.
            #[inline(always)]
            fn fill(room: CountedRoom<T>, value: T) -> Self {
                let start = ManuallyDrop::new(room).start;
                // SAFETY: HED-1; room for a head right before the value.
                let head = unsafe { start.cast::<Head<$count>>().sub(1) };
                let fresh = Head {
                    door: give::<T::__CountedHome>,
                    count: <$count>::one(),
                };
                // SAFETY: ARC-1; the room is ours.
                unsafe { head.write(fresh) };
                // SAFETY: ARC-1; as above.
                unsafe { start.write(value) };
                Self::of(start)
            }

            /// Moves `value` into the pool.
            ///
            /// Constant time, as [`PoolBox::new`].
            ///
            /// # Panics
            /// Never. Without memory, or when all blocks of a fixed pool are in use, it aborts as
            /// [`PoolBox::new`] does; see [`try_new`](Self::try_new).
            #[inline(always)]
            pub fn new(value: T) -> Self {
                let () = Self::HAS_ROOM;
                Self::fill(CountedRoom::take(), value)
            }

            /// Moves `value` into the pool, or gives it back with the reason.
            ///
            /// # Errors
            /// [`AllocError`] when there is no memory, or no block.
            #[inline(always)]
            pub fn try_new(value: T) -> Result<Self, AllocError<T>> {
                let () = Self::HAS_ROOM;
                match CountedRoom::try_take() {
                    Ok(room) => Ok(Self::fill(room, value)),
                    Err(reason) => Err(AllocError::new(value, reason)),
                }
            }

            /// Takes a block, then calls `make` for the value. If it panics the block goes back. Out
            /// of memory aborts, as in [`new`](Self::new).
            #[inline]
            pub fn new_with(make: impl FnOnce() -> T) -> Self {
                let () = Self::HAS_ROOM;
                let room = CountedRoom::take();
                let value = make();
                Self::fill(room, value)
            }

            /// As [`new_with`](Self::new_with); gives `make` back, uncalled, if there is no block.
            ///
            /// # Errors
            /// As for [`try_new`](Self::try_new).
            #[inline]
            pub fn try_new_with<F: FnOnce() -> T>(make: F) -> Result<Self, AllocError<F>> {
                let () = Self::HAS_ROOM;
                match CountedRoom::try_take() {
                    Ok(room) => {
                        let value = make();
                        Ok(Self::fill(room, value))
                    }
                    Err(reason) => Err(AllocError::new(make, reason)),
                }
            }

            /// Moves `value` into the pool and pins it there.
            #[inline(always)]
            pub fn pin(value: T) -> Pin<Self> {
                // SAFETY: ARC-1; the value moves only out of a pointer that is not pinned.
                unsafe { Pin::new_unchecked(Self::new(value)) }
            }

            /// As [`pin`](Self::pin), or the value back with the reason.
            ///
            /// # Errors
            /// As for [`try_new`](Self::try_new).
            #[inline(always)]
            pub fn try_pin(value: T) -> Result<Pin<Self>, AllocError<T>> {
                // SAFETY: ARC-1; as for `pin`.
                Self::try_new(value).map(|this| unsafe { Pin::new_unchecked(this) })
            }

            /// A value that is not initialised yet: write it through [`get_mut`](Self::get_mut),
            /// then [`assume_init`](Self::assume_init).
            #[inline]
            pub fn new_uninit() -> $name<MaybeUninit<T>> {
                $name::new_with(MaybeUninit::uninit)
            }

            /// A value of which every byte is zero; see [`new_uninit`](Self::new_uninit).
            ///
            /// Time: a pass over the value, always.
            #[inline]
            pub fn new_zeroed() -> $name<MaybeUninit<T>> {
                let zeroed = Self::new_uninit();
                // Not as a value, which loses what is between its fields.
                // SAFETY: ARC-1; room for one `T`, and nobody else has a pointer to it.
                unsafe { zeroed.start.write_bytes(0, 1) };
                zeroed
            }

            /// Moves the value out if this is the only pointer to it; otherwise gives the pointer
            /// back.
            ///
            /// When several threads do this at once with the last pointers, none may get the value;
            /// see [`into_inner`](Self::into_inner).
            #[inline]
            pub fn try_unwrap(this: Self) -> Result<T, Self> {
                if this.owners().is_single() {
                    let this = ManuallyDrop::new(this);
                    // SAFETY: ARC-1, OWN-1; the only pointer, which is given up here.
                    Ok(unsafe { Self::move_out(this.start) })
                } else {
                    Err(this)
                }
            }

            /// Lets go; the value if this was the last pointer to it.
            ///
            /// When several threads let go of the last pointers by this function, exactly one of them
            /// gets the value.
            #[inline]
            pub fn into_inner(this: Self) -> Option<T> {
                let this = ManuallyDrop::new(this);
                // SAFETY: ARC-1, OWN-1; the last pointer, which is given up here.
                (this.owners().leave()).then(|| unsafe { Self::move_out(this.start) })
            }

            /// # Safety
            /// ARC-1; nobody else has a pointer to the value, and the caller gives up his.
            #[inline]
            unsafe fn move_out(start: NonNull<T>) -> T {
                // SAFETY: ARC-1; passed on to the caller.
                let _room = unsafe { CountedRoom::around(start) };
                // SAFETY: ARC-1; initialised, and not dropped here.
                unsafe { start.read() }
            }

            /// The value, moved out if this is the only pointer to it and cloned otherwise.
            #[inline]
            pub fn unwrap_or_clone(this: Self) -> T
            where
                T: Clone,
            {
                Self::try_unwrap(this).unwrap_or_else(|shared| (*shared).clone())
            }

        }

        impl<T: ?Sized + Stored> $name<T> {
            #[inline(always)]
            fn of(start: NonNull<T>) -> Self {
                Self {
                    start,
                    owns: PhantomData,
                }
            }

            #[inline(always)]
            fn owners(&self) -> &$count {
                // SAFETY: HED-1; the head lies right before the value.
                let head = unsafe { self.start.cast::<Head<$count>>().sub(1) };
                // SAFETY: ARC-1; initialised, and alive as long as this pointer is.
                &unsafe { head.as_ref() }.count
            }

            /// The value, to write to, if there is no other pointer to it.
            #[inline]
            pub fn get_mut(this: &mut Self) -> Option<&mut T> {
                if this.owners().is_single() {
                    // SAFETY: ARC-1, OWN-1; the only pointer, borrowed mutably.
                    Some(unsafe { this.start.as_mut() })
                } else {
                    None
                }
            }

            /// The value, to write to: if there are other pointers to it, this one first gets a clone
            /// of its own, in a new block. Slices and strings are cloned as well.
            #[inline]
            pub fn make_mut(this: &mut Self) -> &mut T
            where
                T: ClonedInPool,
            {
                if !this.owners().is_single() {
                    let own = $own(&**this);
                    *this = own;
                }
                // SAFETY: ARC-1, OWN-1; the only pointer, borrowed mutably.
                unsafe { this.start.as_mut() }
            }

            /// How many pointers to the value there are, at some moment.
            #[inline]
            pub fn strong_count(this: &Self) -> usize {
                this.owners().count()
            }

            /// Whether two pointers lead to the same value.
            #[inline]
            pub fn ptr_eq(this: &Self, other: &Self) -> bool {
                core::ptr::addr_eq(this.start.as_ptr(), other.start.as_ptr())
            }

            /// A pointer to the value, valid as long as some counting pointer to it is.
            #[inline]
            pub fn as_ptr(this: &Self) -> *const T {
                this.start.as_ptr()
            }

            /// Gives the pointer out; the count stays as it is until [`from_raw`](Self::from_raw)
            /// takes it back.
            #[inline]
            #[must_use = "the value leaks unless `from_raw` takes it back"]
            pub fn into_raw(this: Self) -> *const T {
                ManuallyDrop::new(this).start.as_ptr()
            }

            /// Takes back what [`into_raw`](Self::into_raw) gave out.
            ///
            /// # Safety
            /// `raw` came from `into_raw` of a pointer of this very type (or of a trait object made
            /// of one), and each that was given out is taken back at most once.
            #[inline]
            pub unsafe fn from_raw(raw: *const T) -> Self {
                // SAFETY: ARC-1; promised by the caller, and values are never at null.
                Self::of(unsafe { NonNull::new_unchecked(raw.cast_mut()) })
            }

            /// Counts one pointer more, as if it had been cloned and given out.
            ///
            /// # Safety
            /// As for [`from_raw`](Self::from_raw), and a pointer to the value is alive meanwhile.
            #[inline]
            pub unsafe fn increment_strong_count(raw: *const T) {
                // SAFETY: ARC-1; passed on to the caller; it is not dropped here.
                let this = ManuallyDrop::new(unsafe { Self::from_raw(raw) });
                let _: ManuallyDrop<Self> = this.clone();
            }

            /// Counts one pointer less, as if one had been dropped; the last drops the value.
            ///
            /// # Safety
            /// As for [`from_raw`](Self::from_raw).
            #[inline]
            pub unsafe fn decrement_strong_count(raw: *const T) {
                // SAFETY: ARC-1; passed on to the caller.
                drop(unsafe { Self::from_raw(raw) });
            }

            /// Drops the value and frees the block.
            ///
            /// # Safety
            /// ARC-1, OWN-1; nobody else has a pointer to it, and the caller gives up his.
            #[inline]
            unsafe fn end(start: NonNull<T>) {
                // SAFETY: ARC-1; passed on to the caller.
                let _room = unsafe { CountedRoom::around(start) };
                // SAFETY: ARC-1; initialised; dropped once, here.
                unsafe { start.drop_in_place() };
            }
        }

        impl<T: Pooled> $name<MaybeUninit<T>> {
            /// The same pointer, to a value that is initialised by now.
            ///
            /// # Safety
            /// It is.
            #[inline]
            pub unsafe fn assume_init(self) -> $name<T> {
                $name::of(ManuallyDrop::new(self).start.cast())
            }
        }
    };
}

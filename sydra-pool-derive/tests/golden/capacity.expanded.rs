const _: () = {
    use ::sydra_pool::__private::v1 as __sydra;
    const __SYDRA_GIVEN_ALIGN: __sydra::primitive::usize = 64;
    const __SYDRA_CHECK_ALIGN_0: () = {
        use __sydra::check_align;
        check_align(__SYDRA_GIVEN_ALIGN)
    };
    const __SYDRA_KEY_ALIGN: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_ALIGN_0;
        __SYDRA_GIVEN_ALIGN
    };
    const __SYDRA_GIVEN_CAPACITY: __sydra::primitive::usize = 4 * WORKERS;
    const __SYDRA_CHECK_CAPACITY_0: () = {
        use __sydra::check_capacity;
        check_capacity(__SYDRA_GIVEN_CAPACITY)
    };
    const __SYDRA_KEY_CAPACITY: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_CAPACITY_0;
        __SYDRA_GIVEN_CAPACITY
    };
    #[doc(hidden)]
    pub struct __SydraHome<__SydraT>(__sydra::PhantomData<__SydraT>);
    static __SYDRA_POOL: __sydra::Pool = __sydra::Pool::of::<
        __SydraHome<Frame<'static>>,
    >();
    __sydra::thread_local! {
        static __SYDRA_MAGAZINE : __sydra::Magazine = const { __sydra::Magazine::new() };
    }
    static __SYDRA_FIXED: __sydra::FixedRoom<
        Frame<'static>,
        { __SYDRA_KEY_CAPACITY },
        { __SYDRA_KEY_ALIGN },
    > = __sydra::FixedRoom::new();
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraHome<Frame<'static>> {
        const PLAN: __sydra::Plan = __sydra::Plan::own::<Frame<'static>>("Frame")
            .align(__SYDRA_KEY_ALIGN)
            .capacity(__SYDRA_KEY_CAPACITY);
        type Fixed = __sydra::FixedRoom<
            Frame<'static>,
            { __SYDRA_KEY_CAPACITY },
            { __SYDRA_KEY_ALIGN },
        >;
        #[inline(always)]
        fn pool() -> &'static __sydra::Pool {
            &__SYDRA_POOL
        }
        #[inline(always)]
        fn fixed() -> &'static Self::Fixed {
            &__SYDRA_FIXED
        }
        #[inline(always)]
        fn with_magazine<__SydraResult>(
            __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
        ) -> __SydraResult {
            __SYDRA_MAGAZINE.with(__sydra_job)
        }
    }
    #[doc(hidden)]
    pub struct __SydraCountedHome<__SydraT>(__sydra::PhantomData<__SydraT>);
    static __SYDRA_COUNTED_POOL: __sydra::Pool = __sydra::Pool::of::<
        __SydraCountedHome<Frame<'static>>,
    >();
    __sydra::thread_local! {
        static __SYDRA_COUNTED_MAGAZINE : __sydra::Magazine = const {
        __sydra::Magazine::new() };
    }
    static __SYDRA_COUNTED_FIXED: __sydra::FixedRoom<
        __sydra::Counted<Frame<'static>>,
        { __SYDRA_KEY_CAPACITY },
        { __SYDRA_KEY_ALIGN },
    > = __sydra::FixedRoom::new();
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraCountedHome<Frame<'static>> {
        const PLAN: __sydra::Plan = __sydra::Plan::counted::<Frame<'static>>("Frame")
            .align(__SYDRA_KEY_ALIGN)
            .capacity(__SYDRA_KEY_CAPACITY);
        type Fixed = __sydra::FixedRoom<
            __sydra::Counted<Frame<'static>>,
            { __SYDRA_KEY_CAPACITY },
            { __SYDRA_KEY_ALIGN },
        >;
        #[inline(always)]
        fn pool() -> &'static __sydra::Pool {
            &__SYDRA_COUNTED_POOL
        }
        #[inline(always)]
        fn fixed() -> &'static Self::Fixed {
            &__SYDRA_COUNTED_FIXED
        }
        #[inline(always)]
        fn with_magazine<__SydraResult>(
            __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
        ) -> __SydraResult {
            __SYDRA_COUNTED_MAGAZINE.with(__sydra_job)
        }
    }
    const __SYDRA_PLAN: __sydra::Plan = <__SydraHome<
        Frame<'static>,
    > as __sydra::Home>::PLAN;
    ///A fixed pool of its own: `capacity = 4*WORKERS`. See `Layout` for its blocks.
    #[automatically_derived]
    unsafe impl<'a> ::sydra_pool::Pooled for Frame<'a> {
        type Layout = __sydra::Report<
            __sydra::Class<
                [__sydra::primitive::u8; __sydra::class_bytes(&__SYDRA_PLAN)],
            >,
            __sydra::Stride<
                [__sydra::primitive::u8; __sydra::block_bytes(&__SYDRA_PLAN)],
            >,
            __sydra::Waste<[__sydra::primitive::u8; __sydra::waste_bytes(&__SYDRA_PLAN)]>,
        >;
        type __Home = __SydraHome<Frame<'static>>;
        type __CountedHome = __SydraCountedHome<Frame<'static>>;
    }
};

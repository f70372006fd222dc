const _: () = {
    use ::sydra_pool::__private::v1 as __sydra;
    #[doc(hidden)]
    pub struct __SydraHome;
    static __SYDRA_POOL: __sydra::Pool = __sydra::Pool::of::<__SydraHome>();
    __sydra::thread_local! {
        static __SYDRA_MAGAZINE : __sydra::Magazine = const { __sydra::Magazine::new() };
    }
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraHome {
        const PLAN: __sydra::Plan = __sydra::Plan::own::<Node<u32>>("node<u32>");
        type Fixed = __sydra::NotFixed;
        #[inline(always)]
        fn pool() -> &'static __sydra::Pool {
            &__SYDRA_POOL
        }
        #[inline(always)]
        fn fixed() -> &'static Self::Fixed {
            &__sydra::NOT_FIXED
        }
        #[inline(always)]
        fn with_magazine<__SydraResult>(
            __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
        ) -> __SydraResult {
            __SYDRA_MAGAZINE.with(__sydra_job)
        }
    }
    #[doc(hidden)]
    pub struct __SydraCountedHome;
    static __SYDRA_COUNTED_POOL: __sydra::Pool = __sydra::Pool::of::<
        __SydraCountedHome,
    >();
    __sydra::thread_local! {
        static __SYDRA_COUNTED_MAGAZINE : __sydra::Magazine = const {
        __sydra::Magazine::new() };
    }
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraCountedHome {
        const PLAN: __sydra::Plan = __sydra::Plan::counted::<Node<u32>>("node<u32>");
        type Fixed = __sydra::NotFixed;
        #[inline(always)]
        fn pool() -> &'static __sydra::Pool {
            &__SYDRA_COUNTED_POOL
        }
        #[inline(always)]
        fn fixed() -> &'static Self::Fixed {
            &__sydra::NOT_FIXED
        }
        #[inline(always)]
        fn with_magazine<__SydraResult>(
            __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
        ) -> __SydraResult {
            __SYDRA_COUNTED_MAGAZINE.with(__sydra_job)
        }
    }
    const __SYDRA_PLAN: __sydra::Plan = <__SydraHome as __sydra::Home>::PLAN;
    ///A pool of its own: see `Layout` for its blocks.
    #[deny(coherence_leak_check)]
    #[automatically_derived]
    unsafe impl ::sydra_pool::Pooled for Node<u32> {
        type Layout = __sydra::Report<
            __sydra::Class<
                [__sydra::primitive::u8; __sydra::class_bytes(&__SYDRA_PLAN)],
            >,
            __sydra::Stride<
                [__sydra::primitive::u8; __sydra::block_bytes(&__SYDRA_PLAN)],
            >,
            __sydra::Waste<[__sydra::primitive::u8; __sydra::waste_bytes(&__SYDRA_PLAN)]>,
        >;
        type __Home = __SydraHome;
        type __CountedHome = __SydraCountedHome;
    }
};
const _: () = {
    use ::sydra_pool::__private::v1 as __sydra;
    #[doc(hidden)]
    pub struct __SydraHome;
    static __SYDRA_POOL: __sydra::Pool = __sydra::Pool::of::<__SydraHome>();
    __sydra::thread_local! {
        static __SYDRA_MAGAZINE : __sydra::Magazine = const { __sydra::Magazine::new() };
    }
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraHome {
        const PLAN: __sydra::Plan = __sydra::Plan::own::<
            Node<&'static str>,
        >("node<&'static str>");
        type Fixed = __sydra::NotFixed;
        #[inline(always)]
        fn pool() -> &'static __sydra::Pool {
            &__SYDRA_POOL
        }
        #[inline(always)]
        fn fixed() -> &'static Self::Fixed {
            &__sydra::NOT_FIXED
        }
        #[inline(always)]
        fn with_magazine<__SydraResult>(
            __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
        ) -> __SydraResult {
            __SYDRA_MAGAZINE.with(__sydra_job)
        }
    }
    #[doc(hidden)]
    pub struct __SydraCountedHome;
    static __SYDRA_COUNTED_POOL: __sydra::Pool = __sydra::Pool::of::<
        __SydraCountedHome,
    >();
    __sydra::thread_local! {
        static __SYDRA_COUNTED_MAGAZINE : __sydra::Magazine = const {
        __sydra::Magazine::new() };
    }
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraCountedHome {
        const PLAN: __sydra::Plan = __sydra::Plan::counted::<
            Node<&'static str>,
        >("node<&'static str>");
        type Fixed = __sydra::NotFixed;
        #[inline(always)]
        fn pool() -> &'static __sydra::Pool {
            &__SYDRA_COUNTED_POOL
        }
        #[inline(always)]
        fn fixed() -> &'static Self::Fixed {
            &__sydra::NOT_FIXED
        }
        #[inline(always)]
        fn with_magazine<__SydraResult>(
            __sydra_job: impl __sydra::FnOnce(&__sydra::Magazine) -> __SydraResult,
        ) -> __SydraResult {
            __SYDRA_COUNTED_MAGAZINE.with(__sydra_job)
        }
    }
    const __SYDRA_PLAN: __sydra::Plan = <__SydraHome as __sydra::Home>::PLAN;
    ///A pool of its own: see `Layout` for its blocks.
    #[deny(coherence_leak_check)]
    #[automatically_derived]
    unsafe impl ::sydra_pool::Pooled for Node<&'static str> {
        type Layout = __sydra::Report<
            __sydra::Class<
                [__sydra::primitive::u8; __sydra::class_bytes(&__SYDRA_PLAN)],
            >,
            __sydra::Stride<
                [__sydra::primitive::u8; __sydra::block_bytes(&__SYDRA_PLAN)],
            >,
            __sydra::Waste<[__sydra::primitive::u8; __sydra::waste_bytes(&__SYDRA_PLAN)]>,
        >;
        type __Home = __SydraHome;
        type __CountedHome = __SydraCountedHome;
    }
};

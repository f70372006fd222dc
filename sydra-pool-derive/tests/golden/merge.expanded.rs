const _: () = {
    use engine::renamed::__private::v1 as __sydra;
    const __SYDRA_GIVEN_ALIGN: __sydra::primitive::usize = 64;
    const __SYDRA_CHECK_ALIGN_0: () = {
        use __sydra::check_align;
        check_align(__SYDRA_GIVEN_ALIGN)
    };
    const __SYDRA_KEY_ALIGN: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_ALIGN_0;
        __SYDRA_GIVEN_ALIGN
    };
    const __SYDRA_GIVEN_MAX_LIMBO: __sydra::primitive::usize = 1 << 20;
    const __SYDRA_CHECK_MAX_LIMBO_0: () = {
        use __sydra::check_max_limbo;
        check_max_limbo(__SYDRA_GIVEN_MAX_LIMBO)
    };
    const __SYDRA_KEY_MAX_LIMBO: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_MAX_LIMBO_0;
        __SYDRA_GIVEN_MAX_LIMBO
    };
    const __SYDRA_GIVEN_MAX_WASTE: __sydra::primitive::usize = 50;
    const __SYDRA_CHECK_MAX_WASTE_0: () = {
        use __sydra::check_max_waste;
        check_max_waste(__SYDRA_GIVEN_MAX_WASTE)
    };
    const __SYDRA_KEY_MAX_WASTE: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_MAX_WASTE_0;
        __SYDRA_GIVEN_MAX_WASTE
    };
    const __SYDRA_GIVEN_NAME: &'static __sydra::primitive::str = concat!("or", "der");
    const __SYDRA_KEY_NAME: &'static __sydra::primitive::str = { __SYDRA_GIVEN_NAME };
    const _: () = {
        use __sydra::check_fits;
        check_fits::<Order>()
    };
    #[doc(hidden)]
    pub struct __SydraHome;
    static __SYDRA_POOL: __sydra::Pool = __sydra::Pool::of::<__SydraHome>();
    __sydra::thread_local! {
        static __SYDRA_MAGAZINE : __sydra::Magazine = const { __sydra::Magazine::new() };
    }
    #[automatically_derived]
    unsafe impl __sydra::Home for __SydraHome {
        const PLAN: __sydra::Plan = __sydra::Plan::own::<Order>(__SYDRA_KEY_NAME)
            .align(__SYDRA_KEY_ALIGN)
            .max_limbo(__SYDRA_KEY_MAX_LIMBO)
            .merge()
            .no_fallback()
            .zero_on_free();
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
        const PLAN: __sydra::Plan = __sydra::Plan::counted::<Order>(__SYDRA_KEY_NAME)
            .align(__SYDRA_KEY_ALIGN)
            .max_limbo(__SYDRA_KEY_MAX_LIMBO)
            .merge()
            .no_fallback()
            .zero_on_free();
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
    const _: () = {
        use __sydra::check_waste;
        check_waste::<Order>(&__SYDRA_PLAN, "Order", __SYDRA_KEY_MAX_WASTE)
    };
    ///Magazines of its own, with the blocks of its size class: see `Layout`.
    #[automatically_derived]
    unsafe impl engine::renamed::Pooled for Order {
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

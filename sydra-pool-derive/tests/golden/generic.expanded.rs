const _: () = {
    use ::sydra_pool::__private::v1 as __sydra;
    const __SYDRA_GIVEN_ALIGN: __sydra::primitive::usize = 32;
    const __SYDRA_CHECK_ALIGN_0: () = {
        use __sydra::check_align;
        check_align(__SYDRA_GIVEN_ALIGN)
    };
    const __SYDRA_KEY_ALIGN: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_ALIGN_0;
        __SYDRA_GIVEN_ALIGN
    };
    const __SYDRA_GIVEN_MAX_WASTE: __sydra::primitive::usize = 25;
    const __SYDRA_CHECK_MAX_WASTE_0: () = {
        use __sydra::check_max_waste;
        check_max_waste(__SYDRA_GIVEN_MAX_WASTE)
    };
    const __SYDRA_KEY_MAX_WASTE: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_MAX_WASTE_0;
        __SYDRA_GIVEN_MAX_WASTE
    };
    #[automatically_derived]
    unsafe impl<K: Ord, T: ?Sized, const N: usize> __sydra::Described for Node<K, T, N>
    where
        K: Copy,
        T: Send,
        Self: __sydra::Sized,
    {
        const PLAN: __sydra::Plan = {
            {
                use __sydra::check_fits;
                check_fits::<Self>()
            };
            let __sydra_plan = __sydra::Plan::shared::<Self>("Node")
                .align(__SYDRA_KEY_ALIGN)
                .no_fallback();
            {
                use __sydra::check_waste;
                check_waste::<Self>(&__sydra_plan, "Node", __SYDRA_KEY_MAX_WASTE)
            };
            __sydra_plan
        };
        const COUNTED_PLAN: __sydra::Plan = __sydra::Plan::shared_counted::<Self>("Node")
            .align(__SYDRA_KEY_ALIGN)
            .no_fallback();
    }
    ///Each instantiation uses the pool of its size class.
    #[automatically_derived]
    unsafe impl<K: Ord, T: ?Sized, const N: usize> ::sydra_pool::Pooled for Node<K, T, N>
    where
        K: Copy,
        T: Send,
        Self: __sydra::Sized,
    {
        type Layout = __sydra::ByInstance;
        type __Home = __sydra::ClassHome<Self>;
        type __CountedHome = __sydra::CountedClassHome<Self>;
    }
};

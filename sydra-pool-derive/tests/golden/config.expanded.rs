#[global_allocator]
pub static GLOBAL: SydraPool<__SydraConfigOfGLOBAL> = SydraPool::new();
#[doc(hidden)]
pub struct __SydraConfigOfGLOBAL;
const _: () = {
    use ::sydra_pool::__private::v1 as __sydra;
    const __SYDRA_GIVEN_SHARDS: __sydra::primitive::usize = 8;
    const __SYDRA_CHECK_SHARDS_0: () = {
        use __sydra::check_shards;
        check_shards(__SYDRA_GIVEN_SHARDS)
    };
    const __SYDRA_KEY_SHARDS: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_SHARDS_0;
        __SYDRA_GIVEN_SHARDS
    };
    const __SYDRA_GIVEN_SLAB_SIZE: __sydra::primitive::usize = 65536;
    const __SYDRA_CHECK_SLAB_SIZE_0: () = {
        use __sydra::check_slab_size;
        check_slab_size(__SYDRA_GIVEN_SLAB_SIZE)
    };
    const __SYDRA_KEY_SLAB_SIZE: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_SLAB_SIZE_0;
        __SYDRA_GIVEN_SLAB_SIZE
    };
    const __SYDRA_GIVEN_MAGAZINE: __sydra::primitive::usize = 8 * 8;
    const __SYDRA_CHECK_MAGAZINE_0: () = {
        use __sydra::check_magazine;
        check_magazine(__SYDRA_GIVEN_MAGAZINE)
    };
    const __SYDRA_KEY_MAGAZINE: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_MAGAZINE_0;
        __SYDRA_GIVEN_MAGAZINE
    };
    const __SYDRA_GIVEN_MAX_LIMBO: __sydra::primitive::usize = 64 << 20;
    const __SYDRA_CHECK_MAX_LIMBO_0: () = {
        use __sydra::check_max_limbo;
        check_max_limbo(__SYDRA_GIVEN_MAX_LIMBO)
    };
    const __SYDRA_KEY_MAX_LIMBO: __sydra::primitive::usize = {
        let () = __SYDRA_CHECK_MAX_LIMBO_0;
        __SYDRA_GIVEN_MAX_LIMBO
    };
    const __SYDRA_GIVEN_CLASSES: &'static [__sydra::primitive::usize] = &[16, 64];
    const __SYDRA_CHECK_CLASSES_0: () = {
        use __sydra::check_classes;
        check_classes(&[16])
    };
    const __SYDRA_CHECK_CLASSES_1: () = {
        use __sydra::check_classes;
        check_classes(&[64])
    };
    const __SYDRA_KEY_CLASSES: &'static [__sydra::primitive::usize] = {
        let () = __SYDRA_CHECK_CLASSES_0;
        let () = __SYDRA_CHECK_CLASSES_1;
        __SYDRA_GIVEN_CLASSES
    };
    const __SYDRA_GIVEN_POISON: __sydra::primitive::bool = true;
    const __SYDRA_KEY_POISON: __sydra::primitive::bool = { __SYDRA_GIVEN_POISON };
    const _: () = {
        use __sydra::check_mimalloc;
        check_mimalloc()
    };
    impl ::sydra_pool::Config for __SydraConfigOfGLOBAL {
        const SETTINGS: ::sydra_pool::Settings = ::sydra_pool::Settings::new()
            .mode(::sydra_pool::Mode::SmallPool)
            .fallback(::sydra_pool::Backing::Mimalloc)
            .stats(::sydra_pool::StatsLevel::Full)
            .shards(__SYDRA_KEY_SHARDS)
            .slab_size(__SYDRA_KEY_SLAB_SIZE)
            .magazine(__SYDRA_KEY_MAGAZINE)
            .max_limbo(__SYDRA_KEY_MAX_LIMBO)
            .classes(__SYDRA_KEY_CLASSES)
            .poison(__SYDRA_KEY_POISON);
    }
};

#[global_allocator]
static GLOBAL: SydraPool<__SydraConfigOfGLOBAL> = SydraPool::new();
#[doc(hidden)]
struct __SydraConfigOfGLOBAL;
const _: () = {
    use ::sydra_pool::__private::v1 as __sydra;
    impl ::sydra_pool::Config for __SydraConfigOfGLOBAL {
        const SETTINGS: ::sydra_pool::Settings = ::sydra_pool::Settings::new();
    }
};


// Appended by ci/weaken to the root of a scratch copy of the engine; no part of the engine itself.
#[doc(hidden)]
pub mod __weaken {
    extern crate std;
    use core::sync::atomic::Ordering;
    use std::string::String;

    /// What this run weakens: the site's number and what is left of its ordering.
    fn wanted() -> Option<(u32, &'static str)> {
        static WANTED: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let wanted = WANTED.get_or_init(|| std::env::var("SYDRA_WEAKEN").unwrap_or_default());
        let (site, to) = wanted.split_once(':')?;
        Some((site.parse().ok()?, to))
    }

    pub fn ordering(site: u32, declared: Ordering) -> Ordering {
        match wanted() {
            Some((number, "Relaxed")) if number == site => Ordering::Relaxed,
            Some((number, "Acquire")) if number == site => Ordering::Acquire,
            Some((number, "Release")) if number == site => Ordering::Release,
            _ => declared,
        }
    }

    pub fn fence(site: u32, declared: Ordering) {
        if !matches!(wanted(), Some((number, "none")) if number == site) {
            #[cfg(loom)]
            loom::sync::atomic::fence(declared);
            #[cfg(not(loom))]
            core::sync::atomic::fence(declared);
        }
    }
}

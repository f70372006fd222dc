//! The figures of the blocks with a counter in front: `pool()` shows those of a type's boxes, the
//! snapshot has both, under one name.

use sydra_pool::{ClassFigures, Pooled, TypeFigures, pool};

/// Bytes of a counted value: a door and a count lie before it, as far as its alignment asks for.
#[must_use]
pub const fn counted_size<T>() -> usize {
    let align = if align_of::<T>() > align_of::<usize>() {
        align_of::<T>()
    } else {
        align_of::<usize>()
    };
    let head = if align > 2 * size_of::<usize>() {
        align
    } else {
        2 * size_of::<usize>()
    };
    (head + size_of::<T>()).next_multiple_of(align)
}

/// The figures of the pool of `T`'s counted values; empty before the first.
///
/// # Panics
/// If two types have one name.
#[must_use]
pub fn counted<T: Pooled>() -> TypeFigures {
    let name = pool::<T>().name();
    let found: Vec<TypeFigures> = sydra_pool::snapshot()
        .types
        .into_iter()
        .filter(|figures| figures.name == name && figures.size == counted_size::<T>())
        .collect();
    assert!(found.len() < 2, "two types of one name: {found:?}");
    found.first().copied().unwrap_or_default()
}

/// All counted values are gone, and all their blocks are back.
///
/// # Panics
/// If not.
pub fn settled<T: Pooled>() {
    let figures = counted::<T>();
    assert!(figures.allocations > 0, "nothing was counted");
    assert_eq!(figures.live, 0, "{figures:?}");
    assert_eq!(figures.allocations, figures.frees, "{figures:?}");
}

/// The figures of the size class with this stride; empty before the first block.
#[must_use]
pub fn class(stride: usize) -> ClassFigures {
    let classes = sydra_pool::snapshot().classes;
    let found = classes.into_iter().find(|class| class.stride == stride);
    found.unwrap_or_default()
}

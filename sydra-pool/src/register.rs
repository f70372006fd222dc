//! `register!`: pools in the figures before their first use.
//!
//! A macro only because a list of types can be no function's argument.

/// Enters the pools of the listed types into the registry, so that figures name them from now on.
///
/// A pool enters by itself when a thread first uses it, so a [`snapshot`](crate::snapshot) taken
/// before shows nothing of it. A program that wants every row in its first report registers its
/// types when it starts. To register twice does no harm. No magazine and no slab is made.
/// Time: a lock for each pool that is new.
///
/// ```
/// use sydra_pool::{Pooled, register, snapshot};
///
/// #[derive(Pooled)]
/// struct Order(u64);
///
/// #[derive(Pooled)]
/// #[pooled(instances(Node<u32>))]
/// struct Node<T>(T);
///
/// register!(Order, Node<u32>);
/// let names = |wanted| snapshot().types.iter().any(|row| row.name == wanted);
/// assert!(names("Order") && names("Node<u32>"));
/// ```
///
/// It is a statement: there is no life before `main`, so it cannot stand outside functions.
///
/// A generic type without `instances(..)` has no pool of its own; then the pool of its size class
/// is entered.
#[macro_export]
macro_rules! register {
    ($($pooled:ty),+ $(,)?) => {{
        $($crate::__private::v1::register::<$pooled>();)+
    }};
    ($($other:tt)*) => {
        $crate::__private::v1::compile_error!(
            "`register!` lists types, as in `register!(Order, Node<u32>)`"
        )
    };
}

//! Values that stay where they are, held together with what borrows from them.

use stable_deref_trait::CloneStableDeref;
use sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled};
use yoke::Yoke;

#[derive(Pooled, Debug, Clone)]
struct Document {
    text: String,
    lines: [u8; 64],
}

fn document() -> Document {
    Document {
        text: "first\nsecond\nthird".into(),
        lines: [7; 64],
    }
}

/// The pointer moves about while the loan lasts; the value must not.
#[test]
fn a_box_may_move_under_a_loan() {
    let yoke: Yoke<&'static str, PoolBox<Document>> =
        Yoke::attach_to_cart(PoolBox::new(document()), |document| {
            document.text.lines().nth(1).unwrap()
        });
    let moved = vec![yoke];
    let boxed = Box::new(moved);
    assert_eq!(*boxed[0].get(), "second");
    assert_eq!(boxed[0].backing_cart().lines, [7; 64]);
    let cart = boxed.into_iter().next().unwrap().into_backing_cart();
    assert_eq!(cart.text.len(), document().text.len());
}

#[test]
fn loans_of_slices_and_strings() {
    let text: Yoke<&'static str, PoolBox<str>> =
        Yoke::attach_to_cart(PoolBox::from("one two"), |text| &text[4..]);
    let bytes: Yoke<&'static [u8], PoolBox<[u8]>> =
        Yoke::attach_to_cart(PoolBox::from([1, 2, 3]), |bytes| &bytes[1..]);
    assert_eq!((*text.get(), *bytes.get()), ("two", &[2_u8, 3][..]));
}

/// A part of what is shared; yoke clones only carts of the standard library.
#[derive(Clone)]
struct Part<C: CloneStableDeref> {
    part: *const str,
    cart: C,
}

impl<C: CloneStableDeref<Target = Document>> Part<C> {
    fn of(cart: C, length: usize) -> Self {
        let part = &raw const cart.text[..length];
        Self { part, cart }
    }

    fn get(&self) -> &str {
        // SAFETY: in the cart, which has a stable address, is not written to, and outlives the loan.
        unsafe { &*self.part }
    }
}

#[test]
fn clones_of_a_counting_pointer_share_the_loan() {
    let first = Part::of(PoolArc::new(document()), 5);
    let others: Vec<_> = (0..3).map(|_| first.clone()).collect();
    assert_eq!(PoolArc::strong_count(&first.cart), 4);
    let place = first.get().as_ptr();
    drop(first);
    for other in &others {
        assert_eq!((other.get(), other.get().as_ptr()), ("first", place));
    }
    let here = Part::of(PoolRc::new(document()), 3);
    let there = here.clone();
    drop(here);
    assert_eq!(there.get(), "fir");
}

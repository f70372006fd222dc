//! Waste: what of a block is not the value's, as a number, as a compile error, and in generated
//! documentation.
//!
//! All of it is worked out by the compiler from the type's plan. Two ways lead to the reader:
//! - `max_waste` becomes [`check_waste`], whose message is text made by a `const fn`: a const
//!   assertion can print what it worked out, not only a literal.
//! - rustdoc prints no value of an implementation's constants, but it does evaluate the lengths of
//!   arrays. So the report of a type's documentation is a type, with lengths for numbers:
//!   [`Report<Class<[u8; 48]>, Stride<[u8; 41]>, Waste<[u8; 0]>>`](Report).
//!
//! # Not here
//! What is live and what it costs at run time: `snapshot`. Waste inside the value (the padding of
//! its fields) is the type's own business and counts as the value's.

use crate::class;
use crate::pool::{Kind, Plan, Route, fixed_stride};
use core::marker::PhantomData;

/// Bytes of a block: the stride. 0 where no pool serves the type.
pub const fn block_bytes(plan: &Plan) -> usize {
    match plan.route {
        Route::Pool | Route::Fixed => plan.stride,
        _ => 0,
    }
}

/// Bytes of a block that are not the value's. 0 where no pool serves the type.
pub const fn waste_bytes(plan: &Plan) -> usize {
    block_bytes(plan).saturating_sub(plan.size)
}

/// Bytes of a block of the size class that a value fits into, whether the type uses the class's
/// blocks or not. 0 where no pool serves the type.
pub const fn class_bytes(plan: &Plan) -> usize {
    match class::of(plan.size, plan.align) {
        Some(index) if plan.size > 0 => class::stride(index),
        _ => 0,
    }
}

/// `max_waste`: a percentage.
#[track_caller]
pub const fn check_max_waste(percent: usize) {
    assert!(percent <= 100, "max_waste must be 0 to 100 (percent)");
}

/// Fails with the numbers and a hint if more than `percent` of a block are not the value's.
///
/// `T` is the type of the plan, `name` how the user writes it.
#[track_caller]
pub const fn check_waste<T>(plan: &Plan, name: &str, percent: usize) {
    if waste_bytes(plan) * 100 > block_bytes(plan) * percent {
        let text = too_wasteful(plan, align_of::<T>(), name, percent);
        // PANIC: in constants only.
        panic!("{}", text.as_str())
    }
}

/// The message: the numbers on one line, what would help on the next.
const fn too_wasteful(plan: &Plan, own_align: usize, name: &str, percent: usize) -> Text {
    let (stride, waste) = (block_bytes(plan), waste_bytes(plan));
    let text = Text::new()
        .push("`")
        .push(name)
        .push("` wastes ")
        .number(waste)
        .push(" of the ")
        .number(stride)
        .push(" bytes of its block, ")
        .tenths((waste * 1000).div_ceil(stride))
        .push(" percent (size ")
        .number(plan.size)
        .push(", align ")
        .number(plan.align)
        .push(", stride ")
        .number(stride)
        .push("), and max_waste is ")
        .number(percent)
        .push("\nhelp: ");
    hints(text, plan, own_align)
}

/// What would help. One of these always applies, because a pool of its own wastes nothing unless a
/// value is smaller than 8 bytes, the alignment was raised, or the blocks are in a static.
const fn hints(mut text: Text, plan: &Plan, own_align: usize) -> Text {
    let stride = block_bytes(plan);
    let mut first = true;
    let own = own_stride(plan.size, plan.align);
    if !matches!(plan.kind, Kind::Own) && own < stride {
        text = text.push(match plan.kind {
            Kind::Merged => "a pool of its own (`isolate` instead of `merge`) has stride ",
            _ => "a pool of its own (list this type in `instances(..)`) has stride ",
        });
        text = text.number(own);
        first = false;
    }
    let fixed = matches!(plan.route, Route::Fixed);
    let grown = if plan.size == 0 { 0 } else { own };
    if fixed && grown < stride {
        text = text
            .push("a fixed pool keeps a word behind each value; without `capacity` the stride is ")
            .number(grown);
        first = false;
    }
    let natural = match (plan.kind, class::of(plan.size, own_align)) {
        _ if fixed => fixed_stride(plan.size, own_align),
        (Kind::Own, _) => own_stride(plan.size, own_align),
        (_, Some(index)) => class::stride(index),
        (_, None) => stride,
    };
    if plan.align > own_align && natural < stride {
        text = text
            .push(if first {
                "without `align = "
            } else {
                "; without `align = "
            })
            .number(plan.align)
            .push("` the stride is ")
            .number(natural);
        first = false;
    }
    if plan.size < SMALLEST && !fixed {
        text = text
            .push(if first {
                "blocks have"
            } else {
                "; blocks have"
            })
            .push(
                " at least 8 bytes: keep several such values in one pooled type, or a larger one",
            );
    }
    text
}

/// Bytes of the smallest block.
const SMALLEST: usize = class::stride(0);

/// The stride of a pool of its own.
const fn own_stride(size: usize, align: usize) -> usize {
    let exact = size.next_multiple_of(align);
    if exact < SMALLEST { SMALLEST } else { exact }
}

/// A message in the making; what has no room is left out.
struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    const fn new() -> Self {
        Self {
            bytes: [0; 512],
            len: 0,
        }
    }

    const fn push(mut self, part: &str) -> Self {
        let part = part.as_bytes();
        if self.len + part.len() > self.bytes.len() {
            return self;
        }
        let mut index = 0;
        while index < part.len() {
            self.bytes[self.len + index] = part[index];
            index += 1;
        }
        self.len += part.len();
        self
    }

    const fn number(self, number: usize) -> Self {
        let text = if number >= 10 {
            self.number(number / 10)
        } else {
            self
        };
        let digit = [b'0' + (number % 10) as u8];
        match core::str::from_utf8(&digit) {
            Ok(digit) => text.push(digit),
            Err(_) => text,
        }
    }

    /// A number of tenths: 146 is `14.6`.
    const fn tenths(self, tenths: usize) -> Self {
        self.number(tenths / 10).push(".").number(tenths % 10)
    }

    const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

/// The layout of a pooled type, as the documentation of its `Pooled` implementation shows it:
/// `Report<Class<[u8; 48]>, Stride<[u8; 41]>, Waste<[u8; 0]>>`.
///
/// A type to read, of which there are no values. A tool can read it too:
///
/// ```
/// use sydra_pool::Pooled;
/// use sydra_pool::layout::{Class, Report, Stride, Waste};
///
/// #[derive(Pooled)]
/// struct Line([u8; 41]);
///
/// type Expected = Report<Class<[u8; 48]>, Stride<[u8; 41]>, Waste<[u8; 0]>>;
/// fn same<T>(_: core::marker::PhantomData<T>, _: core::marker::PhantomData<T>) {}
/// same(core::marker::PhantomData::<Expected>, core::marker::PhantomData::<<Line as Pooled>::Layout>);
/// ```
#[derive(Debug)]
pub struct Report<Class, Stride, Waste>(PhantomData<(Class, Stride, Waste)>);

/// The bytes of a block of the size class into which a value fits. A type with a pool of its own
/// takes no blocks of the class: then this is what `merge` would cost. `[u8; 0]` where there is none.
#[derive(Debug)]
pub struct Class<Bytes>(PhantomData<Bytes>);

/// The bytes of a block of the type's pool. `[u8; 0]` for a type without size and for one that no
/// pool serves.
#[derive(Debug)]
pub struct Stride<Bytes>(PhantomData<Bytes>);

/// The bytes of a block that are not the value's.
#[derive(Debug)]
pub struct Waste<Bytes>(PhantomData<Bytes>);

/// Stands for a report where each instantiation of a generic type has a layout of its own:
/// `pool::<Node<u32>>().geometry()` tells.
#[derive(Debug)]
pub struct ByInstance(());

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use std::string::{String, ToString};

    fn message<T>(plan: Plan, percent: usize) -> Option<String> {
        let made = std::panic::catch_unwind(|| check_waste::<T>(&plan, "Type", percent));
        made.err()
            .and_then(|thrown| thrown.downcast_ref::<String>().cloned())
    }

    #[test]
    fn a_block_of_its_own_wastes_what_is_below_eight_bytes() {
        let plan = Plan::own::<u16>("");
        assert_eq!((block_bytes(&plan), waste_bytes(&plan)), (8, 6));
        assert_eq!(message::<u16>(plan, 75), None);
        let said = message::<u16>(plan, 74).expect("too wasteful");
        assert_eq!(
            said,
            "`Type` wastes 6 of the 8 bytes of its block, 75.0 percent (size 2, align 2, stride 8), \
             and max_waste is 74\nhelp: blocks have at least 8 bytes: keep several such values in \
             one pooled type, or a larger one"
        );
    }

    #[test]
    fn every_way_to_save_is_named_and_no_other() {
        let line = Plan::own::<[u8; 41]>("");
        assert_eq!(
            message::<[u8; 41]>(line, 0),
            None,
            "its own stride is exact"
        );
        let merged = message::<[u8; 41]>(line.merge(), 10).expect("7 of 48");
        assert!(merged.contains("7 of the 48 bytes of its block, 14.6 percent"));
        assert!(
            merged
                .ends_with("help: a pool of its own (`isolate` instead of `merge`) has stride 41")
        );
        let shared = message::<[u8; 41]>(Plan::shared::<[u8; 41]>(""), 10).expect("7 of 48");
        assert!(shared.ends_with("`instances(..)`) has stride 41"));
        let aligned = message::<[u8; 41]>(line.align(64), 10).expect("23 of 64");
        assert!(
            aligned.ends_with("help: without `align = 64` the stride is 41"),
            "{aligned}"
        );
        let both = message::<[u8; 129]>(Plan::own::<[u8; 129]>("").align(64).merge(), 0);
        let both = both.expect("63 of 192");
        assert!(
            both.ends_with("help: without `align = 64` the stride is 160"),
            "{both}"
        );
        let three = message::<[u64; 17]>(Plan::own::<[u64; 17]>("").align(16).merge(), 0);
        let three = three.expect("24 of 160");
        assert!(three.ends_with("has stride 144"), "{three}");
    }

    #[test]
    fn what_no_pool_serves_wastes_nothing() {
        for plan in [Plan::own::<()>(""), Plan::own::<[u8; 32769]>("")] {
            assert_eq!(
                (block_bytes(&plan), waste_bytes(&plan), class_bytes(&plan)),
                (0, 0, 0)
            );
            assert_eq!(message::<u8>(plan, 0), None);
        }
        assert_eq!(class_bytes(&Plan::own::<[u8; 41]>("")), 48);
    }

    #[test]
    fn a_fixed_pool_has_a_word_behind_each_value() {
        let plan = Plan::own::<[u8; 41]>("").capacity(7);
        assert_eq!((block_bytes(&plan), waste_bytes(&plan)), (56, 15));
        assert_eq!(message::<[u8; 41]>(plan, 27), None);
        let said = message::<[u8; 41]>(plan, 26).expect("15 of 56");
        assert!(
            said.ends_with("help: a fixed pool keeps a word behind each value; without `capacity` the stride is 41"),
            "{said}"
        );
        let apart = Plan::own::<u64>("").align(64).capacity(9);
        let said = message::<u64>(apart, 20).expect("56 of 64");
        assert!(
            said.ends_with("help: without `align = 64` the stride is 16"),
            "{said}"
        );
        let large = Plan::own::<[u8; 40_000]>("").capacity(1);
        assert_eq!((block_bytes(&large), class_bytes(&large)), (40_008, 0));
        let nothing = Plan::own::<()>("").capacity(1);
        assert_eq!((block_bytes(&nothing), class_bytes(&nothing)), (8, 0));
    }

    #[test]
    fn numbers_are_written_and_what_has_no_room_is_left_out() {
        assert_eq!(
            Text::new().number(0).push(" ").number(32768).as_str(),
            "0 32768"
        );
        assert_eq!(
            Text::new().tenths(146).push(" ").tenths(5).as_str(),
            "14.6 0.5"
        );
        let long = "x".repeat(600).to_string();
        assert_eq!(Text::new().push("a").push(&long).push("b").as_str(), "ab");
    }

    #[test]
    #[should_panic(expected = "0 to 100")]
    fn percentages_end_at_a_hundred() {
        check_max_waste(101);
    }
}

//! Parts of a page that a program writes, between two marks; what is outside of them is written by hand and stays.

/// The line after such a part.
pub(super) const END: &str = "<!-- to here -->\n";

/// The text with what is between the line `begin` and the next [`END`] exchanged; none if one of the two is missing.
pub(super) fn exchanged(text: &str, begin: &str, between: &str) -> Option<String> {
    let (before, rest) = text.split_once(begin)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{begin}{between}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_exchanged() {
        let begin = "<!-- b -->\n";
        let page = format!("a\n{begin}old\n{END}z\n{END}");
        assert_eq!(
            exchanged(&page, begin, "new\n"),
            Some(format!("a\n{begin}new\n{END}z\n{END}"))
        );
        assert_eq!(exchanged("a\nz\n", begin, "new\n"), None);
        assert_eq!(exchanged(&format!("{END}{begin}"), begin, "new\n"), None);
    }
}

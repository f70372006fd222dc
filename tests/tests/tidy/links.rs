//! Links in Markdown lead somewhere: a file of the repository, or a heading of one.

use std::path::Path;

/// The text outside code fences and inline code, line by line.
fn prose(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            lines.push(String::new());
        } else if fenced {
            lines.push(String::new());
        } else {
            lines.push(line.split('`').step_by(2).collect::<Vec<_>>().join(" "));
        }
    }
    lines
}

/// The anchors a page offers: its headings, lower case, words joined by dashes.
fn anchors(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        if !fenced && line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            found.push(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    found
}

/// Broken links of the page at `path` (from `root`).
pub(crate) fn broken(root: &Path, path: &str, text: &str) -> Vec<String> {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    for (index, line) in prose(text).iter().enumerate() {
        for (at, _) in line.match_indices("](") {
            let Some(target) = line[at + 2..].split([')', ' ']).next() else {
                continue;
            };
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let page = if file.is_empty() {
                root.join(path)
            } else {
                root.join(folder).join(file)
            };
            let place = format!("{path}:{}", index + 1);
            if !file.is_empty() && !page.exists() {
                found.push(format!("{place}: `{target}` leads nowhere"));
            } else if !anchor.is_empty() && page.extension().is_some_and(|kind| kind == "md") {
                let there = if file.is_empty() {
                    text.to_owned()
                } else {
                    std::fs::read_to_string(&page).unwrap_or_default()
                };
                if !anchors(&there).iter().any(|known| known == anchor) {
                    found.push(format!("{place}: `{target}` names no heading"));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        broken(root, "page.md", text).len()
    }

    #[test]
    fn a_link_to_nothing_is_rejected() {
        assert_eq!(count("see [a](nothing.md) and [b](src/nothing.rs#L1)"), 2);
        assert_eq!(count("# One two\nsee [a](#one-two) and [b](#three)"), 1);
    }

    #[test]
    fn links_that_lead_somewhere_and_code_pass() {
        assert_eq!(
            count("[a](Cargo.toml) [b](https://example.org/x) `[c](d)`\n```\n[e](f)\n```\n"),
            0
        );
    }
}

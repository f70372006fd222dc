//! Fifty patterns compiled, each by itself and all as a set, and dropped.

use regex::{Regex, RegexSet};

use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report};

/// As a service has them that reads logs and checks what it is sent.
const PATTERNS: [&str; 50] = [
    r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$",
    r"\b(error|warn(ing)?|fatal|panic)\b",
    r"(?i)\bout of memory\b",
    r"^[a-z][a-z0-9_]{0,62}$",
    r"(?P<host>[a-z0-9.-]+):(?P<port>\d{1,5})",
    r"^(?:\d{1,3}\.){3}\d{1,3}$",
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
    r"^https?://[^/?#]+(/[^?#]*)?(\?[^#]*)?(#.*)?$",
    r"^(GET|PUT|POST|HEAD|PATCH|DELETE) (\S+) HTTP/(1\.[01]|2)$",
    r"\bstatus=(\d{3})\b",
    r"\btook (\d+(?:\.\d+)?)\s*(ns|us|ms|s)\b",
    r"^\s*#.*$",
    r#""((?:[^"\\]|\\.)*)""#,
    r"^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$",
    r"\p{Lu}\p{Ll}+(?:\s\p{Lu}\p{Ll}+)*",
    r"[\p{Greek}\p{Cyrillic}]+",
    r"^\[(?P<level>[A-Z]+)\]\s+(?P<target>[\w:]+)\s+(?P<text>.+)$",
    r"(?:^|;)\s*session=([^;]{16,64})",
    r"^Bearer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    r"^(\+|00)[1-9]\d{1,3}[ -]?\d{4,14}$",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b",
    r"^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$",
    r"^#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?$",
    r"<(h[1-6]|p|div|span)(\s[^>]*)?>",
    r"&(?:amp|lt|gt|quot|#\d+|#x[0-9a-fA-F]+);",
    r"\{\{\s*([a-z.]+)\s*(?:\|\s*([a-z]+))?\s*\}\}",
    r"(?m)^diff --git a/(.+) b/(.+)$",
    r"(?m)^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@",
    r"(?s)/\*.*?\*/",
    r"\bfn\s+([a-z_]\w*)\s*(?:<[^>]*>)?\s*\(",
    r"\b(?:let|const|static)\s+(?:mut\s+)?(\w+)",
    r"0x[0-9a-fA-F_]+|0b[01_]+|0o[0-7_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:e[+-]?\d+)?",
    r"^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$",
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
    r"(?i)^content-(type|length|encoding):\s*(.+)$",
    r"^multipart/form-data;\s*boundary=(.{1,70})$",
    r"[^\x20-\x7e]+",
    r"^/(?:api|v[1-9])/(?:[a-z]+/)*(\d+)(?:\.(json|csv|xml))?$",
    r"(?:\.\./)+|\.\.\\",
    r"(?i)(?:union\s+select|drop\s+table|or\s+1\s*=\s*1)",
    r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    r"\$(\d+(?:,\d{3})*(?:\.\d{2})?)",
    r"\b(\w+)ing\b\s+\b(\w+)ed\b",
    r"^\s*at\s+(?:[\w$.]+)\((?:[\w.]+):(\d+)\)$",
    r"thread '([^']+)' panicked at ([^:]+):(\d+):(\d+)",
    r"^(?:cpu|mem|disk|net)\.[a-z]+(?:\.[a-z0-9]+)*\{[^}]*\}\s+-?\d+",
    r"\bkey_[a-f0-9]{32,64}\b",
    r"[aeiou]{2,3}[^aeiou\s]{1,4}[aeiou]",
    r"^(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta){2,8}$",
];

/// Measures it. An operation is a pattern, compiled by itself and as a member of the set.
pub(super) fn run(job: &Job) -> Report {
    crew::run(job, |_| Patterns {
        alone: Vec::with_capacity(PATTERNS.len()),
    })
}

struct Patterns {
    /// All stay until the set is compiled.
    alone: Vec<Regex>,
}

impl Part for Patterns {
    fn step(&mut self) {
        self.body(1);
    }

    /// Whole sets only.
    fn body(&mut self, operations: u64) -> u64 {
        let sets = operations.div_ceil(PATTERNS.len() as u64);
        for _ in 0..sets {
            let each = PATTERNS.iter();
            self.alone
                .extend(each.map(|pattern| Regex::new(pattern).expect("it is well formed")));
            let set = RegexSet::new(PATTERNS).expect("its patterns are well formed");
            std::hint::black_box((&self.alone, &set));
            self.alone.clear();
        }
        sets * PATTERNS.len() as u64
    }

    fn has_tail(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_patterns_are_well_formed_and_differ() {
        let mut alone = PATTERNS.map(|pattern| Regex::new(pattern).unwrap());
        alone.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        assert!(
            alone
                .windows(2)
                .all(|two| two[0].as_str() != two[1].as_str())
        );
        let set = RegexSet::new(PATTERNS).unwrap();
        assert_eq!(set.len(), PATTERNS.len());
        assert!(set.matches("2026-01-01T00:00:00Z").matched(0));
        let mut patterns = Patterns { alone: Vec::new() };
        assert_eq!(patterns.body(1), 50);
    }
}

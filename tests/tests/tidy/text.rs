//! Rust text taken apart: for each line its code (strings blanked) and its comments.
//!
//! Not a parser: just enough lexing (comments, strings, raw strings, characters against lifetimes)
//! that a rule never trips over a word in a string or in prose.

/// One line, taken apart.
#[derive(Debug, Default, Clone)]
pub(crate) struct Line {
    /// What the compiler reads, with the contents of strings and characters blanked.
    pub(crate) code: String,
    /// The comments of the line, with their slashes.
    pub(crate) comment: String,
    /// The line as it stands.
    pub(crate) raw: String,
    /// Inside `#[cfg(test)] mod .. { }`, or in a file that is compiled for tests only.
    pub(crate) test: bool,
}

/// A source file: its path from the repository's root, with `/`, and its lines.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) lines: Vec<Line>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        let mut lines = split(text);
        for (line, raw) in lines.iter_mut().zip(text.lines()) {
            line.raw = raw.to_owned();
        }
        mark_tests(&mut lines);
        Source {
            path: path.to_owned(),
            lines,
        }
    }

    /// Where line `index` (from 0) stands, as an editor understands it.
    pub(crate) fn place(&self, index: usize) -> String {
        format!("{}:{}", self.path, index + 1)
    }

    /// The lines outside tests, with their indices.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = (usize, &Line)> {
        self.lines.iter().enumerate().filter(|(_, line)| !line.test)
    }

    /// The last line of the comment block that line `index` belongs to.
    pub(crate) fn comment_end(&self, index: usize) -> usize {
        let below = self.lines[index + 1..].iter();
        index + below.take_while(|line| line.is_comment()).count()
    }

    /// The comment block that ends at line `index` or belongs to it: text joined by spaces.
    pub(crate) fn comment_block(&self, index: usize) -> String {
        let mut first = index;
        while first > 0 && self.lines[first - 1].is_comment() {
            first -= 1;
        }
        let lines = self.lines[first..=index].iter();
        lines
            .map(|line| line.comment.trim())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

impl Line {
    pub(crate) fn is_comment(&self) -> bool {
        self.code.trim().is_empty() && !self.comment.is_empty()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Code,
    LineComment,
    /// Nesting depth.
    BlockComment(usize),
    Text,
    /// How many `#` close it.
    RawText(usize),
}

fn split(text: &str) -> Vec<Line> {
    let chars: Vec<char> = text.chars().collect();
    let mut lines = Vec::new();
    let mut line = Line::default();
    let mut state = State::Code;
    let mut at = 0;
    while at < chars.len() {
        let here = chars[at];
        let next = chars.get(at + 1).copied().unwrap_or('\n');
        if here == '\n' {
            lines.push(std::mem::take(&mut line));
            if state == State::LineComment {
                state = State::Code;
            }
            at += 1;
            continue;
        }
        match state {
            State::Code => match (here, next) {
                ('/', '/') => {
                    state = State::LineComment;
                    continue;
                }
                ('/', '*') => {
                    state = State::BlockComment(1);
                    line.comment.push_str("/*");
                    at += 2;
                    continue;
                }
                ('"', _) => {
                    state = State::Text;
                    line.code.push('"');
                }
                ('r', '"' | '#') if !ends_in_word(&line.code) => {
                    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
                    line.code.push('r');
                    if chars.get(at + 1 + hashes) == Some(&'"') {
                        state = State::RawText(hashes);
                        line.code.push('"');
                        at += hashes + 2;
                        continue;
                    }
                }
                ('\'', _) => {
                    line.code.push('\'');
                    if let Some(length) = character(&chars[at..]) {
                        line.code.push('\'');
                        at += length;
                        continue;
                    }
                }
                _ => line.code.push(here),
            },
            State::LineComment => line.comment.push(here),
            State::BlockComment(depth) => {
                line.comment.push(here);
                if (here, next) == ('*', '/') || (here, next) == ('/', '*') {
                    line.comment.push(next);
                    at += 2;
                    state = match (here, depth) {
                        ('*', 1) => State::Code,
                        ('*', _) => State::BlockComment(depth - 1),
                        _ => State::BlockComment(depth + 1),
                    };
                    continue;
                }
            }
            State::Text => match here {
                '\\' if next != '\n' => at += 1,
                '"' => {
                    state = State::Code;
                    line.code.push('"');
                }
                _ => line.code.push(' '),
            },
            State::RawText(hashes) => {
                let closing = chars[at + 1..].iter().take_while(|c| **c == '#').count();
                if here == '"' && closing >= hashes {
                    state = State::Code;
                    line.code.push('"');
                    at += hashes;
                } else {
                    line.code.push(' ');
                }
            }
        }
        at += 1;
    }
    lines.push(line);
    lines
}

fn ends_in_word(code: &str) -> bool {
    let last = code.chars().next_back();
    // `br"..."` and `cr"..."` are raw strings too.
    last.is_some_and(|c| {
        is_word(c) && !((c == 'b' || c == 'c') && !ends_in_word(&code[..code.len() - 1]))
    })
}

/// The length of the character literal at the start, or `None` for a lifetime.
fn character(chars: &[char]) -> Option<usize> {
    match chars {
        ['\'', '\\', ..] => chars[3.min(chars.len())..]
            .iter()
            .position(|c| *c == '\'')
            .map(|n| n + 4),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The byte positions at which `word` stands alone in `code`.
pub(crate) fn words(code: &str, word: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(word) {
        let before = code[..at].chars().next_back();
        let after = code[at + word.len()..].chars().next();
        if !before.is_some_and(is_word) && !after.is_some_and(is_word) {
            found.push(at);
        }
    }
    found
}

/// Whether an attribute line keeps what follows for test builds only.
pub(crate) fn is_test_gate(code: &str) -> bool {
    let code: String = code.split_whitespace().collect();
    let Some(start) = code.find("#[cfg(") else {
        return false;
    };
    let predicate = &code[start + 6..];
    predicate.starts_with("test)")
        || (predicate.starts_with("all(")
            && !words(predicate, "test").is_empty()
            && !predicate.contains("not(test"))
}

/// Marks the lines of modules that only tests compile, braces matched.
fn mark_tests(lines: &mut [Line]) {
    let mut at = 0;
    while at < lines.len() {
        if !is_test_gate(&lines[at].code) {
            at += 1;
            continue;
        }
        let mut depth = 0_i64;
        let mut opened = false;
        while at < lines.len() {
            let code = lines[at].code.clone();
            lines[at].test = true;
            for c in code.chars() {
                match c {
                    '{' => {
                        depth += 1;
                        opened = true;
                    }
                    '}' => depth -= 1,
                    _ => {}
                }
            }
            at += 1;
            let item_ends = code.trim_end().ends_with(';');
            if (opened && depth == 0) || (!opened && item_ends) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_told_from_code() {
        let text = "let a = \"todo!() // x\"; // unsafe {\nlet r = r#\"a \" // b\"#; 'x: loop {}\n/* a /* b */ c */ let q = '\"'; y";
        let source = Source::new("a.rs", text);
        assert!(!source.lines[0].code.contains("todo"));
        assert_eq!(source.lines[0].comment, "// unsafe {");
        assert!(source.lines[1].comment.is_empty());
        assert!(source.lines[1].code.contains("'x: loop {}"));
        assert_eq!(source.lines[2].comment, "/* a /* b */ c */");
        assert!(source.lines[2].code.ends_with("let q = ''; y"));
    }

    #[test]
    fn test_modules_are_marked_to_their_last_brace() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { }\n}\nfn c() {}\n#[cfg(not(test))]\nfn d() {}";
        let source = Source::new("a.rs", text);
        let marks: Vec<bool> = source.lines.iter().map(|line| line.test).collect();
        assert_eq!(marks, [false, true, true, true, true, false, false, false]);
    }
}

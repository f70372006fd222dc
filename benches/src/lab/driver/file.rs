//! The file of results: written as JSON, read back only if its form is the one that this program knows.
//!
//! A figure of more than 15 digits may come back one unit in its last place off. The feature of `serde_json` that prevents it
//! makes reading numbers slower, and the workload `json` measures that crate as its users have it.

use std::error::Error;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::ser::{Formatter, Serializer};

use super::results::{Results, SCHEMA};

/// Makes sure that results can be written there, before the long work: the folder is made if it is missing.
///
/// # Errors
/// If they cannot.
pub(super) fn prepare(path: &Path) -> Result<(), Box<dyn Error>> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| OpenOptions::new().append(true).create(true).open(path))
        .map(|_| ())
        .map_err(|trouble| format!("{}: {trouble}", path.display()).into())
}

/// Writes the results.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(results: &Results, path: &Path) -> Result<(), Box<dyn Error>> {
    fs::write(path, text(results)?)
        .map_err(|trouble| format!("{}: {trouble}", path.display()).into())
}

/// The results with a line for each field, and lists of numbers on one line: a curve of a hundred points is a line, not four
/// hundred.
fn text(results: &Results) -> Result<String, Box<dyn Error>> {
    let mut text = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut text, Fields::default());
    results.serialize(&mut serializer)?;
    text.push(b'\n');
    Ok(String::from_utf8(text)?)
}

/// How deep the field is that is being written.
#[derive(Debug, Default)]
struct Fields {
    depth: usize,
}

impl Formatter for Fields {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        let comma = if first { "" } else { "," };
        write!(writer, "{comma}\n{:1$}", "", self.depth)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }
}

/// Reads results.
///
/// # Errors
/// If the file cannot be read, is of another schema, or is no file of results.
pub(super) fn read(path: &Path) -> Result<Results, Box<dyn Error>> {
    let said = |trouble: String| format!("{}: {trouble}", path.display());
    let text = fs::read_to_string(path).map_err(|trouble| said(trouble.to_string()))?;
    Ok(parse(&text).map_err(said)?)
}

/// The one field that every schema has.
#[derive(Deserialize)]
struct Form {
    schema: u32,
}

fn parse(text: &str) -> Result<Results, String> {
    // First the number alone: fields of another schema would be reported as missing or of the wrong type.
    let Form { schema } = serde_json::from_str(text)
        .map_err(|trouble| format!("this is no file of results: {trouble}"))?;
    if schema != SCHEMA {
        return Err(format!(
            "these results have schema {schema}, this program reads schema {SCHEMA} only: measure again, or use the program that wrote them"
        ));
    }
    serde_json::from_str(text).map_err(|trouble| format!("these results are damaged: {trouble}"))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::super::fixture;
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let results = fixture::results(40);
        let path = env::temp_dir().join(format!("sydra-results-{}.json", std::process::id()));
        write(&results, &path).unwrap();
        let read = read(&path);
        fs::remove_file(&path).unwrap();
        // Without their values in the message: they are thousands of lines.
        assert!(read.unwrap() == results, "other results came back");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_said_beforehand() {
        let folder = env::temp_dir().join(format!("sydra-prepared-{}", std::process::id()));
        let path = folder.join("new/results.json");
        let prepared = prepare(&path).is_ok();
        let exists = path.exists();
        let refused = prepare(&folder).is_err();
        // What is there already stays until there is something better.
        fs::write(&path, "old").unwrap();
        prepare(&path).unwrap();
        let kept = fs::read_to_string(&path).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert!(prepared && exists && refused);
        assert_eq!(kept, "old");
    }

    #[test]
    fn other_schemas_and_other_files_are_refused_by_name() {
        let newer = parse(r#"{ "schema": 2, "runs": [] }"#).unwrap_err();
        assert!(
            newer.contains("schema 2") && newer.contains("schema 1"),
            "{newer}"
        );
        let other = parse("[1, 2]").unwrap_err();
        assert!(other.contains("no file of results"), "{other}");
        let cut = parse(r#"{ "schema": 1, "rows": [] }"#).unwrap_err();
        assert!(
            cut.contains("damaged") && cut.contains("unix_seconds"),
            "{cut}"
        );
    }

    /// A field that is renamed, added or left out changes this file: then [`SCHEMA`] may have to change too.
    #[test]
    fn the_form_of_the_file_is_as_recorded() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/results-1.json");
        let now = text(&fixture::results(3)).unwrap();
        if env::var_os("SYDRA_BLESS").is_some_and(|value| value == "1") {
            fs::write(&path, &now).unwrap();
        }
        let recorded = fs::read_to_string(&path).unwrap();
        let mut lines = now.lines().zip(recorded.lines());
        let differing = lines.find(|(now, recorded)| now != recorded);
        assert!(
            now == recorded,
            "`SYDRA_BLESS=1 cargo test -p benches --lib file` records what is meant; first (now, recorded): {differing:?}"
        );
        assert!(
            read(&path).unwrap() == fixture::results(3),
            "other results were read"
        );
    }
}

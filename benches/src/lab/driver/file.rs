//! The file of results: written as JSON, read back only if its form is the one that this program knows.
//!
//! A figure of more than 15 digits may come back one unit in its last place off. The feature of `serde_json` that prevents it
//! makes reading numbers slower, and the workload `json` measures that crate as its users have it.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::results::{Results, SCHEMA};

/// Writes the results, one field a line, so that two files can be compared by eye.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write(results: &Results, path: &Path) -> Result<(), Box<dyn Error>> {
    let mut text = serde_json::to_string_pretty(results)?;
    text.push('\n');
    fs::write(path, text).map_err(|trouble| format!("{}: {trouble}", path.display()).into())
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
        let mut now = serde_json::to_string_pretty(&fixture::results(3)).unwrap();
        now.push('\n');
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
    }

    #[test]
    fn a_file_of_the_first_schema_can_always_be_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/results-1.json");
        assert!(
            read(&path).unwrap() == fixture::results(3),
            "other results were read"
        );
    }
}

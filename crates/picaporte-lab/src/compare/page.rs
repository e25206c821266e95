//! Puts a table into a page between two marks, and nowhere else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The mark after which the table stands.
pub const BEGIN: &str = "<!-- lab:begin -->";
/// The mark before which it ends.
pub const END: &str = "<!-- lab:end -->";

/// Why a page can't be written.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The file can't be read or written.
    #[error("{}: {why}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// It has no place for a table.
    #[error("{}: add a line `{BEGIN}` and below it a line `{END}`", .0.display())]
    NoMarks(PathBuf),
}

/// Says before a long comparison what would spoil its end.
///
/// # Errors
/// When `file` can't be read, or has no marks.
pub fn check_marks(file: &Path) -> Result<(), PageError> {
    around_marks(&read(file)?)
        .map(drop)
        .ok_or_else(|| PageError::NoMarks(file.to_owned()))
}

/// Replaces what stands between the marks of `file`.
///
/// # Errors
/// When the file can't be read or written, or has no marks.
pub fn write_page(file: &Path, table: &str) -> Result<(), PageError> {
    let old = read(file)?;
    let (before, after) = around_marks(&old).ok_or_else(|| PageError::NoMarks(file.to_owned()))?;
    let new = format!("{before}{BEGIN}\n\n{table}\n{END}{after}");
    fs::write(file, new).map_err(|error| unusable(file, error))
}

fn unusable(file: &Path, why: io::Error) -> PageError {
    let file = file.to_owned();
    PageError::File { file, why }
}

fn read(file: &Path) -> Result<String, PageError> {
    fs::read_to_string(file).map_err(|error| unusable(file, error))
}

fn around_marks(text: &str) -> Option<(&str, &str)> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some((before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let page = |inside: &str| format!("top\n{BEGIN}\n{inside}\n{END}\nbottom\n");
        fs::write(file.path(), page("old")).unwrap();
        check_marks(file.path()).unwrap();
        write_page(file.path(), "new\n").unwrap();
        let written = fs::read_to_string(file.path()).unwrap();
        assert_eq!(written, page("\nnew\n"));
    }

    #[test]
    fn a_page_without_marks_is_left_alone() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", BEGIN, "<!-- lab:end -->\n<!-- lab:begin -->"] {
            fs::write(file.path(), text).unwrap();
            assert!(matches!(
                check_marks(file.path()),
                Err(PageError::NoMarks(_))
            ));
            assert!(write_page(file.path(), "new").is_err());
            assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
        }
        assert!(matches!(
            check_marks(Path::new("/nowhere")),
            Err(PageError::File { .. })
        ));
    }
}

//! Puts a table into a page between two marks, and nowhere else.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The marks `<!-- NAME:begin -->` and `<!-- NAME:end -->`, each on a line of its own.
#[derive(Clone, Copy, Debug)]
pub struct Marks(pub &'static str);

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
    #[error("{}: add a line `{}` and below it a line `{}`", .0.display(), .1.begin(), .1.end())]
    NoMarks(PathBuf, Marks),
}

impl Marks {
    fn begin(self) -> String {
        format!("<!-- {}:begin -->", self.0)
    }

    fn end(self) -> String {
        format!("<!-- {}:end -->", self.0)
    }

    /// Says before a long measurement what would spoil its end.
    ///
    /// # Errors
    /// When `file` can't be read, or has no marks.
    pub fn check(self, file: &Path) -> Result<(), PageError> {
        let text = read(file)?;
        let around = self.around(&text).map(drop);
        around.ok_or_else(|| PageError::NoMarks(file.to_owned(), self))
    }

    /// Replaces what stands between the marks of `file`.
    ///
    /// # Errors
    /// When the file can't be read or written, or has no marks.
    pub fn write(self, file: &Path, table: &str) -> Result<(), PageError> {
        let old = read(file)?;
        let around = self.around(&old);
        let (before, after) = around.ok_or_else(|| PageError::NoMarks(file.to_owned(), self))?;
        let new = format!("{before}{}\n\n{table}\n{}{after}", self.begin(), self.end());
        fs::write(file, new).map_err(|error| unusable(file, error))
    }

    fn around(self, text: &str) -> Option<(&str, &str)> {
        let (before, rest) = text.split_once(&self.begin())?;
        let (_, after) = rest.split_once(&self.end())?;
        Some((before, after))
    }
}

fn unusable(file: &Path, why: io::Error) -> PageError {
    let file = file.to_owned();
    PageError::File { file, why }
}

fn read(file: &Path) -> Result<String, PageError> {
    fs::read_to_string(file).map_err(|error| unusable(file, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks = Marks("lab");
    const BEGIN: &str = "<!-- lab:begin -->";
    const END: &str = "<!-- lab:end -->";

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let page = |inside: &str| format!("top\n{BEGIN}\n{inside}\n{END}\nbottom\n");
        fs::write(file.path(), page("old")).unwrap();
        MARKS.check(file.path()).unwrap();
        MARKS.write(file.path(), "new\n").unwrap();
        let written = fs::read_to_string(file.path()).unwrap();
        assert_eq!(written, page("\nnew\n"));
    }

    #[test]
    fn a_page_without_marks_is_left_alone() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", BEGIN, "<!-- lab:end -->\n<!-- lab:begin -->"] {
            fs::write(file.path(), text).unwrap();
            assert!(matches!(
                MARKS.check(file.path()),
                Err(PageError::NoMarks(..))
            ));
            assert!(MARKS.write(file.path(), "new").is_err());
            assert_eq!(fs::read_to_string(file.path()).unwrap(), text);
        }
        assert!(matches!(
            MARKS.check(Path::new("/nowhere")),
            Err(PageError::File { .. })
        ));
    }
}

//! Puts a table into a page between two marks, and nowhere else. The page is whole at any moment: the new one is written
//! beside it and then takes its place.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};

use crate::files::read_text;

/// No page is longer than this.
const MOST_BYTES: u64 = 16 << 20;

/// The marks `<!-- NAME:begin -->` and `<!-- NAME:end -->`, each alone on a line; within a sentence they are none.
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
        let new = format!("{before}\n{table}\n{after}");
        replace(file, &new).map_err(|error| unusable(file, error))
    }

    /// The text up to the first mark with its line, and from the second mark on.
    fn around(self, text: &str) -> Option<(&str, &str)> {
        let (_, begin) = line_of(text, &self.begin())?;
        let (before, rest) = text.split_at(begin);
        let (end, _) = line_of(rest, &self.end())?;
        before.ends_with('\n').then_some((before, &rest[end..]))
    }
}

/// Where the first line that is `mark` alone begins, and where the next one does.
fn line_of(text: &str, mark: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.trim() == mark {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// Puts a new file with the old one's rights in its place; behind a link, in the place of what it leads to.
fn replace(file: &Path, text: &str) -> io::Result<()> {
    let file = fs::canonicalize(file)?;
    let old = fs::metadata(&file)?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let mut new = tempfile::Builder::new()
        .prefix(".picaporte-lab-")
        .tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    // Who may not give files away owns the page himself, or makes it his.
    let _ = fchown(new.as_file(), Some(old.uid()), Some(old.gid()));
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    new.persist(&file)?;
    Ok(())
}

fn unusable(file: &Path, why: io::Error) -> PageError {
    let file = file.to_owned();
    PageError::File { file, why }
}

fn read(file: &Path) -> Result<String, PageError> {
    read_text(file, MOST_BYTES).map_err(|error| unusable(file, error))
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

    #[test]
    fn a_mark_within_a_sentence_is_none() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let page = |inside: &str| {
            format!(
                "Write `{BEGIN}` and `{END}`.\n{BEGIN} too\n  {BEGIN}\r\n{inside}{END}\nThen {END}\n"
            )
        };
        fs::write(file.path(), page("old\n")).unwrap();
        MARKS.write(file.path(), "new\n").unwrap();
        let written = fs::read_to_string(file.path()).unwrap();
        assert_eq!(written, page("\nnew\n\n"));
        fs::write(file.path(), format!("a {BEGIN}\n{END}\n")).unwrap();
        assert!(MARKS.check(file.path()).is_err());
    }

    #[test]
    fn a_page_is_replaced_and_never_written_over() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let at = |name| folder.path().join(name);
        let old = format!("{BEGIN}\n{END}\n");
        fs::write(at("page"), &old).unwrap();
        fs::set_permissions(at("page"), fs::Permissions::from_mode(0o640)).unwrap();
        // Whoever has the old page open sees it whole.
        fs::hard_link(at("page"), at("before")).unwrap();
        std::os::unix::fs::symlink("page", at("link")).unwrap();
        MARKS.write(&at("link"), "new\n").unwrap();
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(at("before")).unwrap(), old);
        assert!(fs::read_to_string(at("page")).unwrap().contains("new"));
        let mode = fs::metadata(at("page")).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn what_is_no_file_is_no_page() {
        let error = MARKS.check(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(error.to_string(), "/dev/zero: is no regular file");
    }
}

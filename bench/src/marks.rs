//! Pages with a part that a program writes: what stands between two marks is replaced, the rest stays.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The marks `<!-- NAME:begin -->` and `<!-- NAME:end -->`, each on a line of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks(pub(crate) &'static str);

impl Marks {
    fn begin(self) -> String {
        format!("<!-- {}:begin -->", self.0)
    }

    fn end(self) -> String {
        format!("<!-- {}:end -->", self.0)
    }

    /// Replaces what stands between the marks of `file`.
    ///
    /// # Errors
    /// When the file can't be read or written, or has no marks.
    pub(crate) fn write(self, file: &Path, text: &str) -> Result<()> {
        let old = read(file)?;
        let (before, after) = self.around(&old).with_context(|| self.missing(file))?;
        let new = format!("{before}{}\n\n{text}\n{}{after}", self.begin(), self.end());
        fs::write(file, new).with_context(|| format!("writing {}", file.display()))
    }

    /// Says before a long measurement what would spoil its end.
    ///
    /// # Errors
    /// Those of [`Marks::write`] that can be known before.
    pub(crate) fn check(self, file: &Path) -> Result<()> {
        self.around(&read(file)?)
            .map(drop)
            .with_context(|| self.missing(file))
    }

    fn missing(self, file: &Path) -> String {
        format!(
            "{}: add a line `{}` and below it a line `{}`",
            file.display(),
            self.begin(),
            self.end()
        )
    }

    fn around(self, text: &str) -> Option<(&str, &str)> {
        let (before, rest) = text.split_once(&self.begin())?;
        let (_, after) = rest.split_once(&self.end())?;
        Some((before, after))
    }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file)
        .with_context(|| format!("reading {}, named by --write", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_marks_is_replaced() {
        let marks = Marks("x");
        let page = "top\n<!-- x:begin -->\nold\n<!-- x:end -->\nbottom\n";
        assert_eq!(marks.around(page), Some(("top\n", "\nbottom\n")));
        assert_eq!(marks.around("no marks"), None);
    }
}

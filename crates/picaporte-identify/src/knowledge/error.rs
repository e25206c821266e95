//! What is wrong with a data file, and where.

use std::sync::Arc;

use picaporte_toml::{Text, Wrong};

/// A mistake in a data file: which file, where in it, and what to mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {wrong}")]
pub struct KnowledgeError {
    /// The file's name.
    pub file: Arc<str>,
    /// Where and what.
    pub wrong: Wrong,
}

impl KnowledgeError {
    pub(super) fn new(file: &str, wrong: Wrong) -> Self {
        Self {
            file: file.into(),
            wrong,
        }
    }

    /// About the pattern of a rule that begins on this line.
    pub(super) fn in_pattern(file: &str, line: usize, what: &str) -> Self {
        let what = Text::same(what).into();
        Self::new(
            file,
            Wrong {
                line,
                column: 1,
                what,
            },
        )
    }
}

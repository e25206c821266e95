//! What is wrong with a scenario file, and where. The file's name is added by whoever opened it.

use std::ops::Range;

use toml::Spanned;

/// What is wrong, and the bytes that say it.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) span: Range<usize>,
}

pub(super) type Checked<T> = Result<T, Wrong>;

impl Wrong {
    pub(super) fn at<T>(place: &Spanned<T>, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            span: place.span(),
        }
    }
}

/// The error, when `bad` holds for what stands there.
pub(super) fn refuse_if<T>(
    place: Option<&Spanned<T>>,
    bad: impl FnOnce(&T) -> bool,
    what: &str,
) -> Checked<()> {
    match place.filter(|place| bad(place.get_ref())) {
        Some(place) => Err(Wrong::at(place, what)),
        None => Ok(()),
    }
}

/// What stands there, or the default of its type.
pub(super) fn or_default<T: Clone + Default>(value: Option<&Spanned<T>>) -> T {
    copied(value).unwrap_or_default()
}

/// What stands there, without its place.
pub(super) fn copied<T: Clone>(value: Option<&Spanned<T>>) -> Option<T> {
    value.map(|value| value.get_ref().clone())
}

/// 1-based line and column (in characters) of a byte of `text`.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

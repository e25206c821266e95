//! XML, which has no place for some characters, not even escaped.

use crate::terminal;

/// The text as XML may hold it (XML 1.0, section 2.2): as for a [`terminal`], and what is no character of XML becomes visible
/// too. Quoting is left to who writes the document.
pub fn xml(text: &str) -> String {
    characters(&terminal(text))
}

/// What is shown of a text, without what is no character of XML.
pub(crate) fn characters(seen: &str) -> String {
    seen.replace('\u{fffe}', "\\u{fffe}")
        .replace('\u{ffff}', "\\u{ffff}")
}

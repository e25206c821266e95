//! One encoder for each sink that text from outside goes to: a terminal, JSON, a spreadsheet's cell, a document in Markdown.
//!
//! They exist so that no name and no byte from the network can steer a terminal, hide itself or run
//! as a formula. They don't know where a text came from.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Whether a character acts on, or hides in, the text around it instead of being seen: Unicode's
/// categories Cc, Cf, Zl, Zp, every space but the ordinary one, and the property
/// `Default_Ignorable_Code_Point` (`UnicodeData.txt` and `DerivedCoreProperties.txt`, Unicode 16).
pub fn is_unseen(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    c.is_control() || c.is_whitespace() || is_format(c) || is_ignorable(c)
}

/// Category Cf, in which the bidirectional marks, embeddings, overrides and isolates are too.
fn is_format(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}'..='\u{891}' | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}')
}

/// What is drawn as nothing, or as a blank (U+2800), though its category is a letter's or a mark's.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{34f}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text for a terminal, a log or a person's eyes: what is not seen becomes visible, as `\u{1b}`.
///
/// ```
/// # use picaporte::report::encode::terminal;
/// assert_eq!(terminal("www.example.org"), "www.example.org");
/// assert_eq!(terminal("\u{1b}[2J"), "\\u{1b}[2J");
/// ```
pub fn terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unseen) {
        return Cow::Borrowed(text);
    }
    let mut seen = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unseen(c) {
            seen.extend(c.escape_unicode());
        } else {
            seen.push(c);
        }
    }
    Cow::Owned(seen)
}

/// What spreadsheets take for the beginning of a formula (OWASP, "CSV injection"), in full width too.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// The text for a cell of a CSV file: as for a [`terminal`], and with a leading apostrophe where a
/// spreadsheet would run it. Quoting is left to who writes the file.
pub fn cell(text: &str) -> Cow<'_, str> {
    let seen = terminal(text);
    if text.starts_with(FORMULA) {
        return Cow::Owned(format!("'{seen}"));
    }
    seen
}

/// The text as a code span of Markdown, in a table or outside: as for a [`terminal`], and in a code span nothing is a link, a
/// picture, a tag or emphasis (`CommonMark` 0.31, section 6.1). What would end the span, or a cell of GitHub's tables, becomes
/// visible by its number. Nothing at all is a dash, as an empty span is none.
pub(super) fn markdown(text: &str) -> String {
    if text.is_empty() {
        return "-".to_owned();
    }
    let seen = terminal(text)
        .replace('`', "\\u{60}")
        .replace('|', "\\u{7c}");
    format!("`{seen}`")
}

/// Appends the value as JSON on one line, without a line end. What is not seen is escaped (`\u202e`),
/// so that reading it back gives the same text, and looking at it is safe.
pub(super) fn json<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    value
        .serialize(&mut Serializer::with_formatter(out, Seen))
        .expect("a record of strings and numbers, written to memory");
}

/// JSON's compact form, in which every character can be seen.
struct Seen;

impl Formatter for Seen {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut rest = fragment;
        while let Some((at, c)) = rest.char_indices().find(|(_, c)| is_unseen(*c)) {
            writer.write_all(&rest.as_bytes()[..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = &rest[at + c.len_utf8()..];
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any text, with more of what does harm than chance would give.
    fn hostile() -> impl Strategy<Value = String> {
        let c = prop_oneof![
            any::<char>(),
            (0_u32..0xa1).prop_filter_map("a char", char::from_u32),
            (0x2000_u32..0x2070).prop_filter_map("a char", char::from_u32),
            (0xe_0000_u32..0xe_0080).prop_filter_map("a char", char::from_u32),
            proptest::sample::select(FORMULA.to_vec()),
        ];
        proptest::collection::vec(c, 0..40).prop_map(|chars| chars.into_iter().collect())
    }

    fn json_text(text: &str) -> String {
        let mut out = Vec::new();
        json(&text, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// Written out once more and by hand, so that a slip in the ranges above shows.
    fn acts(c: char) -> bool {
        let bidi = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        let hidden =
            "\u{ad}\u{200b}\u{200c}\u{200d}\u{2028}\u{2029}\u{2060}\u{feff}\u{a0}\u{3000}\u{e0041}";
        c.is_control() || bidi.contains(c) || hidden.contains(c)
    }

    proptest! {
        #[test]
        fn no_sink_gets_a_character_that_acts(text in hostile()) {
            for sunk in [terminal(&text), cell(&text), json_text(&text).into(), markdown(&text).into()] {
                prop_assert!(!sunk.contains(acts), "{sunk:?}");
                prop_assert!(!sunk.contains(is_unseen), "{sunk:?}");
            }
        }

        #[test]
        fn printable_ascii_is_unchanged(text in "[ -~]{0,60}") {
            prop_assert_eq!(terminal(&text), &*text);
        }

        #[test]
        fn json_gives_the_same_text_back(text in hostile()) {
            let back: String = serde_json::from_str(&json_text(&text)).unwrap();
            prop_assert_eq!(back, text);
        }

        #[test]
        fn nothing_ends_a_code_span_or_a_cell(text in "[a`|\\\\<\\[\\]!*\n]{0,12}") {
            let span = markdown(&text);
            let inner = span.strip_prefix('`').and_then(|span| span.strip_suffix('`'));
            prop_assert_eq!(inner.is_none(), text.is_empty());
            prop_assert!(!inner.unwrap_or_default().contains(['`', '|', '\n']), "{span}");
        }

        #[test]
        fn no_cell_begins_a_formula(text in hostile()) {
            prop_assert!(!cell(&text).starts_with(FORMULA));
        }
    }

    #[test]
    fn what_acts_is_shown_by_its_number() {
        for (text, shown) in [
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("\u{9b}0m\u{7f}\r\n", "\\u{9b}0m\\u{7f}\\u{d}\\u{a}"),
            ("txt\u{202e}gpj.exe", "txt\\u{202e}gpj.exe"),
            ("pay\u{200b}pal", "pay\\u{200b}pal"),
            ("ñandú.example 例え", "ñandú.example 例え"),
        ] {
            assert_eq!(terminal(text), shown);
        }
    }

    #[test]
    fn json_escapes_beyond_the_first_plane_as_a_pair() {
        assert_eq!(
            json_text("\u{e0041}é\u{7f}\""),
            r#""\udb40\udc41é\u007f\"""#
        );
    }

    #[test]
    fn markdown_shows_a_text_as_it_is() {
        for (text, shown) in [
            ("", "-"),
            ("www.example.org", "`www.example.org`"),
            ("<img src=x>[a](http://b)", "`<img src=x>[a](http://b)`"),
            ("a`b|c\\|d", "`a\\u{60}b\\u{7c}c\\\\u{7c}d`"),
            ("a\nb", "`a\\u{a}b`"),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }

    #[test]
    fn a_cell_that_would_run_is_defused() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2", "'-2"),
            ("\t=1", "'\\u{9}=1"),
            ("www.example.org", "www.example.org"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text), safe);
        }
    }
}

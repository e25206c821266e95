//! One encoder for each sink that text from outside goes to: a terminal, JSON, a spreadsheet's cell, a document in Markdown,
//! XML, nmap's grepable format, SARIF's messages and addresses, TOML.
//!
//! They exist so that no name and no byte from the network can steer a terminal, hide itself or run
//! as a formula. They don't know where a text came from.

use std::borrow::Cow;
use std::fmt::Write as _;
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

/// The text as XML may hold it (XML 1.0, section 2.2): as for a [`terminal`], and what is no character of XML becomes visible
/// too. Quoting is left to who writes the document.
pub(super) fn xml(text: &str) -> String {
    terminal(text)
        .replace('\u{fffe}', "\\u{fffe}")
        .replace('\u{ffff}', "\\u{ffff}")
}

/// The text as a field of nmap's grepable format: as for a [`terminal`], and what divides fields there, ends them, or begins a
/// comment becomes visible by its number.
pub(super) fn grepable(text: &str) -> String {
    let mut field = String::with_capacity(text.len());
    for c in terminal(text).chars() {
        if matches!(c, '(' | ')' | '/' | ',' | '#') {
            // Writing to a String cannot fail.
            let _ = write!(field, "\\u{{{:x}}}", u32::from(c));
        } else {
            field.push(c);
        }
    }
    field
}

/// The text as a message of SARIF in plain text: as for a [`terminal`]. Brackets would make a link of it, and braces stand for
/// arguments (SARIF 2.1.0, sections 3.11.5 and 3.11.6).
pub(super) fn sarif(text: &str) -> String {
    let mut message = String::with_capacity(text.len() + 8);
    for c in terminal(text).chars() {
        match c {
            '\\' | '[' | ']' => message.extend(['\\', c]),
            '{' | '}' => message.extend([c, c]),
            _ => message.push(c),
        }
    }
    message
}

/// A path as the reference of a URI (RFC 3986): everything but its unreserved characters is written by its number, and the
/// slashes between names stay. One that begins with a slash is a file of this machine.
pub(super) fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            // Writing to a String cannot fail.
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// The text as a basic string of TOML (TOML 1.0, "String"), with its quotes. What is not seen is escaped, so that reading it back
/// gives the same text, and looking at it is safe.
pub(super) fn toml(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            _ if is_unseen(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
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
            for sunk in [
                terminal(&text), cell(&text), json_text(&text).into(), markdown(&text).into(), xml(&text).into(),
                sarif(&text).into(), uri(&text).into(), toml(&text).into(), grepable(&text).into(),
            ] {
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
        fn toml_gives_the_same_text_back(text in hostile()) {
            let line = format!("a = {}", toml(&text));
            let back: std::collections::BTreeMap<String, String> = ::toml::from_str(&line).unwrap();
            prop_assert_eq!(&back["a"], &text);
        }

        #[test]
        fn xml_holds_its_characters_alone(text in hostile()) {
            let all = xml(&text);
            prop_assert!(!all.contains(['\u{fffe}', '\u{ffff}']), "{all:?}");
        }

        #[test]
        fn a_message_of_sarif_has_no_link_and_no_argument(text in "[ab\\\\{}\\[\\]()0]{0,12}") {
            let (message, mut plain) = (sarif(&text), String::new());
            let mut rest = message.chars();
            while let Some(c) = rest.next() {
                plain.push(match c {
                    '\\' | '{' | '}' => {
                        let next = rest.next();
                        prop_assert!(c == '\\' || next == Some(c), "{message}");
                        next.unwrap_or_default()
                    }
                    '[' | ']' => return Err(TestCaseError::fail(message.clone())),
                    c => c,
                });
            }
            prop_assert_eq!(plain, text);
        }

        #[test]
        fn nothing_divides_a_field(text in "[a(),/#\t\n\\\\]{0,12}") {
            let field = grepable(&text);
            prop_assert!(!field.contains(['(', ')', ',', '/', '#', '\t', '\n']), "{field}");
        }

        #[test]
        fn a_uri_has_only_what_it_may(text in hostile()) {
            let uri = uri(&text);
            let rest = uri.strip_prefix("file://").unwrap_or(&uri);
            prop_assert!(rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%".contains(&b)), "{uri}");
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
    fn a_path_is_a_reference() {
        for (path, is) in [
            ("policy.toml", "policy.toml"),
            ("./net/a b.toml", "net/a%20b.toml"),
            ("/etc/ñ.toml", "file:///etc/%C3%B1.toml"),
            ("http:x", "http%3Ax"),
        ] {
            assert_eq!(uri(path), is);
        }
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

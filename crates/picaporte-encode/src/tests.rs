//! What holds of every encoder of a text, whatever the text.

use proptest::prelude::*;

use crate::cell::FORMULA;
use crate::*;

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

/// Written out once more and by hand, so that a slip in the ranges of [`is_unseen`] shows.
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
            sarif(&text).into(), uri(&text).into(), toml(&text).into(), grepable(&text).into(), html_text(&text).into(), html_attribute(&text).into(),
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
    fn nothing_divides_a_field(text in "[a(),/#\t\n\\\\]{0,12}") {
        let field = grepable(&text);
        prop_assert!(!field.contains(['(', ')', ',', '/', '#', '\t', '\n']), "{field}");
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
    fn no_cell_begins_a_formula_wherever_it_is_divided(text in hostile(), more in "[a;= \"@+-]{0,12}") {
        let text = text + &more;
        for part in cell(&text).split(';').skip(1) {
            prop_assert!(!part.trim_start_matches([' ', '"']).starts_with(FORMULA), "{part:?}");
        }
        prop_assert!(!cell(&text).starts_with(FORMULA));
    }

    #[test]
    fn a_page_gets_neither_a_tag_nor_a_reference_of_ours(text in "[<>&\"'` =/a;#x\\\\!-]{0,20}") {
        let html = html_text(&text);
        prop_assert!(!html.contains(['<', '>']), "{html}");
        let back = html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        prop_assert_eq!(back, text.clone());
        let value = html_attribute(&text);
        let ours = |c: char| c.is_ascii_alphanumeric() || "-._:&#;".contains(c);
        prop_assert!(value.chars().all(ours), "{value}");
        let pieces = value.split('&').skip(1);
        prop_assert!(pieces.clone().all(|piece| piece.starts_with("#x") && piece.contains(';')), "{value}");
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

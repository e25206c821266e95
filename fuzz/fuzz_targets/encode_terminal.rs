//! Any bytes on their way to a terminal: nothing acts, there is one line, and what is shown says exactly which bytes were there. It is
//! held against rules for characters that are written out here by hand. Nothing is built to compare with, so that 10⁸ inputs take minutes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_encode::{Untrusted, terminal};

fuzz_target!(|bytes: &[u8]| {
    let shown = Untrusted::new(bytes).terminal();
    must_be_harmless(&shown);
    let cut = bytes.len() > Untrusted::MOST;
    let kept = &bytes[..bytes.len().min(Untrusted::MOST)];
    assert_eq!(stands_for(&shown, kept), Some(cut), "{shown:?}");
    if let Ok(text) = std::str::from_utf8(bytes) {
        let shown = terminal(text);
        must_be_harmless(&shown);
        must_say(&shown, text);
    }
});

/// No control character of seven or eight bits, no mark of direction, nothing without width that a terminal is known to heed.
fn must_be_harmless(shown: &str) {
    for c in shown.chars() {
        let controls = matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}');
        let directions = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let hidden = matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200d}' | '\u{2028}' | '\u{2029}' | '\u{2060}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}');
        assert!(!controls && !directions && !hidden, "{c:?} in {shown:?}");
    }
}

/// Whether more came, if the shown text stands for these bytes.
fn stands_for(mut shown: &str, mut bytes: &[u8]) -> Option<bool> {
    while let Some((plain, rest)) = shown.split_once('\\') {
        bytes = bytes.strip_prefix(plain.as_bytes())?;
        (bytes, shown) = match rest.as_bytes().first()? {
            b'\\' => (bytes.strip_prefix(b"\\")?, &rest[1..]),
            b'x' => {
                let byte = u8::from_str_radix(rest.get(1..3)?, 16).ok()?;
                (bytes.strip_prefix(&[byte])?, &rest[3..])
            }
            b'u' => {
                let (number, rest) = rest.strip_prefix("u{")?.split_once('}')?;
                let c = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
                let mut buffer = [0; 4];
                let c = c.encode_utf8(&mut buffer);
                (bytes.strip_prefix(c.as_bytes())?, rest)
            }
            b'.' => return (rest == "..." && bytes.is_empty()).then_some(true),
            _ => return None,
        };
    }
    (shown.as_bytes() == bytes).then_some(false)
}

/// Each character of the text stands as it is, or by its number; those of ASCII that are seen, as they are.
fn must_say(mut shown: &str, text: &str) {
    for c in text.chars() {
        shown = match shown.strip_prefix(c) {
            Some(rest) => rest,
            None => {
                assert!(!(' '..='~').contains(&c), "{c:?} of {text:?}");
                let number = shown
                    .strip_prefix("\\u{")
                    .and_then(|rest| rest.split_once('}'));
                let (number, rest) = number.unwrap_or_else(|| panic!("{shown:?} of {text:?}"));
                assert_eq!(u32::from_str_radix(number, 16), Ok(c.into()), "{text:?}");
                rest
            }
        };
    }
    assert_eq!(shown, "", "{text:?}");
}

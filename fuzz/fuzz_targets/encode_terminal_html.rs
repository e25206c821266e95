//! Any bytes on their way to a terminal and to a page: nothing acts, there is one line, and what is shown says exactly which bytes
//! were there. A terminal's text is held against rules for characters that are written out here by hand; a page is read back by
//! html5ever, which has to find one element with its attributes and one text, and no error.
#![no_main]

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, EndTag, StartTag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use libfuzzer_sys::fuzz_target;
use picaporte_encode::{Untrusted, html_attribute, html_text, terminal};

fuzz_target!(|bytes: &[u8]| {
    let untrusted = Untrusted::new(bytes);
    let shown = untrusted.terminal();
    must_be_harmless(&shown);
    let cut = bytes.len() > Untrusted::MOST;
    let kept = &bytes[..bytes.len().min(Untrusted::MOST)];
    assert_eq!(bytes_of(&shown), Some((kept.to_vec(), cut)), "{shown:?}");
    must_be_one_element(&shown, &untrusted.html_text(), &untrusted.html_attribute());
    if let Ok(text) = std::str::from_utf8(bytes) {
        let shown = terminal(text);
        must_be_harmless(&shown);
        must_be_one_element(&shown, &html_text(text), &html_attribute(text));
    }
});

/// No control character of seven or eight bits, no mark of direction, nothing without width that a terminal is known to heed.
fn must_be_harmless(shown: &str) {
    for c in shown.chars() {
        let n = u32::from(c);
        let controls = n < 0x20 || (0x7f..0xa0).contains(&n);
        let directions = [0x61c, 0x200e, 0x200f].contains(&n)
            || (0x202a..=0x202e).contains(&n)
            || (0x2066..=0x2069).contains(&n);
        let hidden = [
            0xad, 0x34f, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x2060, 0xfeff,
        ]
        .contains(&n)
            || (0xe_0000..0xe_1000).contains(&n);
        assert!(!controls && !directions && !hidden, "{n:#x} in {shown:?}");
    }
}

/// The bytes that a shown text stands for, and whether more came.
fn bytes_of(mut shown: &str) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    while let Some((plain, rest)) = shown.split_once('\\') {
        bytes.extend(plain.as_bytes());
        match rest.as_bytes().first()? {
            b'\\' => bytes.push(b'\\'),
            b'x' => bytes.push(u8::from_str_radix(rest.get(1..3)?, 16).ok()?),
            b'u' => {
                let (number, rest) = rest.strip_prefix("u{")?.split_once('}')?;
                let c = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
                bytes.extend(c.to_string().as_bytes());
                shown = rest;
                continue;
            }
            b'.' => return (rest == "...").then_some((bytes, true)),
            _ => return None,
        }
        shown = &rest[if rest.starts_with('x') { 3 } else { 1 }..];
    }
    bytes.extend(shown.as_bytes());
    Some((bytes, false))
}

/// What a page must hold: the text that is shown, where characters that no page may hold stand by their numbers too.
fn must_be_one_element(shown: &str, text: &str, value: &str) {
    let noncharacter =
        |c: char| u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c);
    let mut wanted = String::new();
    for c in shown.chars() {
        if noncharacter(c) {
            wanted.extend(c.escape_unicode());
        } else {
            wanted.push(c);
        }
    }
    let bare = if value.is_empty() {
        String::new()
    } else {
        format!(" id={value}")
    };
    let page = format!("<p title=\"{value}\" class='{value}'{bare}>{text}</p>");
    assert_eq!(page.lines().count(), 1);
    let found = Found::in_page(&page);
    assert_eq!(found.text, wanted, "{page}");
    assert_eq!(found.tags, ["p", "/p"], "{page}");
    let values = if value.is_empty() { 2 } else { 3 };
    assert_eq!(found.values, vec![wanted; values], "{page}");
}

/// What a browser finds in a page.
#[derive(Default)]
struct Found {
    tags: Vec<String>,
    values: Vec<String>,
    text: String,
}

#[derive(Default)]
struct Sink(RefCell<Found>);

impl Found {
    fn in_page(page: &str) -> Self {
        let options = TokenizerOpts {
            exact_errors: true,
            ..TokenizerOpts::default()
        };
        let tokenizer = Tokenizer::new(Sink::default(), options);
        let queue = BufferQueue::default();
        queue.push_back(StrTendril::from(page));
        let _ = tokenizer.feed(&queue);
        assert!(queue.is_empty());
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut found = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == StartTag => {
                assert!(!tag.self_closing && !tag.had_duplicate_attributes);
                found.tags.push(tag.name.to_string());
                found.values.extend(
                    tag.attrs
                        .iter()
                        .map(|attribute| attribute.value.to_string()),
                );
            }
            Token::TagToken(tag) => {
                assert!(tag.kind == EndTag && tag.attrs.is_empty());
                found.tags.push(format!("/{}", tag.name));
            }
            Token::CharacterTokens(text) => found.text.push_str(&text),
            Token::EOFToken => {}
            other => panic!("{other:?}"),
        }
        TokenSinkResult::Continue
    }
}

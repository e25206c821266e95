//! Any bytes on their way to a page: one element with its attributes and one text, no error, and they say what is shown everywhere.
//!
//! What a browser makes of them is read in two ways: by the states of the HTML Standard that can be met, written out here, and by
//! html5ever, which knows nothing of what is expected.
#![no_main]

use std::borrow::Cow;
use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, EndTag, StartTag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use libfuzzer_sys::fuzz_target;
use picaporte_encode::{Untrusted, html_attribute, html_text, terminal};

fuzz_target!(|bytes: &[u8]| {
    let untrusted = Untrusted::new(bytes);
    let (text, value) = (untrusted.html_text(), untrusted.html_attribute());
    must_be_one_element(&untrusted.terminal(), &text, &value, true);
    if let Ok(plain) = std::str::from_utf8(bytes) {
        let again = (html_text(plain), html_attribute(plain));
        // It is the same page, but for backslashes, which are doubled where bytes are to be told, and where those are cut.
        let read_back = again != (text, value);
        must_be_one_element(&terminal(plain), &again.0, &again.1, read_back);
    }
});

/// What a page must hold: the text that is shown, where characters that no page may hold stand by their numbers too.
fn must_be_one_element(shown: &str, text: &str, value: &str, read_back: bool) {
    let wanted = without_noncharacters(shown);
    assert!(is_text(text, &wanted), "{text} is not {wanted}");
    assert!(is_value(value, &wanted), "{value} is not {wanted}");
    if read_back {
        must_be_read_back(text, value, &wanted);
    }
}

fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

fn without_noncharacters(shown: &str) -> Cow<'_, str> {
    if !shown.contains(is_noncharacter) {
        return Cow::Borrowed(shown);
    }
    let mut wanted = String::new();
    for c in shown.chars() {
        if is_noncharacter(c) {
            wanted.extend(c.escape_unicode());
        } else {
            wanted.push(c);
        }
    }
    Cow::Owned(wanted)
}

/// What may stand in a page without an error (HTML Standard, 13.2.3.5): here, no line end and no other control either.
fn is_sound(c: char) -> bool {
    !c.is_control() && !is_noncharacter(c)
}

/// Read as the data state does (13.2.5.1): all but `<`, `&` and NUL is text. Of character references there are three, all with their semicolon.
fn is_text(mut text: &str, wanted: &str) -> bool {
    for c in wanted.chars() {
        let (read, rest) = match text.as_bytes().first() {
            Some(b'&') => {
                let Some((name, rest)) = text[1..].split_once(';') else {
                    return false;
                };
                let read = match name {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    _ => return false,
                };
                (read, rest)
            }
            None | Some(b'<' | b'>') => return false,
            Some(_) => first(text),
        };
        if read != c || !is_sound(c) {
            return false;
        }
        text = rest;
    }
    text.is_empty()
}

/// Read as the three states of a value do, in quotes of both kinds and without (13.2.5.36 to 38): what none of them ends at and none calls
/// an error is part of it. Of character references there are those by number, in hexadecimal, with their semicolon.
fn is_value(mut value: &str, wanted: &str) -> bool {
    for c in wanted.chars() {
        let (read, rest) = match value.as_bytes().first() {
            Some(b'&') => {
                let Some((number, rest)) = value
                    .strip_prefix("&#x")
                    .and_then(|rest| rest.split_once(';'))
                else {
                    return false;
                };
                // `from_str_radix` takes a sign.
                if !number.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                    return false;
                }
                let Some(read) = u32::from_str_radix(number, 16)
                    .ok()
                    .and_then(char::from_u32)
                else {
                    return false;
                };
                (read, rest)
            }
            None
            | Some(
                b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'"' | b'\'' | b'<' | b'=' | b'>' | b'`',
            ) => return false,
            Some(_) => first(value),
        };
        if read != c || !is_sound(c) {
            return false;
        }
        value = rest;
    }
    value.is_empty()
}

/// Of what is not empty.
fn first(text: &str) -> (char, &str) {
    let mut rest = text.chars();
    (rest.next().unwrap_or_default(), rest.as_str())
}

fn must_be_read_back(text: &str, value: &str, wanted: &str) {
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

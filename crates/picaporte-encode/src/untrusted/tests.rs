//! That nothing gets out but what an encoder let out, and that what it lets out says which bytes were there.

use std::borrow::Borrow;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::ops::{Deref, Index};

use proptest::prelude::*;
use serde::Serialize;

use super::*;
use crate::cell::FORMULA;

/// Asserts that each trait is one that the first type has, so that the question is not blind, and that [`Untrusted`] lacks it. An
/// associated constant of a type's own goes before a trait's, where its bound holds.
macro_rules! lacks {
    ($($with:ty: $bound:path);+ $(;)?) => {$({
        trait No {
            const HAS: bool = false;
        }
        struct Asked<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized> No for Asked<T> {}
        impl<T: ?Sized + $bound> Asked<T> {
            const HAS: bool = true;
        }
        assert!(Asked::<$with>::HAS, "blind to {}", stringify!($bound));
        assert!(!Asked::<Untrusted>::HAS, "{}", stringify!($bound));
    })+};
}

#[test]
fn no_trait_lets_bytes_out() {
    lacks! {
        String: fmt::Display;
        u8: fmt::LowerHex;
        u8: fmt::UpperHex;
        u8: fmt::Binary;
        u8: fmt::Octal;
        f32: fmt::LowerExp;
        f32: fmt::UpperExp;
        &'static u8: fmt::Pointer;
        String: ToString;
        Vec<u8>: Deref;
        Vec<u8>: AsRef<[u8]>;
        String: AsRef<str>;
        String: AsRef<std::ffi::OsStr>;
        String: AsRef<std::path::Path>;
        Vec<u8>: AsMut<[u8]>;
        Vec<u8>: Borrow<[u8]>;
        String: Borrow<str>;
        Vec<u8>: Into<Vec<u8>>;
        Vec<u8>: Into<Box<[u8]>>;
        String: Into<String>;
        String: Into<std::ffi::OsString>;
        String: Into<std::sync::Arc<str>>;
        Vec<u8>: Into<std::sync::Arc<[u8]>>;
        Vec<u8>: IntoIterator;
        Vec<u8>: Index<usize>;
        Vec<u8>: Index<std::ops::RangeFull>;
        Vec<u8>: Hash;
        Vec<u8>: PartialOrd;
        Vec<u8>: PartialEq<[u8]>;
        String: PartialEq<str>;
        &'static [u8]: std::io::Read;
        Vec<u8>: Serialize;
        Vec<u8>: Default;
    }
}

/// What can be called, and what is implemented, written down once more: who adds to it has to come by here.
#[test]
fn there_is_no_other_way_out() {
    let source = include_str!("../untrusted.rs");
    let after = |line: &'static str, word| line.trim().strip_prefix(word);
    let functions: Vec<_> = source
        .lines()
        .filter_map(|line| after(line, "pub fn "))
        .filter_map(|rest| rest.split('(').next())
        .collect();
    assert_eq!(
        functions,
        [
            "new",
            "beginning",
            "line",
            "len",
            "is_empty",
            "is_cut",
            "terminal",
            "cell",
            "xml",
            "grepable",
            "html_text",
            "html_attribute",
            "json",
            "markdown",
            "kept",
            "from_kept"
        ]
    );
    let implemented: Vec<_> = source
        .lines()
        .filter(|line| line.starts_with("impl") || line.starts_with("#[derive"))
        .collect();
    assert_eq!(
        implemented,
        [
            "#[derive(Clone, PartialEq, Eq)]",
            "impl Untrusted {",
            "impl fmt::Debug for Untrusted {",
            "#[derive(Clone, Copy, Debug, PartialEq, Eq)]",
            "impl fmt::Display for NotKept {",
            "impl std::error::Error for NotKept {}"
        ]
    );
    assert_eq!(source.matches("pub(").count(), 0);
}

#[test]
fn debug_says_how_much_and_nothing_of_it() {
    let text = format!("{:?}", Untrusted::new("secret\u{1b}[2J"));
    assert_eq!(text, "Untrusted { len: 10, cut: false, .. }");
}

#[test]
fn bytes_are_shown_by_their_numbers_and_say_what_they_were() {
    for (bytes, shown) in [
        (&b"220 mail.example.org"[..], "220 mail.example.org"),
        (b"\x1b[2J\r\n", r"\u{1b}[2J\u{d}\u{a}"),
        (b"\xff\xfe", r"\xff\xfe"),
        // The 8-bit CSI as one byte, and as the character.
        (b"\x9b31m\xc2\x9b", r"\x9b31m\u{9b}"),
        (br"\xff", r"\\xff"),
        (b"\xe2\x80\xae\xe2\x80", r"\u{202e}\xe2\x80"),
        // Surrogates and overlong forms are no UTF-8.
        (b"\xed\xa0\x80\xc0\xaf", r"\xed\xa0\x80\xc0\xaf"),
        ("ñ例".as_bytes(), "ñ例"),
        (b"", ""),
    ] {
        assert_eq!(Untrusted::new(bytes).terminal(), shown);
    }
}

#[test]
fn the_bound_is_met_and_told() {
    let most = Untrusted::new(vec![b'a'; Untrusted::MOST]);
    assert!(!most.is_cut());
    assert_eq!(most.terminal().len(), Untrusted::MOST);
    let more = Untrusted::new(vec![b'a'; Untrusted::MOST + 1]);
    assert_eq!((more.len(), more.is_cut()), (Untrusted::MOST, true));
    assert!(more.terminal().ends_with(r"aa\..."));
    assert_ne!(most, more);
    assert_eq!(Untrusted::from_kept(&more.kept()), Ok(more));
    let some = Untrusted::beginning(b"abc", 2);
    assert_eq!(some.terminal(), r"ab\...");
    assert_eq!(Untrusted::beginning(b"ab", 2), Untrusted::new(b"ab"));
    let most = Untrusted::beginning(vec![0; Untrusted::MOST + 1], usize::MAX);
    assert_eq!((most.len(), most.is_cut()), (Untrusted::MOST, true));
}

#[test]
fn what_was_never_kept_is_refused() {
    assert_eq!(Untrusted::from_kept(b""), Err(NotKept::Beginning));
    assert_eq!(Untrusted::from_kept(b"2ab"), Err(NotKept::Beginning));
    let long = vec![0; Untrusted::MOST + 2];
    assert_eq!(
        Untrusted::from_kept(&long),
        Err(NotKept::Length(Untrusted::MOST + 1))
    );
    assert!(Untrusted::from_kept(&long[1..]).is_ok());
}

/// Any bytes, with more of what does harm than chance would give.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<u8>().prop_map(|byte| vec![byte]),
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        (0x2000_u32..0x2070).prop_filter_map("a char", |c| char::from_u32(c)
            .map(|c| c.to_string().into_bytes())),
        proptest::sample::select(vec![
            "<b>",
            "]]>",
            "-->",
            "&lt;",
            "\"",
            "'",
            "`",
            "|",
            "\\",
            "\\u{1b}",
            "=",
            ";=",
            "\u{1b}]8;;",
            "\u{ffff}",
            "\u{fdd0}",
            "\r\n",
            "\\...",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

/// The bytes that a shown text stands for, read by the rules of its documentation.
fn read_back(mut shown: &str) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    while let Some(c) = shown.chars().next() {
        let rest = &shown[c.len_utf8()..];
        if c != '\\' {
            bytes.extend(c.to_string().as_bytes());
            shown = rest;
        } else if let Some(rest) = rest.strip_prefix('\\') {
            bytes.push(b'\\');
            shown = rest;
        } else if let Some(rest) = rest.strip_prefix('x') {
            bytes.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
            shown = &rest[2..];
        } else if let Some((number, rest)) = rest.strip_prefix("u{").and_then(|r| r.split_once('}'))
        {
            let c = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
            bytes.extend(c.to_string().as_bytes());
            shown = rest;
        } else {
            return (rest == "...").then_some((bytes, true));
        }
    }
    Some((bytes, false))
}

#[test]
fn a_line_is_the_first_that_is_not_empty_and_no_part_of_a_character() {
    for (bytes, most, shown) in [
        ("220 mail", 20, "220 mail"),
        ("220 mail", 3, "220\\..."),
        ("220\r\nmore", 20, "220\\..."),
        ("\r\n220", 20, "220"),
        ("\r\n\r\n", 20, r"\u{d}\u{a}\u{d}\u{a}"),
        ("\r\n\r\n", 2, r"\u{d}\u{a}\..."),
        ("año", 2, "a\\..."),
        ("año", 3, "añ\\..."),
        ("a\u{1f511}", 4, "a\\..."),
        ("a\u{1f511}", 5, "a\u{1f511}"),
        ("", 20, ""),
        ("a", 0, "\\..."),
    ] {
        assert_eq!(Untrusted::new(bytes).line(most).terminal(), shown);
    }
    let garbage = Untrusted::new([0x80; 9]).line(5);
    assert_eq!((garbage.len(), garbage.is_cut()), (5, true));
    assert!(Untrusted::beginning("abc", 2).line(9).is_cut());
}

proptest! {
    #[test]
    fn a_line_is_never_longer_than_asked(bytes in hostile(), most in 0_usize..30) {
        let line = Untrusted::new(&bytes).line(most);
        prop_assert!(line.len() <= most);
        let blank = bytes.iter().take_while(|byte| b"\r\n".contains(byte)).count();
        prop_assert!(line.is_cut() || [bytes.len(), bytes.len() - blank].contains(&line.len()));
    }

    #[test]
    fn in_no_sink_a_byte_acts(bytes in hostile()) {
        let untrusted = Untrusted::new(&bytes);
        for sunk in [
            untrusted.terminal(), untrusted.cell(), untrusted.xml(), untrusted.html_text(),
            untrusted.html_attribute(), untrusted.json(), untrusted.markdown(),
        ] {
            prop_assert!(!sunk.contains(is_unseen), "{sunk:?}");
        }
        prop_assert!(!untrusted.cell().starts_with(FORMULA));
        prop_assert!(!untrusted.html_text().contains(['<', '>']));
        let value = untrusted.html_attribute();
        prop_assert!(!value.contains(['<', '>', '"', '\'', '`', ' ', '=', '/', '\\']), "{value}");
        let span = untrusted.markdown();
        let inner = span.strip_prefix('`').and_then(|span| span.strip_suffix('`'));
        prop_assert_eq!(inner.is_none(), bytes.is_empty());
        prop_assert!(!inner.unwrap_or_default().contains(['`', '|']), "{span}");
    }

    #[test]
    fn what_is_shown_says_which_bytes_were_there(bytes in hostile()) {
        let shown = Untrusted::new(&bytes).json();
        prop_assert_eq!(read_back(&shown), Some((bytes, false)), "{}", shown);
    }

    #[test]
    fn what_is_kept_comes_back(bytes in hostile()) {
        let untrusted = Untrusted::new(&bytes);
        prop_assert_eq!(Untrusted::from_kept(&untrusted.kept()), Ok(untrusted));
    }

    #[test]
    fn a_blob_is_read_or_refused_and_stays_the_same(blob in hostile()) {
        if let Ok(untrusted) = Untrusted::from_kept(&blob) {
            prop_assert_eq!(untrusted.kept(), blob);
        }
    }
}

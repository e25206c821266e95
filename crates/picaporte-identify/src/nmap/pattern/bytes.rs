//! A set of bytes: what one place of a pattern takes. Classes, case and negation are arithmetic on it, so that both engines are given
//! the same plain classes and no flag.

use std::fmt::Write as _;

/// Some of the 256 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    pub(super) const ALL: Self = Self([u64::MAX; 4]);

    pub(super) fn of(bytes: impl IntoIterator<Item = u8>) -> Self {
        let mut set = Self::default();
        bytes.into_iter().for_each(|byte| set.add(byte));
        set
    }

    pub(super) fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    pub(super) fn and_all(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
    }

    pub(super) fn complement(self) -> Self {
        Self(self.0.map(|word| !word))
    }

    /// With both cases of its ASCII letters. PCRE folds no other byte in the "C" locale, which nmap uses.
    pub(super) fn folded(self) -> Self {
        let mut set = self;
        for byte in self.iter() {
            set = set.folded_letter(byte);
        }
        set
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=u8::MAX).filter(|&byte| self.has(byte))
    }

    /// The byte, in lower case, if there is one only, but for its case.
    pub(super) fn single(&self) -> Option<u8> {
        let word = self.0.iter().position(|&word| word != 0)?;
        let first = (word as u32 * 64 + self.0[word].trailing_zeros()) as u8;
        let alone = Self::of([first]) == *self || Self::of([first]).folded_letter(first) == *self;
        alone.then(|| first.to_ascii_lowercase())
    }

    /// With both cases of one byte.
    fn folded_letter(mut self, byte: u8) -> Self {
        self.add(byte.to_ascii_lowercase());
        self.add(byte.to_ascii_uppercase());
        self
    }

    /// As a class that both engines read alike.
    pub(super) fn write(&self, out: &mut String) {
        if *self == Self::ALL {
            out.push_str("(?s:.)");
            return;
        }
        if *self == Self::default() {
            out.push_str(r"[^\x00-\xFF]");
            return;
        }
        out.push('[');
        let mut next = 0;
        while let Some(first) = (next..256).find(|&byte| self.has(byte as u8)) {
            let beyond = (first..256)
                .find(|&byte| !self.has(byte as u8))
                .unwrap_or(256);
            let _ = write!(out, r"\x{first:02X}");
            if beyond - first > 1 {
                let _ = write!(out, r"-\x{:02X}", beyond - 1);
            }
            next = beyond;
        }
        out.push(']');
    }
}

/// `\d`, `\w`, `\s`, `\h`, `\v` and POSIX names, all of ASCII, as PCRE has them in the "C" locale (pcrepattern(3)).
pub(super) fn named(name: &str) -> Option<ByteSet> {
    let is = |fits: fn(&u8) -> bool| Some(ByteSet::of((0..=u8::MAX).filter(fits)));
    match name {
        "d" | "digit" => is(u8::is_ascii_digit),
        "w" | "word" => is(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
        "s" | "space" => is(|byte| matches!(byte, b'\t'..=b'\r' | b' ')),
        "h" => is(|byte| matches!(byte, b'\t' | b' ' | 0xa0)),
        "v" => is(|byte| matches!(byte, b'\n'..=b'\r' | 0x85)),
        "alpha" => is(u8::is_ascii_alphabetic),
        "alnum" => is(u8::is_ascii_alphanumeric),
        "ascii" => is(u8::is_ascii),
        "blank" => is(|byte| matches!(byte, b'\t' | b' ')),
        "cntrl" => is(u8::is_ascii_control),
        "graph" => is(u8::is_ascii_graphic),
        "lower" => is(u8::is_ascii_lowercase),
        "print" => is(|byte| matches!(byte, b' '..=b'~')),
        "punct" => is(u8::is_ascii_punctuation),
        "upper" => is(u8::is_ascii_uppercase),
        "xdigit" => is(u8::is_ascii_hexdigit),
        _ => None,
    }
}

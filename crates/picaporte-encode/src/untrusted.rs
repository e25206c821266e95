//! Bytes that came from a network, in a type that no sink takes.
//!
//! A name of the reverse DNS, a banner, a certificate: whoever sent it chose every byte. As a `String` or a `Vec<u8>` it would need
//! everybody who prints it to remember that; this type can't be printed, compared with a text, or lent out, and forgets nothing.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;

use crate::{cell, grepable, html, is_unseen, markdown, xml};

#[cfg(test)]
mod tests;

/// Bytes from a network. The only ways out are an encoder for each sink, and [`kept`](Self::kept) for a store's blob.
///
/// Every encoder shows the same text, in which nothing acts and which says exactly which bytes were there: what is valid UTF-8 and is
/// seen stands as it is, a backslash is `\\`, a character that is not seen is `\u{1b}`, a byte that is no UTF-8 is `\xff`, and `\...` at the
/// end says that more came than was kept. To that each sink adds what it needs.
///
/// ```
/// use picaporte_encode::Untrusted;
///
/// let banner = Untrusted::new(b"=<b>220 \xff\x1b[2J");
/// assert_eq!(banner.terminal(), r"=<b>220 \xff\u{1b}[2J");
/// assert_eq!(banner.cell(), r"'=<b>220 \xff\u{1b}[2J");
/// assert_eq!(banner.html_text(), r"=&lt;b&gt;220 \xff\u{1b}[2J");
/// assert_eq!(banner.markdown(), r"`=<b>220 \xff\u{1b}[2J`");
/// ```
///
/// It is no text:
///
/// ```compile_fail,E0277
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// println!("{banner}");
/// ```
///
/// ```compile_fail,E0599
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// let text = banner.to_string();
/// ```
///
/// ```compile_fail,E0277
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// let text = serde_json::to_string(&banner);
/// ```
///
/// Nor are its bytes to be had:
///
/// ```compile_fail,E0616
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// let bytes = &banner.bytes;
/// ```
///
/// ```compile_fail,E0308
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// let bytes: &[u8] = &banner;
/// ```
///
/// ```compile_fail,E0599
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// let bytes = banner.as_ref();
/// ```
///
/// ```compile_fail,E0277
/// # let banner = picaporte_encode::Untrusted::new(b"220");
/// let bytes = Vec::<u8>::from(banner);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Untrusted {
    bytes: Box<[u8]>,
    /// More came.
    cut: bool,
}

impl Untrusted {
    /// How many bytes are kept at most: what is read of an open connection at most, too (64 KiB).
    pub const MOST: usize = 64 << 10;

    /// Keeps the first [`MOST`](Self::MOST) bytes, and whether there were more.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self::beginning(bytes, Self::MOST)
    }

    /// Keeps the first `most` bytes, at most [`MOST`](Self::MOST), and whether there were more.
    pub fn beginning(bytes: impl AsRef<[u8]>, most: usize) -> Self {
        let bytes = bytes.as_ref();
        let kept = &bytes[..bytes.len().min(most).min(Self::MOST)];
        Self {
            bytes: kept.into(),
            cut: bytes.len() > kept.len(),
        }
    }

    /// Its first line that is not empty, at most `most` bytes of it and no part of a character, and whether there was more: what a
    /// person reads in passing.
    #[must_use]
    pub fn line(&self, most: usize) -> Self {
        let ends = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let blank = self.bytes.iter().take_while(|byte| ends(byte)).count();
        let from = if blank < self.bytes.len() { blank } else { 0 };
        let rest = &self.bytes[from..];
        let line = match rest.iter().position(ends) {
            Some(end @ 1..) => &rest[..end],
            _ => rest,
        };
        // A byte that goes on with a character is never the first that is left out.
        let goes_on = |at: &usize| line.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
        let mut ends = (0..4).map(|back| most.saturating_sub(back));
        let end = ends.find(|at| !goes_on(at)).unwrap_or(most);
        let kept = &line[..end.min(line.len())];
        Self {
            bytes: kept.into(),
            cut: self.cut || kept.len() < rest.len(),
        }
    }

    /// How many bytes were kept, 0 to [`MOST`](Self::MOST).
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing came.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Whether more came than was kept.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// For a terminal, a log or a person's eyes.
    pub fn terminal(&self) -> String {
        self.seen()
    }

    /// For a cell of a CSV file, as [`cell`](crate::cell()): quoting is left to who writes the file.
    pub fn cell(&self) -> String {
        let seen = self.seen();
        cell::defused(&seen, Cow::Borrowed(&seen)).into_owned()
    }

    /// For XML 1.0, as [`xml`](crate::xml()): quoting is left to who writes the document.
    pub fn xml(&self) -> String {
        xml::characters(&self.seen())
    }

    /// For a field of nmap's grepable format, as [`grepable`](crate::grepable()).
    pub fn grepable(&self) -> String {
        grepable::field(&self.seen())
    }

    /// For a page, between two tags, as [`html_text`](crate::html_text): markup to be written as it is.
    pub fn html_text(&self) -> String {
        html::between_tags(&self.seen())
    }

    /// For a page, as the value of an attribute, as [`html_attribute`](crate::html_attribute): markup to be written as it is.
    pub fn html_attribute(&self) -> String {
        html::in_quotes(&self.seen())
    }

    /// For a string of JSON; quoting is left to who writes it. Read back it is the text that is shown everywhere, and not the bytes: so it
    /// is as safe behind the next program, which may well print it.
    pub fn json(&self) -> String {
        self.seen()
    }

    /// For Markdown: a code span, or a dash where nothing came.
    pub fn markdown(&self) -> String {
        markdown::span(&self.seen())
    }

    /// For a blob that [`from_kept`](Self::from_kept) reads again, and nothing else looks at: one byte that says whether it is all
    /// that came (0) or the beginning (1), then the bytes.
    pub fn kept(&self) -> Vec<u8> {
        let mut blob = Vec::with_capacity(1 + self.bytes.len());
        blob.push(u8::from(self.cut));
        blob.extend_from_slice(&self.bytes);
        blob
    }

    /// What was kept.
    ///
    /// # Errors
    /// What [`kept`](Self::kept) never makes: nothing at all, another first byte, or more bytes than there may be.
    pub fn from_kept(blob: &[u8]) -> Result<Self, NotKept> {
        let (cut, bytes) = match blob.split_first() {
            Some((0, bytes)) => (false, bytes),
            Some((1, bytes)) => (true, bytes),
            _ => return Err(NotKept::Beginning),
        };
        if bytes.len() > Self::MOST {
            return Err(NotKept::Length(bytes.len()));
        }
        Ok(Self {
            bytes: bytes.into(),
            cut,
        })
    }

    /// The text that all sinks show. No two values have the same.
    fn seen(&self) -> String {
        let mut seen = String::with_capacity(self.bytes.len() + 8);
        for chunk in self.bytes.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\\' => seen.push_str("\\\\"),
                    c if is_unseen(c) => seen.extend(c.escape_unicode()),
                    c => seen.push(c),
                }
            }
            for byte in chunk.invalid() {
                // Writing to a String cannot fail.
                let _ = write!(seen, "\\x{byte:02x}");
            }
        }
        if self.cut {
            seen.push_str("\\...");
        }
        seen
    }
}

/// How much there is, and nothing of it: so that what holds it can be printed by who looks for a fault.
impl fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Untrusted")
            .field("len", &self.bytes.len())
            .field("cut", &self.cut)
            .finish_non_exhaustive()
    }
}

/// Why a blob is none that [`Untrusted::kept`] made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// It does not begin with 0 or 1.
    Beginning,
    /// It holds this many bytes, and may hold [`Untrusted::MOST`].
    Length(usize),
}

impl fmt::Display for NotKept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Beginning => f.write_str(
                "bytes from the network were expected, and these do not begin as they are kept (0 or 1): the file was altered, or a later version wrote it",
            ),
            Self::Length(bytes) => write!(
                f,
                "{bytes} bytes from the network are kept where {} are the most: the file was altered, or a later version wrote it",
                Untrusted::MOST
            ),
        }
    }
}

impl std::error::Error for NotKept {}

//! What a backslash makes of what follows it.

use super::{ByteSet, Node, Parser, Place, Refused};

const UNKNOWN: Refused = "an escape that is not supported";
const WIDE: Refused = "an escape for more than one byte";
const NO_GROUP: Refused = "a reference to a group that is not there";

impl Parser<'_> {
    /// Outside a class; the backslash is gone beyond.
    pub(super) fn escape(&mut self, row: &mut Vec<Node>) -> Result<Node, Refused> {
        let byte = self.next().ok_or("a backslash at the end")?;
        match byte {
            b'Q' => return Ok(self.quoted(row)),
            b'E' => return Ok(Node::Empty),
            b'1'..=b'9' => return self.reference_or_octal(),
            b'g' => return self.reference_by_number(),
            b'k' => return self.reference_by_name(),
            b'R' => return Ok(any_newline()),
            b'N' => return Ok(Node::Byte(Box::new(ByteSet::of([b'\n']).complement()))),
            _ => {}
        }
        if let Some(place) = place(byte) {
            return Ok(Node::At(place));
        }
        if let Some(set) = shorthand(byte) {
            return Ok(Node::Byte(Box::new(set)));
        }
        let byte = self.escaped_byte(byte)?;
        Ok(self.byte(byte))
    }

    /// One byte, within and outside a class.
    pub(super) fn escaped_byte(&mut self, byte: u8) -> Result<u8, Refused> {
        Ok(match byte {
            b'a' => 0x07,
            b'e' => 0x1b,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'0' => self.octal(0, 2)?,
            b'x' => self.hexadecimal()?,
            b'c' => {
                let control = self.next().filter(u8::is_ascii).ok_or(UNKNOWN)?;
                control.to_ascii_uppercase() ^ 64
            }
            _ if byte.is_ascii_alphanumeric() => return Err(UNKNOWN),
            _ => byte,
        })
    }

    /// As many octal digits more, at most.
    pub(super) fn octal(&mut self, first: u32, more: u32) -> Result<u8, Refused> {
        let mut value = first;
        for _ in 0..more {
            let Some(digit @ b'0'..=b'7') = self.peek() else {
                break;
            };
            value = value * 8 + u32::from(digit - b'0');
            self.at += 1;
        }
        u8::try_from(value).map_err(|_| WIDE)
    }

    /// `\x` with none, one or two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Result<u8, Refused> {
        if self.eat(b"{") {
            return braced(self.until(b'}').unwrap_or_default());
        }
        let mut value = 0;
        for _ in 0..2 {
            let Some(more) = self.peek().and_then(digit) else {
                break;
            };
            value = value * 16 + more;
            self.at += 1;
        }
        Ok(value as u8)
    }

    /// `\12`: a reference if it is below 10 or there are so many groups, else up to three octal digits.
    fn reference_or_octal(&mut self) -> Result<Node, Refused> {
        self.at -= 1;
        let start = self.at;
        let number = self.number().unwrap_or(u32::MAX);
        if number < 10 || number <= self.groups_in_all {
            return self.reference(number);
        }
        self.at = start;
        if matches!(self.peek(), Some(b'8' | b'9')) {
            return Err(NO_GROUP);
        }
        let byte = self.octal(0, 3)?;
        Ok(self.byte(byte))
    }

    fn reference(&self, group: u32) -> Result<Node, Refused> {
        if group == 0 || group > self.groups_in_all {
            return Err(NO_GROUP);
        }
        let fold = self.flags.fold;
        Ok(Node::Back { group, fold })
    }

    /// `\g1`, `\g{1}`, `\g-1`, `\g{-1}`.
    fn reference_by_number(&mut self) -> Result<Node, Refused> {
        let braced = self.eat(b"{");
        let back = self.eat(b"-");
        let number = self.number().ok_or(UNKNOWN)?;
        if braced && !self.eat(b"}") {
            return Err(UNKNOWN);
        }
        self.reference(if back {
            (self.groups + 1).saturating_sub(number)
        } else {
            number
        })
    }

    /// `\k<name>`, `\k'name'`, `\k{name}`.
    fn reference_by_name(&mut self) -> Result<Node, Refused> {
        let end = match self.next() {
            Some(b'<') => b'>',
            Some(b'\'') => b'\'',
            Some(b'{') => b'}',
            _ => return Err(UNKNOWN),
        };
        self.reference_to_name(end)
    }

    pub(super) fn reference_to_name(&mut self, end: u8) -> Result<Node, Refused> {
        let name = self.until(end).unwrap_or_default();
        let group = self.names.iter().find(|known| known.0 == name);
        self.reference(group.map_or(0, |known| known.1))
    }

    /// `\Q…\E`, every byte as it is; the last one may be repeated.
    fn quoted(&mut self, row: &mut Vec<Node>) -> Node {
        let rest = &self.text[self.at..];
        let end = rest.windows(2).position(|two| two == br"\E");
        self.at += end.map_or(rest.len(), |end| end + 2);
        let quoted = &rest[..end.unwrap_or(rest.len())];
        let Some((last, before)) = quoted.split_last() else {
            return Node::Empty;
        };
        row.extend(before.iter().map(|&byte| self.byte(byte)));
        self.byte(*last)
    }
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

/// What stands in the braces of `\x{…}`.
fn braced(digits: &[u8]) -> Result<u8, Refused> {
    let add = |sum: u32, &byte: &u8| Some(sum.saturating_mul(16).saturating_add(digit(byte)?));
    let value = Some(digits).filter(|digits| !digits.is_empty());
    let value = value.and_then(|digits| digits.iter().try_fold(0, add));
    let value = value.ok_or("an \\x{…} without hexadecimal digits")?;
    u8::try_from(value).map_err(|_| WIDE)
}

fn place(byte: u8) -> Option<Place> {
    Some(match byte {
        b'A' | b'G' => Place::Start,
        b'Z' => Place::EndOrNewline,
        b'z' => Place::End,
        b'b' => Place::WordEdge,
        b'B' => Place::NoWordEdge,
        _ => return None,
    })
}

/// `\d`, and `\D` for all others; alike `\w`, `\s`, `\h`, `\v`.
pub(super) fn shorthand(byte: u8) -> Option<ByteSet> {
    let name = match byte.to_ascii_lowercase() {
        b'd' => "d",
        b'w' => "w",
        b's' => "s",
        b'h' => "h",
        b'v' => "v",
        _ => return None,
    };
    let set = super::named(name)?;
    let others = byte.is_ascii_uppercase();
    Some(if others { set.complement() } else { set })
}

/// `\R`: `\r\n` as one, or any of the vertical spaces.
fn any_newline() -> Node {
    let byte = |byte| Node::Byte(Box::new(ByteSet::of([byte])));
    let both = Node::Row(vec![byte(b'\r'), byte(b'\n')]);
    let one = Node::Byte(Box::new(shorthand(b'v').unwrap_or_default()));
    Node::Atomic(Box::new(Node::Either(vec![both, one])))
}

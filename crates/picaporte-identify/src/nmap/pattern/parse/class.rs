//! `[…]`: a set of bytes.

use super::escape::shorthand;
use super::{ByteSet, Node, Parser, Refused, named};

const ENDLESS: Refused = "a class without its ]";

/// What stands in a class.
enum Item {
    Byte(u8),
    Set(ByteSet),
}

impl Parser<'_> {
    /// A class; its bracket is gone beyond.
    pub(super) fn class(&mut self) -> Result<Node, Refused> {
        let not = self.eat(b"^");
        let mut set = ByteSet::default();
        let mut first = true;
        while first || self.peek() != Some(b']') {
            first = false;
            match self.item()? {
                None => {}
                Some(Item::Set(more)) => set.and_all(more),
                Some(Item::Byte(from)) => self.range(from, &mut set)?,
            }
        }
        self.at += 1;
        let set = if self.flags.fold { set.folded() } else { set };
        let set = if not { set.complement() } else { set };
        Ok(Node::Byte(Box::new(set)))
    }

    /// `None`: nothing, as `\E`.
    fn item(&mut self) -> Result<Option<Item>, Refused> {
        let byte = self.next().ok_or(ENDLESS)?;
        match byte {
            b'[' => self.posix().map(Some),
            b'\\' => self.escaped_item(),
            _ => Ok(Some(Item::Byte(byte))),
        }
    }

    /// `[:alpha:]`, `[:^alpha:]`, or a bracket as it is.
    fn posix(&mut self) -> Result<Item, Refused> {
        let Some((kind, name)) = posix_name(&self.text[self.at..]) else {
            return Ok(Item::Byte(b'['));
        };
        if kind != b':' {
            return Err("a collating element, which PCRE has not either");
        }
        self.at += name.len() + 3;
        let (not, name) = match name.strip_prefix(b"^") {
            Some(name) => (true, name),
            None => (false, name),
        };
        let set = std::str::from_utf8(name)
            .ok()
            .filter(|name| name.len() > 1)
            .and_then(named)
            .ok_or("a POSIX class that does not exist")?;
        Ok(Item::Set(if not { set.complement() } else { set }))
    }

    fn escaped_item(&mut self) -> Result<Option<Item>, Refused> {
        let byte = self.next().ok_or(ENDLESS)?;
        if let Some(set) = shorthand(byte) {
            return Ok(Some(Item::Set(set)));
        }
        Ok(Some(Item::Byte(match byte {
            b'E' => return Ok(None),
            b'Q' => return Err("\\Q in a class, which is not supported"),
            b'b' => 0x08,
            b'1'..=b'7' => self.octal(u32::from(byte - b'0'), 2)?,
            byte => self.escaped_byte(byte)?,
        })))
    }

    /// `a-z`, or `a` alone where no end of a range follows.
    fn range(&mut self, from: u8, set: &mut ByteSet) -> Result<(), Refused> {
        set.add(from);
        let next = self.text.get(self.at..self.at + 2);
        if !next.is_some_and(|next| next[0] == b'-' && next[1] != b']') {
            return Ok(());
        }
        self.at += 1;
        match self.item()? {
            Some(Item::Byte(to)) if to < from => Err("a range that runs backwards"),
            Some(Item::Byte(to)) => {
                (from..=to).for_each(|byte| set.add(byte));
                Ok(())
            }
            Some(Item::Set(_)) | None => Err("a range that ends with no byte"),
        }
    }
}

/// The kind (`:`, `.` or `=`) and the name of what would be a POSIX class, behind its `[`.
pub(super) fn posix_name(rest: &[u8]) -> Option<(u8, &[u8])> {
    let (&kind, rest) = rest.split_first()?;
    let length = rest.iter().position(|&byte| byte == kind || byte == b']')?;
    let closed = rest[length..].starts_with(&[kind, b']']);
    (matches!(kind, b':' | b'.' | b'=') && closed).then_some((kind, &rest[..length]))
}

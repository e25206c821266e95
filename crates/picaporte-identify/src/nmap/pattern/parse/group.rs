//! What stands in parentheses.

use super::class::posix_name;
use super::{Flags, Node, Parser, Refused};

const UNKNOWN: Refused = "a kind of group that is not supported";
const ENDLESS: Refused = "a group without its )";

impl<'p> Parser<'p> {
    /// A group; its parenthesis is gone beyond.
    pub(super) fn group(&mut self) -> Result<Node, Refused> {
        if self.peek() == Some(b'*') {
            return Err("a verb (*…), which is not supported");
        }
        if !self.eat(b"?") {
            return self.capturing(None);
        }
        if self.eat(b"#") {
            return self.until(b')').map(|_| Node::Empty).ok_or(ENDLESS);
        }
        if self.eat(b":") {
            return self.inner();
        }
        if self.eat(b">") {
            return Ok(Node::Atomic(Box::new(self.inner()?)));
        }
        if let Some((behind, not)) = self.look() {
            let what = Box::new(self.inner()?);
            return Ok(Node::Look { what, behind, not });
        }
        if self.eat(b"P=") {
            return self.reference_to_name(b')');
        }
        if let Some(end) = self.name_begins() {
            let name = self.until(end).filter(|name| !name.is_empty());
            return self.capturing(Some(name.ok_or(UNKNOWN)?));
        }
        self.flagged()
    }

    fn capturing(&mut self, name: Option<&'p [u8]>) -> Result<Node, Refused> {
        self.groups += 1;
        let number = self.groups;
        self.names.extend(name.map(|name| (name, number)));
        Ok(Node::Group(Box::new(self.inner()?)))
    }

    /// Whether it looks behind, and for what must not be there.
    fn look(&mut self) -> Option<(bool, bool)> {
        let kinds: [(&[u8], _); 4] = [
            (b"=", (false, false)),
            (b"!", (false, true)),
            (b"<=", (true, false)),
            (b"<!", (true, true)),
        ];
        let kind = kinds.into_iter().find(|kind| self.eat(kind.0))?;
        Some(kind.1)
    }

    /// The byte that ends a name that begins here.
    fn name_begins(&mut self) -> Option<u8> {
        if self.eat(b"P<") || self.eat(b"<") {
            return Some(b'>');
        }
        self.eat(b"'").then_some(b'\'')
    }

    fn inner(&mut self) -> Result<Node, Refused> {
        let node = self.alternatives()?;
        if self.eat(b")") {
            Ok(node)
        } else {
            Err(ENDLESS)
        }
    }

    /// `(?i-s)` for what follows in the group around it, `(?i-s:…)` for what is within.
    fn flagged(&mut self) -> Result<Node, Refused> {
        let mut flags = self.flags;
        let mut on = true;
        loop {
            match self.next().ok_or(ENDLESS)? {
                b'-' if on => on = false,
                b')' => {
                    self.flags = flags;
                    return Ok(Node::Empty);
                }
                b':' => break,
                letter => set(&mut flags, letter, on)?,
            }
        }
        let before = std::mem::replace(&mut self.flags, flags);
        let node = self.inner();
        self.flags = before;
        node
    }
}

fn set(flags: &mut Flags, letter: u8, on: bool) -> Result<(), Refused> {
    let flag = match letter {
        b'i' => &mut flags.fold,
        b's' => &mut flags.dot_all,
        b'm' => &mut flags.multi_line,
        b'x' => &mut flags.extended,
        b'U' => &mut flags.ungreedy,
        _ => return Err(UNKNOWN),
    };
    *flag = on;
    Ok(())
}

/// How many capturing groups there are, beforehand: classes and escapes are passed over.
pub(super) fn count(text: &[u8]) -> u32 {
    let mut groups = 0;
    let mut class = None;
    let mut at = 0;
    while at < text.len() {
        match (text[at], class) {
            (b'\\', None) if text[at..].starts_with(br"\Q") => {
                let end = text[at..].windows(2).position(|two| two == br"\E");
                at = end.map_or(text.len(), |end| at + end + 1);
            }
            (b'\\', _) => at += 1,
            (b'[', None) => class = Some(at + 1 + usize::from(text.get(at + 1) == Some(&b'^'))),
            (b'[', Some(_)) => {
                at += posix_name(&text[at + 1..]).map_or(0, |(_, name)| name.len() + 3);
            }
            // The first byte of a class may be its bracket.
            (b']', Some(begin)) if at > begin => class = None,
            (b'(', None) => groups += u32::from(captures(&text[at + 1..])),
            _ => {}
        }
        at += 1;
    }
    groups
}

fn captures(rest: &[u8]) -> bool {
    match rest {
        [b'?', b'P', b'<', ..] | [b'?', b'\'', ..] => true,
        [b'?', b'<', next, ..] => !matches!(next, b'=' | b'!'),
        [b'?' | b'*', ..] => false,
        _ => true,
    }
}

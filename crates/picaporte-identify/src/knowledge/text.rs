//! A text of a rule in which `$1` to `$9` stand for what a group of its pattern caught.

use regex::bytes::Captures;

/// The text: pieces that are ours, and groups that are the network's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Text(Vec<Part>);

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Literal(Box<str>),
    Group(usize),
}

impl Text {
    /// Reads `$1` to `$9`, and `$$` for a dollar.
    ///
    /// # Errors
    /// A dollar with something else behind it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '$' {
                literal.push(c);
                continue;
            }
            match chars.next() {
                Some('$') => literal.push('$'),
                Some(digit @ '1'..='9') => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal).into()));
                    }
                    parts.push(Part::Group(digit as usize - '0' as usize));
                }
                _ => return Err("a dollar is written '$$', a group '$1' to '$9'".to_owned()),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal.into()));
        }
        Ok(Self(parts))
    }

    /// The highest group that it speaks of, 0 for none.
    pub(super) fn highest_group(&self) -> usize {
        let groups = self.0.iter().map(|part| match part {
            Part::Group(group) => *group,
            Part::Literal(_) => 0,
        });
        groups.max().unwrap_or(0)
    }

    /// With what the groups caught. `None` where it has groups and none of them caught anything: a literal alone would then say
    /// something that nobody said.
    pub(super) fn filled(&self, caught: &Captures<'_>) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let (mut groups, mut said) = (0, 0);
        for part in &self.0 {
            match part {
                Part::Literal(text) => bytes.extend_from_slice(text.as_bytes()),
                Part::Group(group) => {
                    groups += 1;
                    let these = caught.get(*group).map_or(&[][..], |m| m.as_bytes());
                    said += usize::from(!these.is_empty());
                    bytes.extend_from_slice(these);
                }
            }
        }
        (!bytes.is_empty() && (groups == 0 || said > 0)).then_some(bytes)
    }
}

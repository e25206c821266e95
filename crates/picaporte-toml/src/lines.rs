//! Where bytes stand in a text, for those who ask often.

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    text: &'a str,
    begins: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// Walks the text once.
    pub fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let begins = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
        Self {
            text,
            begins: begins.collect(),
        }
    }

    /// Line and column of a byte, both from 1, the column in characters; as [`position`](crate::position) finds them.
    pub fn at(&self, offset: usize) -> (usize, usize) {
        let line = self.begins.partition_point(|&begin| begin <= offset).max(1);
        let before = self.text.get(self.begins[line - 1]..offset);
        (line, before.map_or(0, |before| before.chars().count()) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position;

    #[test]
    fn they_are_where_a_walk_from_the_beginning_finds_them() {
        for text in ["", "\n", "a", "a\nñb\n\nc", "\r\na\r\n"] {
            let lines = Lines::new(text);
            for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                assert_eq!(
                    lines.at(offset),
                    position(text, offset),
                    "{text:?} {offset}"
                );
            }
        }
    }
}

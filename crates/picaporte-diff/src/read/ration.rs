//! Lets through so many bytes for one entry: a text or a comment without an end would else fill the memory.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use super::failure::{Failure, Part};

/// How many bytes the present entry may still take. Whoever reads entries sets it anew for each.
#[derive(Clone, Debug)]
pub(super) struct Ration {
    left: Rc<Cell<usize>>,
    most: usize,
    line: Rc<Cell<u64>>,
}

impl Ration {
    pub(super) fn new(most: usize) -> Self {
        Self {
            left: Rc::new(Cell::new(most)),
            most,
            line: Rc::new(Cell::new(1)),
        }
    }

    /// Another entry begins.
    pub(super) fn renew(&self) {
        self.left.set(self.most);
    }

    /// What to say of an entry that was too long.
    pub(super) fn too_long(most: usize, part: Part) -> Failure {
        Failure::LongPart { part, most }
    }

    /// The line that reading has come to, counted from 1, where bytes are read one by one.
    pub(super) fn line(&self) -> u64 {
        self.line.get()
    }

    /// Whether the ration was used up.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

pub(super) struct Rationed<R> {
    pub(super) inner: R,
    pub(super) ration: Ration,
}

impl<R: BufRead> Read for Rationed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        let lines: u64 = into[..read]
            .iter()
            .map(|byte| u64::from(*byte == b'\n'))
            .sum();
        self.ration.line.set(self.ration.line.get() + lines);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Rationed<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.ration.left.get();
        let bytes = self.inner.fill_buf()?;
        if left == 0 && !bytes.is_empty() {
            return Err(io::Error::other("too long"));
        }
        Ok(&bytes[..bytes.len().min(left)])
    }

    fn consume(&mut self, amount: usize) {
        let left = self.ration.left.get();
        self.ration.left.set(left - amount.min(left));
        self.inner.consume(amount);
    }
}

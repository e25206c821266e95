//! The bytes of a record: numbers of few bytes where they are small, and a reader that trusts none of them.
//!
//! A file can be damaged or made by somebody else, so reading never panics and never takes memory for a length that the
//! bytes themselves do not back.

pub(crate) use crate::why::Bad;

/// Appends numbers and strings of bytes.
pub(crate) trait Put {
    /// Seven bits a byte, the lowest first; the highest bit says that more follow (as in DWARF's LEB128).
    fn varint(&mut self, number: u64);
    /// Their length, then the bytes.
    fn bytes(&mut self, bytes: &[u8]);
}

impl Put for Vec<u8> {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.extend_from_slice(bytes);
    }
}

/// Reads what [`Put`] wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Take<'a>(pub &'a [u8]);

impl<'a> Take<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Bad> {
        let (&first, rest) = self.0.split_first().ok_or(Bad::CutOff)?;
        self.0 = rest;
        Ok(first)
    }

    pub(crate) fn varint(&mut self) -> Result<u64, Bad> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(Bad::Wide);
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Bad::Wide)
    }

    /// A number that fits a narrower type.
    pub(crate) fn small<T: TryFrom<u64>>(&mut self) -> Result<T, Bad> {
        T::try_from(self.varint()?).map_err(|_| Bad::Large)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Bad> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Bad::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Bad> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Bad::CutOff)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Bad> {
        let length = self.small()?;
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Bad> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Bad::Text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_largest_number_fits_and_one_bit_more_does_not() {
        let mut out = Vec::new();
        out.varint(u64::MAX);
        assert_eq!(Take(&out).varint(), Ok(u64::MAX));
        out[9] = 2;
        assert!(Take(&out).varint().is_err());
        assert!(Take(&[0xff; 11]).varint().is_err());
        assert!(Take(&[0x80]).varint().is_err());
    }

    proptest! {
        #[test]
        fn what_was_put_is_taken(numbers: Vec<u64>, bytes: Vec<u8>, text: String) {
            let mut out = Vec::new();
            for &n in &numbers {
                out.varint(n);
            }
            out.bytes(&bytes);
            out.bytes(text.as_bytes());
            let mut take = Take(&out);
            for &n in &numbers {
                prop_assert_eq!(take.varint(), Ok(n));
            }
            prop_assert_eq!(take.bytes(), Ok(&*bytes));
            prop_assert_eq!(take.text(), Ok(&*text));
            prop_assert!(take.is_empty());
        }

        #[test]
        fn a_record_that_is_cut_off_is_refused(bytes in proptest::collection::vec(any::<u8>(), 1..300)) {
            let mut out = Vec::new();
            out.bytes(&bytes);
            for length in 0..out.len() {
                prop_assert!(Take(&out[..length]).bytes().is_err());
            }
        }
    }
}

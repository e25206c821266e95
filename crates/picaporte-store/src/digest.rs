//! SHA-256, and the chain that binds the chunks of a scan to each other.
//!
//! Each chunk's digest covers the one before it, so that the last stands for all: whoever has it in a report can tell
//! whether anything was altered since. The first covers who scanned what, and when.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest (FIPS 180-4); prints as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// What one chunk holds, as far as its digest is concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link<'a> {
    /// From 1 on.
    pub number: i64,
    /// When it was written, in milliseconds since 1970.
    pub written: i64,
    pub ports: &'a [u8],
    pub hosts: &'a [u8],
    /// The digest of what was decided of hosts that were not done. Only the digest: what it covers is let go when the
    /// hosts are done.
    pub decided: Option<Digest>,
    /// The digests of the progress of parts; for the same reason.
    pub progress: &'a [u8],
    pub ending: Option<&'a [u8]>,
}

impl Link<'_> {
    /// The digest of this chunk, which follows one with the digest `before`.
    pub(crate) fn digest(&self, before: Digest) -> Digest {
        let mut sha = Sha256::new();
        sha.update(before.0);
        sha.update(self.number.to_be_bytes());
        sha.update(self.written.to_be_bytes());
        sha.update(Digest::of(self.ports).0);
        sha.update(Digest::of(self.hosts).0);
        sha.update(self.decided.map_or([0; 32], |digest| digest.0));
        sha.update(Digest::of(self.progress).0);
        sha.update(self.ending.map_or([0; 32], |ending| Digest::of(ending).0));
        Digest(sha.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_sha_256() {
        // The example of FIPS 180-2, appendix B.1.
        assert_eq!(
            Digest::of(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn every_field_of_a_chunk_counts() {
        let plain = Link {
            number: 1,
            written: 2,
            ports: b"p",
            hosts: b"h",
            decided: None,
            progress: b"",
            ending: None,
        };
        let before = Digest::of(b"");
        let others = [
            Link { number: 2, ..plain },
            Link {
                written: 3,
                ..plain
            },
            Link {
                ports: b"ph",
                hosts: b"",
                ..plain
            },
            Link {
                hosts: b"",
                ..plain
            },
            Link {
                decided: Some(before),
                ..plain
            },
            Link {
                progress: b"p",
                ..plain
            },
            Link {
                ending: Some(b""),
                ..plain
            },
        ];
        for other in others {
            assert_ne!(other.digest(before), plain.digest(before), "{other:?}");
        }
        assert_ne!(plain.digest(Digest::of(b"x")), plain.digest(before));
    }
}

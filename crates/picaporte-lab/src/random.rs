//! Chance without a state: a number for every tuple of things, the same for the same seed, in whatever order it is asked.
//! So the fate of a packet does not depend on what else happened, and one seed plays one world.

/// `SplitMix64`'s finalizer (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
const fn finalize(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// 64 bits that depend on every one of `parts` and their order.
pub fn hash(parts: &[u64]) -> u64 {
    parts.iter().fold(GOLDEN, |state, &part| {
        finalize(state.wrapping_add(GOLDEN) ^ finalize(part.wrapping_add(GOLDEN)))
    })
}

/// The same of bytes.
pub fn hash_bytes(bytes: &[u8]) -> u64 {
    let words = bytes.chunks(8).map(|chunk| {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        u64::from_le_bytes(word)
    });
    words
        .chain([bytes.len() as u64])
        .fold(GOLDEN, |state, word| hash(&[state, word]))
}

/// The bits as a number from 0 (included) to 1 (excluded).
pub fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// An address as two parts for [`hash`].
pub fn address_parts(ip: std::net::IpAddr) -> [u64; 2] {
    match ip {
        std::net::IpAddr::V4(ip) => [4, u64::from(ip.to_bits())],
        std::net::IpAddr::V6(ip) => {
            let bits = ip.to_bits();
            [(bits >> 64) as u64, bits as u64]
        }
    }
}

/// A stream of draws from one starting point.
#[derive(Clone, Copy, Debug)]
pub struct Draws(u64);

impl Draws {
    /// A stream that depends on all of `parts`.
    pub fn new(parts: &[u64]) -> Self {
        Self(hash(parts))
    }

    /// 64 more bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        finalize(self.0)
    }

    /// A number from 0 (included) to 1 (excluded).
    pub fn unit(&mut self) -> f64 {
        unit(self.bits())
    }

    /// True in this share of draws.
    pub fn happens(&mut self, share: f64) -> bool {
        self.unit() < share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_value_matter() {
        assert_ne!(hash(&[1, 2]), hash(&[2, 1]));
        assert_ne!(hash(&[0]), hash(&[0, 0]));
        assert_eq!(hash(&[7, 8, 9]), hash(&[7, 8, 9]));
    }

    #[test]
    fn shares_come_out() {
        let mut draws = Draws::new(&[1]);
        let hits = (0..100_000).filter(|_| draws.happens(0.05)).count();
        assert!((4_700..5_300).contains(&hits), "{hits}");
    }
}

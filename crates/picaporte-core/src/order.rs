//! A seeded bijection on 0..n: the order in which things are asked, without remembering any of it.
//!
//! A Feistel network over mixed radices with cycle walking (J. Black and P. Rogaway, "Ciphers with
//! arbitrary finite domains", CT-RSA 2002): 0..n is laid out as a rectangle a × b with a·b ≥ n,
//! rounds shift one coordinate by a hash of the other, and what lands at or above n walks on. As
//! a·b − n < a ≈ √n, walking is rare. This orders probes; it protects no secret.

/// Six rounds: from four on, no neighbour relation of the input is seen in the output (test below).
const ROUNDS: u64 = 6;

/// A bijection on 0..n, chosen by a seed.
#[derive(Clone, Copy, Debug)]
pub struct Permutation {
    n: u64,
    a: u64,
    b: u64,
    seed: u64,
}

impl Permutation {
    /// The bijection on `0..n` that `seed` chooses; `n` up to 2⁵³.
    pub fn new(n: u64, seed: u64) -> Self {
        debug_assert!(n <= 1 << 53, "order over {n} items");
        let mut a = n.isqrt();
        if a * a < n {
            a += 1;
        }
        let b = if a == 0 { 0 } else { n.div_ceil(a) };
        Self { n, a, b, seed }
    }

    /// How many items are ordered.
    pub const fn len(&self) -> u64 {
        self.n
    }

    /// Whether there is nothing to order.
    pub const fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Where item `i` comes; `i` must be below [`len`](Self::len), and so is the answer.
    pub fn get(&self, i: u64) -> u64 {
        debug_assert!(i < self.n, "item {i} of {}", self.n);
        let mut x = i;
        loop {
            x = self.shuffle(x);
            if x < self.n {
                return x;
            }
        }
    }

    fn shuffle(&self, x: u64) -> u64 {
        let (mut l, mut r) = (x / self.b, x % self.b);
        for round in 0..ROUNDS / 2 {
            l = shift(l, self.a, mix(self.seed ^ (2 * round) << 56, r));
            r = shift(r, self.b, mix(self.seed ^ (2 * round + 1) << 56, l));
        }
        l * self.b + r
    }
}

/// `(x + h) mod m` for a hash `h` scaled to 0..m; no division. Below 2³², `m` fits the product.
fn shift(x: u64, m: u64, h: u64) -> u64 {
    let sum = x + (((h >> 32) * m) >> 32);
    if sum >= m { sum - m } else { sum }
}

/// A seeded hash of one word: the finaliser of splitmix64 (G. Steele et al., OOPSLA 2014).
pub const fn mix(seed: u64, x: u64) -> u64 {
    let mut z = (x ^ seed).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn is_a_bijection_for_every_small_size() {
        for n in 0..600 {
            let order = Permutation::new(n, 7 * n + 1);
            let mut seen = vec![false; n as usize];
            for i in 0..n {
                assert!(
                    !std::mem::replace(&mut seen[order.get(i) as usize], true),
                    "n {n}"
                );
            }
        }
    }

    #[test]
    fn neighbours_part() {
        let order = Permutation::new(65_535, 1);
        let near = (1..65_535)
            .filter(|&i| order.get(i).abs_diff(order.get(i - 1)) < 64)
            .count();
        assert!(
            near < 400,
            "{near} of 65,534 neighbours stayed within 64 (128 by chance)"
        );
    }

    #[test]
    fn another_seed_is_another_order() {
        let (a, b) = (Permutation::new(1000, 1), Permutation::new(1000, 2));
        let same = (0..1000).filter(|&i| a.get(i) == b.get(i)).count();
        assert!(same < 20, "{same} items at the same place");
    }

    proptest! {
        #[test]
        fn stays_inside_and_apart_at_any_size(n in 2u64..(1 << 53), seed: u64, i: u64, j: u64) {
            let (order, i, j) = (Permutation::new(n, seed), i % n, j % n);
            prop_assert!(order.get(i) < n);
            prop_assert_eq!(order.get(i) == order.get(j), i == j);
        }
    }
}

//! How sure a recall is that was seen in so many ports, and nothing about how it was seen.

/// The confidence of the bound.
const CONFIDENCE: f64 = 0.95;
/// Halvings of 0..1: more than a float can tell apart.
const HALVINGS: u32 = 60;

/// The one-sided lower 95 % bound of the share found: the exact one of C. Clopper and E. Pearson (Biometrika 26, 1934). It is
/// 1 − u, where u is the chance of a miss at which `missed` or fewer of `open` are missed with a probability of 5 %:
/// Σ (k = 0..missed) C(open, k) · uᵏ · (1 − u)^(open − k) = 0.05. Without a miss, u ≈ 3 ÷ open.
pub(crate) fn lower_bound(open: u64, missed: u64) -> f64 {
    if missed >= open {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if at_most(open, missed, middle) > 1.0 - CONFIDENCE {
            low = middle;
        } else {
            high = middle;
        }
    }
    1.0 - high
}

/// The chance of `most` or fewer misses among `n`, each with the chance `p`. Summed as logarithms: the terms may be tiny.
fn at_most(n: u64, most: u64, p: f64) -> f64 {
    let odds = p.ln() - (-p).ln_1p();
    let mut term = n as f64 * (-p).ln_1p();
    let (mut largest, mut sum) = (term, 1.0);
    for k in 1..=most {
        term += ((n - k + 1) as f64 / k as f64).ln() + odds;
        if term > largest {
            sum = sum * (largest - term).exp() + 1.0;
            largest = term;
        } else {
            sum += (term - largest).exp();
        }
    }
    (largest + sum.ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_miss_it_is_a_root_of_one_in_twenty() {
        for open in [1u64, 10, 1000, 30_000, 1_000_000] {
            let exact = 0.05f64.powf(1.0 / open as f64);
            assert!((lower_bound(open, 0) - exact).abs() < 1e-9, "{open}");
        }
        // What the sizes of the worlds rest on.
        assert!(lower_bound(30_000, 0) > 0.9999);
        assert!(lower_bound(29_000, 0) < 0.9999);
        assert!(lower_bound(1_000_000, 4) > 0.999_99);
        assert!(lower_bound(1_000_000, 5) < 0.999_99);
    }

    #[test]
    fn it_agrees_with_published_values() {
        // Poisson's upper 95 % limits for 1, 5 and 10 events: 4.744, 10.513, 16.962.
        for (missed, limit) in [(1, 4.744), (5, 10.513), (10, 16.962)] {
            let bound = (1.0 - lower_bound(10_000_000, missed)) * 1e7;
            assert!((bound - limit).abs() < 0.001, "{missed}: {bound}");
        }
    }

    #[test]
    fn at_the_ends() {
        assert!(lower_bound(10, 10).abs() < 1e-12);
        assert!(lower_bound(0, 0).abs() < 1e-12);
        let half = lower_bound(200_000, 100_000);
        assert!((0.497..0.4985).contains(&half), "{half}");
    }
}

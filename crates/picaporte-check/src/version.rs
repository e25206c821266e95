//! The order of versions, as services write them. A total order; docs/check.md has it in words.

use std::cmp::Ordering;

/// What a version may hold beside letters and digits; as `picaporte_identify` has it.
const BETWEEN: &[u8] = b".+~:_-";
/// The longest version that a policy may name, in bytes.
const LONGEST: usize = 64;
/// Words of versions that come before the release.
const BEFORE: [&str; 5] = ["alpha", "beta", "dev", "pre", "rc"];

/// A part of a version, in the order of versions that are the same up to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    /// `rc`: before the release.
    Before(String),
    /// The version ends here.
    End,
    /// `p`: after the release.
    Word(String),
    /// How many digits it has without zeros in front, and these: so the order of numbers of any length.
    Number(usize, String),
}

/// Its runs of digits and of letters, in order; what stands between them only parts them.
fn parts(version: &str) -> Vec<Part> {
    let kind = |c: char| match c {
        '0'..='9' => 1,
        'a'..='z' | 'A'..='Z' => 2,
        _ => 0,
    };
    let chars: Vec<char> = version.chars().collect();
    let runs = chars.chunk_by(|a, b| kind(*a) == kind(*b));
    let part = |run: &[char]| {
        let text: String = run.iter().map(char::to_ascii_lowercase).collect();
        match kind(run[0]) {
            1 => {
                let number = text.trim_start_matches('0');
                Some(Part::Number(number.len(), number.to_owned()))
            }
            2 if BEFORE.contains(&&*text) => Some(Part::Before(text)),
            2 => Some(Part::Word(text)),
            _ => None,
        }
    };
    runs.filter_map(part).chain([Part::End]).collect()
}

/// Which of two versions is the later one. `9.2p1` is before `9.10`, `1.0` before `1.0.0`, `2.0rc1` before `2.0`, and that before `2.0p1`.
pub fn order(a: &str, b: &str) -> Ordering {
    parts(a).cmp(&parts(b))
}

/// How a version is to stand to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Same,
}

impl Compare {
    /// Every one; of two that begin alike the longer first.
    pub const ALL: [Self; 5] = [
        Self::AtLeast,
        Self::AtMost,
        Self::Above,
        Self::Below,
        Self::Same,
    ];

    /// As policies write it.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
            Self::Same => "=",
        }
    }

    /// Whether a version stands so to the one of the policy.
    pub fn holds(self, version: &str, to: &str) -> bool {
        let order = order(version, to);
        match self {
            Self::AtLeast => order.is_ge(),
            Self::Above => order.is_gt(),
            Self::AtMost => order.is_le(),
            Self::Below => order.is_lt(),
            Self::Same => order.is_eq(),
        }
    }

    /// Reads `>= 9.2p1`; a version has a digit in it, and 1 to 64 of letters, digits and `.+~:_-`.
    pub(crate) fn read(text: &str) -> Option<(Self, &str)> {
        let (compare, version) = Self::ALL.into_iter().find_map(|compare| {
            Some((compare, text.trim().strip_prefix(compare.sign())?.trim()))
        })?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || BETWEEN.contains(&byte);
        let good = version.len() <= LONGEST
            && version.bytes().all(fits)
            && version.bytes().any(|byte| byte.is_ascii_digit());
        good.then_some((compare, version))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_in_their_order() {
        let all = [
            "beta",
            "rc1",
            "",
            "p",
            "0",
            "1",
            "1.0rc1",
            "1.0",
            "1.0p1",
            "1.0.0",
            "2",
            "2.0-alpha",
            "2.0-rc2",
            "2.0",
            "2.0a",
            "9.2p1",
            "9.2p2",
            "9.10",
            "9.10.1",
            "18446744073709551616",
        ];
        for pair in all.windows(2) {
            assert_eq!(order(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(order("9.02P1", "9-2p01"), Ordering::Equal);
    }

    #[test]
    fn comparisons_are_read_with_their_signs() {
        assert_eq!(
            Compare::read(" >=9.2p1 "),
            Some((Compare::AtLeast, "9.2p1"))
        );
        assert_eq!(Compare::read("= 1"), Some((Compare::Same, "1")));
        let long = format!(">= {}", "1".repeat(LONGEST));
        assert!(Compare::read(&long).is_some() && Compare::read(&format!("{long}1")).is_none());
        for bad in [
            "",
            "9",
            ">=",
            "=> 9",
            ">= new",
            ">= 9 2",
            ">= 9\u{e4}",
            "== 9",
        ] {
            assert_eq!(Compare::read(bad), None, "{bad}");
        }
        for compare in Compare::ALL {
            let held = ["8", "9", "10"].map(|version| compare.holds(version, "9"));
            let expected = match compare {
                Compare::AtLeast => [false, true, true],
                Compare::Above => [false, false, true],
                Compare::AtMost => [true, true, false],
                Compare::Below => [true, false, false],
                Compare::Same => [false, true, false],
            };
            assert_eq!(held, expected, "{compare:?}");
        }
    }

    const VERSION: &str = "[0-9a-cpr.~+]{0,8}";

    proptest! {
        #[test]
        fn it_is_an_order(a in VERSION, b in VERSION, c in VERSION) {
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            prop_assert_eq!(order(&a, &a), Ordering::Equal);
            if order(&a, &b).is_le() && order(&b, &c).is_le() {
                prop_assert!(order(&a, &c).is_le());
            }
        }

        #[test]
        fn numbers_are_compared_as_numbers(before in "([0-9]{1,3}\\.){0,2}", a: u64, b: u64, zeros in 0usize..4, after in "(p[0-9])?") {
            let version = |n: u64| format!("{before}{}{n}{after}", "0".repeat(zeros));
            prop_assert_eq!(order(&version(a), &format!("{before}{b}{after}")), a.cmp(&b));
        }

        #[test]
        fn more_numbers_are_later_and_words_as_they_say(version in "[0-9]{1,3}(\\.[0-9]{1,3}){0,2}", n in 0u32..99) {
            let with = |between: &str| format!("{version}{between}{n}");
            let [part, patch, candidate] = [".", "p", "-rc"].map(with);
            prop_assert!(order(&version, &part).is_lt());
            prop_assert!(order(&version, &patch).is_lt());
            prop_assert!(order(&version, &candidate).is_gt());
            prop_assert!(order(&patch, &part).is_lt());
        }

        #[test]
        fn any_text_has_a_place(a: String, b: String) {
            prop_assert_eq!(order(&a, &b), order(&b, &a).reverse());
            let _ = Compare::read(&a);
        }
    }
}

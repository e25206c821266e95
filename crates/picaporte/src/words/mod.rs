//! What every text for people is made of, in each language: sentences, nouns in their numbers, and figures as the language writes
//! them. The sentences themselves stand beside what they are about; a sentence that lacks a language does not compile.
//!
//! Names of the contract (reasons, formats, options) are the same in every language, so that each text can be held against the others.

use crate::report::Lang;

/// A sentence with the same arguments in each language: one that lacks a language, or leaves out an argument in one of them, or
/// takes up another, does not compile (a format string that a macro makes captures nothing).
macro_rules! say {
    ($lang:expr, $en:literal, $es:literal $(, $name:ident = $value:expr)* $(,)?) => {
        match $lang {
            $crate::report::Lang::En => format!(concat!($en) $(, $name = $value)*),
            $crate::report::Lang::Es => format!(concat!($es) $(, $name = $value)*),
        }
    };
}

#[macro_use]
pub(crate) mod said;

#[cfg(test)]
pub(crate) mod english;
pub(crate) mod errors;
pub(crate) mod nouns;
pub(crate) mod numbers;
pub(crate) mod states;

impl Lang {
    /// The text in this language.
    pub(crate) const fn either(self, en: &'static str, es: &'static str) -> &'static str {
        match self {
            Self::En => en,
            Self::Es => es,
        }
    }

    /// The word for so many: each language has one for one, and one for several.
    pub(crate) const fn agree(
        self,
        n: u64,
        en: [&'static str; 2],
        es: [&'static str; 2],
    ) -> &'static str {
        let [one, many] = match self {
            Self::En => en,
            Self::Es => es,
        };
        if n == 1 { one } else { many }
    }

    /// `a`, `a and b`, `a, b and c`.
    pub(crate) fn listed(self, mut words: Vec<String>) -> String {
        let last = words.pop().unwrap_or_default();
        if words.is_empty() {
            return last;
        }
        let and = self.either("and", "y");
        format!("{} {and} {last}", words.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_takes_the_same_arguments_in_any_order() {
        let said = |lang: Lang| say!(lang, "{a} before {b}", "{b} después de {a}", a = 1, b = 2);
        assert_eq!(Lang::ALL.map(said), ["1 before 2", "2 después de 1"]);
    }

    #[test]
    fn words_agree_with_their_number() {
        let were = |lang: Lang, n| lang.agree(n, ["was", "were"], ["quedó", "quedaron"]);
        assert_eq!(
            [0, 1, 2].map(|n| were(Lang::En, n)),
            ["were", "was", "were"]
        );
        assert_eq!(
            [0, 1, 2].map(|n| were(Lang::Es, n)),
            ["quedaron", "quedó", "quedaron"]
        );
    }

    #[test]
    fn the_last_of_a_list_has_its_own_word() {
        let list = |lang: Lang, n| {
            let all = ["a", "b", "c"].map(str::to_owned);
            lang.listed(all[..n].to_vec())
        };
        assert_eq!(
            [0, 1, 2, 3].map(|n| list(Lang::En, n)),
            ["", "a", "a and b", "a, b and c"]
        );
        assert_eq!(list(Lang::Es, 3), "a, b y c");
    }
}

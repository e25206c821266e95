//! A text for people that is made where its language is not known: in a parser of the command line, in a plan, on the way of
//! an error. Whoever shows it chooses the language.

use std::fmt;

use crate::report::Lang;

/// A text in every language. As an error it is in English, as those of libraries are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    en: String,
    es: String,
}

/// A [`Said`] of one sentence, given as to `say!`. An argument that differs by language is given behind `|lang|`.
macro_rules! said {
    (|$lang:ident| $($sentence:tt)*) => {
        $crate::words::said::Said::new(|$lang| say!($lang, $($sentence)*))
    };
    ($($sentence:tt)*) => { said!(|lang| $($sentence)*) };
}

/// Ends a function with an error that says this in each language.
macro_rules! refuse {
    ($($sentence:tt)*) => { return Err(said!($($sentence)*).into()) };
}

impl Said {
    /// What `say` says in each language.
    pub(crate) fn new(say: impl Fn(Lang) -> String) -> Self {
        Self {
            en: say(Lang::En),
            es: say(Lang::Es),
        }
    }

    /// The text in a language.
    pub(crate) fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Es => &self.es,
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl std::error::Error for Said {}

#[cfg(test)]
mod tests {
    use anyhow::Result;

    use super::*;

    #[test]
    fn a_text_is_kept_in_each_language() {
        let ports = 12_345;
        let said = said!(|lang| "{n} ports", "{n} puertos", n = lang.number(ports));
        assert_eq!(said.text(Lang::En), "12,345 ports");
        assert_eq!(said.text(Lang::Es), "12\u{202f}345 puertos");
        assert_eq!(said.to_string(), "12,345 ports");
    }

    #[test]
    fn a_refusal_is_an_error_in_each_language() {
        let refused = |word: &str| -> Result<()> { refuse!("no '{w}'", "nada de '{w}'", w = word) };
        let error = refused("x").unwrap_err();
        let said = error.downcast_ref::<Said>().unwrap();
        assert_eq!(said.text(Lang::Es), "nada de 'x'");
    }
}

//! The language that reports are written in, by the name that a person gives it or by the locale. It reads no environment:
//! whoever knows its values hands them in.

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

/// A name that stands for no language that reports can be written in. The text is what the user wrote, unescaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no language that reports are written in; write en or es")]
pub struct UnknownLang(String);

impl UnknownLang {
    /// What the user wrote, unescaped.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// Its name on the command line and in a page: its subtag of BCP 47.
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// The language of this name.
    ///
    /// # Errors
    /// A name of no language, or of one that there are no words in.
    pub fn by_name(name: &str) -> Result<Self, UnknownLang> {
        let mut all = Self::ALL.into_iter();
        all.find(|lang| lang.name() == name)
            .ok_or_else(|| UnknownLang(name.to_owned()))
    }

    /// The language of a locale: the first of the values of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set and not empty
    /// decides (POSIX.1-2024, section 8.2). English where it names another language, or none.
    ///
    /// ```
    /// use picaporte::report::Lang;
    ///
    /// assert_eq!(Lang::of_locale([None, Some(""), Some("es_MX.UTF-8")]), Lang::Es);
    /// ```
    pub fn of_locale<'a>(values: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let mut set = values
            .into_iter()
            .flatten()
            .filter(|value| !value.is_empty());
        let locale = set.next().unwrap_or_default();
        let end = locale.find(['_', '-', '.', '@']).unwrap_or(locale.len());
        let language = locale[..end].to_ascii_lowercase();
        Self::by_name(&language).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_has_its_name() {
        for lang in Lang::ALL {
            assert_eq!(Lang::by_name(lang.name()), Ok(lang));
        }
        for wrong in ["", "ES", "fr", "español", "es_ES"] {
            let error = Lang::by_name(wrong).unwrap_err().to_string();
            assert!(error.contains(wrong) && error.contains("en or es"));
        }
    }

    #[test]
    fn the_first_value_that_is_set_decides() {
        let es = Some("es_ES.UTF-8");
        for (values, lang) in [
            ([None, None, None], Lang::En),
            ([None, None, es], Lang::Es),
            ([Some(""), None, es], Lang::Es),
            ([Some("C"), es, es], Lang::En),
            ([None, Some("de_DE"), es], Lang::En),
            ([es, Some("en_GB"), None], Lang::Es),
        ] {
            assert_eq!(Lang::of_locale(values), lang, "{values:?}");
        }
    }

    #[test]
    fn a_locale_is_read_up_to_its_territory() {
        for (locale, lang) in [
            ("es", Lang::Es),
            ("es_419", Lang::Es),
            ("es-MX", Lang::Es),
            ("ES.UTF-8", Lang::Es),
            ("es@valencia", Lang::Es),
            ("est_EE.UTF-8", Lang::En),
            ("POSIX", Lang::En),
            ("_es", Lang::En),
            ("ñ_ES", Lang::En),
        ] {
            assert_eq!(Lang::of_locale([Some(locale)]), lang, "{locale}");
        }
    }
}

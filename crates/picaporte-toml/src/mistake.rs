//! What is wrong, in the languages in which people are told: English, and Spanish beside it. Whoever shows it chooses.

use std::fmt;

use picaporte_core::port::PortError;
use picaporte_core::target::TargetError;

/// A sentence, or a part of one, in each language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// What this sentence says.
    Said(Text),
    /// A target that is none.
    Target(TargetError),
    /// Ports that are none.
    Ports(PortError),
}

/// A [`Text`] of one sentence in English and in Spanish. Both take the same arguments, or it does not compile. Texts that are
/// named before `=>` are put in, each in the sentence's own language.
///
/// ```
/// use picaporte_toml::mistake;
///
/// let of = mistake!("the rule '{name}'", "la regla '{name}'", name = "web");
/// let what = mistake!(of => "{of} has no '{key}'", "{of} no tiene '{key}'", key = "hosts");
/// assert_eq!(what.en, "the rule 'web' has no 'hosts'");
/// assert_eq!(what.es, "la regla 'web' no tiene 'hosts'");
/// ```
#[macro_export]
macro_rules! mistake {
    ($($part:ident),+ => $en:literal, $es:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::Text {
            en: format!(concat!($en) $(, $part = $part.en)+ $(, $name = $value)*),
            es: format!(concat!($es) $(, $part = $part.es)+ $(, $name = $value)*),
        }
    };
    ($en:literal, $es:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::Text {
            en: format!(concat!($en) $(, $name = $value)*),
            es: format!(concat!($es) $(, $name = $value)*),
        }
    };
}

impl Text {
    /// What is the same in each language.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { es: en.clone(), en }
    }
}

impl From<Text> for Mistake {
    fn from(text: Text) -> Self {
        Self::Said(text)
    }
}

impl From<TargetError> for Mistake {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

impl From<PortError> for Mistake {
    fn from(error: PortError) -> Self {
        Self::Ports(error)
    }
}

/// In English.
impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(text) => f.write_str(&text.en),
            Self::Target(error) => error.fmt(f),
            Self::Ports(error) => error.fmt(f),
        }
    }
}

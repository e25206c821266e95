//! What is known of a service: the words that every output shows. Holds no rule.

use std::fmt;
use std::sync::Arc;

use picaporte_encode::Untrusted;

use crate::tls::Tls;

/// What listens on a port, as far as it was told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Service {
    /// The protocol, as IANA's registry of service names has it where it does: `ssh`, `http`, `postgresql`. `None`: nothing that
    /// came was recognized.
    pub name: Option<Name>,
    /// Spoken inside TLS.
    pub inside_tls: bool,
    /// Who made it: `OpenSSH`.
    pub product: Option<Untrusted>,
    /// Its version, as it says itself.
    pub version: Option<Version>,
    /// What else it says of itself.
    pub extra: Option<Untrusted>,
    /// The name that it gives itself, where a greeting has one.
    pub hostname: Option<Untrusted>,
    /// Common Platform Enumeration, version 2.3 formatted strings (NIST IR 7695), most telling first.
    pub cpe: Vec<Cpe>,
    /// What its TLS offers.
    pub tls: Option<Tls>,
    /// The probe whose answer told most, `greeting` for what came unasked.
    pub probe: Option<Arc<str>>,
    /// The beginning of what came, [`EXCERPT`] bytes at most: what a person looks at where no rule knows it.
    pub excerpt: Option<Untrusted>,
    /// How many connections this took, all told.
    pub connections: u8,
}

impl Service {
    /// Whether it is spoken inside TLS from the first byte on, and not after a command of its own (STARTTLS).
    pub fn is_tunnelled(&self) -> bool {
        self.inside_tls && !self.tls.as_ref().is_some_and(|tls| tls.starttls)
    }
}

/// Bytes of an answer that are kept to be looked at.
pub const EXCERPT: usize = 256;

/// The name of a protocol: 1 to 32 of `a-z`, `0-9`, `-`, `.`, `_`, `+` and `/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// A version as a service writes it: 1 to 64 of `A-Z`, `a-z`, `0-9` and `.+~:_-`, with a digit in it. Anything else is no version.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Arc<str>);

/// A CPE 2.3 formatted string; made of checked parts only, so that it holds no byte of the network that it must not.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Cpe(Arc<str>);

impl Name {
    /// Checks a name.
    pub fn new(name: &str) -> Option<Self> {
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._+/".contains(&b);
        ((1..=32).contains(&name.len()) && name.bytes().all(fits)).then(|| Self(name.into()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Version {
    /// The longest, in bytes.
    pub const LONGEST: usize = 64;

    /// Checks what a service said.
    pub fn new(said: &[u8]) -> Option<Self> {
        let fits = |&b: &u8| b.is_ascii_alphanumeric() || b".+~:_-".contains(&b);
        let good = (1..=Self::LONGEST).contains(&said.len())
            && said.iter().all(fits)
            && said.iter().any(u8::is_ascii_digit);
        let text = std::str::from_utf8(said).ok().filter(|_| good)?;
        Some(Self(text.into()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Cpe {
    /// Of an application (`a`), an operating system (`o`) or hardware (`h`): vendor and product in lower case, as NIST's dictionary has
    /// them, and a version if one is known. `None` where vendor or product are not of `a-z`, `0-9`, `_`, `-` and `.`.
    pub fn new(part: char, vendor: &str, product: &str, version: Option<&Version>) -> Option<Self> {
        let fits = |word: &str| {
            (1..=64).contains(&word.len())
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-.".contains(&b))
        };
        let good = matches!(part, 'a' | 'o' | 'h') && fits(vendor) && fits(product);
        let version = version.map_or_else(|| "*".to_owned(), |version| quoted(version.as_str()));
        let (vendor, product) = (quoted(vendor), quoted(product));
        good.then(|| {
            Self(format!("cpe:2.3:{part}:{vendor}:{product}:{version}:*:*:*:*:*:*:*").into())
        })
    }

    /// Reads back what [`as_str`](Self::as_str) gave; `None` for whatever [`new`](Self::new) makes nothing of.
    pub fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("cpe:2.3:")?;
        let mut rest = rest.strip_suffix(":*:*:*:*:*:*:*")?.splitn(4, ':');
        let mut part = rest.next()?.chars();
        let (vendor, product, version) = (rest.next()?, rest.next()?, rest.next()?);
        let version = (version != "*").then(|| Version::new(version.replace('\\', "").as_bytes()));
        let version = match version {
            Some(version) => Some(version?),
            None => None,
        };
        let cpe = Self::new(part.next()?, vendor, product, version.as_ref())?;
        (cpe.as_str() == text).then_some(cpe)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As NIST IR 7695, section 6.2.1 has it: all but letters, digits, `_`, `-` and `.` stand behind a backslash.
fn quoted(word: &str) -> String {
    let mut text = String::with_capacity(word.len() + 4);
    for c in word.chars() {
        if !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '.') {
            text.push('\\');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

macro_rules! shown {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }
    )*};
}

shown!(Name, Version, Cpe);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_versions_and_cpes_are_checked() {
        assert_eq!(
            Name::new("http").map(|n| n.to_string()),
            Some("http".into())
        );
        for bad in ["", "Http", "a b", "a\n", &"a".repeat(33)] {
            assert_eq!(Name::new(bad), None, "{bad:?}");
        }
        assert!(Version::new(b"9.2p1").is_some());
        for bad in [&b""[..], b"beta", b"1 2", b"1\x1b", &[b'1'; 65]] {
            assert_eq!(Version::new(bad), None, "{bad:?}");
        }
        let version = Version::new(b"9.2p1~X:1");
        assert_eq!(
            Cpe::new('a', "openbsd", "openssh", version.as_ref()).map(|c| c.to_string()),
            Some(r"cpe:2.3:a:openbsd:openssh:9.2p1\~x\:1:*:*:*:*:*:*:*".into())
        );
        assert_eq!(Cpe::new('x', "a", "b", None), None);
        for version in [None, version.as_ref()] {
            let cpe = Cpe::new('a', "open-bsd", "openssh", version);
            assert_eq!(cpe.as_ref().and_then(|cpe| Cpe::read(cpe.as_str())), cpe);
        }
        for bad in [
            "",
            "cpe:2.3:a:b",
            "cpe:2.3:a:b:c:1\u{1b}:*:*:*:*:*:*:*",
            "cpe:2.3:a:b:c:1~2:*:*:*:*:*:*:*",
        ] {
            assert_eq!(Cpe::read(bad), None, "{bad:?}");
        }
        assert_eq!(Cpe::new('a', "A", "b", None), None);
    }
}

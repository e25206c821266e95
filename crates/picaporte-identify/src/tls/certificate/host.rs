//! Which hosts a certificate is good for (RFC 9525), and the names that say so.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::AltName;

/// A name of the DNS as it stands in a certificate, in lower case: 1 to 253 of `a-z`, `0-9`, `-`, `_` and `.`, and perhaps `*.` before it. No label is empty or longer than 63.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DnsName(Arc<str>);

impl DnsName {
    /// Checks a name; a dot at its end is left out.
    pub fn new(name: &str) -> Option<Self> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let labels = name.strip_prefix("*.").unwrap_or(name);
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let label = |l: &str| (1..=63).contains(&l.len()) && l.bytes().all(fits);
        let good = name.len() <= 253 && labels.split('.').all(label);
        good.then(|| Self(name.to_ascii_lowercase().into()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it stands for a host: a name without a wildcard.
    fn covers(&self, host: &Self) -> bool {
        match self.0.strip_prefix("*.") {
            Some(parent) => host
                .0
                .split_once('.')
                .is_some_and(|(_, rest)| rest == parent),
            None => self == host,
        }
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl AltName {
    /// Whether it is good for a host: an address or a name of the DNS.
    pub(super) fn matches(&self, host: &str) -> bool {
        let address = host.parse::<IpAddr>();
        match (self, address) {
            (Self::Address(own), Ok(address)) => *own == address,
            (Self::Dns(own), Err(_)) if !host.starts_with('*') => {
                DnsName::new(host).is_some_and(|host| own.covers(&host))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use picaporte_encode::Untrusted;

    use super::*;

    fn dns(name: &str) -> AltName {
        AltName::Dns(DnsName::new(name).expect(name))
    }

    #[test]
    fn names_are_checked() {
        let longest = format!(
            "{}.{}.{}.{}",
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(61)
        );
        assert_eq!(longest.len(), 253);
        for good in [
            "example.org",
            "*.example.org",
            "a_b.example",
            "localhost",
            &longest,
        ] {
            assert_eq!(
                DnsName::new(good).map(|n| n.to_string()).as_deref(),
                Some(good)
            );
        }
        assert_eq!(
            DnsName::new("EXAMPLE.org.")
                .map(|n| n.to_string())
                .as_deref(),
            Some("example.org")
        );
        let long_label = "a".repeat(64);
        for bad in [
            "",
            ".",
            "*",
            "*.",
            "a..b",
            "*a.example",
            "a.*.example",
            "exa mple.org",
            "example.org\0.net",
            "ex\u{e4}mple.org",
            &long_label,
            &format!("{longest}x"),
        ] {
            assert_eq!(DnsName::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_wildcard_stands_for_one_label_the_first() {
        let star = dns("*.example.org");
        for host in ["www.example.org", "WWW.Example.Org", "www.example.org."] {
            assert!(star.matches(host), "{host}");
        }
        for host in [
            "example.org",
            "a.b.example.org",
            ".example.org",
            "*.example.org",
            "www.example.net",
            "",
        ] {
            assert!(!star.matches(host), "{host}");
        }
    }

    #[test]
    fn names_and_addresses_match_their_own_kind_alone() {
        assert!(dns("Example.org").matches("example.ORG"));
        assert!(!dns("example.org").matches("www.example.org"));
        assert!(!dns("192.0.2.7").matches("192.0.2.7"));
        let four = AltName::Address("192.0.2.7".parse().unwrap());
        assert!(four.matches("192.0.2.7") && !four.matches("192.0.2.8"));
        let six = AltName::Address("2001:db8::1".parse().unwrap());
        assert!(six.matches("2001:0db8:0::1") && !six.matches("2001:db8::2"));
        let common = AltName::CommonName(Untrusted::new("example.org"));
        assert!(!common.matches("example.org"));
        assert!(!AltName::Other(Untrusted::new("DNS:example.org")).matches("example.org"));
    }
}

//! ICMP errors by name, in both address families.

use std::str::FromStr;

/// An ICMP error. Names stand for the type and code of the address family in which it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icmp {
    /// Type and code as they are.
    Number(u8, u8),
    /// One that both families have; IPv4's and IPv6's type and code.
    Named(Number, Number),
}

type Number = (u8, u8);

/// Names of ICMP errors: RFC 792, RFC 1812 (section 5.2.7.1), RFC 4443 (section 3).
const ICMP_NAMES: [(&str, Number, Number); 8] = [
    ("net-unreach", (3, 0), (1, 0)),
    ("host-unreach", (3, 1), (1, 3)),
    ("proto-unreach", (3, 2), (4, 1)),
    ("port-unreach", (3, 3), (1, 4)),
    ("net-prohibited", (3, 9), (1, 5)),
    ("host-prohibited", (3, 10), (1, 6)),
    ("admin-prohibited", (3, 13), (1, 1)),
    ("time-exceeded", (11, 0), (3, 0)),
];

impl Icmp {
    /// Type and code in IPv4 or IPv6.
    pub fn number(self, v6: bool) -> (u8, u8) {
        match self {
            Self::Number(kind, code) => (kind, code),
            Self::Named(v4, _) if !v6 => v4,
            Self::Named(_, v6) => v6,
        }
    }
}

impl FromStr for Icmp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((_, v4, v6)) = ICMP_NAMES.iter().find(|(name, ..)| *name == text) {
            return Ok(Self::Named(*v4, *v6));
        }
        let number = |part: &str| part.parse::<u8>().ok();
        text.split_once('/')
            .and_then(|(kind, code)| Some(Self::Number(number(kind)?, number(code)?)))
            .ok_or_else(|| {
                let names: Vec<&str> = ICMP_NAMES.iter().map(|(name, ..)| *name).collect();
                format!(
                    "'{text}' is no ICMP error; write one of {}, or type and code like 3/13",
                    names.join(", ")
                )
            })
    }
}

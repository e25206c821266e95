//! The restriction to one address family, and the flag that asked for it. Knows no targets.

use std::net::IpAddr;

use anyhow::Result;

use super::args::ScanArgs;

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// The family of an address.
    pub(crate) fn of(ip: IpAddr) -> Self {
        if ip.is_ipv6() { Self::V6 } else { Self::V4 }
    }

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

/// Only this family, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Only {
    /// The family that is left.
    pub(crate) family: Family,
    /// The flag that says so.
    pub(crate) flag: String,
}

/// What `-4`, `-6` and `--source` ask for.
///
/// # Errors
/// When they contradict each other.
pub(crate) fn only(args: &ScanArgs) -> Result<Option<Only>> {
    let by_flag = match (args.allowed.ipv4, args.allowed.ipv6) {
        (true, _) => Some(Only {
            family: Family::V4,
            flag: "-4".to_owned(),
        }),
        (_, true) => Some(Only {
            family: Family::V6,
            flag: "-6".to_owned(),
        }),
        _ => None,
    };
    let Some(source) = args.source else {
        return Ok(by_flag);
    };
    let by_source = Only {
        family: Family::of(source),
        flag: format!("--source {source}"),
    };
    match by_flag {
        Some(only) if only.family != by_source.family => {
            let name = by_source.family.name();
            refuse!(
                "--source '{source}' is an {name} address, which {flag} leaves out",
                "--source '{source}' es una dirección {name}, que {flag} excluye",
                source = source,
                name = name,
                flag = only.flag
            )
        }
        _ => Ok(Some(by_source)),
    }
}

//! nmap's words: states, lists of ports, types of scans.

use picaporte_core::PortSet;
use quick_xml::events::BytesStart;

use super::super::damage::Damage;
use super::super::failure::{Failure, shown};
use super::{damaged, value};
use crate::snapshot::Said;

/// What nmap's word for a port says. `open|filtered`, `closed|filtered` and `unfiltered` leave open which it is.
pub(super) fn said(state: &str) -> Result<Said, Failure> {
    match state {
        "open" => Ok(Said::Open),
        "closed" => Ok(Said::Closed),
        "filtered" => Ok(Said::Filtered),
        "open|filtered" | "closed|filtered" | "unfiltered" | "unknown" => Ok(Said::Undecided),
        _ => Err(damaged(Damage::State(shown(state)))),
    }
}

/// A type of scan whose words for ports do not mean what they mean elsewhere: an ACK scan tells only whether something filters,
/// and a window scan guesses (nmap's manual, "Port Scanning Techniques").
pub(super) fn cannot_tell(kind: &str) -> Option<&'static str> {
    ["ack", "window"].into_iter().find(|other| *other == kind)
}

/// `1-22,80`. Port 0, which nmap can scan, is left out.
pub(super) fn ports(list: &str) -> Result<PortSet, Failure> {
    let mut ranges = Vec::new();
    for item in list.split(',').filter(|item| !item.is_empty()) {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let range = (number(first)?, number(last)?);
        if range.0 > range.1 {
            return Err(damaged(Damage::Backwards(shown(item))));
        }
        ranges.push(range);
    }
    Ok(PortSet::from_ranges(ranges))
}

/// A port, or 0.
pub(super) fn number(text: &str) -> Result<u16, Failure> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let port = text.parse().ok().filter(|_| digits);
    port.ok_or_else(|| damaged(Damage::Port(shown(text))))
}

/// Whether a name is one of the reverse DNS, which whoever runs the address has written.
pub(super) fn is_reverse(tag: &BytesStart<'_>) -> Result<bool, Failure> {
    Ok(value(tag, "type")?.as_deref() == Some("PTR"))
}

/// Whether a field of a table lists its ports.
pub(super) fn is_ports(tag: &BytesStart<'_>) -> Result<bool, Failure> {
    Ok(value(tag, "key")?.as_deref() == Some("ports"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ports() {
        for (list, is) in [("", ""), ("0", ""), ("0-3,80", "1-3,80"), ("7,5-9,", "5-9")] {
            assert_eq!(ports(list).map(|set| set.to_string()).as_deref(), Ok(is));
        }
        for list in [
            "-",
            "1-2-3",
            "+7",
            "65536",
            "9-7",
            "T:80",
            "99999999999999999999",
        ] {
            assert!(ports(list).is_err(), "{list}");
        }
    }
}

//! Names of CPE 2.3 as URIs of CPE 2.2, which is what nmap writes and its readers know: a formatted string is unbound and bound again
//! (NIST IR 7695, sections 6.2.3 and 6.1.2).

use std::fmt::Write as _;

/// What a formatted string begins with.
const BEGINNING: &str = "cpe:2.3:";
/// Part, vendor, product, version, update, edition and language: the attributes that a URI has a place for. Those behind them
/// (software edition, target software, target hardware, other) are `*` in all our names, and are left out.
const ATTRIBUTES: usize = 7;

/// `cpe:/a:openbsd:openssh:9.2p1` of `cpe:2.3:a:openbsd:openssh:9.2p1:*:*:*:*:*:*:*`.
pub(super) fn uri(formatted: &str) -> String {
    let formatted = formatted.strip_prefix(BEGINNING).unwrap_or(formatted);
    let attributes = attributes(formatted);
    let bound: Vec<_> = attributes
        .iter()
        .take(ATTRIBUTES)
        .map(|a| bound(a))
        .collect();
    let uri = format!("cpe:/{}", bound.join(":"));
    // Blanks at the end say nothing.
    uri.trim_end_matches(':').to_owned()
}

/// What stands between colons that are not quoted.
fn attributes(formatted: &str) -> Vec<String> {
    let (mut attributes, mut quoted) = (vec![String::new()], false);
    for c in formatted.chars() {
        match attributes.last_mut() {
            Some(last) if c != ':' || quoted => last.push(c),
            _ => attributes.push(String::new()),
        }
        quoted = c == '\\' && !quoted;
    }
    attributes
}

/// One attribute: any value is blank, none at all `-`; letters, digits, `_`, `-` and `.` stand as they are, what is quoted is percent-encoded, and the
/// wildcards `?` and `*` have codes of their own.
fn bound(attribute: &str) -> String {
    if attribute == "*" {
        return String::new();
    }
    let (mut text, mut quoted) = (String::with_capacity(attribute.len()), false);
    for c in attribute.chars() {
        match c {
            '\\' if !quoted => {
                quoted = true;
                continue;
            }
            c if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') => text.push(c),
            '?' if !quoted => text.push_str("%01"),
            '*' if !quoted => text.push_str("%02"),
            c => percent(c, &mut text),
        }
        quoted = false;
    }
    text
}

/// Two lower-case digits for each byte.
fn percent(c: char, text: &mut String) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a String cannot fail.
        let _ = write!(text, "%{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use picaporte_identify::service::{Cpe, Version};
    use proptest::prelude::*;

    use super::*;

    /// After the examples of sections 6.1 and 6.2, and names of ours.
    #[test]
    fn a_name_is_bound_as_the_specification_says() {
        for (formatted, bound) in [
            (
                "cpe:2.3:a:microsoft:internet_explorer:8.0.6001:beta:*:*:*:*:*:*",
                "cpe:/a:microsoft:internet_explorer:8.0.6001:beta",
            ),
            (
                "cpe:2.3:a:microsoft:internet_explorer:8.*:sp?:*:*:*:*:*:*",
                "cpe:/a:microsoft:internet_explorer:8.%02:sp%01",
            ),
            (
                r"cpe:2.3:a:foo\\bar:big\$money_2010:*:*:*:*:*:*:*:*",
                "cpe:/a:foo%5cbar:big%24money_2010",
            ),
            (
                "cpe:2.3:a:acme:product:1.0:-:*:en-us:*:*:*:*",
                "cpe:/a:acme:product:1.0:-::en-us",
            ),
            (
                r"cpe:2.3:a:openbsd:openssh:9.2p1\~x\:1:*:*:*:*:*:*:*",
                "cpe:/a:openbsd:openssh:9.2p1%7ex%3a1",
            ),
            (
                "cpe:2.3:o:linux:linux_kernel:*:*:*:*:*:*:*:*",
                "cpe:/o:linux:linux_kernel",
            ),
        ] {
            assert_eq!(uri(formatted), bound);
        }
    }

    proptest! {
        /// Undone, the version is what it was, in lower case.
        #[test]
        fn any_version_comes_back(version in "[A-Za-z0-9.+~:_-]{0,20}[0-9][A-Za-z0-9.+~:_-]{0,20}") {
            let parsed = Version::new(version.as_bytes());
            prop_assume!(parsed.is_some());
            let cpe = Cpe::new('a', "vendor", "product", parsed.as_ref()).unwrap();
            let uri = uri(cpe.as_str());
            let bound = uri.strip_prefix("cpe:/a:vendor:product:").unwrap();
            let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-%".contains(c);
            prop_assert!(bound.chars().all(fits), "{}", uri);
            let mut parts = bound.split('%');
            let mut back = parts.next().unwrap().to_owned();
            for part in parts {
                back.push(u8::from_str_radix(&part[..2], 16).unwrap().into());
                back.push_str(&part[2..]);
            }
            prop_assert_eq!(back, version.to_ascii_lowercase());
        }
    }
}

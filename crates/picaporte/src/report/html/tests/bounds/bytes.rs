//! Whoever runs an address chooses how long its name is, and the page is no larger for it.

use super::super::super::evidence::{OPEN_BYTES, OTHER_BYTES, Rows};
use super::*;
use crate::report::Reverse;
use crate::report::encode::Untrusted;

/// As long as names of the DNS come (RFC 1035, section 2.3.4), of what is written longest, and as many as are kept.
fn named(addresses: impl Iterator<Item = Address>) -> Header {
    let header = header();
    for address in addresses {
        let names = std::iter::repeat_n(Untrusted::new([0x1b; 255]), Reverse::NAMES);
        assert!(header.reverse.learn(address.ip, names));
    }
    header
}

/// How many of three open ports are listed in so many bytes, and how many bytes these rows have.
fn listed(most_bytes: usize) -> (u64, usize) {
    let header = named((0..3).map(address));
    let mut rows = Rows::of(OPEN, most_bytes);
    (0..3).for_each(|n| rows.add(&verdict(address(n), 22, Reason::SynAck)));
    let tables = rows.tables(&header, Words::of(Lang::En));
    let text = tables.markup.into_string();
    let (_, text) = text.split_once("<tbody>").unwrap_or_default();
    (tables.listed, text.find("</tbody>").unwrap_or(0))
}

#[test]
fn rows_of_evidence_end_at_so_many_bytes() {
    let (all, bytes) = listed(OPEN_BYTES);
    assert_eq!(all, 3);
    assert_eq!(listed(bytes), (3, bytes));
    assert_eq!(listed(bytes - 1), (2, bytes / 3 * 2));
    assert_eq!(listed(0).0, 0);
}

#[test]
fn a_page_of_long_names_says_how_much_evidence_it_has() {
    const PORTS: u32 = 1_024;
    let reasons = [(Reason::SynAck, 22), (Reason::ConnRefused, 23)];
    let mut trailer = sample::interrupted(States::OPEN).trailer;
    trailer.account.tally = Tally::default();
    let (mut report, mut out) = (in_lang(Lang::En), Vec::new());
    report.begin(&named((0..PORTS).map(address)), &mut out);
    for (n, (reason, port)) in (0..PORTS).flat_map(|n| reasons.map(|each| (n, each))) {
        trailer.account.tally.counts.add(reason);
        report.finding(&Finding::Port(verdict(address(n), port, reason)), &mut out);
    }
    report.end(&trailer, &mut out);
    let page = text(&out);
    let ports = section(&page, "ports");
    assert!(ports.len() < OPEN_BYTES + OTHER_BYTES + (64 << 10));
    let folds = ports.matches("of 1,024 ").count();
    assert_eq!(folds, 2, "{}", &ports[..1_000]);
}

//! Changes in English.

use picaporte_diff::{Change, Full};

use super::Texts;
use crate::report::Lang;
use crate::report::changes::words;

pub(super) static TEXTS: Texts = Texts {
    nav: "What changed",
    title: "What changed since {0}",
    earlier: "an earlier scan",
    in_short: "since {0}, ports that opened: {1}; that closed: {2}; that can't be compared: {3}{4}.",
    in_short_service: "; {0}: {1}",
    scan: "Earlier scan",
    this_scan: "This scan",
    complete: "complete",
    incomplete: "not complete",
    change_head: "Change",
    before_now: "Before and now",
    only_before: "not in this scan",
    only_now: "not in the earlier scan",
    folded: "Folded: {0} rows of {1} are listed; picaporte diff lists all of them.",
    service: "Open before and now; something else listens there, or its certificate is another.",
    same: ("the same", "Both scans found them in the same state."),
    neither: (
        "unknown",
        "One scan speaks of them at least, and neither knows their state.",
    ),
    change,
    full,
};

fn change(change: Change) -> (&'static str, &'static str) {
    let means = match change {
        Change::Opened => "Closed or filtered before, and open now.",
        Change::Closed => "Open before, and closed now.",
        Change::Filtered => {
            "Open or closed before; now an ICMP error comes, or nothing: something on the way rejects or swallows."
        }
        Change::Reachable => {
            "Filtered before, and closed now: a RST comes, so that SYNs reach the host."
        }
        Change::Appeared => "The host was asked before and gave no sign of life, and now does.",
        Change::Disappeared => {
            "The host gave a sign of life before, and was asked now and gave none."
        }
        Change::NotComparable => {
            "One scan knows their state; the other did not ask, did not test, or could not tell."
        }
    };
    (words::change(Lang::En, change, 2), means)
}

fn full(full: &Full) -> &'static str {
    match full {
        Full::Hosts(_) => {
            "Nothing was compared: this scan has more than {0} hosts, the most that are compared at once. Scan and compare in parts."
        }
        Full::Ranges(_) => {
            "Nothing was compared: this scan has more than {0} ranges of ports, the most that are kept at once. Scan and compare in parts."
        }
        Full::Evidence(_) => {
            "Nothing was compared: this scan has more than {0} different pieces of evidence. Scan and compare in parts."
        }
        Full::Services(_) => {
            "Nothing was compared: this scan has more than {0} ports with a service, the most that are kept at once. Scan and compare in parts."
        }
    }
}

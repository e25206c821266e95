//! Changes in plain words. Every sentence about what can't be compared stands here.

use std::fmt::Write as _;

use picaporte_diff::{
    About, Change, Changes, Counted, Counts, Evidence, HostChanges, Note, Place, PortChange,
    Presence, Reject, Said,
};

use super::super::table::text::{counted, number};
use super::Side;

/// What one scan says of a port.
pub(in crate::report) const fn said(said: Said) -> &'static str {
    match said {
        Said::Open => "open",
        Said::Closed => "closed",
        Said::Filtered => "filtered",
        Said::Untested => "not tested",
        Said::Undecided => "undecided",
        Said::Absent => "not asked",
    }
}

pub(in crate::report) const fn change(change: Change) -> &'static str {
    match change {
        Change::Opened => "opened",
        Change::Closed => "closed",
        Change::Filtered => "became filtered",
        Change::Reachable => "became reachable",
        Change::Appeared => "appeared",
        Change::Disappeared => "disappeared",
        Change::NotComparable => "not comparable",
    }
}

/// What the change's name does not tell of its two sides.
pub(super) fn sides(change: &PortChange) -> String {
    let (old, new) = (said(change.old), said(change.new));
    match change.change {
        Change::Opened | Change::Closed | Change::Filtered => format!("{old} before"),
        _ => format!("{old} before, {new} now"),
    }
}

pub(in crate::report) const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Appeared => "it gave no sign of life before, and does now",
        Presence::Disappeared => "it gave a sign of life before, and does no more",
    }
}

/// Where only one scan speaks of a host.
pub(super) const fn missing(host: &HostChanges) -> Option<&'static str> {
    match host.mentioned {
        [true, false] => Some("not in the new scan"),
        [false, true] => Some("not in the old scan"),
        _ => None,
    }
}

/// What makes two pieces of evidence differ, in the words of each side.
pub(super) fn evidence(old: &Evidence, new: &Evidence, v6: bool) -> (String, String) {
    let belief = old.belief != new.belief && old.belief.is_some() && new.belief.is_some();
    let bare = |e: &Evidence| Evidence { belief: None, ..*e };
    let error = bare(old).differs(&bare(new));
    let side = |e: &Evidence| {
        let mut parts = Vec::new();
        if error {
            parts.extend(e.reason.map(|reason| reason.name().to_owned()));
            parts.extend(icmp(e.icmp, e.from.map(|from| from.to_string()), v6));
        }
        if belief {
            parts.extend(e.belief.map(|belief| belief.name().to_owned()));
        }
        parts.join(", ")
    };
    (side(old), side(new))
}

/// `icmp 3/13 from 192.0.2.1`.
fn icmp(code: Option<(u8, u8)>, from: Option<String>, v6: bool) -> Option<String> {
    let protocol = if v6 { "icmpv6" } else { "icmp" };
    let code = code.map(|(kind, code)| format!("{protocol} {kind}/{code}"));
    match (code, from) {
        (Some(code), Some(from)) => Some(format!("{code} from {from}")),
        (Some(code), None) => Some(code),
        (None, from) => from.map(|from| format!("from {from}")),
    }
}

/// Who rejects, up to a few of them.
pub(super) fn rejects(rejects: &[Reject], v6: bool) -> String {
    const FEW: usize = 6;
    let kind = |r: &Reject| {
        icmp(
            Some((r.kind, r.code)),
            r.from.map(|from| from.to_string()),
            v6,
        )
    };
    let mut text: Vec<String> = rejects.iter().take(FEW).filter_map(kind).collect();
    if let Some(more @ 1..) = rejects.len().checked_sub(FEW) {
        text.push(format!("{more} more"));
    }
    match text[..] {
        [] => "nobody".to_owned(),
        _ => text.join(", "),
    }
}

/// `nmap 7.93, 2026-01-01T00:00:00Z, complete`; still to be encoded for its sink.
pub(in crate::report) fn scan(about: &About) -> String {
    let mut text = about.scanner.clone();
    if let Some(version) = &about.version {
        let _ = write!(text, " {version}");
    }
    if let Some(id) = &about.id {
        let _ = write!(text, ", scan {id}");
    }
    if let Some(started) = about.started {
        let _ = write!(text, ", {started:.0}");
    }
    match about.complete {
        Some(true) => text.push_str(", complete"),
        Some(false) => text.push_str(", not complete"),
        None => {}
    }
    text
}

/// What is to be known of a file.
pub(in crate::report) fn note(note: &Note) -> String {
    match note {
        Note::Cut(Place::Whole) => "It has no end: the scan, or the file, was cut off. What there is was read; hosts that are not in it count as not asked.".to_owned(),
        Note::Cut(place) => format!(
            "It is cut off at {place}. What stands before was read; hosts that are not in it count as not asked."
        ),
        Note::Several(scans) => format!("It holds {} scans, read as one.", number(*scans)),
        Note::Unnamed(ports) => format!(
            "{} not tested, of hosts that it does not name.",
            were(*ports, "planned port")
        ),
        Note::DownUnnamed(hosts) => format!(
            "{} down, and not named (nmap -v names them): not comparable, where the other scan knows them.",
            were(*hosts, "host")
        ),
        Note::NoAddress(hosts) => format!(
            "{} left out, having no address that can be read.",
            were(*hosts, "host")
        ),
        Note::Unresolved(names) => {
            let verbs = if *names == 1 {
                ["has", "counts"]
            } else {
                ["have", "count"]
            };
            format!(
                "{} in it {} no address, and {} as not asked.",
                counted(*names, "name"),
                verbs[0],
                verbs[1]
            )
        }
        Note::Failed => "Its scanner ended with an error.".to_owned(),
        Note::OtherProtocols(ports) => format!(
            "{} left out: only TCP is compared.",
            were(*ports, "UDP, SCTP or IP port")
        ),
        Note::AtOdds(ports) => format!(
            "{} said to be in two states, and count as undecided.",
            were(*ports, "port")
        ),
        Note::CannotTell(kind) => format!(
            "It is a scan of nmap's type '{kind}', which tells no open port from a closed one: its ports count as undecided."
        ),
    }
}

/// `1 port was`, `2 hosts were`.
fn were(n: u64, one: &str) -> String {
    let verb = if n == 1 { "was" } else { "were" };
    format!("{} {verb}", counted(n, one))
}

pub(in crate::report) fn notes(side: &Side<'_>) -> Vec<String> {
    side.about.notes.iter().map(note).collect()
}

/// `102 ports of 3 hosts`.
pub(super) fn ports_of_hosts(n: Counted) -> String {
    format!(
        "{} of {}",
        counted(n.ports, "port"),
        counted(n.hosts, "host")
    )
}

/// What is said of every kind of change that there is, label and counts.
pub(super) fn totals(counts: &Counts, with_evidence: bool) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    let hosts = [
        (Change::Appeared, counts.appeared),
        (Change::Disappeared, counts.disappeared),
    ];
    for kind in Change::ALL {
        let ports = counts.of(kind);
        let of_host = hosts.iter().find(|(of_host, _)| *of_host == kind);
        let told = match of_host {
            Some((_, n)) => (*n > 0).then(|| counted(*n, "host")),
            None => (ports.ports > 0).then(|| ports_of_hosts(ports)),
        };
        lines.extend(told.map(|told| (change(kind), told)));
    }
    if with_evidence {
        let proved = counted(counts.proved.ports, "port");
        let evidence = format!(
            "{}, of {proved} whose evidence is in both scans",
            ports_of_hosts(counts.evidence)
        );
        lines.push(("other evidence", evidence));
        if counts.rejects > 0 {
            lines.push(("other rejects", counted(counts.rejects, "host")));
        }
    }
    let mut same = ports_of_hosts(counts.same);
    if counts.unknown.ports > 0 {
        let _ = write!(
            same,
            "; {} that neither scan knows",
            counted(counts.unknown.ports, "port")
        );
    }
    lines.push(("the same", same));
    lines
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Judged {
    Same,
    NotKnown,
    Differ,
}

pub(in crate::report) fn judged(changes: &Changes) -> Judged {
    if changes.is_empty() {
        Judged::Same
    } else if changes.hosts.iter().all(HostChanges::only_not_comparable) {
        Judged::NotKnown
    } else {
        Judged::Differ
    }
}

pub(in crate::report) const fn judgement_of(judged: Judged) -> &'static str {
    match judged {
        Judged::Same => {
            "The same: every port whose state one scan knows, the other found in the same state."
        }
        Judged::NotKnown => "Nothing is known to have changed, but not everything can be compared.",
        Judged::Differ => "The scans differ.",
    }
}

/// The same in words.
pub(super) fn judgement(changes: &Changes) -> &'static str {
    judgement_of(judged(changes))
}

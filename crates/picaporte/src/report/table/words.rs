//! States and reasons in plain words, and their colours. Every sentence about what was not tested
//! stands here.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use picaporte_core::policy::Policy;
use picaporte_core::scan::Slowed;
use picaporte_core::tally::{Counts, Outages};
use picaporte_core::timing::Loss;
use picaporte_core::{Grade, Graded, Reason, State, Suspicion};

use super::super::{ReverseCounts, Sampled};
use super::text::{JOINED, counted, length, number};

/// Colours, or none.
#[derive(Clone, Copy)]
pub(in crate::report) struct Paint {
    pub(in crate::report) color: bool,
}

impl Paint {
    pub(in crate::report) fn state(self, state: State, text: &str) -> String {
        self.paint(
            text,
            match state {
                State::Open => AnsiColor::Green.on_default().bold(),
                State::Closed => AnsiColor::Red.on_default(),
                State::Filtered => AnsiColor::Yellow.on_default(),
                State::Untested => AnsiColor::Magenta.on_default().bold(),
            },
        )
    }

    pub(in crate::report) fn title(self, text: &str) -> String {
        self.paint(text, Style::new().bold())
    }

    pub(super) fn heads(self, text: &str) -> String {
        self.paint(text, Style::new().dimmed())
    }

    fn paint(self, text: &str, style: Style) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// `3 open, 997 closed (conn-refused), 12 filtered (10 no-response, 2 admin-prohibited)`.
/// Open ports are graded where not all of them are confirmed.
pub(super) fn states(counts: &Counts, graded: &Graded) -> String {
    let open = counts.in_state(State::Open);
    let states = State::ALL.into_iter().filter_map(|state| {
        let count = counts.in_state(state);
        let why = match state {
            State::Open if graded.confirmed < open => grades(graded, open),
            _ => reasons(counts, state),
        };
        (count > 0).then(|| format!("{}{JOINED}{}{why}", number(count), state.name()))
    });
    states.collect::<Vec<_>>().join(", ")
}

/// ` (conn-refused)`, or a count with each of several reasons; nothing for open ports, which have
/// only one.
pub(in crate::report) fn reasons(counts: &Counts, state: State) -> String {
    let mut those = counts.of_state(state);
    match (state, those.next(), those.next()) {
        (State::Open, ..) | (_, None, _) => String::new(),
        (_, Some((only, _)), None) => format!(" ({})", only.name()),
        _ => {
            let those = counts.iter().filter(|(reason, _)| reason.state() == state);
            let each = those.map(|(reason, n)| format!("{}{JOINED}{}", number(n), reason.name()));
            format!(" ({})", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What speaks against an open port, or is missing for it; nothing of an ordinary one.
pub(in crate::report) fn doubt(grade: Option<Grade>) -> Option<&'static str> {
    match grade {
        Some(Grade::Confirmed) => None,
        Some(Grade::HandshakeOnly) => Some("handshake only: nothing came after it"),
        Some(Grade::Suspect(Suspicion::NoOptionsNoWindow)) => {
            Some("suspect: it took up no options, and has no window for data")
        }
        Some(Grade::Suspect(Suspicion::AnswersEverything)) => {
            Some("suspect: the host answers everything")
        }
        Some(Grade::Suspect(Suspicion::Nearer)) => {
            Some("suspect: something nearer than the host answers")
        }
        Some(Grade::Suspect(_)) => Some("suspect"),
        None => Some("not watched to its end"),
    }
}

/// In place of the open ports of a host that answers everything.
pub(in crate::report) fn answers_everything(open: u64) -> String {
    format!(
        "answers on every port tried, also where nothing plausible listens: its {} say nothing, and only the other formats list them",
        counted(open, "open port")
    )
}

/// ` (3 confirmed, 1 suspect)`, with those of `open` ports that have no grade; ` (confirmed)` where all are the same.
pub(in crate::report) fn grades(graded: &Graded, open: u64) -> String {
    let those = [
        (graded.confirmed, "confirmed"),
        (graded.handshake_only, "handshake-only"),
        (graded.suspect, "suspect"),
        (
            open.saturating_sub(graded.all()),
            "not watched to their end",
        ),
    ];
    let those: Vec<_> = those.into_iter().filter(|(n, _)| *n > 0).collect();
    match those[..] {
        [] => String::new(),
        [(_, only)] => format!(" ({only})"),
        _ => {
            let each = those
                .iter()
                .map(|(n, name)| format!("{}{JOINED}{name}", number(*n)));
            format!(" ({})", each.collect::<Vec<_>>().join(", "))
        }
    }
}

/// What was looked at once more.
pub(in crate::report) fn sampled(sampled: Sampled) -> String {
    let mut text = format!(
        "{}, one of each kind of a host",
        counted(sampled.located, "port")
    );
    if sampled.untested > 0 {
        let _ = write!(text, "; {} could not be", number(sampled.untested));
    }
    if sampled.left_out > 0 {
        let _ = write!(text, "; {} left out, as too many", number(sampled.left_out));
    }
    text
}

/// What became of the questions to the reverse DNS.
pub(in crate::report) fn reverse(counts: ReverseCounts) -> String {
    let mut text = format!(
        "reverse DNS: {} asked",
        counted_as(counts.asked, "address", "addresses")
    );
    for (count, what) in [
        (counts.named, "named"),
        (counts.unnamed, "without a name"),
        (counts.failed, "failed"),
        (counts.unanswered, "not answered"),
    ] {
        if count > 0 {
            let _ = write!(
                text,
                ", {}{JOINED}{}",
                number(count),
                what.replace(' ', &JOINED.to_string())
            );
        }
    }
    if counts.left_out > 0 {
        let hosts = counted(counts.left_out, "host");
        let _ = write!(text, "; {hosts} left out");
    }
    text
}

fn counted_as(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// What is done with a host's ports by default.
pub(in crate::report) const fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Silent => "silent",
        Policy::Reject => "rejecting",
        Policy::Reset => "answering with a RST",
    }
}

/// `1.50 % of SYNs to ports that answered in the end (6 of 400); 0.02 open ports are expected to be missed`.
pub(in crate::report) fn loss(loss: Loss, missed_millionths: u64) -> String {
    if loss.asked == 0 {
        return "not measured: no port answered with a SYN-ACK or a RST".to_owned();
    }
    let missed = missed_millionths as f64 / 1e6;
    let missed = if missed < 0.005 {
        "fewer than 0.01".to_owned()
    } else {
        format!("{missed:.2}")
    };
    format!(
        "{:.2} % of SYNs to ports that answered in the end ({} of {}), without those sent while nothing came back; {missed} open ports are expected to be missed",
        loss.lost as f64 * 100.0 / loss.asked as f64,
        number(loss.lost),
        number(loss.asked)
    )
}

/// `nothing came back from anybody twice, 4.1 s in all; what was asked then was asked again`.
pub(in crate::report) fn outages(outages: Outages) -> String {
    let slower = outages.per_second.map_or(String::new(), |pace| {
        let pace = counted(pace.into(), "attempt");
        format!(", more slowly: {pace} a second at the slowest")
    });
    format!(
        "nothing came back from anybody {}, {} in all; what was asked then was asked again{slower}",
        times(outages.times),
        length(outages.silent.into())
    )
}

/// `once`, `twice`, `3 times`.
fn times(n: u32) -> String {
    match n {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        n => format!("{} times", number(n.into())),
    }
}

/// `fell silent twice, and was asked more slowly from then on: 80 attempts a second at the slowest`.
pub(in crate::report) fn slowed(slowed: Slowed) -> String {
    format!(
        "fell silent {}, and was asked more slowly from then on: {} a second at the slowest",
        times(slowed.times),
        counted(slowed.per_second.into(), "attempt")
    )
}

/// `2 of 800 planned probes were not tested`.
pub(in crate::report) fn not_tested(untested: u64, planned: u64) -> String {
    let were = if planned == 1 { "was" } else { "were" };
    let planned = counted(planned, "planned probe");
    format!("{} of {planned} {were} not tested", number(untested))
}

/// Why ports were not tested, and what to do about it. Only for reasons that leave a port untested.
pub(in crate::report) fn untested_because(reason: Reason) -> &'static str {
    match reason {
        Reason::LocalLimit => {
            "this machine ran out of descriptors, local ports or buffers. Raise `ulimit -n` or \
             lower --max-inflight, and scan them again."
        }
        Reason::LocalRoute => {
            "this machine had no route to them, its interface was down, or its own firewall \
             refused. Mend that, or choose another --interface or --source, and scan them again."
        }
        Reason::Interrupted => {
            "the scan was stopped before their turn. If it is kept, picaporte resume goes on with it."
        }
        Reason::OutOfScope => {
            "they lie outside the scope that was set, or its time was over. Nothing was sent to them."
        }
        Reason::HostSilent => "their hosts gave no sign of life, and such hosts were to be left.",
        Reason::HostBanned => "their hosts began to turn this machine away.",
        Reason::PathDown => "the path to them was down. Scan them again when it is up.",
        Reason::Unresolved => "no address was found. Check the spelling, or DNS.",
        Reason::TimeLimit => {
            "the time set by --host-timeout or --max-time was over. If the scan is kept, picaporte \
             resume goes on with it; or allow more, and scan them again."
        }
        _ => "of a reason that this version does not know.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_counted_only_beside_another() {
        let mut counts = Counts::default();
        let confirmed = Graded {
            confirmed: 3,
            ..Graded::default()
        };
        let states = |counts: &Counts| states(counts, &confirmed).replace(JOINED, " ");
        assert_eq!(states(&counts), "");
        counts.add_many(Reason::SynAck, 3);
        counts.add_many(Reason::ConnRefused, 60_990);
        assert_eq!(states(&counts), "3 open, 60,990 closed (conn-refused)");
        counts.add_many(Reason::NoResponse, 10);
        counts.add_many(Reason::AdminProhibited, 2);
        assert_eq!(
            states(&counts),
            "3 open, 60,990 closed (conn-refused), 12 filtered (10 no-response, 2 admin-prohibited)"
        );
    }

    #[test]
    fn open_ports_are_graded_where_there_is_a_doubt() {
        let mut counts = Counts::default();
        counts.add_many(Reason::SynAck, 4);
        let states = |confirmed, handshake_only| {
            let graded = Graded {
                confirmed,
                handshake_only,
                suspect: 0,
            };
            states(&counts, &graded).replace(JOINED, " ")
        };
        assert_eq!(states(4, 0), "4 open");
        assert_eq!(states(0, 4), "4 open (handshake-only)");
        assert_eq!(states(3, 1), "4 open (3 confirmed, 1 handshake-only)");
        assert_eq!(
            states(2, 1),
            "4 open (2 confirmed, 1 handshake-only, 1 not watched to their end)"
        );
    }

    #[test]
    fn every_reason_of_an_untested_port_has_its_own_sentence() {
        let untested = Reason::ALL.iter().filter(|r| r.state() == State::Untested);
        let sentences: std::collections::BTreeSet<_> = untested
            .clone()
            .map(|&reason| untested_because(reason))
            .collect();
        assert_eq!(sentences.len(), untested.count());
        assert!(!sentences.contains(untested_because(Reason::SynAck)));
    }

    #[test]
    fn colour_is_only_added_when_asked_for() {
        let plain = Paint { color: false };
        assert_eq!(plain.state(State::Open, "open"), "open");
        let colored = Paint { color: true }.state(State::Open, "open");
        assert!(colored.contains("open") && colored.starts_with('\u{1b}'));
    }
}

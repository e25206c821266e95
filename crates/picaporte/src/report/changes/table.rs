//! Changes for a person: each host with what happened to it, then what can't be compared, hosts of the same kind in one place,
//! then counts and what they come to.

use std::fmt::Write as _;

use picaporte_core::State;
use picaporte_diff::{Change, Changes, HostChanges};

use super::super::table::text::{columns, wrap};
use super::super::table::words::Paint;
use super::joined::{self, Groups};
use super::{Compared, Side, Style, encode, words};

/// Where what happened ends and what it happened to begins: after the longest label and its indent.
const LABELS: usize = 20;
/// Up to how many names of a host are told; JSON has more.
const NAMES: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Table<'a> {
    groups: Groups<'a>,
    any_group: bool,
}

impl<'a> Table<'a> {
    pub(super) fn begin(compared: &Compared<'_>, style: Style, out: &mut Vec<u8>) -> Self {
        let mut text = String::new();
        for (which, side) in [("old", &compared.old), ("new", &compared.new)] {
            head(which, side, style, &mut text);
        }
        text.push('\n');
        out.extend(text.as_bytes());
        Self::default()
    }

    pub(super) fn host(&mut self, host: &'a HostChanges, style: Style, out: &mut Vec<u8>) {
        if host.only_not_comparable() {
            self.any_group = true;
            self.groups.add(host);
            return;
        }
        let mut text = String::new();
        write(&title(host), host, style, &mut text);
        text.push('\n');
        out.extend(text.as_bytes());
    }

    pub(super) fn end(
        self,
        compared: &Compared<'_>,
        changes: &Changes,
        style: Style,
        out: &mut Vec<u8>,
    ) {
        let width = usize::from(style.width);
        let mut text = String::new();
        if self.any_group {
            let head = "Nothing is known to have changed on these hosts, but not everything can be compared:";
            let _ = writeln!(text, "{}\n", wrap(head, 0, 0, width));
        }
        for group in self.groups.in_order() {
            let title = if let [host] = group[..] {
                title(host)
            } else {
                joined::hosts(&joined::ids(&group))
            };
            write(&title, group[0], style, &mut text);
            text.push('\n');
        }
        for (label, counts) in words::totals(&changes.counts, compared.evidence) {
            let counts = wrap(&counts, LABELS, LABELS, width);
            let _ = writeln!(text, "{label:<LABELS$}{counts}");
        }
        let _ = writeln!(text, "\n{}", wrap(words::judgement(changes), 0, 0, width));
        out.extend(text.as_bytes());
    }
}

fn head(which: &str, side: &Side<'_>, style: Style, text: &mut String) {
    let width = usize::from(style.width);
    let scan = format!("{}: {}", side.file, words::scan(side.about));
    let scan = wrap(&encode::terminal(&scan), 5, 5, width);
    let _ = writeln!(text, "{which}  {scan}");
    for note in words::notes(side) {
        let _ = writeln!(text, "     {}", wrap(&encode::terminal(&note), 5, 5, width));
    }
}

/// `192.0.2.7 (www.example.org)`, still to be encoded.
fn title(host: &HostChanges) -> String {
    let mut title = host.id.to_string();
    if !host.names.is_empty() {
        let told: Vec<&str> = host.names.iter().take(NAMES).map(|name| &**name).collect();
        let more = if host.names.len() > NAMES {
            ", …"
        } else {
            ""
        };
        let _ = write!(title, " ({}{more})", told.join(", "));
    }
    title
}

fn write(title: &str, host: &HostChanges, style: Style, text: &mut String) {
    let paint = Paint { color: style.color };
    let width = usize::from(style.width);
    for line in wrap(&encode::terminal(title), 0, 2, width).lines() {
        let _ = writeln!(text, "{}", paint.title(line));
    }
    for line in lines(host) {
        let label = format!("  {}", line.label);
        let pad = LABELS.saturating_sub(columns(&label)).max(1);
        let label = match line.color {
            Some(state) => paint.state(state, &label),
            None => label,
        };
        let what = wrap(&line.text, LABELS, LABELS, width);
        let _ = writeln!(text, "{label}{:pad$}{what}", "");
    }
}

struct Line {
    label: &'static str,
    color: Option<State>,
    text: String,
}

/// Everything that is to be said of a host.
fn lines(host: &HostChanges) -> Vec<Line> {
    let v6 = host.id.ip().is_some_and(|ip| ip.is_ipv6());
    let plain = |label, text: String| Line {
        label,
        color: None,
        text,
    };
    let mut lines = Vec::new();
    if let Some(presence) = host.presence {
        let change = match presence {
            picaporte_diff::Presence::Appeared => Change::Appeared,
            picaporte_diff::Presence::Disappeared => Change::Disappeared,
        };
        lines.push(plain(
            words::change(change),
            words::presence(presence).to_owned(),
        ));
    }
    lines.extend(
        words::missing(host)
            .map(|text| plain(words::change(Change::NotComparable), text.to_owned())),
    );
    for change in &host.ports {
        lines.push(Line {
            label: words::change(change.change),
            color: color(change.change),
            text: format!(
                "{} ({})",
                joined::ports(&change.ports),
                words::sides(change)
            ),
        });
    }
    for change in &host.evidence {
        let (old, new) = words::evidence(&change.old, &change.new, v6);
        let ports = joined::ports(&change.ports);
        let state = words::said(change.state);
        lines.push(plain(
            "other evidence",
            format!("{ports} ({state}): {old} before; {new} now"),
        ));
    }
    if let Some(rejects) = &host.rejects {
        let (old, new) = (
            words::rejects(&rejects.old, v6),
            words::rejects(&rejects.new, v6),
        );
        lines.push(plain("other rejects", format!("{old} before; {new} now")));
    }
    lines
}

/// As the state that it is now is coloured elsewhere.
fn color(change: Change) -> Option<State> {
    match change {
        Change::Opened => Some(State::Open),
        Change::Closed | Change::Reachable => Some(State::Closed),
        Change::Filtered => Some(State::Filtered),
        Change::NotComparable => Some(State::Untested),
        Change::Appeared | Change::Disappeared => None,
    }
}

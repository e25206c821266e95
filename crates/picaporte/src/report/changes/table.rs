//! Changes for a person: each host with what happened to it, then what can't be compared, hosts of the same kind in one place,
//! then counts and what they come to.

use std::fmt::Write as _;

use picaporte_core::State;
use picaporte_diff::{Change, Changes, HostChanges, Presence};

use super::super::table::paint::Paint;
use super::super::table::text::{columns, wrap};
use super::joined::{self, Groups};
use super::{Compared, Side, Style, encode, words};
use crate::report::Lang;

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
        for side in [
            (style.lang.either("old", "antes"), &compared.old),
            (style.lang.either("new", "ahora"), &compared.new),
        ] {
            head(side, style, &mut text);
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
            let head = style.lang.either(
                "Nothing is known to have changed on these hosts, but not everything can be compared:",
                "No consta ningún cambio en estos equipos, pero no todo se puede comparar:",
            );
            let _ = writeln!(text, "{}\n", wrap(head, 0, 0, width));
        }
        for group in self.groups.in_order() {
            let title = if let [host] = group[..] {
                title(host)
            } else {
                joined::hosts(style.lang, &joined::ids(&group), seen)
            };
            write(&title, group[0], style, &mut text);
            text.push('\n');
        }
        for (label, counts) in words::totals(style.lang, &changes.counts, compared.evidence) {
            let counts = wrap(&counts, LABELS, LABELS, width);
            let _ = writeln!(text, "{label:<LABELS$}{counts}");
        }
        let judgement = words::judgement(style.lang, changes);
        let _ = writeln!(text, "\n{}", wrap(judgement, 0, 0, width));
        out.extend(text.as_bytes());
    }
}

fn head((which, side): (&str, &Side<'_>), style: Style, text: &mut String) {
    let (lang, width) = (style.lang, usize::from(style.width));
    let at = columns(which) + 2;
    let scan = format!("{}: {}", side.file, words::scan(lang, side.about));
    let scan = wrap(&encode::terminal(&scan), at, at, width);
    let _ = writeln!(text, "{which}  {scan}");
    for note in words::notes(lang, side) {
        let _ = writeln!(text, "{:at$}{}", "", wrap(&note, at, at, width));
    }
}

/// What comes from a file, for a terminal.
fn seen(text: &str) -> String {
    encode::terminal(text).into_owned()
}

/// `192.0.2.7 (www.example.org)`.
fn title(host: &HostChanges) -> String {
    let mut title = seen(&host.id.to_string());
    if !host.names.is_empty() {
        let told: Vec<String> = host
            .names
            .iter()
            .take(NAMES)
            .map(|name| seen(name))
            .collect();
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
    for line in wrap(title, 0, 2, width).lines() {
        let _ = writeln!(text, "{}", paint.title(line));
    }
    for line in lines(style.lang, host) {
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
fn lines(lang: Lang, host: &HostChanges) -> Vec<Line> {
    let v6 = host.id.ip().is_some_and(|ip| ip.is_ipv6());
    let plain = |label, text: String| Line {
        label,
        color: None,
        text,
    };
    let mut lines = Vec::new();
    if let Some(presence) = host.presence {
        let change = match presence {
            Presence::Appeared => Change::Appeared,
            Presence::Disappeared => Change::Disappeared,
        };
        let says = words::presence(lang, presence);
        lines.push(plain(words::change(lang, change, 1), says.to_owned()));
    }
    lines.extend(words::missing(lang, host).map(|text| {
        let label = words::change(lang, Change::NotComparable, 1);
        plain(label, text.to_owned())
    }));
    for change in &host.ports {
        lines.push(Line {
            label: words::change(lang, change.change, change.ports.len().into()),
            color: color(change.change),
            text: format!(
                "{} ({})",
                joined::ports(lang, &change.ports),
                words::sides(lang, change)
            ),
        });
    }
    for change in &host.services {
        let [old, new] = words::services(lang, change);
        let ports = joined::ports(lang, &change.ports);
        let text = format!("{ports}: {} → {}", seen(&old), seen(&new));
        lines.push(plain(words::other_service(lang), text));
    }
    for change in &host.evidence {
        let (old, new) = words::evidence(lang, &change.old, &change.new, v6);
        let ports = joined::ports(lang, &change.ports);
        let state = words::said(lang, change.state, change.ports.len().into());
        let both = words::before_and_now(lang, &old, &new);
        let label = words::other_evidence(lang);
        lines.push(plain(label, format!("{ports} ({state}): {both}")));
    }
    if let Some(rejects) = &host.rejects {
        let (old, new) = (
            words::rejects(lang, &rejects.old, v6),
            words::rejects(lang, &rejects.new, v6),
        );
        let both = words::before_and_now(lang, &old, &new);
        lines.push(plain(words::other_rejects(lang), both));
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

//! Changes as a document in Markdown, with the tables of GitHub's. Everything that comes from a file stands in a code span,
//! where nothing is a link, a picture or a tag.

use std::fmt::Write as _;

use picaporte_diff::{Change, Changes, HostChanges, Presence};

use super::joined::{self, Groups};
use super::{Compared, Side, encode, words};

/// Up to how many names of a host are told; JSON has more.
const NAMES: usize = 4;
const HEADS: &str = "| host | change | ports | before | now |\n| --- | --- | --- | --- | --- |\n";

#[derive(Debug, Default)]
pub(super) struct Markdown<'a> {
    any: bool,
    groups: Groups<'a>,
}

impl<'a> Markdown<'a> {
    pub(super) fn begin(compared: &Compared<'_>, out: &mut Vec<u8>) -> Self {
        let mut text =
            String::from("# Changes between two scans\n\n| | file | scan |\n| --- | --- | --- |\n");
        for (which, side) in [("old", &compared.old), ("new", &compared.new)] {
            let (file, scan) = (code(side.file), code(&words::scan(side.about)));
            let _ = writeln!(text, "| {which} | {file} | {scan} |");
        }
        text.push('\n');
        for (which, side) in [("old", &compared.old), ("new", &compared.new)] {
            notes(which, side, &mut text);
        }
        out.extend(text.as_bytes());
        Self::default()
    }

    pub(super) fn host(&mut self, host: &'a HostChanges, out: &mut Vec<u8>) {
        if host.only_not_comparable() {
            self.groups.add(host);
            return;
        }
        let mut text = String::new();
        if !std::mem::replace(&mut self.any, true) {
            text = format!("## What changed\n\n{HEADS}");
        }
        rows(&title(host), host, &mut text);
        out.extend(text.as_bytes());
    }

    pub(super) fn end(self, compared: &Compared<'_>, changes: &Changes, out: &mut Vec<u8>) {
        let mut text = String::new();
        if self.any {
            text.push('\n');
        }
        let groups = self.groups.in_order();
        if !groups.is_empty() {
            let _ = write!(text, "## What can't be compared\n\n{HEADS}");
            for group in groups {
                let title = match group[..] {
                    [host] => title(host),
                    _ => code(&joined::hosts(&joined::ids(&group))),
                };
                rows(&title, group[0], &mut text);
            }
            text.push('\n');
        }
        text.push_str("## Summary\n\n| change | how much |\n| --- | --- |\n");
        for (label, counts) in words::totals(&changes.counts, compared.evidence) {
            let _ = writeln!(text, "| {label} | {counts} |");
        }
        let _ = writeln!(text, "\n{}", words::judgement(changes));
        out.extend(text.as_bytes());
    }
}

fn code(text: &str) -> String {
    encode::markdown(text)
}

fn notes(which: &str, side: &Side<'_>, text: &mut String) {
    let notes = words::notes(side);
    for note in &notes {
        let _ = writeln!(text, "- The {which} file: {note}");
    }
    if !notes.is_empty() {
        text.push('\n');
    }
}

fn title(host: &HostChanges) -> String {
    let mut title = code(&host.id.to_string());
    for name in host.names.iter().take(NAMES) {
        let _ = write!(title, " {}", code(name));
    }
    if host.names.len() > NAMES {
        title.push_str(" …");
    }
    title
}

fn rows(title: &str, host: &HostChanges, text: &mut String) {
    let v6 = host.id.ip().is_some_and(|ip| ip.is_ipv6());
    let mut row = |change: &str, ports: &str, old: &str, new: &str| {
        let _ = writeln!(text, "| {title} | {change} | {ports} | {old} | {new} |");
    };
    match host.presence {
        Some(Presence::Appeared) => row(
            words::change(Change::Appeared),
            "",
            "no sign of life",
            "a sign of life",
        ),
        Some(Presence::Disappeared) => row(
            words::change(Change::Disappeared),
            "",
            "a sign of life",
            "no sign of life",
        ),
        None => {}
    }
    for change in &host.ports {
        let ports = joined::ports(&change.ports);
        row(
            words::change(change.change),
            &ports,
            words::said(change.old),
            words::said(change.new),
        );
    }
    for change in &host.evidence {
        let (old, new) = words::evidence(&change.old, &change.new, v6);
        row("other evidence", &joined::ports(&change.ports), &old, &new);
    }
    if let Some(rejects) = &host.rejects {
        row(
            "other rejects",
            "",
            &words::rejects(&rejects.old, v6),
            &words::rejects(&rejects.new, v6),
        );
    }
}

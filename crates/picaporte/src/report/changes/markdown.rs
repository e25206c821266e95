//! Changes as a document in Markdown, with the tables of GitHub's. Everything that comes from a file stands in a code span,
//! where nothing is a link, a picture or a tag.

use std::fmt::Write as _;

use picaporte_diff::{Change, Changes, HostChanges, Presence};

use super::joined::{self, Groups};
use super::{Compared, Side, encode, words};
use crate::report::Lang;

/// Up to how many names of a host are told; JSON has more.
const NAMES: usize = 4;

/// What stands above the rows.
const fn heads(lang: Lang) -> &'static str {
    lang.either(
        "| host | change | ports | before | now |\n| --- | --- | --- | --- | --- |\n",
        "| equipo | cambio | puertos | antes | ahora |\n| --- | --- | --- | --- | --- |\n",
    )
}

#[derive(Debug)]
pub(super) struct Markdown<'a> {
    lang: Lang,
    any: bool,
    groups: Groups<'a>,
}

impl<'a> Markdown<'a> {
    pub(super) fn begin(compared: &Compared<'_>, lang: Lang, out: &mut Vec<u8>) -> Self {
        let mut text = lang
            .either(
                "# Changes between two scans\n\n| | file | scan |\n| --- | --- | --- |\n",
                "# Cambios entre dos escaneos\n\n| | fichero | escaneo |\n| --- | --- | --- |\n",
            )
            .to_owned();
        let sides = [
            (lang.either("old", "anterior"), &compared.old),
            (lang.either("new", "nuevo"), &compared.new),
        ];
        for (which, side) in sides {
            let (file, scan) = (code(side.file), code(&words::scan(lang, side.about)));
            let _ = writeln!(text, "| {which} | {file} | {scan} |");
        }
        text.push('\n');
        for (which, side) in sides {
            notes(lang, which, side, &mut text);
        }
        out.extend(text.as_bytes());
        Self {
            lang,
            any: false,
            groups: Groups::default(),
        }
    }

    pub(super) fn host(&mut self, host: &'a HostChanges, out: &mut Vec<u8>) {
        if host.only_not_comparable() {
            self.groups.add(host);
            return;
        }
        let mut text = String::new();
        if !std::mem::replace(&mut self.any, true) {
            let changed = self.lang.either("What changed", "Qué cambió");
            text = format!("## {changed}\n\n{}", heads(self.lang));
        }
        rows(self.lang, &title(host), host, &mut text);
        out.extend(text.as_bytes());
    }

    pub(super) fn end(self, compared: &Compared<'_>, changes: &Changes, out: &mut Vec<u8>) {
        let lang = self.lang;
        let mut text = String::new();
        if self.any {
            text.push('\n');
        }
        let groups = self.groups.in_order();
        if !groups.is_empty() {
            let head = lang.either("What can't be compared", "Qué no se puede comparar");
            let _ = write!(text, "## {head}\n\n{}", heads(lang));
            for group in groups {
                let title = match group[..] {
                    [host] => title(host),
                    _ => code(&joined::hosts(lang, &joined::ids(&group), str::to_owned)),
                };
                rows(lang, &title, group[0], &mut text);
            }
            text.push('\n');
        }
        text.push_str(lang.either(
            "## Summary\n\n| change | how much |\n| --- | --- |\n",
            "## Resumen\n\n| cambio | cuánto |\n| --- | --- |\n",
        ));
        for (label, counts) in words::totals(lang, &changes.counts, compared.evidence) {
            let _ = writeln!(text, "| {label} | {counts} |");
        }
        let _ = writeln!(text, "\n{}", words::judgement(lang, changes));
        out.extend(text.as_bytes());
    }
}

fn code(text: &str) -> String {
    encode::markdown(text)
}

fn notes(lang: Lang, which: &str, side: &Side<'_>, text: &mut String) {
    let notes = words::notes(lang, side);
    for note in &notes {
        text.push_str(&say!(
            lang,
            "- The {which} file: {note}\n",
            "- El fichero {which}: {note}\n",
            which = which,
            note = note
        ));
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

fn rows(lang: Lang, title: &str, host: &HostChanges, text: &mut String) {
    let v6 = host.id.ip().is_some_and(|ip| ip.is_ipv6());
    let mut row = |change: &str, ports: &str, old: &str, new: &str| {
        let _ = writeln!(text, "| {title} | {change} | {ports} | {old} | {new} |");
    };
    let life = lang.either("a sign of life", "señales de vida");
    let none = lang.either("no sign of life", "sin señales de vida");
    match host.presence {
        Some(Presence::Appeared) => row(words::change(lang, Change::Appeared, 1), "", none, life),
        Some(Presence::Disappeared) => {
            row(words::change(lang, Change::Disappeared, 1), "", life, none);
        }
        None => {}
    }
    for change in &host.ports {
        let n = change.ports.len().into();
        row(
            words::change(lang, change.change, n),
            &joined::ports(lang, &change.ports),
            words::said(lang, change.old, n),
            words::said(lang, change.new, n),
        );
    }
    for change in &host.services {
        let [old, new] = words::services(lang, change).map(|text| code(&text));
        let ports = joined::ports(lang, &change.ports);
        row(words::other_service(lang), &ports, &old, &new);
    }
    for change in &host.evidence {
        let (old, new) = words::evidence(lang, &change.old, &change.new, v6);
        let ports = joined::ports(lang, &change.ports);
        row(words::other_evidence(lang), &ports, &old, &new);
    }
    if let Some(rejects) = &host.rejects {
        row(
            words::other_rejects(lang),
            "",
            &words::rejects(lang, &rejects.old, v6),
            &words::rejects(lang, &rejects.new, v6),
        );
    }
}

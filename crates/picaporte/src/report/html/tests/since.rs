//! What changed since an earlier scan, as it is read, and where its bounds are.

use std::fmt::Write as _;
use std::sync::Arc;

use picaporte_diff::{Limits, Wanted};

use super::super::hosts::NAMES;
use super::super::since::rows::{RANGES, ROWS};
use super::super::since::{Compared, Since};
use super::super::words::Words;
use super::*;
use crate::report::{Earlier, report_since};

mod services;

/// What differs from [`sample::interrupted`] in every way: host, open, closed, filtered, untested.
const BEFORE: [(&str, [&str; 4]); 7] = [
    ("192.0.2.7", ["80", "22", "443", "23"]),
    ("198.51.100.9", ["443", "22-23,80", "", ""]),
    ("203.0.113.1", ["22", "23,80,443", "", ""]),
    ("203.0.113.2", ["", "", "22-23,80,443", ""]),
    ("203.0.113.200", ["22", "", "", ""]),
    ("203.0.113.201", ["22", "", "", ""]),
    ("2001:db8::5", ["", "22,80", "", "23,443"]),
];

fn scan_line() -> String {
    r#"{"type":"scan","schema":1,"id":"01JE000000000000000BEFORE","version":"0.1.0","started":"2025-12-01T00:00:00.000Z"}"#
        .to_owned()
        + "\n"
}

fn host_line(host: &str, [open, closed, filtered, untested]: [&str; 4]) -> String {
    format!(
        "{{\"type\":\"host\",\"ip\":\"{host}\",\"ports\":{{\"open\":\"{open}\",\"closed\":\"{closed}\",\
         \"filtered\":\"{filtered}\",\"untested\":\"{untested}\"}}}}\n"
    )
}

/// A scan as JSON Lines.
fn lines(sample: &Sample) -> String {
    rendered(sample, report(Format::JsonLines, Style::default()))
}

fn earlier(lines: &str) -> Arc<Earlier> {
    let scan = picaporte_diff::read(lines.as_bytes(), Wanted::default(), &Limits::default());
    Arc::new(Earlier {
        called: "december.jsonl".to_owned(),
        scan: scan.unwrap(),
    })
}

fn before() -> Arc<Earlier> {
    let hosts = BEFORE.map(|(host, ports)| host_line(host, ports)).concat();
    let end = r#"{"type":"end","untested":3,"complete":false}"#;
    earlier(&(scan_line() + &hosts + end + "\n"))
}

fn page_since(sample: &Sample, lang: Lang, earlier: Arc<Earlier>) -> String {
    let style = Style {
        lang,
        ..Style::default()
    };
    rendered(sample, report_since(Format::Html, style, Some(earlier)))
}

/// What is read of the section alone.
fn told(page: &str) -> String {
    let (_, rest) = page.split_once("<section slot=\"since\"").unwrap();
    let (section, _) = rest.split_once("</section>").unwrap();
    read(&format!("<section slot=\"since\"{section}</section>"))
}

/// What one scan says beside another, without a page.
fn compared(findings: impl IntoIterator<Item = Finding>, limits: &Limits) -> Compared {
    let sample = sample::interrupted(States::OPEN);
    let mut since = Since::within(&sample.header, before(), limits);
    for finding in findings {
        since.finding(&sample.header, &finding);
    }
    since.end(&sample.trailer.account.tally)
}

#[test]
fn changes_in_english_as_they_are_read() {
    let page = page_since(&sample::interrupted(States::ALL), Lang::En, before());
    insta::assert_snapshot!(told(&page));
    assert!(read(&page).contains(
        "What changed: since 2025-12-01T00:00:00Z, ports that opened: 2; that closed: 1; that can't be compared: "
    ));
}

#[test]
fn changes_in_spanish_as_they_are_read() {
    let page = page_since(&sample::interrupted(States::ALL), Lang::Es, before());
    insta::assert_snapshot!(told(&page));
    assert!(
        read(&page).contains("Qué cambió: desde 2025-12-01T00:00:00Z, puertos que se abrieron: 2;")
    );
}

#[test]
fn a_page_with_changes_is_whole() {
    for lang in Lang::ALL {
        let page = page_since(&sample::interrupted(States::ALL), lang, before());
        let slots: BTreeSet<_> = values(&page, "slot").into_iter().collect();
        assert_eq!(slots, SLOTS.map(str::to_owned).into());
        let ids: BTreeSet<_> = values(&page, "id").into_iter().collect();
        let links = values(&page, "href");
        assert_eq!(links.iter().filter(|link| *link == "#since").count(), 2);
        assert!(links.iter().all(|link| ids.contains(&link[1..])));
        let page = page.replace(style::STYLE, "");
        assert!(!page.contains('{') && !page.contains('}'), "{page}");
    }
}

#[test]
fn a_scan_beside_itself_is_the_same() {
    let sample = sample::interrupted(States::OPEN);
    let page = page_since(&sample, Lang::En, earlier(&lines(&sample)));
    let told = told(&page);
    assert!(told.contains("The same: every port"), "{told}");
    assert!(!told.contains("Before and now"), "{told}");
}

#[test]
fn an_earlier_scan_of_which_little_is_known_is_called_so() {
    let lines = host_line("192.0.2.7", ["22", "", "", ""]);
    let page = page_since(
        &sample::interrupted(States::OPEN),
        Lang::En,
        earlier(&lines),
    );
    let told = told(&page);
    assert!(
        told.starts_with("What changed since an earlier scan\n"),
        "{told}"
    );
    assert!(told.contains("It is cut off at line 1."), "{told}");
}

#[test]
fn beyond_the_limits_of_a_comparison_nothing_is_compared_and_the_page_says_so() {
    let few = |hosts| Limits {
        hosts,
        ..Limits::default()
    };
    let findings = || sample::interrupted(States::OPEN).findings;
    // Eight hosts were begun, and a name has no address.
    for lang in Lang::ALL {
        let words = Words::of(lang);
        let at = compared(findings(), &few(9)).section(words).into_string();
        assert!(at.contains("<table"), "{at}");
        let beyond = compared(findings(), &few(8));
        let limit = (words.since().full)(&picaporte_diff::Full::Hosts(8)).replace("{0}", "8");
        assert!(beyond.in_short(words).into_string().contains(&limit));
        let beyond = beyond.section(words).into_string();
        assert!(
            beyond.contains(&limit) && !beyond.contains("<table"),
            "{beyond}"
        );
    }
    let narrow = Limits {
        ranges: 1,
        ..Limits::default()
    };
    let beyond = compared(findings(), &narrow).section(Words::of(Lang::En));
    assert!(beyond.into_string().contains("more than 1 ranges of ports"));
}

/// A page beside an earlier scan of so many hosts, whose ports these are.
fn beside(hosts: usize, step: usize, ports: impl Fn(usize) -> [&'static str; 4]) -> String {
    let mut lines = scan_line();
    for n in 0..hosts {
        let host = std::net::Ipv4Addr::from_bits(0x0a00_0000 + (n * step) as u32);
        let _ = write!(lines, "{}", host_line(&host.to_string(), ports(n)));
    }
    let mut sample = sample::interrupted(States::NONE);
    sample.findings = (0..hosts)
        .map(|n| {
            let host = std::net::Ipv4Addr::from_bits(0x0a00_0000 + (n * step) as u32);
            sample::host(&[sample::verdict(
                picaporte_core::Address::new(host.into()),
                22,
                Reason::SynAck,
                1,
            )])
        })
        .collect();
    told(&page_since(&sample, Lang::En, earlier(&lines)))
}

#[test]
fn rows_of_a_kind_of_change_end_at_their_bound_and_say_so() {
    let opened = |hosts| beside(hosts, 1, |_| ["", "22", "", ""]);
    let at = opened(ROWS);
    assert_eq!(at.matches("closed before\n").count(), ROWS);
    assert!(!at.contains("Folded"), "{at}");
    let beyond = opened(ROWS + 1);
    assert_eq!(beyond.matches("closed before\n").count(), ROWS);
    assert!(
        beyond.contains("Folded: 256 rows of 257 are listed"),
        "{beyond}"
    );
    assert!(
        beyond.contains("openedClosed or filtered before, and open now.\n257\n257\n"),
        "{beyond}"
    );
}

#[test]
fn hosts_that_can_not_be_compared_share_a_row_up_to_so_many_ranges() {
    let untested = |hosts| beside(hosts, 2, |_| ["", "", "", "22"]);
    let at = untested(RANGES);
    assert!(
        at.contains("10.0.0.0, 10.0.0.2, ") && at.contains("10.0.0.2212 hosts\n"),
        "{at}"
    );
    let beyond = untested(RANGES + 1);
    assert!(
        beyond.contains("10.0.0.22 and 1 more13 hosts\n22\nnot tested before, open now\n"),
        "{beyond}"
    );
    let in_a_row = beside(300, 1, |_| ["", "", "", "22"]);
    assert!(
        in_a_row.contains("10.0.0.0–10.0.1.43300 hosts\n22\n"),
        "{in_a_row}"
    );
}

#[test]
fn names_of_a_changed_host_end_at_their_bound() {
    let line = |n: usize| {
        format!(
            "{{\"type\":\"port\",\"ip\":\"10.0.0.0\",\"name\":\"n{n:02}.example\",\"port\":22,\"state\":\"closed\"}}\n"
        )
    };
    let named = |names: usize| {
        let lines: String = (0..names).map(line).collect();
        let mut sample = sample::interrupted(States::NONE);
        sample.findings = vec![sample::host(&[sample::verdict(
            sample::address("10.0.0.0"),
            22,
            Reason::SynAck,
            1,
        )])];
        told(&page_since(
            &sample,
            Lang::En,
            earlier(&(scan_line() + &lines)),
        ))
    };
    assert!(named(NAMES).contains("n00.example") && !named(NAMES).contains("more\n"));
    let beyond = named(NAMES + 1);
    assert!(
        beyond.contains("n07.example and 1 more\n") && !beyond.contains("n08"),
        "{beyond}"
    );
}

#[test]
fn text_of_an_earlier_scan_is_only_text() {
    let hostile = "</section><script>alert(1)</script>\u{202e}\u{1b}[2J{0}";
    let with = |word: &str| {
        let mut lines = scan_line();
        let quoted = serde_json::to_string(word).unwrap();
        let _ = writeln!(
            lines,
            "{{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"name\":{quoted},\"port\":23,\"state\":\"open\"}}"
        );
        let mut earlier = Arc::unwrap_or_clone(earlier(&lines));
        let about = &mut earlier.scan.about;
        (about.scanner, about.version, about.id) = (
            word.to_owned(),
            Some(word.to_owned()),
            Some(word.to_owned()),
        );
        earlier.called = format!("called {word}");
        page_since(
            &sample::interrupted(States::OPEN),
            Lang::Es,
            Arc::new(earlier),
        )
    };
    let names = |page: &str| {
        elements(page)
            .into_iter()
            .map(|(name, _)| name)
            .collect::<Vec<_>>()
    };
    let page = with(hostile);
    assert_eq!(names(&page), names(&with("plain")));
    assert!(!page.contains(|c| c != '\n' && c != '\u{202f}' && encode::is_unseen(c)));
    let shown = encode::terminal(hostile);
    assert_eq!(read(&page).matches(&*shown).count(), 7, "{}", read(&page));
}

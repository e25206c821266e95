//! Files of all three kinds, sound, odd, cut and hostile.

use proptest::prelude::*;

use super::*;
use crate::evidence::{Belief, Evidence};
use crate::snapshot::{Format, HostId, Note, Said};
use crate::{Host, compare};

mod bad;
mod nmap;
mod ours;
mod services;

const EVIDENCE: Wanted = Wanted { evidence: true };

const SCAN: &str = r#"{"type":"scan","schema":1,"id":"01JSCAN","version":"0.1.0","started":"2026-01-01T00:00:00.000Z","args":["scan"],"seed":7,"planned":8}"#;
const PORT: &str = r#"{"type":"port","ip":"192.0.2.7","name":"www.example.org","port":22,"protocol":"tcp","state":"open","reason":"syn-ack","attempts":1,"evidence":{"open":"confirmed","peer":{"mss":1448}}}"#;
const REJECTED: &str = r#"{"type":"port","ip":"192.0.2.7","port":80,"protocol":"tcp","state":"filtered","reason":"admin-prohibited","evidence":{"icmp":{"type":3,"code":13,"from":"192.0.2.1"}}}"#;
const HOST: &str = r#"{"type":"host","ip":"192.0.2.7","name":"www.example.org","names":["www.example.org","example.org"],"open":1,"closed":2,"filtered":1,"untested":0,"reasons":{"syn-ack":1,"conn-refused":2},"ports":{"open":"22","closed":"23-24","filtered":"80","untested":""},"rejects":[{"type":3,"code":13,"from":"192.0.2.1","ports":1}]}"#;
const SILENT: &str = r#"{"type":"host","ip":"192.0.2.8","name":null,"reasons":{"host-silent":4},"ports":{"open":"","closed":"","filtered":"","untested":"22-24,80"}}"#;
const NAME: &str = r#"{"type":"host","ip":null,"name":"nope.example","reasons":{"unresolved":1},"ports":{"open":"","closed":"","filtered":"","untested":"22"}}"#;
const END: &str = r#"{"type":"end","finished":"2026-01-01T00:00:01.000Z","planned":9,"tested":4,"untested":5,"complete":true}"#;
const LATER: &str = r#"{"type":"weather","ports":7,"sun":[{}]}"#;

fn lines() -> Vec<&'static str> {
    vec![SCAN, PORT, LATER, REJECTED, HOST, SILENT, NAME, END]
}

fn text() -> String {
    lines().join("\n") + "\n"
}

fn document() -> String {
    let findings = [PORT, LATER, REJECTED, HOST, SILENT, NAME].join(",\n");
    format!("{{\"scan\":{SCAN},\"findings\":[\n{findings}\n],\"end\":{END}}}\n")
}

fn read_text(text: &str) -> Result<Snapshot, ReadError> {
    read(text.as_bytes(), EVIDENCE, &Limits::default())
}

fn host<'a>(snapshot: &'a Snapshot, ip: &str) -> &'a Host {
    let id = HostId::parse(ip).expect("an address");
    snapshot.host(&id).expect("a host that is in the file")
}

/// The ports of a host by word.
fn sets(snapshot: &Snapshot, ip: &str) -> String {
    let host = host(snapshot, ip);
    let told = Said::ALL.map(|said| (said, host.of(said).to_string()));
    let told = told.iter().filter(|(_, ports)| !ports.is_empty());
    told.map(|(said, ports)| format!("{} {ports}", said.name()))
        .collect::<Vec<_>>()
        .join("; ")
}

#[test]
fn json_lines_and_json_say_the_same() {
    let (lines, document) = (read_text(&text()).unwrap(), read_text(&document()).unwrap());
    assert_eq!(
        (lines.about.format, document.about.format),
        (Format::JsonLines, Format::Json)
    );
    assert!(compare(&lines, &document).is_empty());
    for scan in [lines, document] {
        assert_eq!(
            sets(&scan, "192.0.2.7"),
            "open 22; closed 23-24; filtered 80"
        );
        assert_eq!(sets(&scan, "192.0.2.8"), "untested 22-24,80");
        assert!(host(&scan, "192.0.2.8").left && !host(&scan, "192.0.2.7").left);
        let names: Vec<_> = host(&scan, "192.0.2.7")
            .names
            .iter()
            .map(|name| &**name)
            .collect();
        assert_eq!(names, ["example.org", "www.example.org"]);
        let unresolved = scan.host(&HostId::Name("nope.example".into()));
        assert_eq!(
            unresolved
                .map(|host| host.of(Said::Untested).to_string())
                .as_deref(),
            Some("22")
        );
        assert_eq!(scan.about.id.as_deref(), Some("01JSCAN"));
        assert_eq!(
            scan.about.started.map(|at| at.to_string()).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        assert_eq!(
            (scan.about.complete, &scan.about.notes[..]),
            (Some(true), &[Note::Unresolved(1)][..])
        );
        let proved: Vec<_> = host(&scan, "192.0.2.7")
            .evidence
            .iter()
            .map(|e| scan.evidence[e.2 as usize])
            .collect();
        assert_eq!(proved[0].belief, Some(Belief::Confirmed));
        let rejected = Evidence {
            reason: Some(picaporte_core::Reason::AdminProhibited),
            icmp: Some((3, 13)),
            from: Some([192, 0, 2, 1].into()),
            belief: None,
        };
        assert_eq!(proved[1], rejected);
    }
}

#[test]
fn white_space_and_byte_order_marks_do_not_matter() {
    let plain = read_text(&text()).unwrap();
    let windows = format!("\u{feff}{}", text().replace('\n', "\r\n\r\n"));
    assert_eq!(read_text(&windows).unwrap().hosts, plain.hosts);
    let value: serde_json::Value = serde_json::from_str(&document()).unwrap();
    let pretty = format!("\u{feff}{}", serde_json::to_string_pretty(&value).unwrap());
    assert_eq!(read_text(&pretty).unwrap().hosts, plain.hosts);
    assert_eq!(read_text(text().trim_end()).unwrap(), plain);
}

#[test]
fn evidence_is_read_only_when_wanted() {
    let scan = read(text().as_bytes(), Wanted::default(), &Limits::default()).unwrap();
    assert!(scan.evidence.is_empty() && host(&scan, "192.0.2.7").rejects.is_none());
}

#[test]
fn a_host_that_rejects_in_its_own_name_is_alive() {
    let own = REJECTED.replace("192.0.2.1\"", "192.0.2.7\"");
    assert!(host(&read_text(&own).unwrap(), "192.0.2.7").is_alive());
    assert!(!host(&read_text(REJECTED).unwrap(), "192.0.2.7").is_alive());
}

#[test]
fn shards_in_one_file_are_one_scan() {
    let other = text()
        .replace("192.0.2.", "198.51.100.")
        .replace("2026", "2025")
        .replace("nope", "nada");
    let both = read_text(&(text() + &other)).unwrap();
    assert_eq!(both.hosts.len(), 6);
    assert_eq!(both.about.notes, [Note::Several(2), Note::Unresolved(2)]);
    assert_eq!(
        both.about.started.map(|at| at.to_string()).as_deref(),
        Some("2025-01-01T00:00:00Z")
    );
    let half = read_text(&(text() + SCAN)).unwrap();
    assert_eq!(half.about.notes[0], Note::Cut(Place::Line(9)));
}

#[test]
fn what_was_never_named_is_noted() {
    let interrupted = text().replace(
        "\"untested\":5,\"complete\":true",
        "\"untested\":4000,\"complete\":false",
    );
    let scan = read_text(&interrupted).unwrap();
    assert_eq!(scan.about.notes, [Note::Unnamed(3995), Note::Unresolved(1)]);
    assert_eq!(scan.about.complete, Some(false));
}

#[test]
fn a_port_with_two_states_is_undecided() {
    let scan = read_text(&(text() + &PORT.replace("open", "closed"))).unwrap();
    assert_eq!(
        sets(&scan, "192.0.2.7"),
        "closed 23-24; filtered 80; undecided 22"
    );
    assert_eq!(scan.about.notes, [Note::Unresolved(1), Note::AtOdds(1)]);
}

#[test]
fn other_protocols_are_left_out_and_said() {
    let scan = read_text(&(text() + &PORT.replace("tcp", "udp").replace(":22,", ":53,"))).unwrap();
    assert_eq!(
        sets(&scan, "192.0.2.7"),
        "open 22; closed 23-24; filtered 80"
    );
    assert_eq!(
        scan.about.notes,
        [Note::OtherProtocols(1), Note::Unresolved(1)]
    );
}

#[test]
fn cut_anywhere_lines_are_read_up_to_the_cut() {
    let text = text();
    let first = SCAN.len();
    for cut in first..text.len() {
        let scan = read_text(&text[..cut]).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        // The last line may be whole without its end.
        let whole = text[..cut].matches('\n').count();
        let is_cut = !(whole + 1 == lines().len() && cut + 1 == text.len());
        assert_eq!(
            matches!(scan.about.notes.first(), Some(Note::Cut(_))),
            is_cut,
            "cut at {cut}"
        );
        let hosts = [HOST, SILENT, NAME]
            .iter()
            .filter(|host| text[..cut].contains(**host));
        assert!(scan.hosts.len() >= hosts.count(), "cut at {cut}");
    }
    for cut in 1..first {
        let error = read_text(&text[..cut]).unwrap_err().to_string();
        assert!(error.contains("holds nothing"), "{error}");
    }
}

#[test]
fn cut_anywhere_a_document_is_read_up_to_the_cut() {
    let text = document();
    let first = text.find(",\"findings\"").unwrap();
    for cut in first..text.len() - 2 {
        let scan = read_text(&text[..cut]).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert!(
            matches!(scan.about.notes.first(), Some(Note::Cut(_))),
            "cut at {cut}"
        );
        let hosts = [HOST, SILENT, NAME]
            .iter()
            .filter(|host| text[..cut].contains(**host));
        assert!(scan.hosts.len() >= hosts.count(), "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn the_order_of_lines_does_not_matter(order in Just(lines()).prop_shuffle()) {
        let (plain, shuffled) = (read_text(&text()).unwrap(), read_text(&(order.join("\n") + "\n")).unwrap());
        prop_assert!(compare(&plain, &shuffled).is_empty());
        prop_assert_eq!(plain.about, shuffled.about);
        for (id, host) in &plain.hosts {
            let other = &shuffled.hosts[id];
            prop_assert_eq!((&host.sets, &host.names, host.left), (&other.sets, &other.names, other.left));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), begin in 0_usize..4) {
        let begin = ["{\"type\":", "{\"scan\":", "<?xml version=\"1.0\"?><nmaprun>", ""][begin];
        let all = [begin.as_bytes(), &bytes].concat();
        let _ = read(&all[..], EVIDENCE, &Limits::default());
    }

    #[test]
    fn damage_is_an_error_or_a_snapshot(at in 0_usize..3000, with in any::<u8>(), which in 0_usize..3) {
        let mut bytes = [text(), document(), nmap::file()][which].clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] = with;
        let _ = read(&bytes[..], EVIDENCE, &Limits::default()).map(|scan| compare(&scan, &scan));
    }
}

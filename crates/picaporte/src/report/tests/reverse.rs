//! What the reverse DNS says stands in every format that has a place for it, beside what the user asked by, and acts in none.

use picaporte_core::verdict::States;
use picaporte_core::{Plan, PortSet, Reason};
use picaporte_engine::Finding;
use proptest::prelude::*;
use roxmltree::Document;
use serde_json::json;

use super::super::ReverseCounts;
use super::super::encode::Untrusted;
use super::sample::{self, Sample, address};
use super::{Format, acts, lines, markdown, nmap, plain};

/// Formats that have no place for it.
const WITHOUT: [Format; 3] = [Format::HostPort, Format::Naabu, Format::Masscan];

fn learn(sample: &Sample, ip: &str, names: &[&[u8]]) {
    let names = names.iter().map(Untrusted::new);
    sample.header.reverse.learn(ip.parse().unwrap(), names);
}

/// The small scan, with names for a host that has names by the user, for two that have none, and for one that all are too few for.
pub(super) fn sample() -> Sample {
    let mut sample = sample::interrupted(States::ALL);
    learn(&sample, "192.0.2.7", &[b"host7.example.net"]);
    learn(
        &sample,
        "203.0.113.1",
        &[b"a.example.net", b"b.example.net"],
    );
    learn(&sample, "2001:db8::5", &[b"=cmd|' /C calc'!A0\x1b[2J\xff"]);
    sample.trailer.reverse = Some(ReverseCounts {
        asked: 1_005,
        named: 3,
        unnamed: 1_000,
        failed: 1,
        unanswered: 1,
        left_out: 1,
    });
    sample
}

#[test]
fn json_has_it_beside_what_was_asked_by() {
    let told = lines(&plain(&sample(), Format::JsonLines));
    let of = |ip: &str| {
        let those = told.iter().filter(|line| line["ip"] == ip);
        let mut those = those.map(|line| (&line["name"], &line["reverse"], &line["reverse_all"]));
        let first = those.next().expect("a line");
        assert!(those.all(|line| line == first), "{ip}");
        json!([first.0, first.1, first.2])
    };
    assert_eq!(
        of("192.0.2.7"),
        json!(["www.example.org", "host7.example.net", null])
    );
    let both = json!(["a.example.net", "b.example.net"]);
    assert_eq!(of("203.0.113.1"), json!([null, "a.example.net", both]));
    assert_eq!(
        of("2001:db8::5"),
        json!([null, r"=cmd|' /C calc'!A0\u{1b}[2J\xff", null])
    );
    assert_eq!(of("203.0.113.2"), json!([null, null, null]));
    let end = &told.last().expect("an end")["reverse_dns"];
    let counts = json!({"asked": 1005, "named": 3, "unnamed": 1000, "failed": 1, "unanswered": 1, "left_out": 1});
    assert_eq!(*end, counts);
}

#[test]
fn the_table_has_it_apart_from_other_names() {
    let mut sample = sample();
    sample.trailer.account.interrupted = false;
    insta::assert_snapshot!(plain(&sample, Format::Table));
}

#[test]
fn csv_has_it_in_a_column_of_its_own() {
    let text = plain(&sample(), Format::Csv);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let column = reader
        .headers()
        .unwrap()
        .iter()
        .position(|c| c == "reverse");
    let told: std::collections::BTreeSet<_> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row[0].to_owned(), row[column.unwrap()].to_owned())
        })
        .filter(|(_, reverse)| !reverse.is_empty())
        .collect();
    let told: Vec<_> = told.iter().map(|(ip, name)| (&**ip, &**name)).collect();
    assert_eq!(
        told,
        [
            ("192.0.2.7", "host7.example.net"),
            ("2001:db8::5", r"'=cmd|' /C calc'!A0\u{1b}[2J\xff"),
            ("203.0.113.1", "a.example.net"),
        ]
    );
}

#[test]
fn nmaps_xml_has_it_as_nmap_says_it_and_is_valid() {
    let text = plain(&sample(), Format::Xml);
    let document = nmap::parse(&text);
    let names: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("hostname"))
        .map(|node| {
            let of = |name| node.attribute(name).unwrap_or_default();
            format!("{} {}", of("type"), of("name"))
        })
        .collect();
    assert_eq!(
        names,
        [
            "user www.example.org",
            "user example.org",
            "PTR host7.example.net",
            "PTR a.example.net",
            "PTR b.example.net",
            "user router.example",
            r"PTR =cmd|' /C calc'!A0\u{1b}[2J\xff",
        ]
    );
    nmap::must_be_valid(&super::written(&sample(), Format::Xml, nmap::strict()));
}

#[test]
fn a_grepable_line_has_it_where_nobody_gave_a_name() {
    let text = plain(&sample(), Format::Grepable);
    for line in [
        "Host: 192.0.2.7 (www.example.org)\tStatus",
        "Host: 203.0.113.1 (a.example.net)\tStatus",
        "Host: 203.0.113.2 ()\tStatus",
        r"Host: 2001:db8::5 (=cmd|' \u{2f}C calc'!A0\u{1b}[2J\xff)",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
}

#[test]
fn markdown_has_it_behind_the_other_names() {
    let text = plain(&sample(), Format::Markdown);
    assert!(
        text.contains("| `192.0.2.7` `www.example.org` `example.org` PTR `host7.example.net` |")
    );
    assert!(text.contains("| `203.0.113.1` PTR `a.example.net` PTR `b.example.net` |"));
    assert!(text.contains("| names | reverse DNS: 1,005 addresses asked"));
    let read = markdown::read(&text);
    assert_eq!(read.table("Hosts").unwrap().rows.len(), 8);
}

#[test]
fn the_page_has_it_in_the_list_of_hosts_and_beside_the_evidence() {
    let page = plain(&sample(), Format::Html);
    let host = "</small><small>reverse DNS: <bdi>host7.example.net</bdi></small></th>";
    assert_eq!(page.matches(host).count(), 1);
    let port = ":443<small>reverse DNS: <bdi>host7.example.net</bdi></small></th>";
    assert_eq!(page.matches(port).count(), 1);
    assert!(page.contains("<bdi>a.example.net</bdi>, <bdi>b.example.net</bdi>"));
}

#[test]
fn formats_without_a_place_are_the_same_without_it() {
    let plainly = sample::interrupted(States::ALL);
    for format in WITHOUT {
        assert_eq!(plain(&sample(), format), plain(&plainly, format));
    }
}

#[test]
fn an_address_of_one_link_has_no_name_of_another_link() {
    let sample = sample::interrupted(States::ALL);
    learn(&sample, "fe80::7", &[b"other.example.net"]);
    for format in Format::ALL {
        assert!(!plain(&sample, format).contains("other.example"));
    }
}

/// One host with one open port, called so by the reverse DNS.
fn called(names: &[&[u8]]) -> Sample {
    let mut plan = Plan::builder(PortSet::from_ports([22]));
    let at = address("192.0.2.7");
    plan.name("asked.example", &[at], None).unwrap();
    let header = sample::header(plan.build().unwrap());
    let verdict = sample::verdict(at, 22, Reason::SynAck, 1);
    let trailer = sample::interrupted(States::OPEN).trailer;
    let sample = Sample {
        header,
        findings: vec![Finding::Port(verdict), sample::host(&[verdict])],
        trailer,
    };
    learn(&sample, "192.0.2.7", names);
    sample
}

/// A format can be read as if the name were an ordinary one, and nothing of it acts.
fn is_harmless(name: &[u8]) -> Result<(), TestCaseError> {
    let (sample, ordinary) = (called(&[name]), called(&[b"plain"]));
    for format in Format::ALL {
        let text = plain(&sample, format);
        prop_assert!(!acts(&text, format), "{text:?}");
        // The table alone breaks lines at blanks.
        if format != Format::Table {
            let lines = |sample| plain(sample, format).lines().count();
            prop_assert_eq!(lines(&sample), lines(&ordinary), "{}", text);
        }
    }
    let shown = Untrusted::new(name).json();
    let told = lines(&plain(&sample, Format::JsonLines));
    prop_assert_eq!(&told[1]["name"], "asked.example");
    prop_assert_eq!(&told[1]["reverse"], &json!(shown));
    let text = plain(&sample, Format::Xml);
    let document = nmap::parse(&text);
    let elements = |document: &Document<'_>| document.descendants().count();
    let other = plain(&ordinary, Format::Xml);
    let other = nmap::parse(&other);
    prop_assert_eq!(elements(&document), elements(&other));
    let csv = plain(&sample, Format::Csv);
    let row = ::csv::Reader::from_reader(csv.as_bytes())
        .into_records()
        .next();
    let row = row.unwrap().unwrap();
    prop_assert_eq!(row.len(), super::super::csv::COLUMNS.len());
    prop_assert!(
        !row.iter()
            .any(|cell| cell.starts_with(['=', '+', '-', '@']))
    );
    let fields = |sample| -> Vec<usize> {
        let text = plain(sample, Format::Grepable);
        text.lines().map(|line| line.split('\t').count()).collect()
    };
    prop_assert_eq!(fields(&sample), fields(&ordinary));
    markdown::read(&plain(&sample, Format::Markdown));
    let tags = |sample| plain(sample, Format::Html).matches('<').count();
    prop_assert_eq!(tags(&sample), tags(&ordinary));
    Ok(())
}

#[test]
fn what_would_act_does_not() {
    let long = [b'x'; 300];
    for name in [
        &b"<script>alert(1)</script>"[..],
        b"\"><img src=x onerror=alert(1)>",
        b"=HYPERLINK(\"http://x\")",
        b"a;=1",
        b"\x1b]8;;http://x\x07\x9b31m\r\n",
        "\u{202e}gro.elpmaxe\u{202c}\u{200b}".as_bytes(),
        b"a\tStatus: Down (b)",
        b"`|![a](http://x)",
        b"--><!--]]>&lt;",
        b"\xff\xfe\xc0\xaf",
        b"a), 192.0.2.9 (b",
        &long,
    ] {
        is_harmless(name).unwrap();
    }
}

/// The title of a host, and nothing else, holds what stands for it.
#[test]
fn a_name_cannot_pass_for_another_hosts() {
    let text = plain(&called(&[b"x) [192.0.2.9 (y"]), Format::Table);
    let title = text.lines().find(|line| line.starts_with("192.0.2.7"));
    insta::assert_snapshot!(title.unwrap(), @r#"192.0.2.7 (asked.example; PTR "x) [192.0.2.9 (y")"#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_name_acts(name in proptest::collection::vec(any::<u8>(), 1..64)) {
        is_harmless(&name)?;
    }
}

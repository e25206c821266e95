//! What open ports were found to be (`--identify`) stands in every format that has a place for it, the same in each, and acts in none.

use std::collections::BTreeMap;

use picaporte_core::verdict::States;
use proptest::prelude::*;
use roxmltree::Node;
use serde_json::Value;

use super::super::{Lang, Style};
use super::sample::Sample;
use super::{Format, acts, encode, lines, markdown, nmap, plain, written};

mod compared;
mod readers;
mod sample;
mod unasked;

use sample::found;
pub(in super::super) use sample::saying;

/// Formats that have no place for it.
const WITHOUT: [Format; 3] = [Format::HostPort, Format::Naabu, Format::Masscan];

/// A word that is text in every format.
const WORD: &[u8] = b"said";

pub(in super::super) fn sample(show: States) -> Sample {
    saying(show, WORD)
}

fn in_lang(sample: &Sample, format: Format, lang: Lang) -> String {
    let style = Style {
        lang,
        ..Style::default()
    };
    written(sample, format, style)
}

#[test]
fn the_table_says_what_listens() {
    insta::assert_snapshot!(plain(&sample(States::ALL), Format::Table));
}

#[test]
fn the_table_says_it_in_spanish() {
    insta::assert_snapshot!(in_lang(&sample(States::OPEN), Format::Table, Lang::Es));
}

#[test]
fn the_table_keeps_its_width() {
    for lang in Lang::ALL {
        let table = in_lang(&sample(States::ALL), Format::Table, lang);
        for line in table.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

#[test]
fn markdown_says_it() {
    insta::assert_snapshot!(plain(&sample(States::ALL), Format::Markdown));
}

#[test]
fn markdown_says_it_in_spanish() {
    insta::assert_snapshot!(in_lang(&sample(States::OPEN), Format::Markdown, Lang::Es));
}

#[test]
fn csv_says_it() {
    insta::assert_snapshot!(plain(&sample(States::ALL), Format::Csv));
}

#[test]
fn xml_says_it() {
    insta::assert_snapshot!(plain(&sample(States::OPEN), Format::Xml));
}

#[test]
fn grepable_says_it() {
    insta::assert_snapshot!(plain(&sample(States::OPEN), Format::Grepable));
}

#[test]
fn json_lines_say_it() {
    insta::assert_snapshot!(plain(&sample(States::OPEN), Format::JsonLines));
}

/// All that lay outside the plan, as the contract has it; people read what it was for.
#[test]
fn every_format_tells_the_same_number_of_probes_outside_the_plan() {
    let mut sample = sample(States::OPEN);
    let end = lines(&plain(&sample, Format::JsonLines)).pop().unwrap();
    assert_eq!(
        (&end["extra"], &end["identified"]["connections"]),
        (&12.into(), &10.into())
    );
    let read = [Format::Table, Format::Markdown, Format::Html];
    for format in read {
        let text = plain(&sample, format);
        assert!(
            text.contains("12 probes") && text.contains("10 connections"),
            "{text}"
        );
        assert!(
            text.contains("10 of them asked") || text.contains("12 probes: 10 to ask"),
            "{text}"
        );
    }
    sample.trailer.account.tally.extra = 10;
    let words = [
        "10 probes outside the plan, all of them asked what listens",
        "10 probes outside the plan, all of them asked what listens",
        "10 probes to ask what listens; in no count above",
    ];
    for (format, words) in read.into_iter().zip(words) {
        let text = plain(&sample, format);
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn what_has_no_place_for_it_is_the_same_without() {
    let without = || {
        let mut sample = sample(States::OPEN);
        sample.header.identified = super::super::Identified::default();
        sample.trailer.identified = None;
        sample
    };
    for format in Format::ALL {
        let same = plain(&sample(States::OPEN), format) == plain(&without(), format);
        assert_eq!(same, WITHOUT.contains(&format), "{}", format.name());
    }
}

/// Of each port: name, product, version and extra as they are seen, and names of CPE.
type Told = BTreeMap<u16, [String; 5]>;

fn of_json(objects: &[Value]) -> Told {
    let ports = objects.iter().filter(|object| object["type"] == "port");
    let of = |port: &Value| {
        let service = &port["service"];
        let text = |field: &str| service[field].as_str().unwrap_or_default().to_owned();
        let cpe = service["cpe"].as_array().map_or(&[][..], |all| all);
        let cpe: Vec<_> = cpe.iter().filter_map(Value::as_str).collect();
        [
            text("name"),
            text("product"),
            text("version"),
            text("extra"),
            cpe.join(" "),
        ]
    };
    ports
        .map(|port| (port["port"].as_u64().unwrap() as u16, of(port)))
        .collect()
}

fn of_csv(text: &str) -> Told {
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let at = ["identified", "product", "version", "extra", "cpe"].map(column);
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| (row[2].parse().unwrap(), at.map(|at| row[at].to_owned())))
        .collect()
}

/// The name is that of the port where nothing was found, and names of CPE are URIs.
fn of_xml(text: &str) -> Told {
    let document = nmap::parse(text);
    let ports = document
        .descendants()
        .filter(|node| node.has_tag_name("port"));
    let of = |port: Node<'_, '_>| {
        let service = port.children().find(|node| node.has_tag_name("service"))?;
        let probed = service.attribute("method") == Some("probed");
        let conf = service.attribute("conf");
        assert_eq!(conf, Some(if probed { "10" } else { "3" }));
        let text = |name: &str| service.attribute(name).unwrap_or_default().to_owned();
        let cpe = service.children().filter_map(|node| node.text());
        let cpe: Vec<_> = cpe.filter(|text| text.starts_with("cpe:/")).collect();
        let name = if probed { text("name") } else { String::new() };
        let number = port.attribute("portid")?.parse().ok()?;
        let all = [
            name,
            text("product"),
            text("version"),
            text("extrainfo"),
            cpe.join(" "),
        ];
        Some((number, all))
    };
    ports.filter_map(of).collect()
}

fn of_grepable(text: &str) -> BTreeMap<u16, (String, String)> {
    let fields = text.lines().find_map(|line| line.split_once("Ports: "));
    let ports = fields.unwrap().1.split('\t').next().unwrap();
    let ports = ports
        .split(", ")
        .map(|port| port.split('/').collect::<Vec<_>>());
    ports
        .map(|port| {
            assert_eq!(port.len(), 8, "{port:?}");
            (
                port[0].parse().unwrap(),
                (port[4].to_owned(), port[6].to_owned()),
            )
        })
        .collect()
}

/// The service's cell, in which the code spans are text.
fn of_markdown(text: &str) -> BTreeMap<u16, String> {
    of_markdown_in(text, Lang::En)
}

fn of_markdown_in(text: &str, lang: Lang) -> BTreeMap<u16, String> {
    let read = markdown::read(text);
    let table = read.table(lang.either("Open ports", "Puertos abiertos"));
    let table = table.expect("a table");
    let rows = table.rows.iter();
    rows.map(|row| (row[1].parse().unwrap(), row[3].clone()))
        .collect()
}

/// Holds every format that has a place for it against JSON.
fn agree(sample: &Sample) {
    let json = of_json(&lines(&plain(sample, Format::JsonLines)));
    assert_eq!(json.len(), found(WORD).len());
    let csv = of_csv(&plain(sample, Format::Csv));
    let xml = of_xml(&plain(sample, Format::Xml));
    let grepable = of_grepable(&plain(sample, Format::Grepable));
    let markdown = of_markdown(&plain(sample, Format::Markdown));
    for (port, told) in json {
        let [name, product, version, extra, cpe] = &told;
        let [_, .., in_csv] = &csv[&port];
        assert_eq!(in_csv, cpe, "{port}");
        // A cell that would run begins with an apostrophe, and is the same text behind it.
        for (cell, text) in csv[&port].iter().zip(&told) {
            let whole = cell.replace("\\u{3b}", ";");
            let same = whole == *text || whole.strip_prefix('\'') == Some(text.as_str());
            assert!(same, "{port} {cell} {text}");
        }
        let in_xml = &xml[&port];
        if matches!(&**name, "" | "tls") {
            assert_eq!(in_xml[0], "", "{port}");
        } else {
            assert_eq!(in_xml[..4], told[..4], "{port}");
            let uris = in_xml[4].matches("cpe:/").count();
            assert_eq!(uris, cpe.matches("cpe:2.3:").count(), "{port}");
            assert!(grepable[&port].0.ends_with(name.as_str()), "{port}");
            assert!(markdown[&port].contains(name.as_str()), "{port}");
        }
        let divided = |text: &str| {
            let field = encode::grepable(text);
            field.replace("\\u{2f}", "|")
        };
        // In a cell, a code span can't hold these.
        let in_cell = |text: &str| text.replace('`', "\\u{60}").replace('|', "\\u{7c}");
        for text in [product, version, extra] {
            assert!(grepable[&port].1.contains(&divided(text)), "{port} {text}");
            assert!(
                markdown[&port].contains(&in_cell(text)),
                "{port} {text} {markdown:?}"
            );
        }
    }
}

#[test]
fn every_format_says_the_same() {
    agree(&sample(States::OPEN));
    let told = of_json(&lines(&plain(&sample(States::OPEN), Format::JsonLines)));
    assert_eq!(
        told[&22][..3],
        ["ssh", "OpenSSH", "9.2p1"].map(str::to_owned)
    );
    assert_eq!(told[&5432][0], "");
}

/// What came where no rule knows it: short for people, as in JSON for spreadsheets.
#[test]
fn what_is_not_known_is_told_as_such() {
    let sample = sample(States::OPEN);
    let told = lines(&plain(&sample, Format::JsonLines));
    let port = told.iter().find(|line| line["port"] == 5432).unwrap();
    let whole = r#"\u{d}\u{a}HELLO "7" said\u{d}\u{a}more"#;
    assert_eq!(port["service"]["excerpt"], whole);
    let csv = plain(&sample, Format::Csv);
    let mut reader = ::csv::Reader::from_reader(csv.as_bytes());
    let column = (reader.headers().unwrap().iter()).position(|head| head == "excerpt");
    let mut rows = reader.records().map(Result::unwrap);
    let row = rows.find(|row| &row[2] == "5432").unwrap();
    assert_eq!(&row[column.unwrap()], whole);
    for (lang, says) in [
        (Lang::En, "unknown; answered: "),
        (Lang::Es, "desconocido; respondió: "),
    ] {
        let of = |format| in_lang(&sample, format, lang);
        let cell = &of_markdown_in(&of(Format::Markdown), lang)[&5432];
        assert!(
            cell.ends_with(&format!(r#"{says}HELLO "7" said\..."#)),
            "{cell}"
        );
        let table = of(Format::Table);
        let table: Vec<_> = table.split_whitespace().collect();
        let quoted = format!(r#"{says}"HELLO \u{{22}}7\u{{22}} said\...""#);
        assert!(table.join(" ").contains(&quoted), "{table:?}");
    }
}

#[test]
fn nmaps_dtd_knows_it() {
    for show in [States::ALL, States::NONE, States::OPEN] {
        for word in [WORD, HOSTILE] {
            let text = written(&saying(show, word), Format::Xml, nmap::strict());
            nmap::must_be_valid(&text);
        }
    }
}

/// Would clear a screen, turn a line around, run in a spreadsheet, be markup, divide fields, and be no UTF-8.
const HOSTILE: &[u8] = b"=cmd|' /C calc'!A0\x1b[2J\xc2\x9b31m\xe2\x80\xae\xe2\x80\x8b\r\n,\"x<script>`|*_/,(#)\t;=1\xff\\";

#[test]
fn what_a_service_sends_acts_in_no_format() {
    let hostile = saying(States::OPEN, HOSTILE);
    agree(&hostile);
    for format in Format::ALL {
        let text = plain(&hostile, format);
        assert!(!acts(&text, format), "{text:?}");
        let count = |text: &str| text.lines().count();
        if format != Format::Table {
            assert_eq!(
                count(&text),
                count(&plain(&sample(States::OPEN), format)),
                "{}",
                format.name()
            );
        }
    }
    let csv = plain(&hostile, Format::Csv);
    for row in ::csv::Reader::from_reader(csv.as_bytes()).records() {
        for cell in &row.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn whatever_a_service_sends_every_format_says_the_same(
        word in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let sample = saying(States::OPEN, &word);
        agree(&sample);
        nmap::parse(&plain(&sample, Format::Xml));
    }
}

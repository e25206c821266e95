//! Any bytes on their way to a spreadsheet, XML, Markdown, a grepable line, JSON, TOML, SARIF and a URI: read back by a parser for each, they
//! are one cell that is no formula, one text, one code span, one field, one string, and the same as what a person is shown; and a store
//! gets back what it kept.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_encode::{
    Untrusted, cell, grepable, json, markdown, sarif, terminal, toml, uri, xml,
};
use pulldown_cmark::{Event, Options, Parser, TagEnd};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event as XmlEvent};

fuzz_target!(|bytes: &[u8]| {
    let untrusted = Untrusted::new(bytes);
    let shown = untrusted.terminal();
    must_be_a_cell(&shown, &untrusted.cell());
    must_be_a_text(&shown, &untrusted.xml());
    must_be_a_span(&shown, &untrusted.markdown());
    must_be_a_field(&shown, &untrusted.grepable());
    assert_eq!(untrusted.json(), shown);
    must_be_a_string(&shown);
    assert_eq!(Untrusted::from_kept(&untrusted.kept()), Ok(untrusted));
    if let Ok(untrusted) = Untrusted::from_kept(bytes) {
        assert_eq!(untrusted.kept(), bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let shown = terminal(text);
        must_be_a_cell(&shown, &cell(text));
        must_be_a_text(&shown, &xml(text));
        must_be_a_span(&shown, &markdown(text));
        must_be_a_field(&shown, &grepable(text));
        must_be_a_string(text);
        must_be_a_message(&shown, &sarif(text));
        must_be_a_reference(&uri(text));
    }
});

/// What Excel, LibreOffice and Google's spreadsheets take for the beginning of a formula, in full width too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

fn must_be_a_cell(shown: &str, cell: &str) {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    writer
        .write_record(["before", cell, "behind"])
        .expect("a record");
    let file = String::from_utf8(writer.into_inner().expect("a file")).expect("UTF-8");
    assert_eq!(file.lines().count(), 1, "{file}");
    let fields = |delimiter: u8| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(file.as_bytes());
        let records: Vec<_> = reader
            .records()
            .map(|record| record.expect("a record"))
            .collect();
        assert_eq!(records.len(), 1, "{file}");
        records[0].iter().map(str::to_owned).collect()
    };
    assert_eq!(fields(b','), ["before", cell, "behind"]);
    assert!(!cell.contains(char::is_control), "{file}");
    // Where a comma is the decimal sign, spreadsheets divide at semicolons.
    for field in [fields(b','), fields(b';')].concat() {
        assert!(!field.starts_with(FORMULA), "{file}");
    }
    let plain = cell
        .strip_prefix('\'')
        .unwrap_or(cell)
        .replace("\\u{3b}", ";");
    assert_eq!(
        plain,
        shown
            .strip_prefix('\'')
            .unwrap_or(shown)
            .replace("\\u{3b}", ";")
    );
}

fn must_be_a_text(shown: &str, xml: &str) {
    let mut writer = quick_xml::Writer::new(Vec::new());
    let mut element = BytesStart::new("a");
    element.push_attribute(("b", xml));
    let events = [
        XmlEvent::Start(element),
        XmlEvent::Text(BytesText::new(xml)),
        XmlEvent::End(BytesEnd::new("a")),
    ];
    for event in events {
        writer.write_event(event).expect("an event");
    }
    let document = String::from_utf8(writer.into_inner()).expect("UTF-8");
    let read = roxmltree::Document::parse(&document).expect("a document");
    let wanted = shown
        .replace('\u{fffe}', "\\u{fffe}")
        .replace('\u{ffff}', "\\u{ffff}");
    let root = read.root_element();
    assert_eq!(
        read.descendants()
            .filter(roxmltree::Node::is_element)
            .count(),
        1,
        "{document}"
    );
    assert_eq!(root.text().unwrap_or_default(), wanted, "{document}");
    let attributes: Vec<_> = root
        .attributes()
        .map(|it| (it.name(), it.value()))
        .collect();
    assert_eq!(attributes, [("b", &*wanted)], "{document}");
}

fn must_be_a_span(shown: &str, span: &str) {
    let document = format!("| {span} |\n| --- |\n| {span} |\n\n{span}\n");
    let (mut codes, mut cells, mut paragraphs) = (Vec::new(), 0, 0);
    for event in Parser::new_ext(&document, Options::all()) {
        match event {
            Event::Code(code) => codes.push(code.to_string()),
            Event::Text(text) => assert!(shown.is_empty() && &*text == "–", "{document}"),
            Event::End(TagEnd::TableCell) => cells += 1,
            Event::End(TagEnd::Paragraph) => paragraphs += 1,
            Event::Start(_) | Event::End(TagEnd::Table | TagEnd::TableHead | TagEnd::TableRow) => {}
            other => panic!("{other:?} in {document}"),
        }
    }
    assert_eq!((cells, paragraphs), (2, 1), "{document}");
    let wanted = shown.replace('`', "\\u{60}").replace('|', "\\u{7c}");
    // A blank at both ends is taken off a span.
    let same = |code: &String| *code == wanted || format!(" {code} ") == wanted;
    assert!(codes.iter().all(same), "{document}");
    assert_eq!(
        codes.len(),
        if shown.is_empty() { 0 } else { 3 },
        "{document}"
    );
}

/// A grepable line as its readers take it apart: tabs between columns, a name in brackets, a comma between ports, slashes between their
/// fields, and a `#` before a comment.
fn must_be_a_field(shown: &str, field: &str) {
    let line = format!(
        "Host: 192.0.2.1 ({field})\tPorts: 22/open/tcp//{field}//{field}/, 80/open/tcp//{field}///\tIgnored State: closed (2)"
    );
    assert!(!field.contains(char::is_control), "{line:?}");
    assert!(!line.contains('#'), "{line}");
    let columns: Vec<_> = line.split('\t').collect();
    assert_eq!(columns.len(), 3, "{line:?}");
    let name = columns[0].split(['(', ')']).collect::<Vec<_>>();
    assert_eq!(name, ["Host: 192.0.2.1 ", field, ""], "{line}");
    let ports = columns[1].strip_prefix("Ports: ").expect("ports");
    let ports: Vec<Vec<_>> = ports.split(',').map(|it| it.split('/').collect()).collect();
    assert_eq!(
        ports,
        [
            ["22", "open", "tcp", "", field, "", field, ""],
            [" 80", "open", "tcp", "", field, "", "", ""]
        ],
        "{line}"
    );
    let wanted = shown
        .replace('(', "\\u{28}")
        .replace(')', "\\u{29}")
        .replace('/', "\\u{2f}")
        .replace(',', "\\u{2c}")
        .replace('#', "\\u{23}");
    assert_eq!(field, wanted, "{line}");
}

fn must_be_a_string(text: &str) {
    let mut line = Vec::new();
    json(&text, &mut line);
    let line = String::from_utf8(line).expect("UTF-8");
    assert!(!line.contains(char::is_control), "{line:?}");
    assert_eq!(
        serde_json::from_str::<String>(&line).expect("a string"),
        text
    );
    let document = format!("a = {}", toml(text));
    assert!(!document.contains(char::is_control), "{document:?}");
    let table: ::toml::Table = document.parse().expect("TOML");
    assert_eq!(table["a"].as_str(), Some(text));
}

/// Brackets are links, and braces arguments, unless they are escaped.
fn must_be_a_message(shown: &str, message: &str) {
    let (mut plain, mut rest) = (String::new(), message.chars());
    while let Some(c) = rest.next() {
        assert!(!matches!(c, '[' | ']'), "{message}");
        if matches!(c, '\\' | '{' | '}') {
            let next = rest.next().expect("what is escaped");
            assert!(c == '\\' || next == c, "{message}");
            plain.push(next);
        } else {
            plain.push(c);
        }
    }
    assert_eq!(plain, shown);
}

fn must_be_a_reference(uri: &str) {
    let rest = uri.strip_prefix("file://").unwrap_or(uri);
    assert!(
        rest.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~/%".contains(&byte)),
        "{uri}"
    );
}

//! What files mean: escapes, places for host and port, groups, guests, weak rules.

use std::net::IpAddr;

use picaporte_encode::Untrusted;
use proptest::prelude::*;

use super::*;
use crate::knowledge::rule::Next;
use crate::knowledge::{Host, MOST_ANSWER, MOST_FIELD, Source, unescaped};

const PROBES: &str = "
[[probe]]
name = 'ask'
send = 'HELO {host}:{port}\\x00\\r\\n\\\\'
everywhere = 2
[[probe]]
name = 'more'
send = '{hos}{port}'
ports = '1-3'
inside_tls = false
everywhere = 1
";

fn said(
    knowledge: &Knowledge,
    source: Source,
    answer: &[u8],
) -> Option<(String, Option<Untrusted>, Option<String>)> {
    let found = knowledge.recognize(&[source], answer)?;
    let version = found.said.version.map(|version| version.to_string());
    Some((found.said.service.to_string(), found.said.product, version))
}

#[test]
fn escapes_are_bytes() {
    assert_eq!(
        unescaped(r"a\r\n\t\0\\\xfFé").as_deref(),
        Ok(&b"a\r\n\t\0\\\xff\xc3\xa9"[..])
    );
    for bad in [r"\", r"\q", r"\x", r"\x1", r"\xg0", r"\xé1", r"\x+1"] {
        assert!(unescaped(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_question_names_host_and_port() {
    let knowledge = read(PROBES);
    let question = |probe: &str, host: &str, port| {
        let id = knowledge.probe_named(probe).unwrap();
        let host = Host::new(host).unwrap();
        String::from_utf8(knowledge.probe(id).question(&host, port)).unwrap()
    };
    assert_eq!(
        question("ask", "www.example.org", 80),
        "HELO www.example.org:80\0\r\n\\"
    );
    assert_eq!(
        question("ask", "2001:db8::1", 80),
        "HELO [2001:db8::1]:80\0\r\n\\"
    );
    assert_eq!(
        question("ask", "fe80::1%eth0", 80),
        "HELO [fe80::1]:80\0\r\n\\"
    );
    assert_eq!(question("more", "192.0.2.1", 65535), "{hos}65535");
    let ranks: Vec<_> = knowledge
        .everywhere()
        .iter()
        .map(|id| &*knowledge.probe(*id).name)
        .collect();
    assert_eq!(ranks, ["more", "ask"]);
}

#[test]
fn a_host_holds_nothing_that_ends_a_line() {
    for bad in [
        "",
        "a b",
        "a\r\nX: y",
        "a/b",
        "é",
        "a\0",
        &"a".repeat(254),
        "[::1]",
    ] {
        assert_eq!(Host::new(bad), None, "{bad:?}");
    }
    let sni = |text: &str| Host::new(text).and_then(|host| host.sni().map(str::to_owned));
    assert_eq!(sni("www.example.org."), Some("www.example.org".into()));
    assert_eq!(sni("192.0.2.1"), None);
    assert_eq!(sni("2001:db8::1"), None);
    let address: IpAddr = "192.0.2.1".parse().unwrap();
    assert_eq!(Host::from(address).in_uri(), "192.0.2.1");
}

#[test]
fn groups_fill_the_texts_and_versions_are_checked() {
    let knowledge = read(
        r"
[[rule]]
pattern = '^(\S+)/(\S+)(?: \((.*)\))? on (\S+)$'
product = 'The $1'
version = '$2'
extra = '$3'
hostname = '$4'
cpe = ['a:toys:toy']
",
    );
    knowledge.prove().unwrap();
    let found = knowledge
        .recognize(&[Source::Greeting], b"toy/1.2 (linux) on a.test")
        .unwrap();
    assert_eq!(found.said.product, Some(Untrusted::new(b"The toy")));
    assert_eq!(
        found.said.version.as_ref().map(ToString::to_string),
        Some("1.2".into())
    );
    assert_eq!(found.said.extra, Some(Untrusted::new(b"linux")));
    assert_eq!(found.said.hostname, Some(Untrusted::new(b"a.test")));
    assert_eq!(
        found.said.cpe[0].as_str(),
        "cpe:2.3:a:toys:toy:1.2:*:*:*:*:*:*:*"
    );
    // No group caught anything: nothing is said. A version with an escape sequence is none.
    let found = knowledge
        .recognize(&[Source::Greeting], b"toy/1.\x1b[2J on a")
        .unwrap();
    assert_eq!((found.said.version, found.said.extra), (None, None));
    assert_eq!(
        found.said.cpe[0].as_str(),
        "cpe:2.3:a:toys:toy:*:*:*:*:*:*:*:*"
    );
}

#[test]
fn fields_and_answers_are_cut_at_their_bounds() {
    let knowledge = read("[[rule]]\npattern = '(?s-u)^x(.*)'\nproduct = '$1'\n");
    let product =
        |answer: &[u8]| said(&knowledge, Source::Greeting, answer).and_then(|said| said.1);
    let long = [&b"x"[..], &[b'y'; MOST_FIELD]].concat();
    assert_eq!(
        product(&long).map(|product| product.len()),
        Some(MOST_FIELD)
    );
    assert_eq!(
        product(&[&long[..], b"y"].concat()).map(|product| product.len()),
        Some(MOST_FIELD)
    );

    let knowledge = read("[[rule]]\npattern = '(?s-u)^.*end'\n");
    let mut answer = vec![b'.'; MOST_ANSWER - 3];
    answer.extend_from_slice(b"end");
    assert!(said(&knowledge, Source::Greeting, &answer).is_some());
    answer.insert(0, b'.');
    assert!(said(&knowledge, Source::Greeting, &answer).is_none());
}

#[test]
fn guests_come_first_then_strong_rules_then_the_weak_one_that_says_most() {
    let host = file(
        "
[[probe]]
name = 'get'
send = 'GET'
[[rule]]
pattern = '^server'
product = 'host'
[[rule]]
pattern = '^se'
weak = true
then = ['get', 'tls']
[[rule]]
pattern = '^s'
service = 'sss'
weak = true
product = 'weak'
",
    );
    let guest = file("[[rule]]\nanswers = ['get']\npattern = 'guest'\nservice = 'guest'\n");
    let knowledge = Knowledge::read(&[("a.toml", &host), ("b.toml", &guest)]).unwrap();
    let get = Source::Probe(knowledge.probe_named("get").unwrap());
    let service = |source, answer: &[u8]| said(&knowledge, source, answer).map(|said| said.0);
    assert_eq!(service(get, b"server with a guest"), Some("guest".into()));
    assert_eq!(service(get, b"server"), Some("toy".into()));
    assert_eq!(
        service(Source::Greeting, b"server with a guest"),
        Some("toy".into())
    );
    assert_eq!(service(get, b"x"), None);
    let weak = knowledge.recognize(&[get], b"see").unwrap();
    assert_eq!((weak.weak, weak.said.service.as_str()), (true, "sss"));
    assert_eq!(
        weak.then,
        [
            Next::Probe(knowledge.probe_named("get").unwrap()),
            Next::Tls
        ]
    );
    assert_eq!(
        knowledge.services(),
        [("guest", 1), ("sss", 1), ("toy", 2)].into()
    );
}

#[test]
fn a_file_greets_where_an_example_says_so() {
    let greets = |answers: &str, service: &str| {
        read(&format!(
            "{PROBES}[[example]]\nanswers = '{answers}'\nbytes = 'x'\nservice = '{service}'\n"
        ))
        .greets_on(7000)
    };
    assert!(greets("greeting", "toy"));
    assert!(!greets("greeting", "other"));
    assert!(!greets("ask", "toy"));
}

#[test]
fn starttls_has_an_answer_or_none() {
    let knowledge = read(
        "
[[rule]]
pattern = '^a'
starttls = 'STARTTLS\\r\\n'
starttls_ok = '^220'
[[rule]]
pattern = '^b'
starttls = ''
",
    );
    let starttls = |answer: &[u8]| {
        let found = knowledge.recognize(&[Source::Greeting], answer).unwrap();
        knowledge.starttls(found.starttls.unwrap()).unwrap()
    };
    let (a, b) = (starttls(b"a"), starttls(b"b"));
    assert_eq!((&*a.send, a.is_answered()), (&b"STARTTLS\r\n"[..], true));
    assert!(a.is_ok(b"220 go on") && !a.is_ok(b"454 no"));
    assert_eq!(
        (&*b.send, b.is_answered(), b.is_ok(b"")),
        (&b""[..], false, true)
    );
}

#[test]
fn the_file_of_the_documents_is_read_and_does_what_it_says() {
    let page = include_str!("../../../../../docs/identify-data.md");
    let toml = page
        .split("```")
        .nth(1)
        .and_then(|block| block.strip_prefix("toml\n"))
        .unwrap();
    let knowledge =
        Knowledge::read(&[("identify-data.md", toml)]).unwrap_or_else(|error| panic!("{error}"));
    knowledge.prove().unwrap();
    let greeting = b"toy server ready, version 1.2 on a.example.org\r\n";
    let found = knowledge.recognize(&[Source::Greeting], greeting).unwrap();
    assert_eq!(found.said.hostname, Some(Untrusted::new("a.example.org")));
    assert!(
        knowledge
            .recognize(&[Source::Greeting], b"a toy is not ready\r\n")
            .is_none()
    );
    assert!(knowledge.greets_on(7777) && knowledge.greets_on(7778));
}

proptest! {
    /// Any text is read or refused with a place in it; what is read takes any answer.
    #[test]
    fn any_file_and_any_answer(rest in "[a-z\\[\\]='\"\\\\$^.*(){}0-9\n ]{0,200}", answer in prop::collection::vec(any::<u8>(), 0..200)) {
        for text in [rest.clone(), file(&format!("[[rule]]\npattern = '''{rest}'''\nproduct = '$1$2'\nversion = '$1'\n"))] {
            match Knowledge::read(&[("toy.toml", &text)]) {
                Ok(knowledge) => { let _ = (knowledge.prove(), knowledge.recognize(&[Source::Greeting], &answer)); }
                Err(error) => prop_assert!(error.wrong.line <= text.lines().count() + 1 && !error.wrong.what.to_string().is_empty()),
            }
        }
    }
}

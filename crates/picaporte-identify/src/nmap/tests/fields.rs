//! What a rule says: templates, helpers, CPEs, and what becomes of them in a service. Held against nmap 7.93 where its book leaves it open.

use super::*;
use crate::service::Version;

fn shown(field: Option<&picaporte_encode::Untrusted>) -> String {
    field.map_or("-".to_owned(), picaporte_encode::Untrusted::terminal)
}

/// The product that a template makes of an answer.
fn product(pattern: &str, template: &str, answer: &[u8]) -> String {
    let found = heard(
        &format!("match a m|{pattern}|s p\u{7}{template}\u{7}"),
        answer,
    );
    shown(found.expect("a rule").product.as_ref())
}

#[test]
fn templates_are_filled() {
    for (pattern, template, answer, said) in [
        ("^(a)(b)", "[$2][$1]", &b"ab"[..], "[b][a]"),
        ("^(a)?(b)", "[$1][$2][$9]", b"b", "[][b][]"),
        ("^T (.*)$", " $1, ", b"T abc ,  ", "abc"),
        ("^T (.*)$", ", ", b"T ", "-"),
        ("^(.*)$", "$P(1)", b"W\0O\0R\0D\0\x01", "WORD"),
        ("^(.*)$", "$P( 1 )x", b"\xff", "x"),
        ("^(.*)$", "$I(1,\">\")", b"\0\x01\x02", "258"),
        ("^(.*)$", "$I(1,\"<\")", b"\0\x01\x02", "131328"),
        ("^(.*)$", "$I(1,\">\")", &[0xff; 8], "18446744073709551615"),
        ("^(.*)$", "v$I(1,\">\")", &[0xff; 9], "-"),
        ("^(.*)$", "v$I(1,\">\")", b"", "-"),
        ("^(.*)$", "$SUBST(1,\"_\",\".\")", b"a_b_c", "a.b.c"),
        ("^(.*)$", "$SUBST(1,\"aa\",\"a\")", b"aaaaa", "aaa"),
        ("^(.*)$", "$SUBST(1,\"_\",\"\")", b"a_b", "ab"),
        ("^(.*)$", "$SUBST(1,\"\",\"x\")", b"ab", "ab"),
        ("^(.*)$", "$1", b"=\x1b[2J\xff", "=\\u{1b}[2J\\xff"),
    ] {
        assert_eq!(
            product(pattern, template, answer),
            said,
            "{template} {answer:?}"
        );
    }
}

#[test]
fn a_template_that_says_nothing_is_passed_over() {
    for bad in [
        "$",
        "$0",
        "$$",
        "$x",
        "$P",
        "$P(",
        "$P(1",
        "$P(1,2)",
        "$P(x)",
        "$I(1)",
        "$I(1,\"=\")",
        "$SUBST(1,\"a\")",
        "$SUBST(1,\"a\",\"b\",\"c\")",
        "$SUBST(1,\"a,2)",
    ] {
        assert!(template::pieces(bad.as_bytes()).is_err(), "{bad}");
        let rule = format!("Probe TCP NULL q||\nmatch a m|x| p\u{7}{bad}\u{7}");
        assert_eq!(read(&rule).counts().warnings, 1, "{bad}");
    }
}

#[test]
fn a_field_is_cut_at_512_bytes() {
    let long = [b'x'; 1000];
    assert_eq!(product("^(.*)$", "$1", &long).len(), 512);
    assert_eq!(product("^(.*)$", "$1$1", &long[..300]).len(), 512);
    assert_eq!(
        product("^(.*)$", "$SUBST(1,\"x\",\"yyyyyyyyyy\")", &long).len(),
        512
    );
    assert_eq!(product("^(.*)$", "$P(1)", &long).len(), 512);
    assert_eq!(product("x", &"z".repeat(600), &long).len(), 512);
}

fn cpes(template: &str, answer: &[u8]) -> Vec<String> {
    let found = heard(&format!("match a m|^C (.*)$|s cpe:{template}"), answer);
    let cpe = found.expect("a rule").cpe;
    cpe.iter().map(ToString::to_string).collect()
}

#[test]
fn cpes_are_made_names_of_version_2_3() {
    for (template, answer, said) in [
        (
            "/a:vendor:product:$1/",
            &b"C 1.2p1"[..],
            "cpe:2.3:a:vendor:product:1.2p1:*:*:*:*:*:*:*",
        ),
        (
            "/o:vendor:product/a",
            b"C ",
            "cpe:2.3:o:vendor:product:*:*:*:*:*:*:*:*",
        ),
        (
            "/h:vendor:$1/",
            b"C Big Box",
            "cpe:2.3:h:vendor:big_box:*:*:*:*:*:*:*:*",
        ),
        (
            "/a:v:p:1.0:beta:x:en/",
            b"C ",
            "cpe:2.3:a:v:p:1.0:*:*:*:*:*:*:*",
        ),
        ("/a:v:p:%31%2e2/", b"C ", "cpe:2.3:a:v:p:1.2:*:*:*:*:*:*:*"),
        // A colon of an answer parts nothing.
        ("/a:v:p:$1/", b"C 1:2", "cpe:2.3:a:v:p:1\\:2:*:*:*:*:*:*:*"),
        // What is no version is left out.
        ("/a:v:p:$1/", b"C beta", "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*"),
        ("/a:v:p:$1/", b"C \x1b1", "cpe:2.3:a:v:p:*:*:*:*:*:*:*:*"),
    ] {
        assert_eq!(cpes(template, answer), [said], "{template} {answer:?}");
    }
    for bad in [
        "/x:v:p/",
        "/a:v/",
        "/a::p/",
        "/:v:p/",
        "/ab:v:p/",
        "/a:v:$1/",
        "/a:%zz:p/",
        "//",
    ] {
        assert_eq!(cpes(bad, b"C \xff"), [""; 0], "{bad}");
    }
}

#[test]
fn a_match_becomes_a_service() {
    let rule = r"match ssl/DEMO m|^D (\S+) (.*)$| p/Demo/ v/$1 $2/ i/info $1/ h/mail.example.org/ o/Any OS/ d/printer/ cpe:/a:v:p:$1/";
    let probes = read(&format!(
        "Probe TCP NULL q||\n{rule}\nProbe TCP Ask q|a|\n{rule}"
    ));
    let service = |probe: &str, answer: &[u8]| {
        let probe = probes.get(probe).expect("a probe");
        let found = probes.matches(probe, answer).found.expect("a rule");
        found.to_service(probe)
    };
    let said = service("Ask", b"D 1.2 Debian 3");
    assert_eq!(said.name, Name::new("demo"));
    assert!(said.inside_tls);
    assert_eq!(shown(said.product.as_ref()), "Demo");
    assert_eq!(said.version.as_ref().map(Version::as_str), Some("1.2"));
    assert_eq!(
        shown(said.extra.as_ref()),
        "Debian 3; info 1.2; OS: Any OS; device: printer"
    );
    assert_eq!(shown(said.hostname.as_ref()), "mail.example.org");
    assert_eq!(
        (said.cpe.len(), said.probe.as_deref()),
        (1, Some("nmap:Ask"))
    );
    assert_eq!((said.connections, said.excerpt, said.tls), (0, None, None));
    assert_eq!(
        service("NULL", b"D 1.2 x").probe.as_deref(),
        Some("greeting")
    );
    // Words of which the first is no CPE's version are no version.
    let said = service("Ask", b"D beta - 1.2");
    assert_eq!(said.version, None);
    assert!(shown(said.extra.as_ref()).starts_with("beta - 1.2; info beta; "));
}

#[test]
fn one_word_is_a_version_and_no_field_is_nothing() {
    let found = heard("match a m|^(.*)$| v/$1/", b"2.4.62-1~deb12u2").expect("a rule");
    let service = found.to_service(read("Probe TCP NULL q||").greeting().expect("NULL"));
    assert_eq!(
        service.version.map(|version| version.to_string()),
        Some("2.4.62-1~deb12u2".into())
    );
    assert_eq!(
        (service.extra, service.product, service.hostname),
        (None, None, None)
    );
}

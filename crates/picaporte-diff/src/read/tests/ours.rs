//! nmap's XML as Picaporte writes it, with its own words for what nmap has none.

use super::nmap::run;
use super::*;

/// A run of Picaporte's with these hosts.
fn ours(hosts: &str) -> String {
    let id = "<prescript><script id=\"picaporte\" output=\"…\"><table key=\"args\"><elem>22</elem></table>\
              <elem key=\"id\">01JGFJ</elem></script></prescript>";
    run(&format!("{id}{hosts}"))
}

const UNTESTED: &str = "<hostscript><script id=\"picaporte\" output=\"…\"><elem key=\"zone\">eth0</elem><table key=\"untested\">\n \
     <elem key=\"ports\">23,80-81</elem>\n <table key=\"reasons\"><elem key=\"interrupted\">3</elem></table></table>\
     <table key=\"filtered\"><elem key=\"ports\">24-25</elem></table></script></hostscript>";

#[test]
fn what_picaporte_did_not_test_is_untested_and_of_nothing_else_is_anything_concluded() {
    let status =
        "<status state=\"up\" reason=\"user-set\"/><address addr=\"fe80::1\" addrtype=\"ipv6\"/>";
    let extra = "<ports><extraports state=\"filtered\" count=\"2\"><extrareasons reason=\"no-response\" count=\"1\"/>\
                 <extrareasons reason=\"net-unreach\" count=\"1\"/></extraports></ports>";
    let host = format!("<host>{status}{extra}{UNTESTED}</host>");
    let scan = read_text(&ours(&host)).unwrap();
    assert_eq!(
        sets(&scan, "fe80::1%eth0"),
        "filtered 24-25; untested 23,80-81"
    );
    assert_eq!(scan.about.id.as_deref(), Some("01JGFJ"));
    // Of nmap's own, scripts are passed over.
    let scan = read_text(&run(&host)).unwrap();
    assert_eq!(sets(&scan, "fe80::1"), "filtered 1-100,443");
}

fn tls_of(text: &str) -> crate::Service {
    let scan = read_text(text).unwrap();
    let host = scan.host(&HostId::parse("192.0.2.7").unwrap()).unwrap();
    let mut services = scan.services(host);
    let (port, service) = services.next().unwrap();
    assert_eq!((port, services.next()), (443, None));
    service.clone()
}

const HEARD: &str = "<port protocol=\"tcp\" portid=\"443\"><state state=\"open\" reason=\"syn-ack\"/>\
    <service name=\"http\" product=\"a &amp; b\" version=\"1\" tunnel=\"ssl\" method=\"probed\" conf=\"10\"/>\
    <script id=\"picaporte\" output=\"…\"><elem key=\"at\">2026-01-01T12:00:00.000Z</elem>\
    <table key=\"evidence\"><table key=\"service\"><elem key=\"name\">no</elem></table></table>\
    <table key=\"service\"><elem key=\"name\">http</elem><elem key=\"product\">a  b</elem>\n\
    <table key=\"tls\"><table key=\"certificates\">\n<table><elem key=\"expired\">false</elem>\
    <table key=\"names\"><elem>www.example.org</elem></table><elem key=\"not_after\">2026-01-14T00:00:00.000Z</elem>\
    <elem key=\"not_yet_valid\">false</elem><elem key=\"sha256\">ab</elem></table>\
    <table><elem key=\"expired\">true</elem><elem key=\"sha256\">cd</elem></table></table>\
    <table key=\"refused\"><elem>TLS 1.1</elem></table><table key=\"versions\"><elem>TLS 1.2</elem><elem>TLS 1.3</elem></table>\
    </table></table></script></port>";

fn host(ports: &str) -> String {
    format!(
        "<host><status state=\"up\"/><address addr=\"192.0.2.7\" addrtype=\"ipv4\"/><ports>{ports}</ports></host>"
    )
}

#[test]
fn tls_and_certificates_of_our_own_scripts_are_read() {
    let service = tls_of(&ours(&host(HEARD)));
    let texts = [&service.name, &service.product, &service.version];
    assert_eq!(
        texts.map(|text| text.as_deref()),
        [Some("http"), Some("a & b"), Some("1")]
    );
    let crate::Tls::Spoken(tls) = &service.tls else {
        panic!("{service:?}")
    };
    assert_eq!(tls.accepted, [false, false, false, true, true]);
    assert_eq!(tls.refused, [false, false, true, false, false]);
    let own = service.certificate().unwrap();
    let term = crate::Term::Within(Some(12));
    assert_eq!((&*own.sha256, own.term), ("ab", Some(term)));
    // In another's document a script of this name proves nothing.
    assert_eq!(tls_of(&run(&host(HEARD))).tls, crate::Tls::Untold);
}

#[test]
fn a_port_that_was_asked_and_not_recognized_is_read_of_our_own_scripts() {
    let from = HEARD.find("<service").unwrap();
    let usual = "<service name=\"https\" method=\"table\" conf=\"3\"/>";
    let script = "<script id=\"picaporte\" output=\"…\"><table key=\"service\"><elem key=\"connections\">3</elem></table></script>";
    let port = format!("{}{usual}{script}</port>", &HEARD[..from]);
    let asked = crate::Service {
        tls: crate::Tls::Plain,
        ..crate::Service::default()
    };
    assert_eq!(tls_of(&ours(&host(&port))), asked);
    let bare = script.replace("table key=\"service\"", "table key=\"evidence\"");
    let port = format!("{}{usual}{bare}</port>", &HEARD[..from]);
    let scan = read_text(&ours(&host(&port))).unwrap();
    let (_, host) = scan.hosts().next().unwrap();
    assert_eq!(scan.services(host).next(), None, "it was not asked");
}

#[test]
fn a_document_of_ours_that_ends_with_an_error_is_incomplete() {
    let error = |text: String| text.replace("exit=\"success\"", "exit=\"error\"");
    let scan = read_text(&error(ours(&host(HEARD)))).unwrap();
    assert_eq!(
        (scan.about.complete, &scan.about.notes[..]),
        (Some(false), &[][..])
    );
    let scan = read_text(&error(run(&host(HEARD)))).unwrap();
    assert_eq!(scan.about.complete, Some(false));
    assert_eq!(scan.about.notes, [Note::Failed]);
    let scan = read_text(&ours(&host(HEARD))).unwrap();
    assert_eq!(scan.about.complete, Some(true));
}

#[test]
fn words_of_picaporte_that_are_none_are_refused() {
    let wrong = UNTESTED.replace("80-81", "80-");
    let host = "<host><status state=\"up\"/><address addr=\"192.0.2.7\"/>";
    let text = ours(&format!("{host}{wrong}</host>"));
    assert!(read_text(&text).is_err());
}

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

#[test]
fn words_of_picaporte_that_are_none_are_refused() {
    let wrong = UNTESTED.replace("80-81", "80-");
    let host = "<host><status state=\"up\"/><address addr=\"192.0.2.7\"/>";
    let text = ours(&format!("{host}{wrong}</host>"));
    assert!(read_text(&text).is_err());
}

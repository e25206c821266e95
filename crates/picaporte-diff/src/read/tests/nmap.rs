//! nmap's XML, written here after its format (nmap.dtd) and what nmap 7.93 was seen to write.

use super::bad::must_refuse;
use super::*;

/// A run with this inside.
pub(super) fn run(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE nmaprun>\n<?xml-stylesheet href=\"file:///nmap.xsl\" type=\"text/xsl\"?>\n\
         <!-- a comment with <nmaprun> in it -->\n\
         <nmaprun scanner=\"nmap\" args=\"nmap -oX - -&#45;open\" start=\"1767225600\" version=\"7.93\" xmloutputversion=\"1.05\">\n\
         <scaninfo type=\"syn\" protocol=\"tcp\" numservices=\"101\" services=\"1-100,443\"/>\n<verbose level=\"0\"/>\n\
         {inside}\n\
         <runstats><finished time=\"1767225601\" exit=\"success\"/><hosts up=\"1\" down=\"0\" total=\"1\"/></runstats>\n</nmaprun>\n"
    )
}

/// A host that is up, with these ports.
fn up(ports: &str) -> String {
    run(&format!(
        "<hosthint><status state=\"up\" reason=\"arp-response\"/><address addr=\"192.0.2.9\" addrtype=\"ipv4\"/></hosthint>\n\
         <host starttime=\"1\"><status state=\"up\" reason=\"echo-reply\" reason_ttl=\"64\"/>\n\
         <address addr=\"192.0.2.7\" addrtype=\"ipv4\"/><address addr=\"00:00:5E:00:53:01\" addrtype=\"mac\" vendor=\"x\"/>\n\
         <hostnames><hostname name=\"a&amp;b.example\" type=\"user\"/></hostnames>\n\
         <ports>{ports}</ports>\n\
         <os><portused state=\"open\" proto=\"tcp\" portid=\"9\"/></os><times srtt=\"1\"/></host>"
    ))
}

const OPEN: &str = "<port protocol=\"tcp\" portid=\"22\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"64\"/><service name=\"ssh\"/><script id=\"s\" output=\"&lt;port&gt;\"><table key=\"port\"><elem key=\"state\">closed</elem></table></script></port>";

pub(super) fn file() -> String {
    let closed = "<extraports state=\"closed\" count=\"99\"><extrareasons reason=\"reset\" count=\"99\" proto=\"tcp\" ports=\"1-21,23-79,81-100\"/></extraports>";
    let filtered = "<port protocol=\"tcp\" portid=\"80\"><state state=\"filtered\" reason=\"admin-prohibited\" reason_ttl=\"64\" reason_ip=\"192.0.2.1\"/></port>";
    up(&format!(
        "{closed}{OPEN}{filtered}<port protocol=\"tcp\" portid=\"443\"><state state=\"closed\" reason=\"reset\"/></port>"
    ))
}

#[track_caller]
fn must_say(text: &str, says: &str) {
    assert_eq!(sets(&read_text(text).unwrap(), "192.0.2.7"), says);
}

/// nmap's files call a host what the reverse DNS says; Picaporte's call it what the user did, in every format.
#[test]
fn a_name_of_the_reverse_dns_is_none_in_a_document_of_picaportes() {
    let names = |before: &str| {
        let host = up(OPEN).replace(
            "<hostnames>",
            "<hostnames><hostname name=\"ptr.example\" type=\"PTR\"/>",
        );
        let scan = read_text(&host.replace("<verbose", &format!("{before}<verbose"))).unwrap();
        let names = host_names(&scan);
        names.join(" ")
    };
    assert_eq!(names(""), "a&b.example ptr.example");
    let ours = "<prescript><script id=\"picaporte\" output=\"\"/></prescript>";
    assert_eq!(names(ours), "a&b.example");
}

fn host_names(scan: &Snapshot) -> Vec<&str> {
    let names = &host(scan, "192.0.2.7").names;
    names.iter().map(|name| &**name).collect()
}

#[test]
fn ports_one_by_one_and_the_many_alike() {
    let scan = read_text(&file()).unwrap();
    assert_eq!(
        sets(&scan, "192.0.2.7"),
        "open 22; closed 1-21,23-79,81-100,443; filtered 80"
    );
    assert_eq!(scan.about.complete, Some(true));
    assert_eq!(scan.about.notes, []);
    assert_eq!(
        (&*scan.about.scanner, scan.about.version.as_deref()),
        ("nmap", Some("7.93"))
    );
    assert_eq!(
        scan.about.started.map(|at| at.to_string()).as_deref(),
        Some("2026-01-01T00:00:00Z")
    );
    let host = host(&scan, "192.0.2.7");
    assert_eq!(host_names(&scan), ["a&b.example"]);
    assert!(host.sign && !host.left && scan.hosts.len() == 1);
    let proved: Vec<_> = host
        .evidence
        .iter()
        .map(|&(first, last, e)| (first, last, scan.evidence[e as usize]))
        .collect();
    assert_eq!(proved.len(), 6);
    assert_eq!(proved[3].2.from, Some([192, 0, 2, 1].into()));
    assert_eq!(
        proved[5],
        (
            443,
            443,
            Evidence {
                reason: Some(picaporte_core::Reason::ConnRefused),
                ..Evidence::default()
            }
        )
    );
}

#[test]
fn what_old_versions_leave_out_is_filled_in_if_it_can_be() {
    let one = "<extraports state=\"filtered\" count=\"100\"><extrareasons reason=\"no-responses\" count=\"100\"/></extraports>";
    must_say(
        &up(&format!("{one}{OPEN}")),
        "open 22; filtered 1-21,23-100,443",
    );
    let one = one.replace("100", "91");
    let two = format!(
        "{one}<extraports state=\"closed\" count=\"9\"><extrareasons reason=\"resets\" count=\"9\"/></extraports>"
    );
    must_say(
        &up(&format!("{two}{OPEN}")),
        "open 22; undecided 1-21,23-100,443",
    );
    let none = "<extraports state=\"closed\" count=\"100\"></extraports>";
    must_say(
        &up(&format!("{none}{OPEN}")),
        "open 22; closed 1-21,23-100,443",
    );
    // With UDP beside, as many as are left must be meant.
    let udp = "<scaninfo type=\"udp\" protocol=\"udp\" services=\"1-7\"/><verbose level=\"0\"/>";
    let mixed = |ports: &str| up(ports).replace("<verbose level=\"0\"/>", udp);
    let alike = |state: &str, count: u32| {
        format!(
            "<extraports state=\"{state}\" count=\"{count}\"><extrareasons reason=\"resets\" count=\"{count}\"/></extraports>"
        )
    };
    must_say(
        &mixed(&(alike("open|filtered", 7) + &alike("filtered", 100) + OPEN)),
        "open 22; filtered 1-21,23-100,443",
    );
    must_say(
        &mixed(&(alike("closed", 100) + &alike("filtered", 100) + OPEN)),
        "open 22; undecided 1-21,23-100,443",
    );
    must_say(
        &mixed(&(alike("closed", 7) + OPEN)),
        "open 22; undecided 1-21,23-100,443",
    );
    must_say(
        &up(&(alike("unknown", 0) + &alike("closed", 99) + OPEN)),
        "open 22; closed 1-21,23-100,443",
    );
    // Left out altogether, though planned.
    must_say(&up(OPEN), "open 22; undecided 1-21,23-100,443");
}

#[test]
fn hosts_without_ports_were_not_tested() {
    let host = |status: &str, rest: &str| {
        run(&format!(
            "<host {rest}><status {status}/><address addr=\"192.0.2.7\" addrtype=\"ipv4\"/></host>"
        ))
    };
    for (status, rest, sign, left) in [
        (
            "state=\"up\" reason=\"echo-reply\"",
            "timedout=\"true\"",
            true,
            false,
        ),
        ("state=\"up\" reason=\"user-set\"", "", false, false),
        ("state=\"up\"", "", false, false),
        ("state=\"down\" reason=\"no-response\"", "", false, true),
        ("state=\"unknown\" reason=\"user-set\"", "", false, false),
    ] {
        let text = host(status, rest);
        must_say(&text, "untested 1-100,443");
        let scan = read_text(&text).unwrap();
        let host = super::host(&scan, "192.0.2.7");
        assert_eq!((host.sign, host.left), (sign, left), "{status}");
    }
}

#[test]
fn words_that_do_not_tell_are_no_verdict() {
    let port = |state: &str| {
        up(&format!(
            "<extraports state=\"closed\" count=\"100\"/><port protocol=\"tcp\" portid=\"22\"><state state=\"{state}\"/></port>"
        ))
    };
    for state in ["open|filtered", "closed|filtered", "unfiltered", "unknown"] {
        must_say(&port(state), "closed 1-21,23-100,443; undecided 22");
    }
    for kind in ["ack", "window"] {
        let text = port("filtered").replace("type=\"syn\"", &format!("type=\"{kind}\""));
        must_say(&text, "undecided 1-100,443");
        assert_eq!(
            read_text(&text).unwrap().about.notes,
            [Note::CannotTell(if kind == "ack" {
                "ack"
            } else {
                "window"
            })]
        );
    }
}

#[test]
fn other_protocols_are_left_out_and_counted() {
    let udp = "<extraports state=\"closed\" count=\"7\"><extrareasons reason=\"port-unreach\" count=\"7\" proto=\"udp\" ports=\"60-66\"/></extraports><port protocol=\"udp\" portid=\"53\"><state state=\"open\" reason=\"udp-response\"/></port><port protocol=\"ip\" portid=\"200000\"><state state=\"open\"/></port>";
    let info = "<scaninfo type=\"udp\" protocol=\"udp\" numservices=\"8\" services=\"53,60-66\"/><scaninfo type=\"syn\" protocol=\"tcp\" services=\"443-445\"/>";
    let text = up(&format!("<extraports state=\"closed\" count=\"102\"><extrareasons reason=\"resets\" count=\"102\"/></extraports>{OPEN}{udp}")).replace("<verbose level=\"0\"/>", info);
    must_say(&text, "open 22; closed 1-21,23-100,443-445");
    assert_eq!(
        read_text(&text).unwrap().about.notes,
        [Note::OtherProtocols(9)]
    );
}

#[test]
fn port_0_is_left_out() {
    let zero = "<extraports state=\"closed\" count=\"1\"><extrareasons reason=\"reset\" proto=\"tcp\" ports=\"0-100,443\"/></extraports><port protocol=\"tcp\" portid=\"0\"><state state=\"open\"/></port>";
    must_say(
        &up(zero).replace("\"1-100,443\"", "\"0-100,443\""),
        "closed 1-100,443",
    );
}

#[test]
fn hosts_that_are_down_and_not_named_are_noted() {
    let text = file().replace("down=\"0\"", "down=\"254\"");
    assert_eq!(
        read_text(&text).unwrap().about.notes,
        [Note::DownUnnamed(254)]
    );
    let named = run(
        "<host><status state=\"down\" reason=\"no-response\"/><address addr=\"192.0.2.7\" addrtype=\"ipv4\"/></host>",
    );
    let named = named.replace("up=\"1\" down=\"0\"", "up=\"0\" down=\"1\"");
    assert_eq!(read_text(&named).unwrap().about.notes, []);
    // A list scan counts all hosts as down, and names them.
    let listed = named.replace("state=\"down\"", "state=\"unknown\"");
    assert_eq!(read_text(&listed).unwrap().about.notes, []);
}

#[test]
fn runs_that_were_appended_are_one_scan() {
    let other = file()
        .replace("192.0.2.7", "192.0.2.8")
        .replace("1767225600", "1735689600")
        .replace("1-100,443", "1-50");
    let both = read_text(&(file() + &other)).unwrap();
    assert_eq!(both.about.notes, [Note::Several(2)]);
    assert_eq!(
        both.about.started.map(|at| at.to_string()).as_deref(),
        Some("2025-01-01T00:00:00Z")
    );
    assert_eq!(
        sets(&both, "192.0.2.7"),
        "open 22; closed 1-21,23-79,81-100,443; filtered 80"
    );
    assert_eq!(both.hosts.len(), 2);
}

#[test]
fn masscan_writes_it_too() {
    let host = |ip: &str, port: u16| {
        format!(
            "<host endtime=\"1\"><address addr=\"{ip}\" addrtype=\"ipv4\"/><ports><port protocol=\"tcp\" portid=\"{port}\"><state state=\"open\" reason=\"syn-ack\" reason_ttl=\"64\"/></port></ports></host>\r\n"
        )
    };
    let text = format!(
        "<?xml version=\"1.0\"?>\r\n<!-- masscan v1.0 scan -->\r\n<nmaprun scanner=\"masscan\" start=\"1\" version=\"1.0-BETA\" xmloutputversion=\"1.03\">\r\n<scaninfo type=\"syn\" protocol=\"tcp\" />\r\n{}{}<runstats>\r\n<finished time=\"2\" timestr=\"x\" elapsed=\"1\" />\r\n<hosts up=\"2\" down=\"0\" total=\"2\" />\r\n</runstats>\r\n</nmaprun>\r\n",
        host("192.0.2.7", 22),
        host("192.0.2.7", 80),
    );
    must_say(&text, "open 22,80");
    assert_eq!(read_text(&text).unwrap().about.scanner, "masscan");
}

#[test]
fn cut_anywhere_it_is_read_up_to_the_cut() {
    let text = file();
    let begun = text.find("<scaninfo").unwrap();
    let (host, end) = (
        text.find("</host>\n<runstats").unwrap() + 7,
        text.rfind("</nmaprun>").unwrap() + 10,
    );
    for cut in begun..end {
        let scan = read_text(&text[..cut]).unwrap_or_else(|error| panic!("cut at {cut}: {error}"));
        assert!(
            matches!(scan.about.notes[..], [Note::Cut(Place::Byte(_))]),
            "cut at {cut}"
        );
        assert_eq!(scan.about.complete, Some(false));
        assert_eq!(scan.hosts.len(), usize::from(cut >= host), "cut at {cut}");
    }
    for cut in 6..text.find("<nmaprun scanner").unwrap() {
        let error = read_text(&text[..cut]).unwrap_err().to_string();
        assert!(error.contains("<nmaprun>"), "cut at {cut}: {error}");
    }
}

#[test]
fn hosts_whose_address_is_masked_are_left_out_and_counted() {
    for masked in ["addr=\"192.0.2.777\"", "addr=\"\"", "addr=\"IP\""] {
        let scan = read_text(&file().replace("addr=\"192.0.2.7\"", masked)).unwrap();
        assert_eq!(
            (scan.hosts.len(), &scan.about.notes[..]),
            (0, &[Note::NoAddress(1)][..])
        );
    }
}

#[test]
fn a_scan_that_failed_says_so() {
    let text = file().replace("exit=\"success\"", "exit=\"error\" errormsg=\"x\"");
    let about = read_text(&text).unwrap().about;
    assert_eq!(
        (about.complete, &about.notes[..]),
        (Some(false), &[Note::Failed][..])
    );
}

#[test]
fn what_a_document_declares_is_not_expanded() {
    let bomb = "<!DOCTYPE nmaprun [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/passwd\">]>";
    let text = file().replace("<!DOCTYPE nmaprun>", bomb);
    assert_eq!(
        read_text(&text).unwrap().hosts,
        read_text(&file()).unwrap().hosts
    );
    for entity in ["&b;", "&c;"] {
        must_refuse(
            &text.replace("a&amp;b.example", entity),
            &["<hostname>", "byte "],
        );
    }
    // In what is not read, they do no harm.
    let inside = text.replace("closed</elem>", "&b;&b;</elem>");
    assert!(read_text(&inside).is_ok());
}

#[test]
fn depth_has_a_bound() {
    let deep = |n: usize| run(&format!("{}{}", "<table>".repeat(n), "</table>".repeat(n)));
    let limits = Limits::default();
    assert!(read_text(&deep(limits.depth - 1)).is_ok());
    must_refuse(&deep(limits.depth), &["128 elements"]);
    must_refuse(
        &format!("<nmaprun>{}", "<a>".repeat(1_000_000)),
        &["128 elements"],
    );
}

#[test]
fn elements_elsewhere_mean_nothing() {
    let text = run(
        "<other><host><status state=\"up\"/><address addr=\"192.0.2.1\"/></host></other><port protocol=\"tcp\" portid=\"9\"><state state=\"open\"/></port><extrareasons ports=\"x\"/>",
    );
    assert_eq!(read_text(&text).unwrap().hosts.len(), 0);
}

#[test]
fn damage_is_told_by_its_byte() {
    for (text, says) in [
        (
            file().replace("portid=\"22\"", "portid=\"22222222222\""),
            "'22222222222'",
        ),
        (file().replace("portid=\"22\"", ""), "'portid'"),
        (file().replace("state=\"open\"", "state=\"ajar\""), "'ajar'"),
        (file().replace("1-21,", "21-1,"), "'21-1'"),
        (
            file().replace("services=\"1-100,443\"", "services=\"1-x\""),
            "'x'",
        ),
        (file().replace("</ports>", "</prots>"), "prots"),
        (
            file()
                .replace("<ports>", "<ports a=b>")
                .replace("state=\"open\"", "state=open"),
            "<state>",
        ),
        (
            file().replace("portid=\"22\"", "portid=\"&#xfffffff;\""),
            "<port>",
        ),
    ] {
        must_refuse(&text, &["byte ", says, "nmap -oX"]);
    }
    must_refuse("<nmaprun/>junk</a>", &["byte "]);
    must_refuse("<nmap></nmap>", &["<nmap>", "<nmaprun>"]);
    must_refuse("<?xml version=\"1.0\"?>", &["no <nmaprun>"]);
    let latin = [b"<nmaprun><host a=\"\xe9\"/></nmaprun>".as_slice()].concat();
    assert!(read(&latin[..], EVIDENCE, &Limits::default()).is_err());
}

#[test]
fn a_host_said_by_two_scanners_is_the_same() {
    let lines = format!(
        "{SCAN}\n{}\n{END}\n",
        r#"{"type":"host","ip":"192.0.2.7","name":null,"ports":{"open":"22","closed":"1-21,23-79,81-100,443","filtered":"80","untested":""}}"#
    );
    assert!(compare(&read_text(&lines).unwrap(), &read_text(&file()).unwrap()).is_empty());
}

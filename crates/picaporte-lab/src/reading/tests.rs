//! Every reader: what it takes in, what it says of what it can't, and that no bytes bring it down.

mod bounds;

use std::fmt::Write as _;
use std::io::Cursor;

use proptest::prelude::*;

use super::*;

fn parse(format: Format, text: &str) -> Result<Reading, ReadError> {
    read(Some(format), Cursor::new(text.as_bytes()))
}

fn wrong(format: Format, text: &str) -> String {
    parse(format, text).unwrap_err().to_string()
}

/// Everything that was said, as text: `ip open=… closed=…`.
fn said(reading: &Reading) -> Vec<String> {
    let words = [
        ("open", Word::Open),
        ("closed", Word::Closed),
        ("filtered", Word::Filtered),
        ("untested", Word::Untested),
    ];
    let host = |(ip, said): (IpAddr, &Said)| {
        words
            .iter()
            .filter(|(_, word)| !said.of(*word).is_empty())
            .fold(ip.to_string(), |mut line, (name, word)| {
                let _ = write!(line, " {name}={}", said.of(*word));
                line
            })
    };
    reading.hosts().map(host).collect()
}

const PICAPORTE: &str = r#"{"type":"scan","schema":1,"id":"01J","version":"0.1.0","seed":7,"planned":12}
{"type":"host","ip":null,"name":"nope.example","open":0,"closed":0,"filtered":0,"untested":2,"reasons":{"unresolved":2},"ports":{"open":"","closed":"","filtered":"","untested":"22,80"}}
{"type":"port","ip":"192.0.2.7","name":null,"port":22,"protocol":"tcp","state":"open","reason":"syn-ack","rtt_us":212,"attempts":1,"evidence":{}}
{"type":"host","ip":"192.0.2.7","name":null,"open":1,"closed":3,"filtered":1,"untested":1,"reasons":{"syn-ack":1,"conn-refused":3,"no-response":1,"local-limit":1},"ports":{"open":"22","closed":"1-3","filtered":"80","untested":"443"}}
{"type":"port","ip":"fe80::7%eth0","name":null,"port":80,"protocol":"tcp","state":"open","reason":"syn-ack","evidence":{}}
{"type":"later","what":"nobody knows yet"}
{"type":"end","elapsed_ms":1250,"planned":12,"tested":6,"untested":6,"open":2,"closed":3,"filtered":1,"extra":0,"complete":false}
"#;

const NMAP: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<!-- a comment -->
<nmaprun scanner="nmap" args="nmap -sT -oX - 192.0.2.7" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="83" services="20-100,443,8080"/>
<hosthint><status state="up" reason="user-set"/><address addr="192.0.2.9" addrtype="ipv4"/></hosthint>
<host starttime="1" endtime="2"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="192.0.2.7" addrtype="ipv4"/>
<address addr="2001:db8::7" addrtype="ipv6"/>
<address addr="02:00:00:00:00:01" addrtype="mac"/>
<hostnames><hostname name="www.example.org" type="user"/></hostnames>
<ports><extraports state="closed" count="79">
<extrareasons reason="conn-refused" count="70" proto="tcp" ports="20-21,23-79"/>
<extrareasons reason="reset" count="9" proto="tcp" ports="82-100"/>
</extraports>
<extraports state="filtered" count="1"><extrareasons reason="no-response" count="1" proto="tcp" ports="443"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh"/></port>
<port protocol="tcp" portid="80"><state state="open|filtered" reason="no-response"/></port>
<port protocol="tcp" portid="81"><state state="unfiltered" reason="reset"/></port>
<port protocol="udp" portid="8080"><state state="open" reason="udp-response"/></port>
</ports>
</host>
<runstats><finished time="2" exit="success"/><hosts up="1" down="0" total="1"/></runstats>
</nmaprun>
"#;

const MASSCAN: &str = r#"[
{   "ip": "192.0.2.7",   "timestamp": "1", "ports": [ {"port": 80, "proto": "tcp", "status": "open", "reason": "syn-ack", "ttl": 64} ] }
,
{   "ip": "192.0.2.7",   "timestamp": "1", "ports": [ {"port": 81, "proto": "tcp", "status": "closed", "reason": "rst", "ttl": 64} ] },
{   "ip": "192.0.2.8",   "timestamp": "1", "ports": [ {"port": 22, "proto": "tcp", "service": {"name": "ssh", "banner": "}\"{"} } ] }
,
{   "ip": "2001:db8::1", "timestamp": "1", "ports": [ {"port": 443, "proto": "tcp", "status": "open"}, {"port": 0, "proto": "icmp", "status": "open"} ] },
]
"#;

const RUSTSCAN: &str = "192.0.2.7 -> [22,80]\n2001:db8::1 -> [443]\n192.0.2.9 -> []\n";

const HOSTPORT: &str =
    "# mine\n192.0.2.7:80\n[2001:db8::1]:443\n\n[fe80::1%eth0]:22\n192.0.2.7:81\n";

#[test]
fn picaporte_accounts_for_every_port() {
    let reading = parse(Format::Picaporte, PICAPORTE).unwrap();
    assert_eq!(
        said(&reading),
        [
            "192.0.2.7 open=22 closed=1-3 filtered=80 untested=443",
            "fe80::7 open=80"
        ]
    );
    assert_eq!(reading.coverage, Coverage::Everything);
    assert_eq!(reading.cut, None);
    assert_eq!(reading.unresolved()["nope.example"].to_string(), "22,80");
    let ending = reading.ending.unwrap();
    assert!(!ending.complete);
    assert_eq!((ending.planned, ending.untested), (12, 6));
    assert_eq!(reading.untested_unnamed(), 3);
    // The open port of 192.0.2.7 stands in two lines and counts once.
    assert_eq!(reading.reasons["syn-ack"], 2);
    assert_eq!(reading.reasons["conn-refused"], 3);
}

#[test]
fn nmap_lists_and_sums_up() {
    let reading = parse(Format::Nmap, NMAP).unwrap();
    let words = "open=22 closed=20-21,23-79,82-100 filtered=80,443 untested=81";
    assert_eq!(
        said(&reading),
        [format!("192.0.2.7 {words}"), format!("2001:db8::7 {words}")]
    );
    assert_eq!(reading.coverage, Coverage::Everything);
    assert_eq!(reading.cut, None);
    assert_eq!(reading.reasons["conn-refused"], 59);
}

#[test]
fn nmap_before_ranges_means_the_rest_of_the_scan() {
    let old = r#"<nmaprun><scaninfo protocol="tcp" services="20-25"/><host><status state="up"/>
<address addr="192.0.2.7" addrtype="ipv4"/><ports><extraports state="closed" count="5">
<extrareasons reason="resets" count="5"/></extraports>
<port protocol="tcp" portid="22"><state state="open"/></port></ports></host>
<host><status state="down"/><address addr="192.0.2.8" addrtype="ipv4"/></host>
<host timedout="true"><status state="up"/><address addr="192.0.2.9" addrtype="ipv4"/></host>
<host><status state="up"/><address addr="192.0.2.10" addrtype="ipv4"/><ports>
<extraports state="closed" count="3"/><extraports state="filtered" count="3"/></ports></host>
<runstats><finished/></runstats></nmaprun>"#;
    let reading = parse(Format::Nmap, old).unwrap();
    assert_eq!(
        said(&reading),
        [
            "192.0.2.7 open=22 closed=20-21,23-25",
            "192.0.2.8 untested=1-65535",
            "192.0.2.9 untested=1-65535",
            "192.0.2.10"
        ]
    );
}

#[test]
fn the_others_name_open_ports() {
    let reading = parse(Format::Masscan, MASSCAN).unwrap();
    assert_eq!(
        said(&reading),
        ["192.0.2.7 open=80 closed=81", "2001:db8::1 open=443"]
    );
    assert_eq!((reading.coverage, reading.cut), (Coverage::OpenOnly, None));
    let reading = parse(Format::Rustscan, RUSTSCAN).unwrap();
    assert_eq!(
        said(&reading),
        ["192.0.2.7 open=22,80", "192.0.2.9", "2001:db8::1 open=443"]
    );
    let reading = parse(Format::Hostport, HOSTPORT).unwrap();
    assert_eq!(
        said(&reading),
        [
            "192.0.2.7 open=80-81",
            "2001:db8::1 open=443",
            "fe80::1 open=22"
        ]
    );
}

#[test]
fn masscan_of_old_ends_otherwise() {
    for text in [
        "{ \"ip\": \"192.0.2.7\", \"ports\": [ {\"port\": 80, \"status\": \"open\"} ] },\n{finished: 1}\n",
        "[\n{ \"ip\": \"192.0.2.7\", \"ports\": [ {\"port\": 80, \"status\": \"open\"} ] }\n{finished: 1}\n",
    ] {
        let reading = parse(Format::Masscan, text).unwrap();
        assert_eq!(said(&reading), ["192.0.2.7 open=80"]);
        assert_eq!(reading.cut, None);
    }
}

#[test]
fn a_cut_output_yields_what_came_before() {
    for (format, text, says, cut) in [
        (
            Format::Picaporte,
            &PICAPORTE[..PICAPORTE.len() - 20],
            2,
            "the last line is not whole",
        ),
        (
            Format::Nmap,
            &NMAP[..NMAP.len() - 30],
            2,
            "there is no </nmaprun>",
        ),
        (
            Format::Masscan,
            &MASSCAN[..MASSCAN.len() - 3],
            2,
            "the array has no end",
        ),
        (
            Format::Masscan,
            &MASSCAN[..MASSCAN.len() - 9],
            1,
            "the last record is not whole",
        ),
        (
            Format::Rustscan,
            "192.0.2.7 -> [22]\n192.0.2.8 -> [8",
            2,
            "the list of ports in the last line has no end",
        ),
        (
            Format::Rustscan,
            "192.0.2.7 -> [22]\n192.0.",
            1,
            "the last line ends before its ports",
        ),
        (
            Format::Hostport,
            "192.0.2.7:22\n192.0.2.8:80",
            1,
            hostport::HALF,
        ),
    ] {
        let reading = parse(format, text).unwrap();
        assert_eq!(said(&reading).len(), says, "{format}");
        assert_eq!(reading.cut.as_deref(), Some(cut));
    }
    let reading = parse(Format::Rustscan, "192.0.2.8 -> [22,8").unwrap();
    assert_eq!(said(&reading), ["192.0.2.8 open=22"]);
}

#[test]
fn nothing_at_all_is_cut_where_the_format_has_an_end() {
    for format in Format::ALL {
        let reading = parse(format, "").unwrap();
        let has_end = matches!(format, Format::Picaporte | Format::Nmap);
        assert_eq!(reading.cut.is_some(), has_end, "{format}");
    }
}

#[test]
fn errors_say_where_and_what_was_expected() {
    let all: Vec<String> = [
        (Format::Picaporte, "{\"type\":\"scan\"}\nhello\n"),
        (
            Format::Picaporte,
            "{\"type\":\"port\",\"ip\":\"x\",\"port\":1,\"state\":\"open\"}\n",
        ),
        (
            Format::Picaporte,
            "{\"type\":\"port\",\"ip\":\"192.0.2.1\",\"port\":0,\"state\":\"open\"}\n",
        ),
        (
            Format::Picaporte,
            "{\"type\":\"port\",\"ip\":\"192.0.2.1\",\"port\":1,\"state\":\"\\u001b[31m\"}\n",
        ),
        (Format::Nmap, "Starting Nmap\n"),
        (Format::Nmap, "<html></html>"),
        (
            Format::Nmap,
            "<nmaprun><host><ports><port protocol=\"tcp\" portid=\"0\"/></ports></host></nmaprun>",
        ),
        (Format::Nmap, "<nmaprun><host></nmaprun></host> "),
        (
            Format::Rustscan,
            "192.0.2.7 -> [22]\n\u{1b}[31mOpen 192.0.2.7:22\n",
        ),
        (Format::Rustscan, "192.0.2.7 -> [22,99999]\n"),
        (Format::Masscan, "[\n{\"ip\": 7}\n]"),
        (Format::Masscan, "[ x ]"),
        (Format::Hostport, "192.0.2.7:22\n192.0.2.7\n"),
        (Format::Hostport, "192.0.2.7:0\n"),
    ]
    .into_iter()
    .map(|(format, text)| format!("{format}: {}", wrong(format, text)))
    .collect();
    assert!(all.iter().all(|text| !text.contains(char::is_control)));
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn formats_are_guessed_by_their_beginning() {
    for (text, format) in [
        (PICAPORTE, Format::Picaporte),
        (NMAP, Format::Nmap),
        (MASSCAN, Format::Masscan),
        ("{ \"ip\": \"192.0.2.7\"", Format::Masscan),
        ("[\n]\n", Format::Masscan),
        (RUSTSCAN, Format::Rustscan),
        ("192.0.2.7:80\n", Format::Hostport),
        ("[2001:db8::1]:443\n", Format::Hostport),
    ] {
        assert_eq!(Format::guess(text.as_bytes()), Some(format), "{text}");
        assert!(read(None, Cursor::new(text)).is_ok());
    }
    let unknown = read(None, Cursor::new("Nmap scan report\u{7}")).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "begins with 'Nmap scan report\\u{7}', like none of the formats that are known; name it with --format"
    );
    let empty = read(None, Cursor::new("")).unwrap_err().to_string();
    assert_eq!(
        empty,
        "is empty, so its format can't be guessed; name it with --format"
    );
}

const SAMPLES: [(Format, &str); 5] = [
    (Format::Picaporte, PICAPORTE),
    (Format::Nmap, NMAP),
    (Format::Rustscan, RUSTSCAN),
    (Format::Masscan, MASSCAN),
    (Format::Hostport, HOSTPORT),
];

proptest! {
    #[test]
    fn no_bytes_bring_a_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Format::guess(&bytes);
        for format in Format::ALL {
            let _ = read(Some(format), Cursor::new(&bytes));
        }
    }

    #[test]
    fn no_damage_brings_a_reader_down(
        which in 0..SAMPLES.len(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (format, text) = SAMPLES[which];
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Err(error) = read(Some(format), Cursor::new(&bytes)) {
            prop_assert!(!error.to_string().contains(char::is_control));
        }
    }

    #[test]
    fn wherever_an_output_is_cut_nothing_is_made_up(which in 0..SAMPLES.len(), at in any::<prop::sample::Index>()) {
        let (format, text) = SAMPLES[which];
        let whole = parse(format, text).unwrap();
        let cut = read(Some(format), Cursor::new(&text.as_bytes()[..at.index(text.len())])).unwrap();
        for (ip, said) in cut.hosts() {
            for word in Word::VERDICTS {
                let all = whole.of(ip).unwrap().of(word);
                prop_assert!(said.of(word).minus(all).is_empty());
            }
        }
        if format.coverage() == Coverage::Everything && at.index(text.len()) + 1 < text.len() {
            prop_assert!(cut.cut.is_some());
        }
    }
}

//! What listens, as files tell it.

use super::*;
use crate::{HostId, Service, Term, Tls};

fn told(text: &str) -> Vec<(u16, Service)> {
    let snapshot = read(text.as_bytes(), Wanted::default(), &Limits::default()).unwrap();
    let host = snapshot.host(&HostId::parse("192.0.2.7").unwrap()).unwrap();
    snapshot
        .services(host)
        .map(|(port, service)| (port, service.clone()))
        .collect()
}

#[test]
fn nmap_tells_what_it_probed_and_not_what_it_looked_up() {
    let port = |n: u16, service: &str| {
        format!(
            "<port protocol=\"tcp\" portid=\"{n}\"><state state=\"open\" reason=\"syn-ack\"/>{service}</port>"
        )
    };
    let probed = port(
        22,
        "<service name=\"ssh\" product=\"OpenSSH\" version=\"9.2p1 &#8238;\" method=\"probed\" conf=\"10\"/>",
    );
    let looked_up = port(80, "<service name=\"http\" method=\"table\" conf=\"3\"/>");
    let text = format!(
        "<?xml version=\"1.0\"?><nmaprun scanner=\"nmap\" version=\"7.95\"><scaninfo type=\"connect\" protocol=\"tcp\" services=\"22,80\"/><host><status state=\"up\" reason=\"syn-ack\"/><address addr=\"192.0.2.7\" addrtype=\"ipv4\"/><ports>{probed}{looked_up}</ports></host><runstats><finished exit=\"success\"/><hosts up=\"1\" down=\"0\"/></runstats></nmaprun>"
    );
    let told = told(&text);
    let [(22, ssh)] = &told[..] else {
        panic!("{told:?}")
    };
    let texts = [&ssh.name, &ssh.product, &ssh.version].map(|text| text.as_deref().unwrap());
    assert_eq!(texts, ["ssh", "OpenSSH", "9.2p1 \u{202e}"]);
    assert_eq!(ssh.tls, Tls::Untold);
}

#[test]
fn our_lines_tell_of_tls_too() {
    let line = r#"{"type":"port","ip":"192.0.2.7","port":443,"protocol":"tcp","state":"open","service":{"name":"http","product":null,"later":1,"tls":{"versions":["TLS 1.2","TLS 1.3"],"refused":["TLS 1.1"],"certificates":[{"sha256":"ab","expired":false,"not_yet_valid":true},{"sha256":"cd"}]}}}
{"type":"port","ip":"192.0.2.7","port":80,"protocol":"tcp","state":"open","service":{"name":null}}
{"type":"port","ip":"192.0.2.7","port":22,"protocol":"tcp","state":"open","service":null}"#;
    let told = told(line);
    assert_eq!(
        told.iter().map(|(port, _)| *port).collect::<Vec<_>>(),
        [80, 443]
    );
    assert_eq!(
        told[0].1,
        Service {
            tls: Tls::Plain,
            ..Service::default()
        }
    );
    let Tls::Spoken(tls) = &told[1].1.tls else {
        panic!("{told:?}")
    };
    assert_eq!(
        (tls.accepted, tls.refused),
        (
            [false, false, false, true, true],
            [false, false, true, false, false]
        )
    );
    let own = tls.certificate.as_ref().unwrap();
    assert_eq!((&*own.sha256, own.term), ("ab", Some(Term::NotYet(None))));
}

#[test]
fn how_long_a_certificate_is_still_good_counts_from_when_the_port_was_found() {
    let term = |port: &str, own: &str| {
        let line = format!(
            r#"{{"type":"port","ip":"192.0.2.7","port":443,"state":"open"{port},"service":{{"tls":{{"certificates":[{{"sha256":"ab"{own}}}]}}}}}}"#
        );
        told(&line)[0].1.certificate().unwrap().term
    };
    let at = r#","at":"2026-01-01T12:00:00.000Z""#;
    let good = r#","expired":false,"not_yet_valid":false"#;
    let until = r#","not_after":"2026-01-14T00:00:00.000Z""#;
    let days = |days| Some(Term::Within(days));
    assert_eq!(term(at, &format!("{good}{until}")), days(Some(12)));
    assert_eq!(term("", &format!("{good}{until}")), days(None));
    assert_eq!(term(at, good), days(None));
    assert_eq!(
        term(at, &format!("{good},\"not_after\":\"soon\"")),
        days(None)
    );
    assert_eq!(term(at, until), None);
}

#[test]
fn a_certificate_out_of_its_time_has_the_day() {
    let term = |own: &str| {
        let line = format!(
            r#"{{"type":"port","ip":"192.0.2.7","port":443,"state":"open","service":{{"tls":{{"certificates":[{{"sha256":"ab"{own}}}]}}}}}}"#
        );
        told(&line)[0].1.certificate().unwrap().term
    };
    let day = |year| Some(jiff::civil::date(year, 12, 31));
    let time = r#","not_before":"2024-12-31T23:59:59Z","not_after":"2025-12-31T00:00:00Z""#;
    let expired = r#","expired":true,"not_yet_valid":false"#;
    let early = r#","expired":false,"not_yet_valid":true"#;
    let is = |own: &str| term(own).unwrap();
    assert_eq!(is(&format!("{expired}{time}")), Term::Expired(day(2025)));
    assert_eq!(is(&format!("{early}{time}")), Term::NotYet(day(2024)));
    assert_eq!(is(expired), Term::Expired(None));
    assert_eq!(is(early), Term::NotYet(None));
}

//! What must listen and does not, in each form.

use super::*;
use crate::report::Lang;

const POLICY: &str = r#"otherwise = "may"
[[rule]]
name = "administration"
reason = "one product, kept up"
hosts = ["192.0.2.0/30"]
must = "22"
service = "ssh"
product = "OpenSSH"
version = ">= 9"
[[rule]]
name = "web"
reason = "RFC 8996"
hosts = ["192.0.2.0/30"]
may = "443"
tls = ">= 1.2"
certificate = "valid"
"#;

fn scan() -> String {
    let listening = |n: u8, port: u16, service: &str| {
        format!(
            "{{\"type\":\"port\",\"ip\":\"192.0.2.{n}\",\"port\":{port},\"protocol\":\"tcp\",\"state\":\"open\",\"service\":{service}}}\n"
        )
    };
    let ssh = |product: &str, version: &str| {
        format!(
            "{{\"name\":\"ssh\",\"product\":\"{product}\",\"version\":\"{version}\",\"tls\":null}}"
        )
    };
    let tls = "{\"name\":\"http\",\"tls\":{\"versions\":[\"TLS 1.0\",\"TLS 1.2\"],\"refused\":[],\"certificates\":[{\"sha256\":\"00\",\"not_after\":\"2025-12-31T12:00:00Z\",\"expired\":true,\"not_yet_valid\":false}]}}";
    let mut lines = listening(0, 22, &ssh("OpenSSH", "9.6p1"));
    lines += &listening(1, 22, &ssh("OpenSSH", "8.4p1"));
    lines += &listening(2, 22, &ssh("drop\\u001b[2Jbear\\u202e", "2022.83"));
    lines += &listening(3, 22, "null");
    lines += &listening(0, 443, tls);
    lines += &listening(1, 443, "{\"name\":\"http\",\"tls\":null}");
    for n in 0..4 {
        let open = if n < 2 { "22,443" } else { "22" };
        let closed = if n < 2 { "" } else { "443" };
        let host = format!(
            "{{\"type\":\"host\",\"ip\":\"192.0.2.{n}\",\"ports\":{{\"open\":\"{open}\",\"closed\":\"{closed}\",\"filtered\":\"\",\"untested\":\"\"}}}}\n"
        );
        lines += &host;
    }
    lines + "{\"type\":\"end\",\"untested\":0,\"complete\":true}\n"
}

#[test]
fn a_person_reads_it_in_both_languages() {
    for (lang, name) in [(Lang::En, "listening"), (Lang::Es, "listening_es")] {
        let style = Style {
            lang,
            ..Style::default()
        };
        let table = told_in(style, POLICY, &scan(), CheckFormat::Table);
        assert!(
            table.lines().all(|line| line.chars().count() <= 80),
            "{table}"
        );
        assert!(!table.contains(['\u{1b}', '\u{202e}']));
        insta::assert_snapshot!(name, table);
    }
}

#[test]
fn programs_read_each_want_that_does_not_hold() {
    let json: Value = serde_json::from_str(&told(POLICY, &scan(), CheckFormat::Json)).unwrap();
    let of = |rule: usize| {
        let listening = json["rules"][rule]["listening"].as_array().unwrap().iter();
        let told = |l: &Value| {
            format!(
                "{} {} {} {}",
                l["answer"], l["asked"], l["told"], l["hosts"][0]["ip"]
            )
        };
        listening
            .map(|l| told(l).replace('"', ""))
            .collect::<Vec<_>>()
    };
    let ssh = [
        "violated product drop\\u001b[2Jbear\u{202e} 192.0.2.2",
        "violated version 8.4p1 192.0.2.1",
        "cannot-tell service null 192.0.2.3",
        "cannot-tell product null 192.0.2.3",
        "cannot-tell version null 192.0.2.3",
    ];
    assert_eq!(of(0), ssh);
    let web = [
        "violated tls TLS 1.0 192.0.2.0",
        "violated tls no TLS 192.0.2.1",
        "violated certificate no TLS 192.0.2.1",
        "violated certificate expired on 2025-12-31 192.0.2.0",
    ];
    assert_eq!(of(1), web);
    assert!(json["rules"][2]["listening"].is_null(), "nothing is wanted");
    let sarif = told(POLICY, &scan(), CheckFormat::Sarif);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 9);
    let junit = told(POLICY, &scan(), CheckFormat::JUnit);
    assert!(
        junit.contains("must be OpenSSH &gt;= 9, and the scan says 8.4p1"),
        "{junit}"
    );
}

#[test]
fn two_versions_that_are_not_wanted_are_two_findings() {
    let other = scan().replace(
        &says("drop\\u001b[2Jbear\\u202e", "2022.83"),
        &says("OpenSSH", "8.5p1"),
    );
    let sarif: Value = serde_json::from_str(&told(POLICY, &other, CheckFormat::Sarif)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let prints: std::collections::BTreeSet<String> = (results.iter())
        .map(|result| result["partialFingerprints"].to_string())
        .collect();
    assert_eq!(prints.len(), results.len(), "{results:#?}");
}

/// The finding is the same on the next day, and two hosts with other days are two.
#[test]
fn how_long_a_certificate_is_still_good_is_told() {
    let policy = POLICY.replace("\"valid\"", "\">= 30 days\"");
    let scan = |days: u32| {
        let expired =
            "\"not_after\":\"2025-12-31T12:00:00Z\",\"expired\":true,\"not_yet_valid\":false";
        let good =
            "\"expired\":false,\"not_yet_valid\":false,\"not_after\":\"2026-02-01T00:00:00Z\"";
        let at = format!("\"at\":\"2026-01-{:02}T12:00:00Z\",\"service\"", 31 - days);
        scan().replace(expired, good).replace("\"service\"", &at)
    };
    for (lang, says) in [
        (
            Lang::En,
            "must have a certificate that is in its time for 30 days more, and it expires in 12 days",
        ),
        (
            Lang::Es,
            "debe tener un certificado vigente durante 30 días más, y vence en 12 días",
        ),
    ] {
        let style = Style {
            lang,
            ..Style::default()
        };
        let table = told_in(style, &policy, &scan(12), CheckFormat::Table);
        let words: Vec<_> = table.split_whitespace().collect();
        assert!(words.join(" ").contains(says), "{table}");
        assert!(table.lines().all(|line| line.chars().count() <= 80));
    }
    let within = told(&policy, &scan(0), CheckFormat::Table);
    assert!(within.contains("expires within a day"), "{within}");
    let json: Value = serde_json::from_str(&told(&policy, &scan(12), CheckFormat::Json)).unwrap();
    let listening = json["rules"][1]["listening"].as_array().unwrap();
    assert!(listening.iter().any(|l| l["told"] == "12 days"), "{json}");
    let prints = |days| {
        let sarif = told(&policy, &scan(days), CheckFormat::Sarif);
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
        results
            .map(|result| result["partialFingerprints"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(prints(12), prints(11));
}

/// The text of a table, without its line ends.
fn in_a_line(table: &str) -> String {
    table.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_certificate_out_of_its_time_is_told_with_the_day() {
    let expired = "\"not_after\":\"2025-12-31T12:00:00Z\",\"expired\":true,\"not_yet_valid\":false";
    let early = "\"not_before\":\"2026-03-01T00:00:00Z\",\"expired\":false,\"not_yet_valid\":true";
    let no_day = [
        "true,\"not_yet_valid\":false",
        "false,\"not_yet_valid\":true",
    ];
    let no_day = no_day.map(|says| format!("\"expired\":{says}"));
    let cases = [
        (
            expired,
            "expired on 2025-12-31",
            ["it expired on 2025-12-31", "venció el 2025-12-31"],
        ),
        (
            early,
            "valid from 2026-03-01",
            [
                "it is valid from 2026-03-01 on",
                "es válido desde el 2026-03-01",
            ],
        ),
        (&no_day[0], "expired", ["it has expired", "ha vencido"]),
        (
            &no_day[1],
            "not valid yet",
            ["it is not valid yet", "aún no es válido"],
        ),
    ];
    for (time, word, says) in cases {
        let scan = scan().replace(expired, time);
        for (lang, says) in [Lang::En, Lang::Es].into_iter().zip(says) {
            let style = Style {
                lang,
                ..Style::default()
            };
            let table = in_a_line(&told_in(style, POLICY, &scan, CheckFormat::Table));
            assert!(table.contains(says), "{table}");
        }
        let json: Value = serde_json::from_str(&told(POLICY, &scan, CheckFormat::Json)).unwrap();
        let listening = json["rules"][1]["listening"].as_array().unwrap();
        assert!(listening.iter().any(|l| l["told"] == word), "{json}");
        let sarif = told(POLICY, &scan, CheckFormat::Sarif);
        assert!(sarif.contains(says[0]), "{sarif}");
    }
}

#[test]
fn a_scan_that_never_asked_what_listens_is_said_to_want_an_option_once() {
    let unasked: String = (scan().lines())
        .map(|line| match line.split_once(",\"service\"") {
            Some((before, _)) => format!("{before}}}\n"),
            None => format!("{line}\n"),
        })
        .collect();
    for (lang, says) in [
        (Lang::En, "was asked what listens there: scan with -V"),
        (Lang::Es, "qué servicio hay: escanee con -V"),
    ] {
        let style = Style {
            lang,
            ..Style::default()
        };
        let table = told_in(style, POLICY, &unasked, CheckFormat::Table);
        assert_eq!(in_a_line(&table).matches(says).count(), 1, "{table}");
        assert!(table.lines().all(|line| line.chars().count() <= 80));
        let asked = told_in(style, POLICY, &scan(), CheckFormat::Table);
        assert!(!asked.contains("-V"), "{asked}");
    }
    for format in [CheckFormat::Json, CheckFormat::Sarif, CheckFormat::JUnit] {
        let text = told(POLICY, &unasked, format);
        assert_eq!(text.matches("scan with -V").count(), 1, "{text}");
        assert!(!told(POLICY, &scan(), format).contains("-V"));
    }
    let closed = unasked.replace("\"open\"", "\"closed\"");
    let closed = closed.replace("\"open\":\"22", "\"closed\":\"22");
    let ports = closed.lines().filter(|line| !line.contains("\"host\""));
    let closed = ports.collect::<Vec<_>>().join("\n");
    let table = in_a_line(&told(POLICY, &closed, CheckFormat::Table));
    assert!(table.contains("the scan does not tell"), "{table}");
    assert!(
        !table.contains("-V"),
        "no open port could be asked: {table}"
    );
}

fn says(product: &str, version: &str) -> String {
    format!("\"product\":\"{product}\",\"version\":\"{version}\"")
}

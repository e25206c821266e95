//! Something else listens on a port that is open in both.

use super::*;
use crate::report::Lang;

fn listening(month: u8, version: &str, certificate: &str) -> Vec<String> {
    let port = |port: u16, service: &str| {
        format!(
            r#"{{"type":"port","ip":"192.0.2.7","port":{port},"protocol":"tcp","state":"open","service":{service}}}"#
        )
    };
    let ssh = format!(r#"{{"name":"ssh","product":"OpenSSH","version":"{version}","tls":null}}"#);
    let sha256 = certificate.repeat(64);
    let https = format!(
        r#"{{"name":"http","product":"ng\u001binx","tls":{{"versions":["TLS 1.3"],"certificates":[{{"sha256":"{sha256}"}}]}}}}"#
    );
    vec![
        scan("01SCAN", month),
        port(22, &ssh),
        port(443, &https),
        port(
            25,
            if month == 1 {
                r#"{"name":null}"#
            } else {
                r#"{"name":"smtp"}"#
            },
        ),
        host("192.0.2.7", "null", ["22,25,443", "", "", ""]),
        END.to_owned(),
    ]
}

#[test]
fn it_is_told_in_each_form() {
    let (old, new) = (listening(1, "9.2p1", "a"), listening(2, "9.6p1", "b"));
    let told = |format, lang| {
        let style = Style {
            lang,
            ..Style::default()
        };
        written(&old, &new, false, format, style)
    };
    let mut all = String::new();
    for lang in [Lang::En, Lang::Es] {
        all += &told(ChangesFormat::Table, lang);
        all += &told(ChangesFormat::Markdown, lang);
    }
    all += &told(ChangesFormat::Json, Lang::En);
    assert!(!all.contains('\u{1b}'), "{all}");
    insta::assert_snapshot!(all);
    let same = written(&old, &old, false, ChangesFormat::Table, Style::default());
    assert!(same.contains("The same: "), "{same}");
}

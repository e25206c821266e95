//! nmap's own file, where nmap is installed, as it is where the whole test suite must hold. Nothing of the file is in this project.

use super::*;
use crate::service::Version;

const INSTALLED: &str = "/usr/share/nmap/nmap-service-probes";

fn probes() -> Option<Probes> {
    let file = std::fs::read(INSTALLED).ok()?;
    Some(Probes::read(INSTALLED, file).unwrap_or_else(|wrong| panic!("{wrong}")))
}

#[test]
fn the_whole_file_is_taken() {
    let Some(probes) = probes() else { return };
    assert_eq!(probes.warnings(), []);
    let counts = probes.counts();
    assert!(counts.probes > 90 && counts.rules > 11_000, "{counts:?}");
    let survey = probes.survey();
    assert_eq!(survey.why, []);
    assert_eq!(
        survey.linear + survey.walks_back,
        counts.rules + counts.udp_rules
    );
    // What walks back is the exception.
    assert!(survey.walks_back * 10 < survey.linear, "{survey:?}");
}

#[test]
fn it_names_services_whose_words_are_known() {
    let Some(probes) = probes() else { return };
    let answers: [(&str, &[u8], &str, &str, &str); 3] = [
        (
            "NULL",
            b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n",
            "ssh",
            "OpenSSH",
            "9.2p1",
        ),
        ("NULL", b"220 (vsFTPd 3.0.3)\r\n", "ftp", "vsftpd", "3.0.3"),
        (
            "GetRequest",
            b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\n",
            "http",
            "nginx",
            "1.22.1",
        ),
    ];
    for (probe, answer, name, product, version) in answers {
        let probe = probes.get(probe).expect("a probe of nmap");
        let service = probes
            .matches(probe, answer)
            .found
            .expect("a rule")
            .to_service(probe);
        assert_eq!(service.name, Name::new(name));
        assert_eq!(
            service.product.map(|product| product.terminal()).as_deref(),
            Some(product)
        );
        assert_eq!(service.version.as_ref().map(Version::as_str), Some(version));
    }
}

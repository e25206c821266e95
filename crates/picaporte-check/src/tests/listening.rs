//! What must listen, and what does.

use picaporte_diff::{Certificate, Service, Spoken, Term, Tls};

use super::*;

mod each;

const POLICY: &str = "otherwise = 'may'
[[rule]]
name = 'administration'
reason = 'one product, kept up'
hosts = ['192.0.2.0/30']
must = '22'
service = 'ssh'
product = 'openssh'
version = '>= 9'
[[rule]]
name = 'web'
reason = 'RFC 8996'
hosts = ['192.0.2.0/30']
may = '443'
tls = '>= 1.2'
certificate = 'valid'
";

fn service(name: &str, product: &str, version: &str) -> Service {
    Service {
        name: Service::text(name),
        product: Service::text(product),
        version: Service::text(version),
        tls: Tls::Plain,
    }
}

/// A service inside TLS of these versions: of each whether it is accepted, refused, or neither.
fn https(versions: [Option<bool>; 5], term: Option<Term>) -> Service {
    Service {
        tls: Tls::Spoken(Spoken {
            accepted: versions.map(|accepted| accepted == Some(true)),
            refused: versions.map(|accepted| accepted == Some(false)),
            certificate: Some(Certificate {
                sha256: "00".into(),
                term,
            }),
        }),
        ..service("http", "", "")
    }
}

const GOOD: Option<Term> = Some(Term::Within(None));
const EXPIRED: Option<Term> = Some(Term::Expired(Some(date(2025, 12, 31))));
const EARLY: Option<Term> = Some(Term::NotYet(None));
const OLD: [Option<bool>; 5] = [Some(false), Some(true), Some(false), Some(true), None];
const NEW: [Option<bool>; 5] = [Some(false), Some(false), Some(false), Some(true), None];
const HALF: [Option<bool>; 5] = [None, Some(false), Some(false), Some(true), None];

/// A host by the last number of its address, with its open ports.
type Open<'a> = (u8, &'a [(u16, Option<Service>)]);

/// What the policy says to hosts with these ports open, and these services; each want that does not hold.
fn told(hosts: &[Open<'_>]) -> Vec<String> {
    told_by(POLICY, hosts)
}

fn told_by(policy: &str, hosts: &[Open<'_>]) -> Vec<String> {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    for (n, ports) in hosts {
        let id = HostId::Address([192, 0, 2, *n].into(), None);
        builder.say(&id, Said::Closed, 1, 21).unwrap();
        for (port, service) in *ports {
            builder.say(&id, Said::Open, *port, *port).unwrap();
            if let Some(service) = service {
                builder.listens(&id, *port, service.clone()).unwrap();
            }
        }
        let rest = [22, 443]
            .into_iter()
            .filter(|n| ports.iter().all(|(port, _)| port != n));
        rest.for_each(|port| builder.say(&id, Said::Closed, port, port).unwrap());
    }
    let (policy, scan) = (read(policy).unwrap(), builder.finish().unwrap());
    let answers = check(&policy, &scan, TODAY);
    let wants = policy.rules.iter().map(|rule| &rule.wants[..]);
    let rules = answers.rules.iter().zip(wants.chain([&[][..]]));
    let listening = rules.flat_map(|(rule, wants)| {
        rule.listening.iter().map(move |heard| {
            let hosts = heard
                .hosts
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>();
            let (name, ports) = (heard.answer.name(), heard.ports.to_string());
            assert!(rule.answer >= heard.answer);
            let number = wants.iter().position(|want| want == heard.want).unwrap();
            format!(
                "{name} {number} {:?} {ports} {}",
                heard.seen,
                hosts.join(" ")
            )
        })
    });
    listening.collect()
}

#[test]
fn a_service_is_held_against_each_want() {
    let all: [(u8, &[_]); 4] = [
        (0, &[(22, Some(service("ssh", "OpenSSH", "9.0")))]),
        (1, &[(22, Some(service("ssh", "OpenSSH", "8.4p1")))]),
        (2, &[(22, Some(service("ssh", "dropbear", "2022.83")))]),
        (3, &[(22, Some(service("telnet", "", "")))]),
    ];
    let expected = [
        "violated 0 Is(\"telnet\") 22 192.0.2.3",
        "violated 1 Is(\"dropbear\") 22 192.0.2.2",
        "violated 2 Is(\"8.4p1\") 22 192.0.2.1",
        "cannot-tell 1 Untold 22 192.0.2.3",
        "cannot-tell 2 Untold 22 192.0.2.3",
    ];
    assert_eq!(told(&all), expected);
}

#[test]
fn a_port_that_was_not_asked_or_not_recognized_can_not_be_told() {
    let all: [(u8, &[_]); 2] = [
        (0, &[(22, None), (443, None)]),
        (1, &[(443, Some(service("", "", "")))]),
    ];
    let told = told(&all);
    assert!(
        told.iter().all(|told| told.starts_with("cannot-tell")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|told| told.ends_with("443 192.0.2.0 192.0.2.1")),
        "{told:?}"
    );
    assert_eq!(told.len(), 5);
}

#[test]
fn tls_of_which_nothing_more_is_known_is_no_other_protocol() {
    let policy = POLICY.replace(
        "may = '443'",
        "may = '443'\nservice = 'http'\nproduct = 'nginx'",
    );
    let policy = policy.replace("tls = ", "version = '>= 1'\ntls = ");
    let only = |name, versions, term| Service {
        name: Service::text(name),
        ..https(versions, term)
    };
    let all: [(u8, &[_]); 3] = [
        (0, &[(443, Some(only("tls", NEW, GOOD)))]),
        (1, &[(443, Some(only("ssl", NEW, GOOD)))]),
        (2, &[(443, Some(only("tls", OLD, EARLY)))]),
    ];
    let expected = [
        "violated 3 Is(\"TLS 1.0\") 443 192.0.2.2",
        "violated 4 NotYet(None) 443 192.0.2.2",
        "cannot-tell 0 Untold 443 192.0.2.0 192.0.2.1 192.0.2.2",
        "cannot-tell 1 Untold 443 192.0.2.0 192.0.2.1 192.0.2.2",
        "cannot-tell 2 Untold 443 192.0.2.0 192.0.2.1 192.0.2.2",
    ];
    assert_eq!(told_by(&policy, &all), expected);
    let asked = policy.replace("'http'", "'TLS'");
    let told = told_by(&asked, &all);
    assert!(
        told.contains(&"cannot-tell 0 Untold 443 192.0.2.1".to_owned()),
        "it is called so: {told:?}"
    );
}

#[test]
fn old_tls_and_certificates_out_of_time_are_violations() {
    let all: [(u8, &[_]); 4] = [
        (0, &[(443, Some(https(NEW, GOOD)))]),
        (1, &[(443, Some(https(OLD, EXPIRED)))]),
        (2, &[(443, Some(https(HALF, None)))]),
        (3, &[(443, Some(service("http", "nginx", "")))]),
    ];
    let expected = [
        "violated 0 Is(\"TLS 1.0\") 443 192.0.2.1",
        "violated 0 Plain 443 192.0.2.3",
        "violated 1 Plain 443 192.0.2.3",
        "violated 1 Expired(Some(2025-12-31)) 443 192.0.2.1",
        "cannot-tell 0 Untold 443 192.0.2.2",
        "cannot-tell 1 Untold 443 192.0.2.2",
    ];
    assert_eq!(told(&all), expected);
    let kept = service("ssh", "OpenSSH", "9.6p1");
    assert!(told_of_all(&kept).is_empty());
}

#[test]
fn a_certificate_that_ends_too_soon_is_a_violation_and_says_when() {
    let policy = POLICY.replace("'valid'", "'>= 30 days'");
    let days = |days| Some(https(NEW, Some(Term::Within(days))));
    let all: [(u8, &[_]); 4] = [
        (0, &[(443, days(Some(30)))]),
        (1, &[(443, days(Some(29)))]),
        (2, &[(443, days(None))]),
        (3, &[(443, Some(https(NEW, EXPIRED)))]),
    ];
    let expected = [
        "violated 1 Expired(Some(2025-12-31)) 443 192.0.2.3",
        "violated 1 Left(29) 443 192.0.2.1",
        "cannot-tell 1 Untold 443 192.0.2.2",
    ];
    assert_eq!(told_by(&policy, &all), expected);
}

#[test]
fn days_are_a_whole_number_from_one_on() {
    let wanted = |text: &str| {
        let policy = POLICY.replace("'valid'", &format!("'{text}'"));
        read(&policy).map(|policy| policy.rules[1].wants[1].wanted.clone())
    };
    for (text, days) in [(">= 30 days", 30), (">=1day", 1), (" >= 007 days ", 7)] {
        assert_eq!(wanted(text), Ok(Wanted::Certificate(days)), "{text}");
    }
    for text in [
        "30 days",
        "> 30 days",
        ">= 0 days",
        ">= -1 days",
        ">= +1 days",
        ">= 1.5 days",
        ">= days",
        ">= 30",
        ">= 4294967296 days",
        ">= 2 weeks",
    ] {
        let what = wanted(text).unwrap_err().what.to_string();
        assert!(what.contains("says nothing of a certificate"), "{what}");
    }
}

fn told_of_all(ssh: &Service) -> Vec<String> {
    told(&[(0, &[(22, Some(ssh.clone())), (443, Some(https(NEW, GOOD)))])])
}

#[test]
fn a_port_that_may_be_open_and_was_not_asked_can_not_be_told() {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    let id = HostId::Address([192, 0, 2, 0].into(), None);
    builder.say(&id, Said::Untested, 443, 443).unwrap();
    let (policy, scan) = (read(POLICY).unwrap(), builder.finish().unwrap());
    let answers = check(&policy, &scan, TODAY);
    assert_eq!(answers.rules[1].listening.len(), 2);
    assert_eq!(answers.rules[1].answer, Answer::CannotTell);
}

#[test]
fn an_exception_is_about_what_listens_too() {
    let policy = format!(
        "{POLICY}[[exception]]\nname = 'old'\nreason = 'r'\nby = 'b'\nuntil = 2027-01-31\nhosts = ['192.0.2.1']\nports = '443'\n"
    );
    let policy = read(&policy).unwrap();
    assert!(policy.warnings.is_empty(), "{:?}", policy.warnings);
    assert!(policy.wants_services());
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    let id = HostId::Address([192, 0, 2, 1].into(), None);
    builder.say(&id, Said::Open, 443, 443).unwrap();
    builder.listens(&id, 443, https(OLD, EXPIRED)).unwrap();
    let scan = builder.finish().unwrap();
    let answers = check(&policy, &scan, TODAY);
    assert!(answers.rules[1].listening.is_empty());
    assert_eq!(answers.exceptions[0].violated, 2, "a want each");
    let ports = answers.rules[1].ports;
    assert_eq!(
        (ports.excepted, ports.of(Answer::Holds)),
        (0, 1),
        "a port counts once, by its state"
    );
}

#[test]
fn wants_that_can_not_be_meant_are_refused() {
    let refused = |keys: &str| {
        let rule = "otherwise = 'may'\n[[rule]]\nname = 'a'\nreason = 'r'\nhosts = ['192.0.2.1']\n";
        read(&format!("{rule}{keys}")).unwrap_err().what.to_string()
    };
    for (keys, says) in [
        ("must_not = '22'\nservice = 'ssh'", "lets no port be open"),
        ("must = '22'\nversion = '>= 9'", "no 'product'"),
        (
            "must = '22'\nproduct = 'a'\nversion = '9'",
            "no comparison of versions",
        ),
        ("must = '22'\ntls = '1.2'", "no oldest version of TLS"),
        ("must = '22'\ntls = '>= 3.0'", "no oldest version of TLS"),
        (
            "must = '22'\ncertificate = 'good'",
            "says nothing of a certificate",
        ),
        ("must = '22'\nservice = ' '", "'service' is empty"),
    ] {
        let what = refused(keys);
        assert!(what.contains(says), "{what}");
    }
}

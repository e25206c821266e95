//! Any policy against any scan of a few hosts with a few ports, held against the same question asked port by port.

use std::collections::BTreeMap;

use picaporte_core::PortSet;

use super::*;

const HOSTS: u8 = 5;
const PORTS: u16 = 8;
/// The number of what holds otherwise, as an exception names it.
const OTHERWISE: usize = 99;
const WORDS: [&str; 3] = ["must", "may", "must_not"];

#[derive(Clone, Debug)]
struct Made {
    hosts: Vec<u8>,
    without: Vec<u8>,
    /// By word; 0 is the rest.
    ports: [Vec<u16>; 3],
}

#[derive(Clone, Debug)]
struct Except {
    hosts: Vec<u8>,
    ports: Vec<u16>,
    of: Option<usize>,
    expired: bool,
}

fn some<T: Clone + std::fmt::Debug + Ord + 'static>(
    one: impl Strategy<Value = T>,
    least: usize,
) -> impl Strategy<Value = Vec<T>> {
    proptest::collection::vec(one, least..4).prop_map(|mut all| {
        all.sort();
        all.dedup();
        all
    })
}

fn made() -> impl Strategy<Value = Made> {
    let ports = || some(1..=PORTS, 0);
    let forbidden = prop_oneof![4 => ports(), 1 => Just(vec![0])];
    (
        some(0..HOSTS, 1),
        some(0..HOSTS, 0),
        ports(),
        ports(),
        forbidden,
    )
        .prop_map(|(hosts, without, must, may, must_not)| Made {
            hosts,
            without,
            ports: [must, may, must_not],
        })
}

/// Of made-up rules most contradict each other. Of these none does that forbids only ports that `forbidden` has a bit for.
fn apart(rules: Vec<Made>, forbidden: Option<u16>) -> Vec<Made> {
    let Some(bits) = forbidden else { return rules };
    let is_forbidden = |port: u16| bits >> port & 1 == 1;
    let one = |mut rule: Made| {
        let [must, may, must_not] = &mut rule.ports;
        must.retain(|&port| !is_forbidden(port));
        may.retain(|&port| !is_forbidden(port) && !must.contains(&port));
        must_not.retain(|&port| port == 0 || is_forbidden(port));
        rule.without.retain(|n| rule.hosts[0] != *n);
        rule
    };
    let asks = |rule: &Made| !rule.ports.iter().all(Vec::is_empty);
    rules.into_iter().map(one).filter(asks).collect()
}

fn except() -> impl Strategy<Value = Except> {
    let of = proptest::option::of(prop_oneof![Just(0_usize), Just(OTHERWISE)]);
    (some(0..HOSTS, 1), some(1..=PORTS, 1), of, any::<bool>()).prop_map(
        |(hosts, ports, of, expired)| Except {
            hosts,
            ports,
            of,
            expired,
        },
    )
}

fn list(hosts: &[u8]) -> String {
    let all: Vec<_> = hosts.iter().map(|n| format!("'192.0.2.{n}'")).collect();
    all.join(",")
}

fn numbers(ports: &[u16]) -> String {
    match ports {
        [0] => "rest".to_owned(),
        _ => ports
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(","),
    }
}

fn text(rules: &[Made], exceptions: &[Except], otherwise: &str, filtered: &str) -> String {
    let mut text = format!("otherwise = '{otherwise}'\nmust_not_filtered = '{filtered}'\n");
    for (at, rule) in rules.iter().enumerate() {
        writeln!(
            text,
            "[[rule]]\nname = '{at}'\nreason = 'r'\nhosts = [{}]\nwithout = [{}]",
            list(&rule.hosts),
            list(&rule.without)
        )
        .unwrap();
        for (word, ports) in WORDS.iter().zip(&rule.ports) {
            if !ports.is_empty() {
                writeln!(text, "{word} = '{}'", numbers(ports)).unwrap();
            }
        }
    }
    for (at, e) in exceptions.iter().enumerate() {
        let until = if e.expired {
            "2026-11-27"
        } else {
            "2026-11-28"
        };
        writeln!(text, "[[exception]]\nname = '{at}'\nreason = 'r'\nby = 'J'\nuntil = {until}\nhosts = [{}]\nports = '{}'", list(&e.hosts), numbers(&e.ports)).unwrap();
        if let Some(of) = e.of {
            let name = if of == OTHERWISE {
                "otherwise".to_owned()
            } else {
                of.to_string()
            };
            writeln!(text, "rule = '{name}'").unwrap();
        }
    }
    text
}

type Words = Vec<Vec<Said>>;

/// What is said of each port of each host; `None` for a host that is not in the scan.
fn scan() -> impl Strategy<Value = Vec<Option<Vec<Said>>>> {
    let said = (0..Said::ALL.len()).prop_map(|at| Said::ALL[at]);
    let host = proptest::collection::vec(said, usize::from(PORTS));
    proptest::collection::vec(proptest::option::weighted(0.8, host), usize::from(HOSTS))
}

fn snapshot(scan: &[Option<Vec<Said>>]) -> Snapshot {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    for (n, host) in scan.iter().enumerate() {
        let id = HostId::parse(&format!("192.0.2.{n}")).unwrap();
        for (port, said) in (1..).zip(host.iter().flatten()) {
            builder.mention(&id).unwrap();
            builder.say(&id, *said, port, port).unwrap();
        }
    }
    builder.finish().unwrap()
}

/// One answer for each rule, and for what holds otherwise: asked port by port, over every port that there is.
fn naive(
    rules: &[Made],
    exceptions: &[Except],
    otherwise: &str,
    filtered: Filtered,
    scan: &[Option<Vec<Said>>],
) -> Vec<Answer> {
    let about = |rule: &Made, n: u8| rule.hosts.contains(&n) && !rule.without.contains(&n);
    let lets = |n, port| {
        rules
            .iter()
            .any(|r| about(r, n) && (r.ports[0].contains(&port) || r.ports[1].contains(&port)))
    };
    let answer = |which: usize, demand, n: u8, port: u16| {
        let host = scan[usize::from(n)].as_ref();
        let said = host
            .and_then(|host| host.get(usize::from(port) - 1))
            .copied()
            .unwrap_or(Said::Absent);
        let of = |e: &Except| e.of.is_none_or(|of| of == which) && !e.expired;
        let excepted = exceptions
            .iter()
            .any(|e| of(e) && e.hosts.contains(&n) && e.ports.contains(&port));
        let judged = judge(demand, said, filtered);
        if excepted && host.is_some() {
            Answer::Holds
        } else {
            judged
        }
    };
    let mut answers = Vec::new();
    for (at, rule) in rules.iter().enumerate() {
        let mut worst = Answer::Holds;
        for n in (0..HOSTS).filter(|&n| about(rule, n)) {
            for (demand, ports) in Demand::ALL.into_iter().zip(&rule.ports) {
                let rest: Vec<u16>;
                let ports = if ports == &[0] {
                    // More ports than the scan may know: those beyond are absent.
                    rest = (1..=PORTS + 1).filter(|&port| !lets(n, port)).collect();
                    &rest
                } else {
                    ports
                };
                for &port in ports {
                    worst = worst.max(answer(at, demand, n, port));
                }
            }
        }
        answers.push(worst);
    }
    let spoken_of = |n, port| {
        rules.iter().any(|r| {
            about(r, n)
                && r.ports
                    .iter()
                    .any(|ports| ports == &[0] || ports.contains(&port))
        })
    };
    let mut worst = Answer::Holds;
    for n in 0..HOSTS {
        for (port, said) in (1..).zip(scan[usize::from(n)].iter().flatten()) {
            if otherwise == "must_not" && *said != Said::Absent && !spoken_of(n, port) {
                worst = worst.max(answer(OTHERWISE, Demand::MustNot, n, port));
            }
        }
    }
    answers.push(worst);
    answers
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]
    #[test]
    fn every_answer_is_what_its_ports_say(
        rules in proptest::collection::vec(made(), 3),
        forbidden in proptest::option::weighted(0.9, any::<u16>()),
        exceptions in proptest::collection::vec(except(), 0..3),
        otherwise in proptest::sample::select(vec!["may", "must_not"]),
        filtered in proptest::sample::select(vec![Filtered::Holds, Filtered::CannotTell]),
        scan in scan(),
    ) {
        let rules = apart(rules, forbidden);
        let written = text(&rules, &exceptions, otherwise, filtered.name());
        let policy = match read(&written) {
            Ok(policy) => policy,
            // Those that contradict themselves are the parser's.
            Err(_) if forbidden.is_none() || rules.is_empty() => return Ok(()),
            Err(wrong) => return Err(TestCaseError::fail(format!("{wrong}
{written}"))),
        };
        let snapshot = snapshot(&scan);
        let answers = check(&policy, &snapshot, TODAY);
        let given: Vec<_> = answers.rules.iter().map(|rule| rule.answer).collect();
        prop_assert_eq!(given, naive(&rules, &exceptions, otherwise, filtered, &scan), "{}", written);
        prop_assert_eq!(answers.contradictions.len(), 0);
        // Every port of every rule once, whatever its answer.
        for rule in &answers.rules {
            let found: u64 = rule.findings.iter().map(|f| u64::from(f.ports.len()) * f.hosts.len() as u64).sum();
            prop_assert_eq!(found, rule.ports.of(Answer::Violated) + rule.ports.of(Answer::CannotTell));
            for f in &rule.findings {
                prop_assert_eq!(f.answer, judge(f.demand, f.said, filtered));
            }
        }
    }

    #[test]
    fn a_rule_that_contradicts_another_is_refused_and_no_other(rules in proptest::collection::vec(made(), 3)) {
        let opposite = |a: &Made, b: &Made| {
            let host = (0..HOSTS).any(|n| [a, b].iter().all(|r| r.hosts.contains(&n) && !r.without.contains(&n)));
            let port = (1..=PORTS).any(|p| b.ports[2].contains(&p) && (a.ports[0].contains(&p) || a.ports[1].contains(&p)));
            host && port
        };
        let twice = |r: &Made| {
            (1..=PORTS).any(|p| r.ports.iter().filter(|ports| ports.contains(&p)).count() > 1)
        };
        let empty = |r: &Made| r.ports.iter().all(Vec::is_empty) || r.hosts.iter().all(|n| r.without.contains(n));
        let contradict = rules.iter().any(|a| rules.iter().any(|b| opposite(a, b)));
        let bad = contradict || rules.iter().any(|r| twice(r) || empty(r));
        let policy = read(&text(&rules, &[], "may", "holds"));
        prop_assert_eq!(policy.is_err(), bad, "{:?}", policy);
    }
}

#[test]
fn the_test_itself_meets_every_answer() {
    let words: Words = vec![Said::ALL.to_vec()];
    let scan: Vec<_> = words
        .into_iter()
        .map(Some)
        .chain(std::iter::repeat_n(None, 4))
        .collect();
    let one = |word: usize, port| {
        let mut ports = [vec![], vec![], vec![]];
        ports[word] = vec![port];
        Made {
            hosts: vec![0],
            without: vec![],
            ports,
        }
    };
    let rules = [one(0, 1), one(0, 2), one(2, 4)];
    let answers = naive(&rules, &[], "may", Filtered::Holds, &scan);
    let by: BTreeMap<_, _> = answers
        .into_iter()
        .zip(["held", "violated", "unknown", "default"])
        .collect();
    assert_eq!(by.len(), 3);
    assert_eq!(PortSet::from_ports(1..=PORTS).len(), u32::from(PORTS));
}

//! Which probes are sent where, and whose rules read an answer. Where nmap's book leaves it open, as nmap 7.93 does when it is run.

use super::*;

fn order(probes: &Probes, number: u16, inside_tls: bool, intensity: u8) -> String {
    let intensity = Intensity::new(intensity).expect("0 to 9");
    let order = probes.order(port(number), inside_tls, intensity);
    let names: Vec<&str> = order.iter().map(|probe| probe.name()).collect();
    names.join(" ")
}

#[test]
fn probes_that_name_the_port_come_first_then_those_that_are_not_too_rare() {
    let probes = read(
        "Probe TCP NULL q||\nProbe TCP A q|a|\nrarity 1\nProbe TCP B q|b|\nrarity 9\nports 80-90\nsslports 443\nProbe TCP C q|c|\nrarity 7\nProbe TCP D q|d|\nports 80\nProbe UDP E q|e|\nports 80\nrarity 1\n",
    );
    assert_eq!(order(&probes, 80, false, 7), "B D A C");
    assert_eq!(order(&probes, 85, false, 7), "B A C D");
    assert_eq!(order(&probes, 443, false, 7), "A C D");
    assert_eq!(order(&probes, 443, true, 7), "B A C D");
    assert_eq!(order(&probes, 80, true, 7), "A C D");
    assert_eq!(order(&probes, 1, false, 9), "A B C D");
    // Without a rarity it is 5.
    assert_eq!(order(&probes, 1, false, 5), "A D");
    assert_eq!(order(&probes, 1, false, 4), "A");
    assert_eq!(order(&probes, 80, false, 0), "B D");
    assert_eq!(Intensity::default().get(), 7);
    assert_eq!(Intensity::new(10), None);
}

const CHAIN: &str = r"
Probe TCP NULL q||
match null m|^N|
match all m|^ALL| p/null/
Probe TCP A q|a|
fallback B,U
match a m|^A|
Probe TCP B q|b|
fallback C
match b m|^B|
match all m|^ALL| p/b/
Probe UDP U q|u|
match u m|^U|
match all m|^ALL| p/u/
Probe TCP C q|c|
match c m|^C|
";

#[test]
fn an_answer_is_read_by_its_own_rules_then_its_fallbacks_then_those_of_the_greeting() {
    let probes = read(CHAIN);
    let service = |probe: &str, answer: &str| {
        let probe = probes.get(probe).expect("a probe");
        let found = probes.matches(probe, answer.as_bytes()).found?;
        let product = found.product.map(|product| product.terminal());
        Some([found.service.to_string(), product.unwrap_or_default()].concat())
    };
    for (probe, answer, said) in [
        ("A", "A", Some("a")),
        ("A", "B", Some("b")),
        ("A", "U", Some("u")),
        ("A", "N", Some("null")),
        ("A", "ALL", Some("a")),
        ("C", "ALL", Some("allnull")),
        ("B", "ALL", Some("allb")),
        // A fallback's fallbacks are none of the probe's.
        ("A", "C", None),
        ("C", "B", None),
        ("NULL", "A", None),
    ] {
        assert_eq!(service(probe, answer).as_deref(), said, "{probe} {answer}");
    }
}

#[test]
fn the_first_rule_that_fits_ends_the_search_be_it_soft() {
    let rules = "softmatch soft m|^S|\nmatch strong m|^S| p/never/\nmatch first m|^T|\nsoftmatch soft m|^T|";
    let found = heard(rules, b"S").expect("a rule");
    assert_eq!(
        (found.service.as_str(), found.soft, found.line),
        ("soft", true, 2)
    );
    let found = heard(rules, b"T").expect("a rule");
    assert_eq!(
        (found.service.as_str(), found.soft, found.line),
        ("first", false, 4)
    );
    assert_eq!(heard(rules, b"U"), None);
    assert_eq!(heard(rules, b""), None);
}

#[test]
fn only_probes_with_rules_of_a_protocol_may_tell_more_of_it() {
    let probes = read(CHAIN);
    let may_tell = |probe: &str, service: &str| {
        let name = Name::new(service).expect("a name");
        probes.may_tell(probes.get(probe).expect("a probe"), &name)
    };
    assert!(may_tell("A", "a") && may_tell("B", "all"));
    assert!(!may_tell("A", "b") && !may_tell("C", "all"));
}

#[test]
fn a_rule_of_another_file_is_not_asked_for() {
    let (one, other) = (read(CHAIN), read("Probe TCP Z q|z|\nmatch z m|^Z|"));
    let answered = other.matches(one.get("C").expect("a probe"), b"Z");
    assert_eq!(answered, Answered::default());
}

#[test]
fn what_a_rule_needs_is_looked_for_in_either_case() {
    let found = heard(
        "match a m/^Hello (?:big )?WORLD/i\nmatch b m/wOrlD/",
        b"hELLO world",
    );
    assert_eq!(found.map(|found| found.line), Some(2));
    assert_eq!(heard("match b m/wOrlD/", b"hello world"), None);
}

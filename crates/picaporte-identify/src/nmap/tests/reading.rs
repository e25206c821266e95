//! What is read, what is refused and where, and what is passed over.

use std::time::Duration;

use super::*;

const ALL: &str = r"
# Everything that the format has.
Exclude 53,T:9100-9102,U:30000
Probe TCP NULL q||
totalwaitms 6000
tcpwrappedms 3000
match demo m/^DEMO/i p/Demo/

Probe TCP Hello q|HELLO\r\n\x00\xfF\0\a\b\f\t\v\\|
ports 22,80-90
sslports 443
rarity 3
fallback Later,Also
match demo m%^HELLO%s
softmatch other m=^H=
Probe UDP Also q|x| no-payload
match also m|.|
  Probe TCP Later q%y%
";

#[test]
fn everything_that_the_format_has_is_read() {
    let probes = read(ALL);
    assert!(probes.warnings().is_empty(), "{:?}", probes.warnings());
    let counts = probes.counts();
    assert_eq!((counts.probes, counts.rules), (3, 3));
    assert_eq!((counts.udp_probes, counts.udp_rules), (1, 1));
    let greeting = probes.greeting().expect("NULL");
    assert_eq!((greeting.name(), greeting.send()), ("NULL", &b""[..]));
    assert_eq!(greeting.wait(), Duration::from_secs(6));
    assert_eq!(greeting.wrapped(), Some(Duration::from_secs(3)));
    let hello = probes.get("Hello").expect("Hello");
    assert_eq!(hello.send(), b"HELLO\r\n\x00\xff\0\x07\x08\x0c\t\x0b\\");
    assert_eq!((hello.rarity(), hello.wait()), (3, Duration::from_secs(5)));
    assert_eq!(probes.get("Later").map(Probe::rarity), Some(5));
    assert!(probes.get("Also").is_none(), "UDP probes are never sent");
    let excluded = [53, 9100, 9102, 9103, 30000].map(|n| probes.excluded(port(n)));
    assert_eq!(excluded, [true, true, true, false, false]);
}

#[test]
fn lines_may_end_as_on_windows() {
    let probes = read(&ALL.replace('\n', "\r\n"));
    assert_eq!(probes.counts(), read(ALL).counts());
}

#[test]
fn a_mistake_has_its_line_and_what_to_mend() {
    for (text, said) in [
        ("", "mine: holds no 'Probe TCP'; is it nmap-service-probes?"),
        (
            "Probe UDP A q|a|",
            "mine: holds no 'Probe TCP'; is it nmap-service-probes?",
        ),
        (
            "\n\nmatch a m|x|",
            "mine, line 3: 'match' stands before the first Probe; put it below one",
        ),
        (
            "ports 1",
            "mine, line 1: 'ports' stands before the first Probe; put it below one",
        ),
        (
            "Probe SCTP A q|a|",
            "mine, line 1: 'SCTP' is no protocol of a probe; write Probe TCP or Probe UDP",
        ),
        (
            "Probe TCP",
            "mine, line 1: a probe's name has 1 to 64 characters of ASCII; mend it",
        ),
        (
            "Probe TCP A",
            "mine, line 1: a probe's text is missing; write it as q|…|",
        ),
        (
            "Probe TCP A qaXa",
            "mine, line 1: the delimiter is a letter, a digit or a space; use another, as in q|…| or m/…/",
        ),
        (
            "Probe TCP A q|a",
            "mine, line 1: the delimiter that begins a text does not end it",
        ),
        (
            r"Probe TCP A q|\q|",
            "mine, line 1: an escape in a probe's text that is none of \\\\ \\0 \\a \\b \\f \\n \\r \\t \\v \\xHH",
        ),
        (
            r"Probe TCP A q|\x0|",
            "mine, line 1: an \\x without two hexadecimal digits in a probe's text",
        ),
        (
            r"Probe TCP A q|a\|",
            "mine, line 1: a backslash at the end of a probe's text",
        ),
        (
            "Probe TCP A q|a|\nProbe TCP A q|b|",
            "mine, line 2: there is a probe 'A' already; give this one another name",
        ),
        (
            "Exclude 1\nExclude 2",
            "mine, line 2: there is an Exclude already; write all ports there",
        ),
        (
            "Exclude 0",
            "mine, line 1: '0' is not a port: ports are 1 to 65535",
        ),
        (
            "Probe TCP A q|a|\nports 80-70",
            "mine, line 2: the port range '80-70' runs backwards; write the lower port first",
        ),
        (
            "Probe TCP A q|a|\nrarity 10",
            "mine, line 2: '10' is no rarity; write 1 to 9",
        ),
        (
            "Probe TCP A q|a|\nrarity +1",
            "mine, line 2: '+1' is no rarity; write 1 to 9",
        ),
        (
            "Probe TCP A q|a|\ntotalwaitms 0",
            "mine, line 2: '0' is no totalwaitms; write 1 to 300000, in milliseconds",
        ),
        (
            "Probe TCP A q|a|\nmatch a /x/",
            "mine, line 2: a rule's pattern is missing; write it as m/…/",
        ),
        (
            "Probe TCP A q|a|\nmatch a m/x",
            "mine, line 2: the delimiter that begins a text does not end it",
        ),
        (
            "Probe TCP A q|a|\nmatch a m/x/ p/x",
            "mine, line 2: the delimiter that begins a text does not end it",
        ),
        (
            "Probe TCP A q|a|\nmatch a m/x/ p",
            "mine, line 2: a delimiter is missing, as in q|…| or m/…/",
        ),
        (
            "Probe TCP A q|a|\nmatch a m/x/ /x/",
            "mine, line 2: '/x/' is no field; write them as p/…/ v/…/ cpe:/…/",
        ),
    ] {
        assert_eq!(refused(text), said);
    }
}

#[test]
fn what_is_not_known_is_passed_over_and_said() {
    let probes = read(
        "Probe TCP A q|a| with-new-flag\nnewdirective 1\nfallback B\nmatch a m/x/q p/x/\nmatch A!b m/x/\nmatch a m/x/ new/y/z p/Known/ v/$x/\n",
    );
    let said: Vec<String> = probes
        .warnings()
        .iter()
        .map(|warning| format!("{}: {}", warning.line, warning.what))
        .collect();
    assert_eq!(
        said,
        [
            "1: 'with-new-flag' behind a probe is not known and passed over",
            "2: 'newdirective' is no directive that is known; the line is passed over",
            "4: 'q' behind the pattern is not known; the rule is passed over",
            "5: 'A!b' is no name of a service; the rule is passed over",
            "6: 'new' is no field that is known; it is passed over",
            "6: '$x': a $ that is followed by neither 1 to 9 nor a helper; the field is passed over",
            "3: the fallback 'B' is no probe of this file, and is left out",
        ]
    );
    let warnings = probes.warnings().iter();
    warnings.for_each(|warning| must_be_in_both_languages(&warning.what));
    assert_eq!((probes.counts().rules, probes.counts().warnings), (1, 7));
    let found = probes.matches(probes.get("A").expect("A"), b"x").found;
    let product = found.and_then(|found| found.product);
    assert_eq!(
        product.map(|product| product.terminal()),
        Some("Known".into())
    );
}

#[test]
fn what_a_message_quotes_is_short() {
    let said = refused(&format!("Probe {} A q|a|", "é".repeat(1000)));
    assert!(said.len() < 200 && said.contains("é…'"), "{said}");
    let said = refused(&format!("Exclude ,{}", "1,".repeat(1000)));
    assert!(said.len() < 300, "{said}");
}

#[test]
fn a_survey_tells_which_patterns_can_not_be_used() {
    let probes = read("Probe TCP A q|a|\nmatch a m/x/\nmatch a m/(?!x)/\nmatch a m/(?R)/\n");
    let survey = probes.survey();
    assert_eq!(
        (survey.linear, survey.walks_back, survey.unusable),
        (1, 1, 1)
    );
    assert_eq!(survey.why[0].line, 4);
    let why = "the pattern can't be used: a kind of group that is not supported";
    assert_eq!(survey.why[0].what.to_string(), why);
}

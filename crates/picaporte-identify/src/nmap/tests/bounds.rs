//! Every bound of a file and of an answer, reached.

use std::fmt::Write as _;
use std::sync::atomic::Ordering::Relaxed;

use super::*;

#[test]
fn a_file_has_16_mib_and_no_more() {
    let mut file = b"Probe TCP A q|a|\n#".to_vec();
    file.resize(FILE, b'x');
    assert!(Probes::read("mine", file.clone()).is_ok());
    file.push(b'x');
    let wrong = Probes::read("mine", file).expect_err("too large");
    assert_eq!(
        wrong.to_string(),
        "mine: has more than 16 MiB; is it nmap-service-probes?"
    );
}

#[test]
fn a_file_has_4096_probes_and_65536_rules_and_no_more() {
    let mut probes = String::new();
    for n in 0..PROBES {
        let _ = writeln!(probes, "Probe TCP P{n} q|a|");
    }
    assert_eq!(read(&probes).counts().probes, 4096);
    let said = refused(&(probes + "Probe UDP Z q|a|"));
    assert_eq!(
        said,
        "mine, line 4097: the file has more than 4,096 probes; leave some out"
    );

    let rules = format!("Probe TCP A q|a|\n{}", "match a m|x|\n".repeat(RULES));
    assert_eq!(read(&rules).counts().rules, 65_536);
    let said = refused(&(rules + "match a m|x|"));
    assert_eq!(
        said,
        "mine, line 65538: the file has more than 65,536 rules; leave some out"
    );
}

#[test]
fn a_pattern_and_a_probe_have_64_kib_and_no_more() {
    let long = "x".repeat(PATTERN);
    let probes = read(&format!(
        "Probe TCP NULL q||\nmatch a m|{long}|\nProbe TCP A q|{long}|"
    ));
    assert_eq!(probes.counts().rules, 1);
    assert_eq!(probes.get("A").map(|probe| probe.send().len()), Some(SENT));
    let said = refused(&format!("Probe TCP NULL q||\nmatch a m|{long}x|"));
    assert_eq!(
        said,
        "mine, line 2: the pattern has more than 64 KiB; make it shorter"
    );
    let said = refused(&format!("Probe TCP A q|{long}x|"));
    assert_eq!(
        said,
        "mine, line 1: the probe sends more than 64 KiB; make it shorter"
    );
}

#[test]
fn a_rule_has_32_fields_and_a_probe_16_fallbacks_and_no_more() {
    let cpes = |n: usize| {
        format!(
            "Probe TCP NULL q||\nmatch a m|x|{}",
            " cpe:/a:v:p/".repeat(n)
        )
    };
    let found = read(&cpes(FIELDS));
    let found = found.matches(found.greeting().expect("NULL"), b"x").found;
    assert_eq!(found.map(|found| found.cpe.len()), Some(32));
    let said = refused(&cpes(FIELDS + 1));
    assert_eq!(
        said,
        "mine, line 2: the rule has more than 32 fields; leave some out"
    );

    let fallbacks = |n: usize| format!("Probe TCP A q|a|\nfallback {}", "A,".repeat(n));
    assert!(Probes::read("mine", fallbacks(FALLBACKS).into_bytes()).is_ok());
    let said = refused(&fallbacks(FALLBACKS + 1));
    assert_eq!(
        said,
        "mine, line 2: the probe has more than 16 fallbacks; leave some out"
    );
}

#[test]
fn a_probes_name_has_64_characters_and_no_more() {
    let name = "n".repeat(64);
    assert!(read(&format!("Probe TCP {name} q|a|")).get(&name).is_some());
    let said = refused(&format!("Probe TCP {name}n q|a|"));
    assert_eq!(
        said,
        "mine, line 1: a probe's name has 1 to 64 characters of ASCII; mend it"
    );
}

#[test]
fn sixty_four_warnings_are_kept_and_all_are_counted() {
    let probes = read(&format!("Probe TCP A q|a|\n{}", "what 1\n".repeat(100)));
    assert_eq!(
        (probes.warnings().len(), probes.counts().warnings),
        (64, 100)
    );
    let rules = "match a m|(?R)|\n".repeat(100);
    let survey = read(&format!("Probe TCP A q|a|\n{rules}")).survey();
    assert_eq!((survey.why.len(), survey.unusable), (64, 100));
}

#[test]
fn not_more_than_512_rules_are_tried_on_an_answer() {
    // What they need is there, but not in one piece.
    let nearly = |n: usize| "match a m|^x.y|\n".repeat(n) + "match b m|z|\n";
    let ask = |n: usize| {
        let probes = read(&format!("Probe TCP NULL q||\n{}", nearly(n)));
        probes.matches(probes.greeting().expect("NULL"), b"xyz")
    };
    let answered = ask(RULES_TRIED - 1);
    assert!(answered.found.is_some() && !answered.cut);
    let answered = ask(RULES_TRIED);
    assert!(answered.found.is_none() && answered.cut);
}

#[test]
fn no_more_than_1024_compiled_patterns_are_kept_and_what_is_beyond_works_all_the_same() {
    let mut text = String::from("Probe TCP NULL q||\n");
    for n in 0..1100 {
        let _ = writeln!(text, "match a m|^rule{n:04}$| v/{n}/");
    }
    let probes = read(&text);
    for _ in 0..2 {
        for n in 0..1100 {
            let answer = format!("rule{n:04}");
            let answered = probes.matches(probes.greeting().expect("NULL"), answer.as_bytes());
            assert_eq!(answered.found.map(|found| found.line), Some(n + 2));
        }
        assert_eq!(probes.kept.load(Relaxed), KEPT);
    }
}

#[test]
fn only_those_are_compiled_that_may_fit() {
    let mut text = String::from("Probe TCP NULL q||\n");
    for n in 0..2000 {
        let _ = writeln!(
            text,
            "match a m|^HTTP/1\\.[01] .*\\r\\nServer: product{n:04}/([\\d.]+)|s v/$1/"
        );
    }
    let probes = read(&text);
    let answer = b"HTTP/1.1 200 OK\r\nServer: product1234/5.6\r\n";
    let answered = probes.matches(probes.greeting().expect("NULL"), answer);
    assert_eq!(answered.found.map(|found| found.line), Some(1236));
    assert_eq!(probes.kept.load(Relaxed), 1);
}

#[test]
fn of_an_answer_64_kib_are_read() {
    let mut answer = vec![b'a'; ANSWER];
    answer[ANSWER - 2..].copy_from_slice(b"zz");
    assert!(heard("match a m|zz|", &answer).is_some());
    answer.insert(0, b'a');
    assert!(heard("match a m|zz|", &answer).is_none());
    assert!(heard("match a m|z$|", &answer).is_some());
}

#[test]
fn a_rule_that_gives_up_is_counted_and_the_next_is_tried() {
    let text = "Probe TCP NULL q||\nmatch a m/^(?:(?!x)a+)+$/\nmatch b m/!$/";
    let probes = read(text);
    let answer = [&[b'a'; 4096][..], b"!"].concat();
    let answered = probes.matches(probes.greeting().expect("NULL"), &answer);
    assert_eq!(answered.gave_up, 1);
    assert_eq!(answered.found.map(|found| found.line), Some(3));
}

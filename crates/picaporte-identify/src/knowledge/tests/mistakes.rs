//! Every mistake has its file, its line and what to mend; every bound is reached.

use super::*;
use crate::knowledge::{MOST_CPE, MOST_FILE, MOST_PATTERN, MOST_RULES, MOST_SEND, MOST_THEN};

const PROBE: &str = "[[probe]]\nname = 'ask'\nsend = 'x'\n";

/// What is said of a file of the four first lines and these.
fn wrong(rest: &str) -> String {
    let read =
        Knowledge::read(&[("toy.toml", &file(rest))]).and_then(|knowledge| knowledge.prove());
    read.map_or_else(
        |error| error.to_string(),
        |()| "nothing is wrong".to_owned(),
    )
}

fn rule(rest: &str) -> String {
    wrong(&format!("{PROBE}[[rule]]\npattern = '^(a)(b)'\n{rest}\n"))
}

fn hold(cases: &[(String, &str)]) {
    for (said, wanted) in cases {
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
}

#[test]
fn mistakes_of_probes_have_their_line() {
    let probe = |rest: &str| wrong(&format!("[[probe]]\nname = 'a'\n{rest}\n"));
    let named = |name: &str| wrong(&format!("[[probe]]\nname = '{name}'\nsend = 'x'\n"));
    hold(&[
        (
            named("greeting"),
            "toy.toml: line 6, column 8: 'greeting' is no name of a probe",
        ),
        (named("tls"), "line 6, column 8: 'tls' is no name"),
        (named("a b"), "line 6, column 8: 'a b' is no name"),
        (named(&"a".repeat(33)), "is no name of a probe"),
        (probe("send = ''"), "line 7, column 8: 'send' is empty"),
        (
            probe("send = '\\q'"),
            "line 7, column 8: '\\q' is no escape",
        ),
        (
            probe("send = 'x'\nports = '0'"),
            "line 8, column 9: '0' is not a port",
        ),
        (
            probe("send = 'x'\neverywhere = 10"),
            "line 8, column 14: 'everywhere' is a rank",
        ),
        (
            probe("send = 'x'\nopt_in = ' '"),
            "line 8, column 10: 'opt_in' is empty",
        ),
        (
            wrong(&format!("{PROBE}{PROBE}")),
            "line 9, column 8: there is another probe 'ask'",
        ),
        (
            wrong("[[prob]]\n"),
            "line 5, column 3: there is no key 'prob' here",
        ),
    ]);
}

#[test]
fn mistakes_of_rules_have_their_line() {
    let pattern = |text: &str| wrong(&format!("[[rule]]\npattern = '{text}'\n"));
    hold(&[
        (
            rule("answers = ['nobody']"),
            "line 10, column 12: there is no probe 'nobody'",
        ),
        (
            rule("answers = []"),
            "line 10, column 11: 'answers' is empty",
        ),
        (
            rule("then = ['nobody']"),
            "line 10, column 9: there is no probe 'nobody'",
        ),
        (
            rule("service = 'A'"),
            "line 10, column 11: 'A' is no name of a service",
        ),
        (
            rule("product = '$0'"),
            "line 10, column 11: a dollar is written '$$'",
        ),
        (
            rule("product = '5$'"),
            "line 10, column 11: a dollar is written '$$'",
        ),
        (
            rule("cpe = ['a:b']"),
            "line 10, column 8: 'a:b' is no platform",
        ),
        (
            rule("cpe = ['app:b:c']"),
            "line 10, column 8: 'app:b:c' is no platform",
        ),
        (
            rule("cpe = ['a:b:c:d']"),
            "line 10, column 8: 'a:b:c:d' is no platform",
        ),
        (
            rule("starttls_ok = '^220'"),
            "line 10, column 15: 'starttls_ok' without 'starttls'",
        ),
        (
            rule("extra = '$3'"),
            "toy.toml: line 8, column 1: $3 is used, and the pattern has 2 groups",
        ),
        (
            rule("starttls = ''\nstarttls_ok = '('"),
            "line 8, column 1: the pattern '(' can't be compiled",
        ),
        (rule("extra = '$2'"), "nothing is wrong"),
        (
            pattern("("),
            "toy.toml: line 5, column 1: the pattern '(' can't be compiled",
        ),
        (pattern(""), "line 6, column 11: an empty pattern"),
        (pattern("(?:(?:.{500}){500}){500}"), "can't be compiled"),
    ]);
}

#[test]
fn mistakes_of_examples_have_their_line() {
    let example = |rest: &str| {
        wrong(&format!(
            "[[example]]\nanswers = 'greeting'\nbytes = 'x'\nservice = 'toy'\n{rest}\n"
        ))
    };
    let not = |answers: &str, bytes: &str| {
        wrong(&format!(
            "[[not]]\nanswers = '{answers}'\nbytes = '{bytes}'\n"
        ))
    };
    hold(&[
        (not("greeting", "x"), "nothing is wrong"),
        (
            not("greeting", "\\x"),
            "line 7, column 9: '\\x' without two",
        ),
        (not("greeting", ""), "line 7, column 9: 'bytes' is empty"),
        (
            not("nobody", "x"),
            "line 6, column 11: there is no probe 'nobody'",
        ),
        (
            example("version = 'new'"),
            "line 9, column 11: 'new' is no version",
        ),
        (example("extra = ''"), "line 9, column 9: this is empty"),
        (example("cpe = ['']"), "line 9, column 8: this is empty"),
        (
            wrong("[[example]]\nanswers = 'nobody'\nbytes = 'x'\nservice = 'toy'\n"),
            "line 6, column 11: there is no probe 'nobody'",
        ),
    ]);
}

#[test]
fn a_file_says_what_it_is_about_and_where_it_comes_from() {
    for (text, wanted) in [
        ("source = ['x']\nservice = 'toy'", "about"),
        (
            "about = ''\nsource = ['x']\nservice = 'toy'",
            "line 1, column 9: 'about' is empty",
        ),
        (
            "about = 'x'\nsource = []\nservice = 'toy'",
            "line 2, column 10: 'source' names nothing",
        ),
        (
            "about = 'x'\nsource = ['x']\nservice = 'T'",
            "line 3, column 11: 'T' is no name of a service",
        ),
    ] {
        let said = Knowledge::read(&[("toy.toml", text)])
            .unwrap_err()
            .to_string();
        assert!(said.contains(wanted), "{said}\n{wanted}");
    }
}

#[test]
fn bounds_are_where_they_are_said_to_be() {
    let send = |n: usize| {
        wrong(&format!(
            "[[probe]]\nname = 'a'\nsend = '{}'\n",
            "x".repeat(n)
        ))
    };
    assert!(send(MOST_SEND).contains("nothing is wrong"));
    assert!(send(MOST_SEND + 1).contains("'send' has 4097 bytes"));
    let pattern = |n: usize| wrong(&format!("[[rule]]\npattern = '{}'\n", "x".repeat(n)));
    assert!(pattern(MOST_PATTERN).contains("nothing is wrong"));
    assert!(pattern(MOST_PATTERN + 1).contains("a pattern of 4097 bytes"));
    let then = |n: usize| rule(&format!("then = [{}]", "'ask',".repeat(n)));
    assert!(then(MOST_THEN).contains("nothing is wrong"));
    assert!(then(MOST_THEN + 1).contains("more than 8 probes"));
    let cpe = |n: usize| rule(&format!("cpe = [{}]", "'a:b:c',".repeat(n)));
    assert!(cpe(MOST_CPE).contains("nothing is wrong"));
    assert!(cpe(MOST_CPE + 1).contains("more than 4 names"));
    let alpn = |n: usize| wrong(&format!("{PROBE}alpn = ['{}']", "h".repeat(n)));
    assert!(alpn(255).contains("nothing is wrong"));
    assert!(alpn(256).contains("'alpn' has 256 bytes"));
    let size = |n: u64| wrong(&format!("#{}", " ".repeat(n as usize - file("#").len())));
    assert!(size(MOST_FILE).contains("nothing is wrong"));
    assert!(size(MOST_FILE + 1).contains("the file is larger than 262144 bytes"));
    // In two files, as so many do not fit in one.
    let half = file(&"[[rule]]\npattern='a'\n".repeat(MOST_RULES / 2));
    let one = file("[[rule]]\npattern='a'\n");
    assert!(Knowledge::read(&[("a", &half), ("b", &half)]).is_ok());
    let error = Knowledge::read(&[("a", &half), ("b", &half), ("c", &one)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "c: line 5, column 1: more than 4096 rules in all files"
    );
}

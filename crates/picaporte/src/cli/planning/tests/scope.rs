//! Plans held to a scope: what is left of them, what names let in, and what is told.

use super::*;

/// A plan of these words with this scope.
fn within(line: &str, scope: &str) -> Planned {
    let file = file(scope);
    planned(&format!("{line} --scope {}", file.path().display()))
}

fn refused_by(line: &str, scope: &str) -> String {
    let file = file(scope);
    let path = file.path().display().to_string();
    refused(&format!("{line} --scope {path}")).replace(&path, "FILE")
}

/// The pairs that are to be asked.
fn asked(planned: &Planned) -> Vec<String> {
    let scope = &planned.scope.as_ref().unwrap().scope;
    let pairs = planned.plan.pairs();
    let inside = pairs.filter(|&(address, port)| {
        planned.plan.contains(address, port) && scope.allows(address, port)
    });
    inside
        .map(|(address, port)| format!("{address}:{port}"))
        .collect()
}

/// What is warned of, without the name of the scope file.
fn warnings(planned: &Planned) -> String {
    let bare = |text: String| match text.strip_prefix("--scope '") {
        Some(rest) => rest.split_once('\'').unwrap_or_default().1.to_owned(),
        None => text,
    };
    let all = planned.warnings.iter().map(ToString::to_string);
    let all: Vec<_> = all.map(bare).collect();
    all.join(" |")
}

#[test]
fn what_lies_outside_stays_planned_and_is_not_asked() {
    let scope = "[allowed]\nnetworks = ['192.0.2.0/25']\n[excluded]\nnetworks = ['192.0.2.3']\n";
    let planned = within("192.0.2.0/24 -p 80,443", scope);
    let plan = &planned.plan;
    assert_eq!((plan.planned(), plan.planned_addresses()), (512, 254));
    assert_eq!(
        (plan.hosts(), plan.outside_hosts(), plan.outside()),
        (127, 129, 258)
    );
    let ranges: Vec<String> = plan
        .outside_ranges()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(ranges, ["192.0.2.3", "192.0.2.128-192.0.2.255"]);
    assert!(planned.warnings.is_empty());
}

#[test]
fn a_plan_wholly_outside_is_planned_and_asks_nothing() {
    let planned = within(
        "198.51.100.7 -p 1-100",
        "[allowed]\nnetworks = ['192.0.2.0/24']\n",
    );
    assert_eq!((planned.plan.planned(), planned.plan.hosts()), (100, 0));
    assert!(asked(&planned).is_empty());
}

#[test]
fn a_name_lets_in_the_addresses_that_it_has_in_this_run() {
    let scope = "[allowed]\nnames = ['WWW.example.org']\n[excluded]\nnetworks = ['192.0.2.8']\n";
    let planned = within("www.example.org 192.0.2.7:22 192.0.2.9 -p 80", scope);
    assert_eq!(
        asked(&planned),
        ["192.0.2.7:22", "192.0.2.7:80", "2001:db8::7:80"]
    );
    assert_eq!(planned.plan.outside(), 2);
}

#[test]
fn a_target_name_that_is_not_in_scope_is_judged_by_its_addresses() {
    let scope = "[allowed]\nnetworks = ['192.0.2.7', '2001:db8::/32']\n";
    let planned = within("www.example.org -p 80", scope);
    assert_eq!(asked(&planned), ["192.0.2.7:80", "2001:db8::7:80"]);
}

#[test]
fn names_of_scope_and_targets_are_asked_for_once_and_together() {
    let file =
        file("[allowed]\nnames = ['www.example.org']\n[excluded]\nnames = ['six.example.org']\n");
    let known = Known::default();
    let line = format!("www.example.org -p 80 --scope {}", file.path().display());
    let planned = planned_with(&line, &known).unwrap();
    assert_eq!(
        *known.asked.borrow(),
        ["six.example.org", "www.example.org"]
    );
    assert_eq!(planned.names, 2);
}

#[test]
fn an_excluded_name_takes_its_addresses_out_whoever_let_them_in() {
    let scope = "[allowed]\nnetworks = ['2001:db8::/32']\nnames = ['www.example.org']\n[excluded]\nnames = ['six.example.org']\n";
    let planned = within("2001:db8::8-2001:db8::a www.example.org -p 80 -6", scope);
    assert_eq!(
        asked(&planned),
        ["2001:db8::7:80", "2001:db8::8:80", "2001:db8::a:80"]
    );
}

#[test]
fn a_name_lets_no_loopback_in_and_says_so() {
    let scope = "[allowed]\nnames = ['rebound.example.org', 'localhost']\n";
    let planned = within("rebound.example.org localhost -p 80", scope);
    assert_eq!(asked(&planned), ["127.0.0.2:80", "192.0.2.66:80"]);
    insta::assert_snapshot!(warnings(&planned), @": 'rebound.example.org' resolves to 127.0.0.1, which no name lets in; allow it below networks, if it is meant |: 'rebound.example.org' resolves to 169.254.169.254, which no name lets in; allow it below networks, if it is meant");
}

#[test]
fn a_name_without_an_address_allows_nothing_and_excludes_nothing_by_chance() {
    let planned = within(
        "192.0.2.7 -p 80",
        "[allowed]\nnetworks = ['192.0.2.7']\nnames = ['nowhere.example.org']\n",
    );
    assert_eq!(asked(&planned), ["192.0.2.7:80"]);
    insta::assert_snapshot!(warnings(&planned), @": 'nowhere.example.org' does not resolve, so it allows nothing in this scan");
    let scope =
        "[allowed]\nnetworks = ['192.0.2.7']\n[excluded]\nnames = ['nowhere.example.org']\n";
    insta::assert_snapshot!(refused_by("192.0.2.7 -p 80", scope), @"--scope 'FILE': the name 'nowhere.example.org' can't be excluded, it does not resolve: there is no such name");
}

#[test]
fn ports_canaries_and_signs_of_life_are_held_to_the_scope() {
    let scope =
        "[allowed]\nnetworks = ['192.0.2.0/30']\nports = '1-100'\n[excluded]\nports = 'http'\n";
    let planned = within("192.0.2.0/29 -p 22,80,443 --discover", scope);
    let plan = &planned.plan;
    assert_eq!((plan.planned(), plan.planned_addresses()), (24, 4));
    assert_eq!(plan.outside_ports_of(0).to_string(), "80,443");
    let settings = plan.settings();
    assert!(
        settings
            .canaries
            .iter()
            .chain(&settings.discover)
            .all(|&p| p <= 100 && p != 80)
    );
}

#[test]
fn the_lower_of_flag_and_scope_holds_and_is_told() {
    let scope = "[allowed]\nnetworks = ['192.0.2.0/30']\n[limits]\nrate = 300\nmax_inflight = 50\n";
    let planned = within("192.0.2.0/30 --rate 1000 --max-inflight 20", scope);
    let pace = planned.plan.settings().pace;
    assert_eq!((pace.rate, pace.max_inflight), (Some(300), 20));
    let told = &planned.scope.unwrap().told;
    let lowered: Vec<_> = told
        .lowered
        .iter()
        .map(|l| (l.limit, l.asked, l.allowed))
        .collect();
    assert_eq!(lowered, [("rate", Some(1000), 300)]);
}

#[test]
fn without_a_scope_nothing_is_held_to_one() {
    let planned = planned("192.0.2.0/30 -p 80");
    assert!(planned.scope.is_none());
    assert_eq!((planned.plan.outside(), planned.plan.planned()), (0, 4));
}

#[test]
fn what_is_hardly_meant_is_told() {
    let scope = "[allowed]\nnetworks = ['192.0.2.0/24', '192.0.2.7']\n";
    let planned = within("192.0.2.7 -p 80", scope);
    insta::assert_snapshot!(warnings(&planned), @", line 2, column 29: '192.0.2.7' adds nothing to '192.0.2.0/24', in which it lies; leave it out");
}

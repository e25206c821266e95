//! The table as a person reads it in terminals of several widths, of scans whose names, addresses and numbers are as long and as
//! strange as can be.

use picaporte_core::target::What;
use picaporte_core::verdict::Verdict;
use picaporte_core::{Settings, State, Target};

use super::super::Lang;
use super::sample::{self, address, verdict};
use super::*;

mod any;
mod hosts;
mod summary;
mod ways;

/// How wide the terminal is, and its language.
fn at(width: u16, lang: Lang) -> Style {
    Style {
        width,
        lang,
        ..Style::default()
    }
}

fn table(sample: &Sample, width: u16, lang: Lang) -> String {
    let text = written(sample, Format::Table, at(width, lang));
    must_fit(&text, width, &names(sample));
    text
}

/// No line is wider than the terminal, but where a single word is: a name (with `PTR` before the first that the reverse DNS has) or an
/// address with what stands around it, a digest, or a number with its noun. Nothing acts, and no line ends with a blank.
fn must_fit(text: &str, width: u16, names: &[String]) {
    for line in text.lines() {
        assert!(!line.contains(encode::is_unseen), "{line:?}");
        assert!(!line.ends_with(' '), "{line:?}");
        assert!(
            crate::report::columns(line) <= width.into() || is_a_word(line, names),
            "{line:?} is wider than {width} columns"
        );
    }
}

/// Names have no blank in them here, and neither have numbers: no line ends in the middle of either.
fn is_a_word(line: &str, names: &[String]) -> bool {
    let mut word = line.trim_start().replace("PTR ", "PTR_");
    for name in names {
        word = word.replace(name, &name.replace(' ', "_"));
    }
    let parts: Vec<_> = word.split(' ').collect();
    let ends = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
    parts.windows(2).all(|pair| ends(pair[0]))
}

/// Every name in a scan, as it is shown.
fn names(sample: &Sample) -> Vec<String> {
    let header = &sample.header;
    let hosts = sample.findings.iter().filter_map(|finding| match finding {
        Finding::Host(host) => Some(host.address),
        _ => None,
    });
    let mut names: Vec<String> = Vec::new();
    for host in hosts {
        names.extend(
            header
                .names(host)
                .iter()
                .map(|n| encode::terminal(n).into_owned()),
        );
        names.extend(
            header
                .reverse(host)
                .iter()
                .map(crate::report::reverse::in_text),
        );
    }
    let unresolved = header.plan.unresolved().iter();
    names.extend(unresolved.map(|u| encode::terminal(&u.name).into_owned()));
    // A name may be part of another.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names
}

/// A scan of these hosts, each with its names; all were asked the same ports.
fn sample(hosts: &[(&str, &[&str])], verdicts: Vec<Vec<Verdict>>) -> Sample {
    let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, 1_000)]));
    plan.settings(Settings {
        seed: 9_007_199_254_740_991,
        show: States::OPEN,
        ..Settings::default()
    });
    for (host, names) in hosts {
        let address = address(host);
        for name in *names {
            plan.name(name, &[address], None).unwrap();
        }
        let what = What::One(address);
        plan.target(&Target { what, ports: None }).unwrap();
    }
    let plan = plan.build().unwrap();
    let account = sample::account(&plan, verdicts.iter().flatten());
    let mut sample = sample::interrupted(States::OPEN);
    sample.header = sample::header(plan);
    sample.trailer.account = account;
    sample.findings = verdicts.into_iter().flat_map(told).collect();
    sample
}

/// The open ports of a host, and its account.
fn told(verdicts: Vec<Verdict>) -> Vec<Finding> {
    let host = sample::host(&verdicts);
    let open = verdicts.into_iter().filter(|v| v.state() == State::Open);
    open.map(Finding::Port).chain([host]).collect()
}

/// A host name as long as one can be: 253 characters in labels of up to 63 (RFC 1035, section 2.3.4).
fn longest_name() -> String {
    ["a", "b", "c"].map(|label| label.repeat(63)).join(".") + "." + &"d".repeat(61)
}

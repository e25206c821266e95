//! The end: numbers as large as a plan can be, and every reason there is.

use std::time::Duration;

use picaporte_core::Reason;
use picaporte_core::tally::{Counts, Outages, Tally};
use picaporte_core::timing::Loss;

use super::super::super::{Kept, ReverseCounts, Sampled};
use super::*;

/// The most probes of a plan: 2^53.
const MOST: u64 = 1 << 53;

/// A scan of which everything that can be said is said, and every number is large.
fn largest() -> Sample {
    let mut sample = sample(&[("192.0.2.7", &[])], Vec::new());
    let mut counts = Counts::default();
    let reasons = Reason::ALL;
    for &reason in reasons {
        counts.add_many(reason, MOST / reasons.len() as u64);
    }
    counts.add_many(Reason::NoResponse, MOST % reasons.len() as u64);
    let open = counts.in_state(State::Open);
    let mut tally = Tally {
        planned: MOST,
        counts,
        extra: MOST,
        attempts: 3 * MOST,
        hosts: MOST,
        missed_millionths: MOST,
        outages: Some(Outages {
            times: u32::MAX,
            silent: picaporte_core::Duration::from_secs(31_536_000),
            per_second: Some(u32::MAX),
        }),
        ..Tally::default()
    };
    tally.graded.confirmed = open - 3;
    tally.graded.handshake_only = 1;
    tally.graded.suspect = 1;
    let account = &mut sample.trailer.account;
    account.tally = tally;
    account.elapsed = Duration::from_secs(315_360_000);
    account.loss = Loss {
        asked: MOST,
        lost: MOST / 3,
    };
    sample.trailer.sampled = Some(Sampled {
        located: MOST,
        untested: MOST,
        left_out: MOST,
    });
    sample.trailer.reverse = Some(ReverseCounts {
        asked: MOST,
        named: MOST,
        unnamed: MOST,
        failed: MOST,
        unanswered: MOST,
        left_out: MOST,
    });
    sample.trailer.kept = Some(Kept {
        id: sample.header.id.clone(),
        digest: "0123456789abcdef".repeat(4),
    });
    sample
}

#[test]
fn the_largest_numbers_there_are() {
    for (width, lang, name) in [
        (80, Lang::En, "largest_at_80"),
        (80, Lang::Es, "largest_at_80_in_spanish"),
        (40, Lang::Es, "largest_at_40_in_spanish"),
        (200, Lang::En, "largest_at_200"),
    ] {
        let text = table(&largest(), width, lang);
        assert!(text.contains("0123456789abcdef".repeat(4).as_str()));
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn no_rate_is_told_of_less_than_a_millisecond() {
    let mut sample = sample(&[("192.0.2.7", &[])], Vec::new());
    let account = &mut sample.trailer.account;
    account.tally.attempts = 6;
    account.elapsed = Duration::from_micros(443);
    let sent = |sample: &Sample, lang| {
        let text = table(sample, 80, lang);
        let line = text
            .lines()
            .find(|line| line.starts_with(lang.either("sent", "enviado")));
        line.unwrap().to_owned()
    };
    insta::assert_snapshot!(sent(&sample, Lang::En), @"");
    insta::assert_snapshot!(sent(&sample, Lang::Es), @"");
    sample.trailer.account.elapsed = Duration::from_millis(1);
    insta::assert_snapshot!(sent(&sample, Lang::En), @"");
}

#[test]
fn names_without_an_address() {
    let mut plan = Plan::builder(PortSet::from_ports([443]));
    let long = longest_name();
    let names = [
        &*long,
        "日本語ドメイン名例.テスト",
        "two words.example",
        "\u{202e}gro.elpmaxe",
    ];
    for name in names {
        plan.name(name, &[], None).unwrap();
    }
    for n in 0..30 {
        plan.name(&format!("no-such-host-{n}.example"), &[], None)
            .unwrap();
    }
    plan.target(&Target::parse("192.0.2.7", &picaporte_core::target::NoLookup).unwrap())
        .unwrap();
    let plan = plan.build().unwrap();
    let mut sample = sample::interrupted(States::OPEN);
    sample.trailer.account = sample::account(&plan, std::iter::empty());
    sample.header = sample::header(plan);
    sample.findings.clear();
    let text = table(&sample, 80, Lang::En);
    let from = text.find("INCOMPLETE").unwrap();
    insta::assert_snapshot!("names_without_an_address", &text[from..]);
}

#[test]
fn a_scope_with_a_long_path_and_wide_words() {
    let path = format!("/srv/{}scope of january.toml", "clients/".repeat(12));
    let file = "authorised_by = \"Élodie 山田太郎 \\u202e of the department with a name that is far too long, Example Corp\"\ncontact = 'noc@example.org'\n[allowed]\nnetworks = ['192.0.2.0/24']\n[limits]\nrate = 300\nhost_rate = 20\n";
    let lowered = |limit, asked, allowed| super::super::super::Lowered {
        limit,
        asked,
        allowed,
    };
    let lowered = vec![
        lowered("rate", Some(1_000_000), 300),
        lowered("host_rate", None, 20),
    ];
    let mut header = scope::header(&["192.0.2.7", "198.51.100.1"], file, lowered);
    let scoped = header.scope.take().unwrap();
    let scoped = super::super::super::Scoped {
        path: path.clone(),
        ..(*scoped).clone()
    };
    header.scope = Some(std::sync::Arc::new(scoped));
    for (width, lang, name) in [
        (80, Lang::En, "scope_at_80"),
        (40, Lang::Es, "scope_at_40_in_spanish"),
    ] {
        let mut out = Vec::new();
        report(Format::Table, at(width, lang)).begin(&header, &mut out);
        let text = String::from_utf8(out).unwrap();
        must_fit(&text, width, std::slice::from_ref(&path));
        assert!(text.contains(&path));
        insta::assert_snapshot!(name, text);
    }
}

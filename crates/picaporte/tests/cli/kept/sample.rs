//! Scans that ran in the simulator and are kept: no packet is sent, and each is the same every time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use picaporte::core::block::Part;
use picaporte::core::scan::System;
use picaporte::core::sim::{self, Event, World};
use picaporte::core::{Duration, Report, Scan, Step};
use picaporte::report::{self, Format, Header, Style, Trailer, report};
use picaporte::{
    Account, Address, Finding, NoLookup, Plan, PortSet, Reason, Settings, States, Tally, Target,
    kept,
};
use picaporte_store::{
    Decided, Digest, End, Findings, Options, ScanId, Stage, Store, Totals, UnixMillis, Who,
};

/// What no terminal and no spreadsheet may meet as it is.
pub(crate) const HOSTILE: &str = "=cmd|\u{1b}[2J\u{202e}例え\n";

/// A scan with everything that was found.
pub(crate) struct Sample {
    pub(crate) header: Header,
    pub(crate) findings: Vec<Finding>,
    account: Account,
}

fn plan(settings: Settings) -> Plan {
    let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, 40)]));
    plan.settings(settings);
    plan.target(&Target::parse("192.0.2.0/27", &NoLookup).expect("a target"))
        .expect("it may be scanned");
    let seven = [Address::new([192, 0, 2, 7].into())];
    plan.name(HOSTILE, &seven, None).expect("a name");
    plan.name("nope.example", &[], None).expect("a name");
    plan.build().expect("a plan")
}

impl Sample {
    /// The `n`-th of its kind: its world follows from the number, and so do its name and its beginning.
    pub(crate) fn new(n: u64, show: States) -> Self {
        let settings = Settings {
            seed: n,
            show,
            ..Settings::default()
        };
        let world = World {
            seed: n,
            dead: 16_000,
            open: 9_000,
            silent: 2_000,
            rejected: 2_000,
            ..World::default()
        };
        let plan = Arc::new(plan(settings));
        let mut scan = Scan::new(plan.clone(), Part::WHOLE, System::default());
        let mut findings = Vec::new();
        let run = sim::run(&mut scan, world, Duration::from_secs(600), &mut |event| {
            if let Event::Step(_, Step::Report(report)) = event {
                findings.push(match report.clone() {
                    Report::Opened { address, port } => Finding::Opened { address, port },
                    Report::Port(verdict) => Finding::Port(verdict),
                    Report::Host(host) => Finding::Host(host),
                });
            }
        });
        let mut tally = Tally::of_scan(&plan, [scan.tally()], Reason::TimeLimit);
        tally.hosts = plan.hosts();
        let account = Account {
            tally,
            elapsed: run.elapsed.into(),
            loss: scan.loss(),
            interrupted: false,
            stopped: None,
            failed_threads: 0,
        };
        let started = 1_767_225_600_000 + n * 60_000;
        Self {
            header: Header {
                id: ulid(started, n),
                version: "0.1.0".into(),
                started: jiff::Timestamp::from_millisecond(started.cast_signed())
                    .expect("a moment"),
                args: vec![
                    "scan".to_owned(),
                    "192.0.2.0/27".to_owned(),
                    HOSTILE.to_owned(),
                ],
                plan,
                zones: BTreeMap::new(),
                scope: None,
                reverse: report::Reverse::default(),
                identified: report::Identified::default(),
                from: Some(Who {
                    user: HOSTILE.to_owned(),
                    machine: "laptop".to_owned(),
                    source: None,
                    ..Who::default()
                }),
            },
            findings,
            account,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.header.id
    }

    fn scan_id(&self) -> ScanId {
        ScanId::parse(&self.header.id).expect("a ULID")
    }

    fn finished(&self) -> jiff::Timestamp {
        let took = jiff::SignedDuration::from_secs(61);
        self.header.started.checked_add(took).expect("a moment")
    }

    /// What `scan` itself would have written.
    pub(crate) fn written(&self, format: Format, digest: Digest) -> String {
        let (mut out, mut report) = (Vec::new(), report(format, Style::default()));
        report.begin(&self.header, &mut out);
        for finding in &self.findings {
            report.finding(finding, &mut out);
        }
        let trailer = Trailer {
            finished: self.finished(),
            account: self.account.clone(),
            sampled: None,
            reverse: None,
            identified: None,
            kept: Some(report::Kept {
                id: self.header.id.clone(),
                digest: digest.to_string(),
            }),
        };
        report.end(&trailer, &mut out);
        String::from_utf8(out).expect("text")
    }

    /// Keeps all of it.
    pub(crate) fn keep(&self, path: &Path) -> Digest {
        let writer = self.begin(path);
        writer.tell(told(&self.findings));
        let counts = &self.account.tally.counts;
        let end = End {
            finished: UnixMillis(self.finished().as_millisecond()),
            complete: true,
            totals: Totals {
                planned: self.account.tally.planned,
                tested: counts.tested(),
                untested: counts.in_state(picaporte::State::Untested),
                open: counts.in_state(picaporte::State::Open),
                closed: counts.in_state(picaporte::State::Closed),
                filtered: counts.in_state(picaporte::State::Filtered),
                extra: self.account.tally.extra,
            },
            record: kept::account::to_json(&self.account, &kept::account::Asked::default()),
        };
        writer.finish(end).expect("it is kept")
    }

    /// Keeps the first `findings` of it, as if its process was killed then.
    pub(crate) fn keep_beginning(&self, path: &Path, findings: usize) {
        let writer = self.begin(path);
        writer.tell(told(&self.findings[..findings]));
        writer.keep().expect("it is kept");
    }

    fn begin(&self, path: &Path) -> picaporte_store::Writer {
        let who = Who {
            user: HOSTILE.to_owned(),
            uid: Some(1000),
            machine: "laptop".to_owned(),
            source: None,
        };
        let meta =
            kept::meta(&self.header, None, &kept::How::default(), who).expect("what is kept");
        let store = Store::create(path, Options::default()).expect("a store");
        assert_eq!(meta.id, self.scan_id());
        store.begin(&meta).expect("a writer")
    }
}

/// A ULID of this moment.
fn ulid(ms: u64, n: u64) -> String {
    ulid::Ulid::from_parts(ms, n.into()).to_string()
}

fn told(findings: &[Finding]) -> Findings {
    let mut told = Findings::default();
    for finding in findings {
        match finding {
            Finding::Port(verdict) => {
                told.port(verdict);
                // The plan's hosts are numbered along its addresses.
                let host = verdict.address.range().first & 0xff;
                told.decided(&[Decided {
                    host: host as u64,
                    reason: verdict.reason,
                    port: verdict.port,
                }]);
            }
            Finding::Host(host) => told.host(host, Stage::Done),
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => {}
        }
    }
    told
}

/// A directory for a store, and the store's place in it.
pub(crate) fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("scans.db");
    (directory, path)
}

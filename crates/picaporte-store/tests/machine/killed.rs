//! A process that keeps a scan is killed, and another goes on with it, again and again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;
use picaporte_core::Reason;
use picaporte_store::{Decided, Findings, Kept, Options, Stage, Store};

use crate::sample::{all, end, host, meta, port};

const HOSTS: u32 = 400;
const ROUNDS: u32 = 12;

/// Commits as often as it can.
fn busy() -> Options {
    Options {
        interval: Duration::from_millis(1),
        ..Options::default()
    }
}

/// Goes on with the scan, host by host, and writes a line for each that is kept: the one that is next.
pub(crate) fn scan(path: &Path) {
    let store = Store::create(path, busy()).unwrap();
    let id = meta(1, HOSTS).id;
    let (writer, first) = if store.newest().unwrap().is_none() {
        (store.begin(&meta(1, HOSTS)).unwrap(), 0)
    } else {
        let next = next_host(&store);
        (store.go_on(id).unwrap(), next)
    };
    let mut told = std::io::stdout().lock();
    for n in first..HOSTS {
        let mut findings = Findings::default();
        findings.port(&port(n, 22));
        findings.host(&host(n, 22), Stage::Done);
        findings.progress(0, &(n + 1).to_be_bytes());
        writer.host(&host(n, 22), Stage::CutOff);
        let decided = Decided {
            host: n.into(),
            reason: Reason::ConnRefused,
            port: 1,
        };
        writer.decided(&[decided]);
        writer.tell(findings);
        if n % 3 == 0 {
            writer.keep().unwrap();
            writeln!(told, "{}", n + 1).unwrap();
        }
    }
    writer.keep().unwrap();
    writeln!(told, "{HOSTS}").unwrap();
    // Until it is killed.
    loop {
        std::thread::park();
    }
}

/// The host from which the scan goes on, by what is kept.
fn next_host(store: &Store) -> u32 {
    let state = store.resume_state(meta(1, HOSTS).id).unwrap();
    match state.progress.as_slice() {
        [] => 0,
        [(0, next)] => u32::from_be_bytes(next.as_slice().try_into().unwrap()),
        more => panic!("{more:?}"),
    }
}

pub(crate) fn leaves_what_it_kept() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("store.db");
    for round in 1..=ROUNDS {
        let said = run_and_kill(&path, HOSTS * round / ROUNDS)?;
        let store = Store::open(&path, busy())?;
        let id = meta(1, HOSTS).id;
        store.verify(id)?;
        let next = next_host(&store);
        assert!(next >= said, "said that {said} hosts are kept: {next} are");
        let mut done: Vec<u64> = Vec::new();
        for kept in all(&store, id)? {
            if let Kept::Host(host, Stage::Done) = kept {
                done.push(host.index);
            }
        }
        // Every host before is kept, and none after: it was told together with the progress that covers it.
        let expected: Vec<u64> = (0..next.into()).collect();
        assert_eq!(done, expected);
    }
    let store = Store::open(&path, busy())?;
    let writer = store.go_on(meta(1, HOSTS).id)?;
    writer.finish(end(HOSTS, true))?;
    store.verify(meta(1, HOSTS).id)?;
    Ok(())
}

/// Kills the process when it has said that so many hosts are kept; gives the number that it said last.
fn run_and_kill(path: &Path, hosts: u32) -> Result<u32, Failed> {
    let mut program = Command::new(std::env::current_exe()?);
    crate::role(&mut program, "scan", path);
    let mut child = program.stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut said = 0;
    while said < hosts {
        let Some(line) = lines.next() else {
            return Err(format!("it ended by itself: {}", child.wait()?).into());
        };
        said = line?.parse()?;
    }
    child.kill()?;
    child.wait()?;
    for line in lines {
        // The last line may be cut off by the kill itself.
        said = line?.parse().unwrap_or(said);
    }
    Ok(said)
}

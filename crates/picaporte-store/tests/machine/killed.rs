//! A process that keeps a scan is killed, and another goes on with it, again and again.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;
use picaporte_core::{PortSet, Reason};
use picaporte_store::{Decided, Findings, Kept, Options, PendingHost, ResumeState, Stage, Store};

use crate::sample::{all, end, host, meta, port};

const HOSTS: u32 = 400;
const ROUNDS: u32 = 12;
/// How many calls speak of each host.
const CALLS_A_HOST: u32 = 4;
const CALLS: u32 = HOSTS * CALLS_A_HOST;
/// How many parts tell them, in turn.
const PARTS: u32 = 3;

/// Commits as often as it can, and often writes the log of unfinished hosts anew.
fn busy() -> Options {
    Options {
        interval: Duration::from_millis(1),
        log: 64,
        ..Options::default()
    }
}

/// What is told in one call: a beginning of two hosts, what was found of one, its end.
fn call(number: u32) -> Findings {
    let n = number / CALLS_A_HOST;
    let mut findings = Findings::default();
    match number % CALLS_A_HOST {
        0 => findings.decided(&closed(n, &[1, 2])),
        1 => {
            findings.decided(&closed(n, &[3]));
            if n + 1 < HOSTS {
                findings.decided(&closed(n + 1, &[9]));
            }
        }
        2 => findings.host(&host(n, 22), Stage::CutOff),
        _ => {
            findings.port(&port(n, 22));
            findings.host(&host(n, 22), Stage::Done);
        }
    }
    findings.progress(number % PARTS, &(number + 1).to_be_bytes());
    findings
}

fn closed(n: u32, ports: &[u16]) -> Vec<Decided> {
    let one = |&port| Decided {
        host: n.into(),
        reason: Reason::ConnRefused,
        port,
    };
    ports.iter().map(one).collect()
}

/// As a resume state has them: hosts that are done, what is pending, the progress of parts.
type Left = (Vec<(u64, u64)>, Vec<PendingHost>, Progress);
type Progress = Vec<(u32, Vec<u8>)>;

/// What so many calls leave to go on from.
fn left_by(calls: u32) -> Left {
    let (done, step) = (calls / CALLS_A_HOST, calls % CALLS_A_HOST);
    let done_ranges = (done > 0).then(|| (0, u64::from(done) - 1));
    let mut ports: Vec<u16> = Vec::new();
    ports.extend((step > 0).then_some([1, 2]).into_iter().flatten());
    ports.extend((step > 1).then_some(3));
    // The host before has spoken of this one already.
    ports.extend((done > 0 && done < HOSTS).then_some(9));
    let next = (step > 1 && done + 1 < HOSTS).then_some(9);
    let pending = [(done, ports), (done + 1, next.into_iter().collect())];
    let pending = pending.into_iter().filter(|(_, ports)| !ports.is_empty());
    let pending = pending.map(|(host, ports)| PendingHost {
        host: host.into(),
        ports: vec![(Reason::ConnRefused, PortSet::from_ports(ports))],
    });
    let progress: BTreeMap<u32, u32> = (0..calls).map(|call| (call % PARTS, call + 1)).collect();
    let progress = progress
        .into_iter()
        .map(|(part, next)| (part, next.to_be_bytes().to_vec()));
    (
        done_ranges.into_iter().collect(),
        pending.collect(),
        progress.collect(),
    )
}

/// The call from which the scan goes on, by what is kept.
fn next_call(state: &ResumeState) -> u32 {
    let next = |(_, bytes): &(u32, Vec<u8>)| u32::from_be_bytes(bytes[..].try_into().unwrap());
    state.progress.iter().map(next).max().unwrap_or(0)
}

/// Goes on with the scan, call by call, and now and then writes a line when all is kept: the call that is next.
pub(crate) fn scan(path: &Path) {
    let store = Store::create(path, busy()).unwrap();
    let id = meta(1, HOSTS).id;
    let (writer, first) = if store.newest().unwrap().is_none() {
        (store.begin(&meta(1, HOSTS)).unwrap(), 0)
    } else {
        let next = next_call(&store.resume_state(id).unwrap());
        (store.go_on(id).unwrap(), next)
    };
    let mut told = std::io::stdout().lock();
    for number in first..CALLS {
        writer.tell(call(number));
        if number % 11 == 0 {
            writer.keep().unwrap();
            writeln!(told, "{}", number + 1).unwrap();
        }
    }
    writer.keep().unwrap();
    writeln!(told, "{CALLS}").unwrap();
    // Until it is killed.
    loop {
        std::thread::park();
    }
}

pub(crate) fn leaves_what_it_kept() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("store.db");
    for round in 1..=ROUNDS {
        let said = run_and_kill(&path, CALLS * round / ROUNDS)?;
        let store = Store::open(&path, busy())?;
        let id = meta(1, HOSTS).id;
        store.verify(id)?;
        let state = store.resume_state(id)?;
        let next = next_call(&state);
        assert!(next >= said, "said that {said} calls are kept: {next} are");
        // All that was told up to one call, and nothing of a later one.
        assert_eq!(
            (state.done, state.pending, state.progress),
            left_by(next),
            "after {next} calls"
        );
        let mut done: Vec<u64> = Vec::new();
        for kept in all(&store, id)? {
            if let Kept::Host(host, Stage::Done) = kept {
                done.push(host.index);
            }
        }
        let expected: Vec<u64> = (0..(next / CALLS_A_HOST).into()).collect();
        assert_eq!(done, expected);
    }
    let store = Store::open(&path, busy())?;
    let writer = store.go_on(meta(1, HOSTS).id)?;
    writer.finish(end(HOSTS, true))?;
    store.verify(meta(1, HOSTS).id)?;
    Ok(())
}

/// Kills the process when it has said that so many calls are kept; gives the number that it said last.
fn run_and_kill(path: &Path, calls: u32) -> Result<u32, Failed> {
    let mut program = Command::new(std::env::current_exe()?);
    crate::role(&mut program, "scan", path);
    let mut child = program.stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut said = 0;
    while said < calls {
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

//! What listens on ports is kept as it is learned: `show` tells it again, a process that is killed loses none of it, and `resume` asks only
//! those ports that nobody had asked. The servers are the tests' own, on the loopback.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use picaporte_store::{Options, Store};
use serde_json::Value;

use super::place;
use crate::text;

mod alone;
mod cut;

const LONG: Duration = Duration::from_secs(30);

/// A server that greets as OpenSSH does, as soon as it may.
struct Server {
    port: u16,
    /// How often somebody read its greeting, or waited for it.
    met: Arc<AtomicU32>,
    greets: Arc<AtomicBool>,
}

impl Server {
    fn begin(greets: bool) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        Self::on(listener, greets)
    }

    fn on(listener: TcpListener, greets: bool) -> Self {
        let server = Self {
            port: listener.local_addr().expect("an address").port(),
            met: Arc::default(),
            greets: Arc::new(AtomicBool::new(greets)),
        };
        let (met, greets) = (server.met.clone(), server.greets.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (met, greets) = (met.clone(), greets.clone());
                std::thread::spawn(move || serve(stream, &met, &greets));
            }
        });
        server
    }
}

/// The scan's own connection is closed at once, and is none that counts.
fn serve(mut stream: TcpStream, met: &AtomicU32, greets: &AtomicBool) {
    let wait = Some(Duration::from_millis(300));
    stream.set_read_timeout(wait).expect("it can be set");
    match stream.read(&mut [0; 64]) {
        Ok(1..) => {}
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        _ => return,
    }
    met.fetch_add(1, Ordering::SeqCst);
    if greets.load(Ordering::SeqCst) {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n");
    }
    stream.set_read_timeout(Some(LONG)).expect("it can be set");
    while matches!(stream.read(&mut [0; 512]), Ok(1..)) {}
}

fn command(store: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("picaporte"));
    command.args(arguments).arg("--store").arg(store);
    command.env("LC_ALL", "C").env_remove("PICAPORTE_SCOPE");
    command
}

fn scan(store: &Path, servers: &[&Server]) -> Command {
    let ports: Vec<String> = servers.iter().map(|s| s.port.to_string()).collect();
    let words = ["scan", "127.0.0.1", "--identify", "--format", "jsonl", "-p"];
    command(store, &[&words[..], &[&ports.join(",")]].concat())
}

/// The lines of one type.
fn lines(output: &Output, kind: &str) -> Vec<Value> {
    let lines = text(&output.stdout).lines();
    let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    lines.filter(|line: &Value| line["type"] == kind).collect()
}

fn run(mut command: Command) -> Output {
    let output = command.output().expect("it runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    output
}

#[test]
fn what_listens_is_told_again_as_it_was() {
    let (_directory, store) = place();
    let server = Server::begin(true);
    let scanned = run(scan(&store, &[&server]));
    let shown = run(command(&store, &["show", "--verify", "--format", "jsonl"]));
    let port = &lines(&scanned, "port")[0];
    assert_eq!(port["service"]["product"], "OpenSSH", "{port}");
    assert_eq!(port["service"]["version"], "9.2p1", "{port}");
    assert_eq!(lines(&shown, "port"), lines(&scanned, "port"));
    let (shown, scanned) = (&lines(&shown, "end")[0], &lines(&scanned, "end")[0]);
    assert_eq!(scanned["identified"]["identified"], 1, "{scanned}");
    assert_eq!(shown, scanned);
}

/// Until the store has a note of this port.
fn until_kept(path: &Path, child: &mut Child, port: u16) {
    let began = Instant::now();
    loop {
        let kept = Store::open(path, Options::default())
            .ok()
            .and_then(|store| {
                let newest = store.newest().ok()??;
                let notes = store.notes(newest.id).ok()?;
                let address = picaporte::Address::new(Ipv4Addr::LOCALHOST.into());
                notes.service(address, port).ok()?
            });
        if kept.is_some() {
            return;
        }
        let ended = child.try_wait().expect("a child");
        assert!(began.elapsed() < LONG && ended.is_none(), "{ended:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_process_that_is_killed_leaves_what_it_learned_and_the_rest_is_asked_again() {
    let (_directory, store) = place();
    let (known, silent) = (Server::begin(true), Server::begin(false));
    let mut scan = scan(&store, &[&known, &silent]);
    let mut child = (scan.stdout(Stdio::null()).stderr(Stdio::null()).spawn()).expect("it runs");
    until_kept(&store, &mut child, known.port);
    child.kill().expect("it is there");
    child.wait().expect("it ends");

    let service = |output: &Output, server: &Server| {
        let ports = lines(output, "port");
        let port = ports.iter().find(|port| port["port"] == server.port);
        port.expect("it is open")["service"]["product"].clone()
    };
    let shown = run_any(command(&store, &["show", "--format", "jsonl"]));
    assert_eq!(service(&shown, &known), "OpenSSH");
    assert_eq!(service(&shown, &silent), Value::Null);
    let end = &lines(&shown, "end")[0];
    assert_eq!(end["identified"]["identified"], 1, "{end}");
    assert_eq!(end["identified"]["not_asked"], 1, "{end}");

    let asked = known.met.load(Ordering::SeqCst);
    silent.greets.store(true, Ordering::SeqCst);
    let id = text(&shown.stdout).lines().next().expect("a line");
    let id: Value = serde_json::from_str(id).expect("JSON");
    let id = id["id"].as_str().expect("a name");
    let resumed = run(command(&store, &["resume", id, "--format", "jsonl"]));
    assert_eq!(service(&resumed, &known), "OpenSSH");
    assert_eq!(service(&resumed, &silent), "OpenSSH");
    assert_eq!(known.met.load(Ordering::SeqCst), asked, "asked twice");
    let end = &lines(&resumed, "end")[0];
    assert_eq!(end["identified"]["identified"], 2, "{end}");
    let shown = run(command(&store, &["show", "--verify", "--format", "jsonl"]));
    assert_eq!(lines(&shown, "port").len(), 2);
    assert_eq!(&lines(&shown, "end")[0], end);
}

/// Whatever it says on standard error.
fn run_any(mut command: Command) -> Output {
    command.output().expect("it runs")
}

#[test]
fn a_policy_that_wants_services_makes_check_ask_for_them() {
    let (_directory, store) = place();
    let server = Server::begin(true);
    let policy = |least: &str| {
        crate::file_with(format!(
            "otherwise = 'may'\n[[rule]]\nname = 'ssh'\nreason = 'kept up'\nhosts = ['127.0.0.1']\nmust = '{}'\nproduct = 'OpenSSH'\nversion = '>= {least}'\n",
            server.port
        ))
    };
    let port = server.port.to_string();
    for (least, code) in [("9", 0), ("9.10", 1)] {
        let policy = policy(least);
        let targets = ["check", crate::path(policy.path()), "127.0.0.1"];
        // Options of the scan come last.
        let mut scanned = Command::new(assert_cmd::cargo::cargo_bin("picaporte"));
        scanned
            .args(targets)
            .arg("--store")
            .arg(&store)
            .args(["--", "-p", &port]);
        let output = scanned
            .env("LC_ALL", "C")
            .env_remove("PICAPORTE_SCOPE")
            .output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        // The scan is kept, and tells the same.
        let newest = Store::open(&store, Options::default())
            .expect("a store")
            .newest();
        let id = newest.expect("a list").expect("a scan").id.to_string();
        let kept = run_any(command(&store, &["check", crate::path(policy.path()), &id]));
        assert_eq!(kept.status.code(), Some(code), "{}", text(&kept.stderr));
    }
    run(command(&store, &["scan", "127.0.0.1", "-p", &port]));
    let newest = Store::open(&store, Options::default())
        .expect("a store")
        .newest();
    let id = newest.expect("a list").expect("a scan").id.to_string();
    let policy = policy("9");
    let kept = run_any(command(&store, &["check", crate::path(policy.path()), &id]));
    assert_eq!(kept.status.code(), Some(3), "nobody asked");
}

//! The command line as scripts meet it: every bad input is one clear line on standard error and exit
//! code 2, with nothing sent and nothing written. Scans here ask only ports that the test itself
//! opened or holds closed, on the loopback; whole networks are scanned in the `netns` tests.
//!
//! A refusal that is missing must not become a scan: what is to be refused is run with `--dry-run`
//! (see [`refuse`]), or names one port of the loopback. No name here can reach a name server.

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;

mod check;
mod diff;
mod kept;
mod refused;
mod scans;
mod spanish;
mod told;

pub(crate) fn picaporte(arguments: &[&str]) -> Output {
    program(arguments).output().expect("the program runs")
}

/// A test that expects a refusal, and does not get it, must still send nothing.
pub(crate) fn is_harmless(arguments: &[&str]) -> bool {
    let has = |flag: &str| arguments.contains(&flag);
    let of_file = has("--targets-file");
    let own = arguments
        .get(1)
        .is_some_and(|t| *t == "localhost" || t.starts_with("127.0.0.1"));
    let invalid = |t: &&str| t.starts_with("no-such-host.invalid") || t.starts_with("[::1]");
    if arguments.first() == Some(&"locate") {
        return own || arguments.get(1).is_none_or(invalid);
    }
    arguments.first() != Some(&"scan")
        || ["--dry-run", "--list-ports", "--help"].into_iter().any(has)
        || (own && !of_file && has("-p"))
}

pub(crate) fn program(arguments: &[&str]) -> Command {
    assert!(
        is_harmless(arguments),
        "this could scan others: {arguments:?}"
    );
    let mut command = Command::cargo_bin("picaporte").expect("the program is built");
    command
        .args(arguments)
        .env_remove("NO_COLOR")
        .env_remove("PICAPORTE_SCOPE")
        // No test may write into the store of whoever runs it.
        .env("PICAPORTE_STORE", "none")
        // What is expected here is English, whatever the locale of whoever runs it.
        .env("LC_ALL", "C");
    command
}

/// Two that differ are told to a full disk, which is an error, and to a reader that has gone, which is none.
pub(crate) fn must_mind_standard_output(arguments: &[&str]) {
    let run = |stdout: std::process::Stdio| {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("picaporte"));
        command
            .args(arguments)
            .env("PICAPORTE_STORE", "none")
            .env("LC_ALL", "C");
        command.stdout(stdout).output().expect("runs")
    };
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("/dev/full");
    let output = run(full.into());
    assert_eq!(output.status.code(), Some(2));
    assert!(
        text(&output.stderr).contains("standard output can't be written"),
        "{}",
        text(&output.stderr)
    );
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = run(writer.into());
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), ""));
}

pub(crate) fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

pub(crate) fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("text")
}

/// Runs what is to be refused, so that it sends nothing even when it is not.
pub(crate) fn refuse(arguments: &[&str]) -> Output {
    let scans = arguments.first() == Some(&"scan") && !arguments.contains(&"--list-ports");
    let dry: &[&str] = if scans { &["--dry-run"] } else { &[] };
    picaporte(&[arguments, dry].concat())
}

/// One line on standard error that holds all of `says`, nothing on standard output, exit code 2.
#[track_caller]
pub(crate) fn must_refuse(output: &Output, says: &[&str]) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(text(&output.stdout), "");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(
        stderr.starts_with("error: ") && stderr.ends_with('\n'),
        "{stderr}"
    );
    for piece in says {
        assert!(stderr.contains(piece), "'{piece}' is not in: {stderr}");
    }
}

/// What standard output says of a run that ends with this code.
#[track_caller]
pub(crate) fn must_print(line: &str, code: i32) -> String {
    let output = picaporte(&words(line));
    assert_eq!(
        output.status.code(),
        Some(code),
        "{line}: {}",
        text(&output.stderr)
    );
    text(&output.stdout).to_owned()
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

pub(crate) fn file_with(content: impl AsRef<[u8]>) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(content.as_ref()).expect("its content");
    file
}

//! Outputs that fail: a closed pipe ends the program quietly, a full disk under `-o` is one clear error while
//! standard output goes on.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use nix::mount::{MntFlags, MsFlags, mount, umount2};

use crate::outcome::must;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::world::{TARGET_V4, World};

pub(super) fn trials() -> Vec<Trial> {
    let closed_pipe = |format: &'static str| {
        Trial::test(
            format!("output_closed_pipe_ends_quietly_{format}"),
            move || closed_pipe(format),
        )
    };
    vec![
        closed_pipe("jsonl"),
        closed_pipe("csv"),
        closed_pipe("xml"),
        closed_pipe("table"),
        closed_pipe("hostport"),
        Trial::test(
            "output_dev_full_under_o_is_one_error_and_stdout_goes_on",
            dev_full,
        ),
        Trial::test(
            "output_full_disk_under_o_is_one_error_and_stdout_goes_on",
            full_disk,
        ),
        Trial::test("output_formats_agree_with_each_other", formats_agree),
    ]
}

fn world() -> Result<(World, Server), Failed> {
    let world = World::new()?;
    let server = Server::start(&world.target, Manner::Banner, 1001..1101)?;
    Ok((world, server))
}

/// The reader goes after one line, as `head -1` does, long before the scan is over.
fn closed_pipe(format: &str) -> Result<(), Failed> {
    let (world, _server) = world()?;
    let scan = Scan::in_format(&world.scanner, &TARGET_V4, format)
        .with("--show all -p 1001-4000 --rate 3000");
    let outcome = scan.run_into_closed_pipe()?;
    outcome.must(!outcome.stdout.is_empty(), "not even one line")?;
    outcome.must(outcome.stderr.trim().is_empty(), "not quiet")?;
    // By contract the end is quiet; a death by SIGPIPE is what a shell expects and as quiet as an exit.
    let quiet = outcome.code == Some(0) || outcome.signal == Some(nix::libc::SIGPIPE);
    outcome.must(quiet, "neither exit code 0 nor SIGPIPE")
}

fn dev_full() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("full.jsonl");
    symlink("/dev/full", &file)?;
    one_error_and_stdout_goes_on(&file)
}

fn full_disk() -> Result<(), Failed> {
    let directory = tempfile::tempdir()?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        directory.path(),
        Some("tmpfs"),
        flags,
        Some("size=64k"),
    )
    .map_err(|e| format!("mount a tmpfs: {e}"))?;
    let result = one_error_and_stdout_goes_on(&directory.path().join("full.jsonl"));
    umount2(directory.path(), MntFlags::MNT_DETACH)
        .map_err(|e| format!("umount the tmpfs: {e}"))?;
    result
}

/// More is written than fits; the error comes once and names the file, and the scan's account is whole.
fn one_error_and_stdout_goes_on(file: &Path) -> Result<(), Failed> {
    let (world, _server) = world()?;
    let scan = Scan::new(&world.scanner, &TARGET_V4)
        .with("--show all -p 1001-4000 -o")
        .with(&file.display().to_string());
    let outcome = scan.run()?;
    let report = outcome.report()?;
    outcome.must(
        report.totals() == [100, 2900, 0, 0],
        "standard output did not go on",
    )?;
    outcome.must(report.ports.len() == 3000, "standard output lacks ports")?;
    let errors = outcome
        .stderr
        .lines()
        .filter(|line| line.contains("full.jsonl"))
        .count();
    outcome.must(
        errors == 1,
        format_args!("{errors} lines on standard error name the file, expected 1"),
    )?;
    outcome.must(
        outcome.code.is_some_and(|code| code != 0),
        "a script cannot see the failure: exit code 0",
    )
}

/// What one format calls open, the others do.
fn formats_agree() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let directory = tempfile::tempdir()?;
    let names = ["a.jsonl", "a.json", "a.csv", "a.xml", "a.gnmap"];
    let files = names.map(|name| directory.path().join(name));
    let outputs = files
        .each_ref()
        .map(|file| format!("-o {}", file.display()));
    let [jsonl, json, csv, xml, grepable] = files;
    let scan = Scan::in_format(&world.scanner, &TARGET_V4, "hostport")
        .with("-p 1001-1500")
        .with(&outputs.join(" "));
    let outcome = scan.run()?;
    outcome.must_exit(0)?;
    let mut hostports: Vec<&str> = outcome.stdout.lines().collect();
    hostports.sort_unstable();
    let expected: Vec<String> = (1001..1101)
        .map(|port| format!("{TARGET_V4}:{port}"))
        .collect();
    outcome.must(
        hostports == expected,
        "`hostport` does not list the 100 open ports",
    )?;
    let report = crate::report::Report::parse(&fs::read_to_string(&jsonl)?)?;
    report.account()?;
    must(
        report.ports.len() == 100,
        format_args!("{} lines in JSON Lines, expected 100", report.ports.len()),
    )?;
    let rows = fs::read_to_string(&csv)?
        .lines()
        .skip(1)
        .filter(|row| row.contains("open"))
        .count();
    must(
        rows == 100,
        format_args!("{rows} rows of open ports in CSV, expected 100"),
    )?;
    for (file, open) in [(xml, "<state state=\"open\""), (grepable, "/open/tcp/")] {
        let ports = fs::read_to_string(&file)?.matches(open).count();
        must(
            ports == 100,
            format_args!("{ports} open ports in {}, expected 100", file.display()),
        )?;
    }
    let document: serde_json::Value = serde_json::from_str(&fs::read_to_string(&json)?)?;
    must(
        document.is_object() || document.is_array(),
        "JSON is neither object nor array",
    )
}

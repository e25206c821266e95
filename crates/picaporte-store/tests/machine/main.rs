//! What the machine does to a store: processes killed in the midst, disks that are full or can't be written. Each test that
//! needs it has a mount namespace of its own; nothing is skipped where there are none.

#[path = "../sample/mod.rs"]
mod sample;

mod disk;
mod killed;

use std::path::Path;
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

type Test = fn() -> Result<(), Failed>;

/// The name of the role that a process of this program plays, and of the place it is given.
const ROLE: &str = "PICAPORTE_STORE_TEST_ROLE";
const PLACE: &str = "PICAPORTE_STORE_TEST_PLACE";

fn main() -> ExitCode {
    if let Some(role) = std::env::var_os(ROLE) {
        let place = std::env::var_os(PLACE).expect("a role has a place");
        return play(&role.to_string_lossy(), Path::new(&place));
    }
    let tests: [(&str, Test); 4] = [
        (
            "a_process_killed_in_the_midst_leaves_what_it_kept",
            killed::leaves_what_it_kept,
        ),
        ("a_full_disk_loses_nothing_that_was_kept", || {
            in_namespace("full")
        }),
        ("a_store_that_cannot_be_written_can_be_read", || {
            in_namespace("read-only")
        }),
        ("a_store_that_cannot_be_made_is_told", || {
            in_namespace("nowhere")
        }),
    ];
    let trials = tests.map(|(name, test)| Trial::test(name, test));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// A role panics if something is not as it must be.
fn play(role: &str, place: &Path) -> ExitCode {
    match role {
        "scan" => killed::scan(place),
        "full" => disk::full(place),
        "read-only" => disk::read_only(place),
        "nowhere" => disk::nowhere(place),
        _ => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}

/// This program in a role.
fn role(program: &mut Command, role: &str, place: &Path) {
    program.env(ROLE, role).env(PLACE, place);
}

/// Plays a role in a mount namespace of its own, as its root.
fn in_namespace(name: &str) -> Result<(), Failed> {
    let place = tempfile::tempdir()?;
    let mut program = Command::new("unshare");
    program.args(["--user", "--map-root-user", "--mount", "--"]);
    program.arg(std::env::current_exe()?);
    role(&mut program, name, place.path());
    let output = program.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned().into())
}

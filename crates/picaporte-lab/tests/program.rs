//! The program as a user has it: what it prints, and its exit codes. Scanners are shell scripts that send nothing; worlds
//! are played in namespaces of their own.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

#[path = "program/hostile.rs"]
mod hostile;

const WORLD: &str = r#"
about = "One host. With a service."
source = "none"
[scan]
targets = ["198.18.0.1"]
ports = "22-23"
bound = "5s"
[[hosts]]
addresses = ["198.18.0.1"]
ports = [{ ports = "22", is = "open" }]
"#;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.put("world.toml", WORLD);
        folder
    }

    fn put(&self, name: &str, text: &str) -> PathBuf {
        let file = self.0.path().join(name);
        fs::write(&file, text).unwrap();
        file
    }

    fn lab(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_picaporte-lab"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        // A program that refuses its arguments may be gone before it has read a byte.
        match pipe.write_all(input.as_bytes()) {
            Err(gone) if gone.kind() == io::ErrorKind::BrokenPipe => {}
            written => written.unwrap(),
        }
        drop(pipe);
        child.wait_with_output().unwrap()
    }

    /// The program started by a shell, after `before`, with what stands in `redirected` for its output.
    fn in_shell(&self, before: &str, arguments: &str, redirected: &str) -> Output {
        let lab = env!("CARGO_BIN_EXE_picaporte-lab");
        Command::new("/bin/sh")
            .args(["-c", &format!("{before}\n'{lab}' {arguments} {redirected}")])
            .current_dir(self.0.path())
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// A scanner file for a scanner that prints these lines.
    fn scanner(&self, lines: &str) {
        let command = format!(
            "[\"/bin/sh\", \"-c\", \"printf '{lines}'; : {{targets}} {{target-list}} {{ports}}\"]"
        );
        self.put(
            "mine.toml",
            &format!("name = \"mine\"\ncommand = {command}\nformat = \"hostport\"\n"),
        );
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn strict_scores_have_exit_codes() {
    let folder = Folder::new();
    for (said, strict, expected) in [
        ("198.18.0.1:22\n", true, 0),
        ("198.18.0.1:23\n", true, 1),
        ("198.18.0.1:23\n", false, 0),
        ("nonsense\n", true, 2),
    ] {
        let mut arguments = vec!["score", "world.toml", "-"];
        arguments.extend(strict.then_some("--strict"));
        let output = folder.lab(&arguments, said);
        assert_eq!(
            code(&output),
            Some(expected),
            "{said}{}",
            text(&output.stderr)
        );
    }
    let output = folder.lab(&["score", "world.toml", "-", "--json"], "198.18.0.1:22\n");
    let score: picaporte_lab::score::Score = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((score.found, score.open, score.seed), (1, 1, 1));
}

#[test]
fn the_truth_is_one_line_a_port() {
    let folder = Folder::new();
    let output = folder.lab(&["truth", "world.toml"], "");
    assert_eq!(
        text(&output.stdout),
        "{\"ip\":\"198.18.0.1\",\"port\":22,\"state\":\"open\",\"wire\":\"open\",\"why\":\"listens\"}\n\
         {\"ip\":\"198.18.0.1\",\"port\":23,\"state\":\"closed\",\"wire\":\"closed\",\"why\":\"nothing-listens\"}\n"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new();
    folder.put("large.toml", &WORLD.replace("22-23", "1-65535"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_picaporte-lab"))
        .args(["truth", "large.toml"])
        .current_dir(folder.0.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (code(&output), text(&output.stderr)),
        (Some(0), String::new())
    );
}

#[test]
fn a_stranger_is_compared_in_a_world_of_its_own() {
    let folder = Folder::new();
    folder.scanner("198.18.0.1:22\\\\n");
    let page = folder.put("page.md", "top\n<!-- lab:begin -->\n<!-- lab:end -->\n");
    let compare = |more: &[&str]| {
        let mut arguments = vec!["compare", "world.toml", "--scanner-file", "mine.toml"];
        arguments.extend(["--scanner", "mine", "--strict"]);
        arguments.extend(more);
        folder.lab(&arguments, "")
    };
    let output = compare(&["--write", "page.md", "--rounds", "2", "--results", "kept"]);
    assert_eq!(code(&output), Some(0), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    assert!(
        table.contains("\n| world | mine | 2/2 | 0 | – | – | – | – | 0.00 | "),
        "{table}"
    );
    assert!(fs::read_to_string(page).unwrap().contains(&table));
    assert!(text(&output.stderr).contains("[2/2] world, seed 2, mine: 1 of 1 open ports"));
    assert!(folder.0.path().join("kept/world/mine-2.out").exists());

    folder.scanner("198.18.0.1:23\\\\n");
    let output = compare(&[]);
    assert_eq!(code(&output), Some(1));
    assert!(text(&output.stderr).contains("--strict: world, seed 1, mine"));
}

#[test]
fn what_would_spoil_a_comparison_is_said_before_it_begins() {
    let folder = Folder::new();
    folder.scanner("");
    folder.put("page.md", "no marks\n");
    let mine = ["--scanner-file", "mine.toml", "--scanner", "mine"];
    for (arguments, says) in [
        (
            vec!["world.toml", "--write", "page.md"],
            "add a line `<!-- lab:begin -->`",
        ),
        (vec!["world.toml", "world.toml"], "is named twice"),
        (vec!["world.toml", "--short"], "no scenario to run"),
        (
            vec!["world.toml", "--scanner", "no-such"],
            "no scanner of that name",
        ),
        (
            vec!["world.toml", "--picaporte", "/nowhere/x"],
            "there is no such file",
        ),
        (vec!["world.toml", "--rounds", "0"], "0 is not in 1..="),
        (vec!["no-such"], "there is no such scenario"),
    ] {
        let all = [&["compare"][..], &arguments, &mine].concat();
        let output = folder.lab(&all, "");
        assert_eq!(code(&output), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(says),
            "{}",
            text(&output.stderr)
        );
        assert!(!text(&output.stderr).contains("[1/"), "{arguments:?} ran");
    }
}

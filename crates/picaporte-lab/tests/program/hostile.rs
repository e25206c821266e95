//! The program among full disks, closed outputs, files without an end, names that lead elsewhere, and impatient users.

use super::*;

const MINE: &str = "compare world.toml --scanner-file mine.toml --scanner mine";

#[test]
fn nobody_has_to_hear_what_is_said() {
    let folder = Folder::new();
    folder.scanner("198.18.0.1:22\\\\n");
    for closed in ["2>/dev/full", "2>&-"] {
        let output = folder.in_shell("", "list no-such", closed);
        assert_eq!(code(&output), Some(2), "{closed}");
        let output = folder.in_shell("", "truth no-such", closed);
        assert_eq!(code(&output), Some(2), "{closed}");
        let output = folder.in_shell("", &format!("{MINE} --rounds 2"), closed);
        assert_eq!(code(&output), Some(0), "{closed}");
        assert!(text(&output.stdout).contains("| world | mine | 2/2 |"));
    }
}

#[test]
fn a_page_outlives_a_full_disk() {
    let folder = Folder::new();
    folder.scanner("198.18.0.1:22\\\\n");
    let rest = "below the table\n".repeat(1_000);
    let old = format!("<!-- lab:begin -->\nold\n<!-- lab:end -->\n{rest}");
    let page = folder.put("page.md", &old);
    // Files of at most 4 kB stand for a full disk.
    let full = "trap '' XFSZ; ulimit -f 8";
    let output = folder.in_shell(full, &format!("{MINE} --write page.md"), "");
    assert_eq!(code(&output), Some(2), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("page.md: "));
    assert_eq!(fs::read_to_string(&page).unwrap(), old);
    // The table is not lost with it, nor does standard output keep the page from having it.
    assert!(text(&output.stdout).contains("| world | mine | 1/1 |"));
    let output = folder.in_shell("", &format!("{MINE} --write page.md"), ">/dev/full");
    assert_eq!(code(&output), Some(2));
    let new = fs::read_to_string(&page).unwrap();
    assert!(new.contains("| world | mine | 1/1 |") && new.ends_with(&rest));
}

/// A record of the scenario `world` with seed 1.
fn record(scenario: &str, end: &str, overruns: u64) -> String {
    format!(
        "{{\"scenario\":{scenario},\"seed\":1,\"command\":[],\"end\":{end},\"elapsed_ms\":5,\"peak_kib\":7,\
         \"wire\":{{\"syns\":9,\"sent\":9,\"received\":9,\"strays\":0,\"others_refused\":0,\"nat_refused\":0,\"banned\":0}},\
         \"lab\":{{\"overruns\":{overruns},\"late_median_us\":null,\"late_p999_us\":null,\"late_max_us\":null}}}}"
    )
}

#[test]
fn a_run_that_is_worth_nothing_is_no_strict_success() {
    let folder = Folder::new();
    for (end, overruns, expected, says) in [
        ("{\"code\":0}", 0, 0, ""),
        ("{\"code\":0}", 3, 1, "--strict: the lab did not keep up"),
        (
            "{\"signal\":9}",
            0,
            1,
            "--strict: the scanner was ended by signal 9\n",
        ),
    ] {
        folder.put("record.json", &record("\"world\"", end, overruns));
        let score = ["score", "world.toml", "-", "--record", "record.json"];
        let strict = [&score[..], &["--strict", "--format", "hostport"]].concat();
        let output = folder.lab(&strict, "");
        let said = text(&output.stderr);
        assert_eq!(code(&output), Some(expected), "{said}");
        assert!(said.starts_with(says), "{said}");
        assert_eq!(said.is_empty(), expected == 0);
    }
    let kills_itself = "name = \"mine\"\ncommand = [\"/bin/sh\", \"-c\", \"kill -9 $$; : {targets} {target-list}\"]\nformat = \"hostport\"\n";
    folder.put("mine.toml", kills_itself);
    let output = folder.in_shell("", &format!("{MINE} --strict"), "");
    let said = text(&output.stderr);
    assert_eq!(code(&output), Some(1), "{said}");
    assert!(
        said.contains("the scanner was ended by signal 9\n"),
        "{said}"
    );
}

#[test]
fn no_scenario_leads_out_of_the_folder_for_results() {
    let folder = Folder::new();
    folder.scanner("");
    folder.put("...toml", WORLD);
    let arguments = "compare ...toml --scanner-file mine.toml --scanner mine --results kept/deep";
    let output = folder.in_shell("", arguments, "");
    assert_eq!(code(&output), Some(2));
    assert!(text(&output.stderr).contains("...toml: is no name for a scenario"));
    assert!(!folder.0.path().join("kept").exists());
}

#[test]
fn what_has_no_end_is_not_read() {
    let folder = Folder::new();
    folder.scanner("");
    nix::unistd::mkfifo(
        &folder.0.path().join("fifo.toml"),
        nix::sys::stat::Mode::S_IRWXU,
    )
    .unwrap();
    for (arguments, says) in [
        (
            "compare world.toml --scanner-file /dev/zero",
            "is no regular file",
        ),
        (
            "compare world.toml --scanner-file fifo.toml",
            "is no regular file",
        ),
        (&format!("{MINE} --write /dev/zero"), "is no regular file"),
        (&format!("{MINE} --write fifo.toml"), "is no regular file"),
        (
            "score world.toml - --record fifo.toml",
            "is no regular file",
        ),
        ("truth fifo.toml", "is a FIFO"),
    ] {
        let output = folder.in_shell("", arguments, "");
        let said = text(&output.stderr);
        assert_eq!(code(&output), Some(2), "{arguments}: {said}");
        assert!(said.contains(says), "{arguments}: {said}");
    }
}

#[test]
fn nothing_that_a_terminal_would_obey_is_said() {
    let folder = Folder::new();
    folder.scanner("198.18.0.1:22\\\\n");
    let bad = "\"a\\u001b[31m\\nb\\u202e\"";
    folder.put("other.json", &record(bad, "{\"code\":0}", 0));
    folder.put(
        "variant.json",
        &record("\"world\"", &format!("{{{bad}:1}}"), 0),
    );
    folder.put("bad\u{1b}[31m\n\u{202e}.toml", "about = 'a'\n");
    let deep = folder.0.path().join("f\u{1b}\n\u{202e}");
    fs::create_dir(&deep).unwrap();
    fs::write(deep.join("world.toml"), "about = 1\n").unwrap();
    let score = |record| vec!["score", "world.toml", "-", "--record", record];
    for arguments in [
        score("other.json"),
        score("variant.json"),
        vec!["truth", "bad\u{1b}[31m\n\u{202e}.toml"],
        vec!["truth", "f\u{1b}\n\u{202e}/world.toml"],
    ] {
        let output = folder.lab(&arguments, "198.18.0.1:22\n");
        let said = text(&output.stderr);
        assert_eq!(code(&output), Some(2), "{said:?}");
        let line = said.strip_suffix('\n').unwrap();
        assert!(line.contains("\\u{1b}"), "{said:?}");
        let obeyed = |c: char| c.is_control() || c == '\u{202e}';
        assert!(!line.contains(obeyed), "{said:?}");
    }
}

#[test]
fn a_scenario_is_never_taken_for_an_option() {
    let folder = Folder::new();
    folder.scanner("198.18.0.1:22\\\\n");
    folder.put("-x.toml", WORLD);
    let arguments = "compare --scanner-file mine.toml --scanner mine --strict -- -x.toml";
    let output = folder.in_shell("", arguments, "");
    assert_eq!(code(&output), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("| -x | mine | 1/1 |"));
}

/// A comparison that is under way: its scanner has written `begun`.
fn begun(folder: &Folder, arguments: &[&str]) -> std::process::Child {
    let command = "name = \"mine\"\ncommand = [\"/bin/sh\", \"-c\", \"echo > begun; exec sleep 60; : {targets} {target-list}\"]\nformat = \"hostport\"\n";
    folder.put("mine.toml", command);
    folder.put("world.toml", &WORLD.replace("5s", "2min"));
    let _ = fs::remove_file(folder.0.path().join("begun"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_picaporte-lab"))
        .args(MINE.split(' '))
        .args(arguments)
        .current_dir(folder.0.path())
        // What it leaves there when it is ended at once goes with the test.
        .env("TMPDIR", folder.0.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !folder.0.path().join("begun").exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        std::thread::yield_now();
    }
    child
}

fn signal(child: &std::process::Child, signal: nix::sys::signal::Signal) {
    let id = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    nix::sys::signal::kill(id, signal).unwrap();
}

#[test]
fn two_comparisons_do_not_write_into_one_folder() {
    let folder = Folder::new();
    let first = begun(&folder, &["--results", "kept"]);
    let second = folder.in_shell("", &format!("{MINE} --results kept"), "");
    signal(&first, nix::sys::signal::Signal::SIGTERM);
    let first = first.wait_with_output().unwrap();
    assert_eq!(code(&first), Some(130), "{}", text(&first.stderr));
    assert_eq!(code(&second), Some(2));
    let said = text(&second.stderr);
    assert!(
        said.contains("--results kept: can't be locked; if another"),
        "{said}"
    );
}

#[test]
fn the_second_signal_ends_a_comparison_at_once() {
    use nix::sys::signal::Signal;
    let folder = Folder::new();
    let mut child = begun(&folder, &[]);
    // It can hear, and can't look after its run: stopped, it gets both signals in one go.
    signal(&child, Signal::SIGSTOP);
    signal(&child, Signal::SIGINT);
    signal(&child, Signal::SIGTERM);
    signal(&child, Signal::SIGCONT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let mut said = String::new();
    io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
    assert_eq!(said, "", "it took its time");
}

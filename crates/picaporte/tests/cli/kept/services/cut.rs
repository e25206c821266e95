//! Every port is tested, and open ones are still being asked what they are: whoever stops it then is told what was left, and `resume` asks it.

use std::process::Child;

use super::*;

/// Until the scan ends, interrupted as soon as it knows of this port.
fn interrupted(store: &Path, mut child: Child, known: &Server) -> Output {
    until_kept(store, &mut child, known.port);
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("it runs").success());
    child.wait_with_output().expect("it ends")
}

/// The newest scan is gone on with, and asks those that were left: they greet by now.
fn gone_on_with(store: &Path, servers: [&Server; 2]) {
    let [known, silent] = servers;
    let asked = known.met.load(Ordering::SeqCst);
    silent.greets.store(true, Ordering::SeqCst);
    let listed = run(command(store, &["history", "--format", "jsonl"]));
    let kept = &lines(&listed, "kept")[0];
    assert_eq!(kept["state"], "interrupted", "{kept}");
    let resumed = run(command(store, &["resume", "--format", "jsonl"]));
    let end = &lines(&resumed, "end")[0];
    assert_eq!(end["identified"]["identified"], 2, "{end}");
    assert_eq!(end["identified"]["pending"], 0, "{end}");
    assert_eq!(end["interrupted"], false, "{end}");
    assert_eq!(known.met.load(Ordering::SeqCst), asked, "asked twice");
    let shown = run(command(store, &["show", "--verify", "--format", "jsonl"]));
    assert_eq!(&lines(&shown, "end")[0], end);
    let again = run_any(command(store, &["resume"]));
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("nothing to resume"));
}

#[test]
fn interrupted_while_open_ports_are_asked_it_is_interrupted_and_can_be_gone_on_with() {
    let (_directory, store) = place();
    let (known, silent) = (Server::begin(true), Server::begin(false));
    let mut scan = scan(&store, &[&known, &silent]);
    let scan = scan.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = interrupted(&store, scan.spawn().expect("it runs"), &known);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    let end = &lines(&output, "end")[0];
    assert_eq!(end["interrupted"], true, "{end}");
    // Of planned probes none was left out.
    assert_eq!(end["complete"], true, "{end}");
    let counts = &end["identified"];
    assert_eq!(
        (&counts["not_asked"], &counts["pending"]),
        (&1.into(), &1.into())
    );
    for piece in [
        "2 tested + 0 untested",
        "1 open port not asked",
        "picaporte resume",
    ] {
        assert!(said.contains(piece), "{said}");
    }
    let shown = run(command(&store, &["show"]));
    let shown = text(&shown.stdout);
    let last = "Interrupted while open ports were asked what they are: 1 of 2 was not asked.\n";
    let shown_last = shown
        .split("Complete: every planned probe was tested.\n")
        .nth(1);
    assert!(
        shown_last.is_some_and(|end| end.starts_with(last)),
        "{shown}"
    );
    gone_on_with(&store, [&known, &silent]);
}

#[test]
fn open_ports_that_the_end_of_the_time_left_are_told_and_asked_by_resume() {
    let (_directory, store) = place();
    let (known, silent) = (Server::begin(true), Server::begin(false));
    let mut scan = scan(&store, &[&known, &silent]);
    let output = run({
        scan.args(["--max-time", "3s", "--progress", "json"]);
        scan
    });
    let end = &lines(&output, "end")[0];
    assert_eq!(
        (&end["interrupted"], &end["complete"]),
        (&false.into(), &true.into())
    );
    assert_eq!(end["identified"]["pending"], 1, "{end}");
    let said = text(&output.stderr);
    // While it asked, and every port was decided, it said so.
    let asking = |line: &str| line.contains("\"decided\":2,") && line.contains("\"asking\":1,");
    assert!(said.lines().any(asking), "{said}");
    let last = "1 of 2 open ports was not asked what it is: the scan ended before";
    assert!(
        said.contains(last) && said.contains("picaporte resume"),
        "{said}"
    );
    let shown = run(command(&store, &["show"]));
    assert!(
        text(&shown.stdout).contains(last),
        "{}",
        text(&shown.stdout)
    );
    gone_on_with(&store, [&known, &silent]);
}

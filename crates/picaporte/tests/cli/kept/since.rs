//! `--since`: a page that says what changed since an earlier scan, of a kept one and of one that runs now.

use std::fs;
use std::net::TcpListener;

use picaporte::States;
use picaporte::report::Format;

use super::sample::{Sample, place};
use super::{printed, run};
use crate::{file_with, must_refuse, path, picaporte, refuse, text, words};

#[test]
fn a_page_says_what_changed_since_a_kept_scan_or_a_file() {
    let (directory, store) = place();
    let (old, new) = (Sample::new(1, States::OPEN), Sample::new(2, States::OPEN));
    let digest = old.keep(&store);
    new.keep(&store);
    let file = directory.path().join("old.jsonl");
    fs::write(&file, old.written(Format::JsonLines, digest)).expect("a file");
    let changed = |since: &str| {
        let line = format!("show {} --since {since} --format html --lang es", new.id());
        let page = printed(&store, &line);
        let (_, section) = page.split_once("<section slot=\"since\"").expect("changes");
        let (section, _) = section.split_once("</section>").expect("its end");
        assert!(section.contains("Los escaneos difieren"), "{section}");
        section.split_once("</dl>").expect("rows").1.to_owned()
    };
    assert_eq!(changed(old.id()), changed(path(&file)));
    let diff = run(
        &store,
        &format!("diff {} {} --format json", old.id(), new.id()),
    );
    let diff: serde_json::Value = serde_json::from_slice(&diff.stdout).expect("JSON");
    let opened = diff["end"]["changes"]["opened"]["ports"]
        .as_u64()
        .expect("a count");
    let page = printed(
        &store,
        &format!(
            "show {} --since {} --format html --lang en",
            new.id(),
            old.id()
        ),
    );
    assert!(opened > 0 && page.contains(&format!("ports that opened: {opened}; ")));
}

#[test]
fn a_scan_beside_itself_has_not_changed() {
    let (_directory, store) = place();
    let sample = Sample::new(1, States::OPEN);
    sample.keep(&store);
    let page = printed(
        &store,
        &format!("show --since {} --format html --lang en", sample.id()),
    );
    assert!(page.contains("The same: every port"), "{page}");
}

#[test]
fn a_scan_that_runs_now_says_what_changed() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = listener.local_addr().expect("an address").port();
    let earlier = file_with(format!(
        "{{\"type\":\"host\",\"ip\":\"127.0.0.1\",\"ports\":{{\"open\":\"\",\"closed\":\"{port}\",\"filtered\":\"\",\"untested\":\"\"}}}}\n"
    ));
    let directory = tempfile::tempdir().expect("a directory");
    let page = directory.path().join("page.html");
    let (since, page) = (path(earlier.path()), path(&page));
    let line = format!("scan 127.0.0.1 -p {port} --store none --lang en --since {since} -o {page}");
    let output = picaporte(&words(&line));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let page = fs::read_to_string(page).expect("the page");
    assert!(page.contains("ports that opened: 1; that closed: 0; "));
    assert!(page.contains("<td>closed before</td>"));
}

#[test]
fn what_can_not_be_done_is_refused_before_anything_is_sent_or_written() {
    let scan = "scan 127.0.0.1 -p 9 --store none --since";
    let refused = |rest: &str| refuse(&words(&format!("{scan} {rest}")));
    must_refuse(
        &refused("7d --format html"),
        &["--since '7d' is no file", "history"],
    );
    let earlier = file_with("{\"type\":\"scan\"}\n");
    let earlier = path(earlier.path());
    must_refuse(
        &refused(&format!("{earlier} -o a.jsonl")),
        &["--since", "-o FILE.html", "picaporte diff"],
    );
    let bad = file_with("{\"type\":7}\n");
    must_refuse(
        &refused(&format!("{} --format html", path(bad.path()))),
        &["--since", "line 1"],
    );
    must_refuse(
        &refused("- --targets-file - --format html"),
        &["standard input", "--since"],
    );
    must_refuse(
        &refuse(&words(&format!(
            "scan 10.0.0.0/8 -p 9 --since {earlier} --format html"
        ))),
        &["--since: 16,777,216 hosts", "1,048,576", "--shard"],
    );
}

#[test]
fn no_output_is_the_file_of_the_earlier_scan() {
    let (directory, store) = place();
    let sample = Sample::new(1, States::OPEN);
    let digest = sample.keep(&store);
    let earlier = directory.path().join("a.jsonl");
    let written = sample.written(Format::JsonLines, digest);
    fs::write(&earlier, &written).expect("a file");
    let earlier = path(&earlier);
    must_refuse(
        &run(
            &store,
            &format!("show --format html --since {earlier} -o {earlier}"),
        ),
        &["--output", "--since", "same file"],
    );
    must_refuse(
        &refuse(&words(&format!(
            "scan 127.0.0.1 -p 9 --store none --format html --since {earlier} -o {earlier}"
        ))),
        &["--output", "--since", "same file"],
    );
    assert_eq!(fs::read_to_string(earlier).expect("the file"), written);
    must_refuse(
        &run(&store, &format!("show --since {earlier}")),
        &["--since", "none is written"],
    );
}

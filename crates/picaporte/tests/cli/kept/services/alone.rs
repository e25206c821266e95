//! Ports of printers: nothing is sent there, it is said so, and nobody claims that they were asked.

use super::*;

/// On a port of printers that is free here.
fn printer() -> Server {
    let mut free = (9100..=9107).filter_map(|n| TcpListener::bind((Ipv4Addr::LOCALHOST, n)).ok());
    Server::on(free.next().expect("one of eight is free"), true)
}

#[test]
fn a_printer_is_left_alone_and_not_counted_as_asked() {
    let (_directory, store) = place();
    let server = printer();
    let scanned = run(scan(&store, &[&server]));
    let shown = run(command(&store, &["show", "--format", "jsonl"]));
    for output in [&scanned, &shown] {
        let end = &lines(output, "end")[0];
        let count = |name: &str| end["identified"][name].as_u64().expect("a number");
        let counts = ["asked", "not_asked", "left_alone", "pending", "connections"].map(count);
        assert_eq!(counts, [0, 1, 1, 0, 0], "{end}");
        let port = &lines(output, "port")[0];
        assert_eq!(port["service"], Value::Null, "{port}");
    }
    assert_eq!(server.met.load(Ordering::SeqCst), 0, "it was asked");
    let table = run(command(&store, &["show"]));
    let table = text(&table.stdout).split_whitespace();
    let table = table.collect::<Vec<_>>().join(" ");
    let told = "1 not asked, as a question may print or stop a machine there (--fragile asks)";
    assert!(table.contains(told), "{table}");
    assert!(!table.contains("said nothing"), "{table}");
    // It was so on purpose: nothing is left to ask.
    let resumed = run_any(command(&store, &["resume"]));
    assert!(text(&resumed.stderr).contains("nothing to resume"));
}

#[test]
fn a_printer_is_asked_where_the_user_wants_it() {
    let (_directory, store) = place();
    let server = printer();
    let mut scan = scan(&store, &[&server]);
    scan.arg("--fragile");
    let end = &lines(&run(scan), "end")[0];
    let counts = &end["identified"];
    assert_eq!(
        (&counts["identified"], &counts["left_alone"]),
        (&1.into(), &0.into())
    );
}

//! What comes of an answer, and the bounds of asking.

use std::sync::atomic::{AtomicUsize, Ordering};

use hickory_resolver::proto::rr::rdata::PTR;

use super::*;

fn record(labels: &[&[u8]]) -> Record {
    let name = Name::from_labels(labels.iter().copied()).unwrap();
    Record::from_rdata(Name::root(), 60, RData::PTR(PTR(name)))
}

fn shown(said: Said) -> Vec<String> {
    match said {
        Said::Names(names) => names.iter().map(Untrusted::terminal).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn names_are_the_bytes_that_came_in_an_order_of_their_own() {
    let records = [
        record(&[b"www", b"example", b"org"]),
        record(&[b"\x1b[2J\xff", b"<script>"]),
        record(&[b"www", b"example", b"org"]),
    ];
    assert_eq!(
        shown(of_records(&records)),
        [r"\u{1b}[2J\xff.<script>", "www.example.org"]
    );
}

#[test]
fn no_more_than_four_names_are_handed_on() {
    let records: Vec<_> = (b'a'..=b'z').rev().map(|c| record(&[&[c]])).collect();
    assert_eq!(shown(of_records(&records)), ["a", "b", "c", "d"]);
}

#[test]
fn a_name_of_255_bytes_is_whole() {
    // 3 labels of 63 bytes and one of 61, each with its length, and the root: RFC 1035, section 3.1.
    let labels = [&[b'a'; 63][..], &[b'b'; 63], &[b'c'; 63], &[b'd'; 61]];
    let names = shown(of_records(&[record(&labels)]));
    assert_eq!(names[0].len(), 253);
}

#[test]
fn the_root_alone_is_no_name() {
    assert_eq!(of_records(&[record(&[])]), Said::NoName);
    assert_eq!(of_records(&[]), Said::NoName);
}

fn ip(n: u32) -> IpAddr {
    std::net::Ipv4Addr::from_bits(0xc633_6400 + n).into()
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

#[test]
fn no_more_than_so_many_questions_are_open_at_a_time() {
    let (questions, asked) = mpsc::channel(WAITING);
    let (told, answers) = crossbeam_channel::unbounded();
    let (open, answered) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    for n in 0..2 * AT_A_TIME as u32 {
        questions.try_send(ip(n)).unwrap();
    }
    let (count, wait) = (open.clone(), answered.clone());
    let each = answer_each(asked, told, move |_| {
        count.fetch_add(1, Ordering::Relaxed);
        let wait = wait.clone();
        async move {
            wait.acquire_owned().await.unwrap().forget();
            Said::NoName
        }
    });
    runtime().block_on(async {
        let each = tokio::spawn(each);
        // One thread has it all: after so many turns nothing is left to be done.
        for (permits, expected) in [(0, AT_A_TIME), (1, AT_A_TIME + 1)] {
            answered.add_permits(permits);
            for _ in 0..10 * AT_A_TIME {
                tokio::task::yield_now().await;
            }
            assert_eq!(open.load(Ordering::Relaxed), expected);
        }
        // It ends with who asks, and the rest is answered.
        answered.add_permits(2 * AT_A_TIME);
        drop(questions);
        each.await.unwrap();
    });
    assert!(answers.len() > AT_A_TIME);
}

#[test]
fn no_more_than_so_many_wait_for_their_question() {
    let (questions, _asked) = mpsc::channel(WAITING);
    let (_told, answers) = crossbeam_channel::unbounded();
    let mut system = System { questions, answers };
    for n in 0..WAITING as u32 {
        assert!(system.ask(ip(n)));
    }
    assert!(!system.ask(ip(WAITING as u32)));
}

#[test]
fn a_question_is_not_open_for_ever() {
    let never = in_time(std::future::pending());
    assert_eq!(runtime().block_on(never), Said::Silence);
    let at_once = in_time(std::future::ready(Said::NoName));
    assert_eq!(runtime().block_on(at_once), Said::NoName);
}

#[test]
fn the_hosts_file_goes_first() {
    let mut hosts = Hosts::default();
    let text = "192.0.2.1 one.example both.example\n2001:db8::1 six.example\n";
    hosts.read_hosts_conf(text.as_bytes()).unwrap();
    let named = |ip: &str| by_hosts(&hosts, ip.parse().unwrap()).map(shown);
    assert_eq!(named("192.0.2.1").unwrap(), ["both.example", "one.example"]);
    assert_eq!(named("2001:db8::1").unwrap(), ["six.example"]);
    assert_eq!(named("192.0.2.2"), None);
}

#[test]
fn what_went_wrong_is_told_apart() {
    assert_eq!(of_error(&NetError::Timeout), Said::Silence);
    assert_eq!(of_error(&NetError::NoConnections), Said::Failed);
}

//! Talks with servers of this test's own, on loopback.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration as Span;

use picaporte_core::pace::Pace;
use picaporte_core::talk::{Event, Step, Talk};
use picaporte_core::{Duration, Instant, Scope};

use super::*;

mod reset;

/// Says one thing, and listens to what comes until it has as much as it wants.
#[derive(Debug)]
struct Say {
    bytes: Vec<u8>,
    enough: usize,
    phase: Phase,
    heard: Vec<u8>,
    ended: Option<bool>,
    until: Option<Instant>,
    connections: u8,
}

#[derive(Debug, PartialEq, Eq)]
enum Phase {
    Connecting,
    Saying,
    Listening,
    Closing,
    Over,
}

impl Say {
    fn new(bytes: &[u8], enough: usize) -> Self {
        Self {
            bytes: bytes.to_vec(),
            enough,
            phase: Phase::Connecting,
            heard: Vec::new(),
            ended: None,
            until: None,
            connections: 1,
        }
    }

    fn close(&mut self) {
        self.phase = Phase::Closing;
    }
}

impl Talk for Say {
    fn poll(&mut self, now: Instant) -> Step<'_> {
        let until = *self.until.get_or_insert(now + Duration::from_secs(5));
        if now >= until && self.phase == Phase::Listening {
            self.close();
        }
        match self.phase {
            Phase::Connecting => Step::Connect,
            Phase::Saying => Step::Send {
                bytes: &self.bytes,
                until,
            },
            Phase::Listening => Step::Listen { until },
            Phase::Closing => {
                self.connections -= 1;
                self.phase = if self.connections == 0 {
                    Phase::Over
                } else {
                    Phase::Connecting
                };
                Step::Close
            }
            Phase::Over => Step::Done,
        }
    }

    fn handle(&mut self, _: Instant, event: Event<'_>) {
        match event {
            Event::Connected => self.phase = Phase::Saying,
            Event::NotConnected => self.phase = Phase::Over,
            Event::Sent => self.phase = Phase::Listening,
            Event::Bytes(bytes) => self.heard.extend_from_slice(bytes),
            Event::Closed | Event::Reset => {
                self.ended = Some(event == Event::Closed);
                self.close();
            }
        }
        if self.phase == Phase::Listening && self.heard.len() >= self.enough {
            self.close();
        }
    }
}

fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A server that does this with each connection.
fn server(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let (listener, port) = listener();
    thread::spawn(move || listener.incoming().flatten().for_each(serve));
    port
}

fn loopback() -> Address {
    Address::new(Ipv4Addr::LOCALHOST.into())
}

fn begin(pace: Pace) -> Talks<Say> {
    talks(&Network::default(), pace.shares()).unwrap()
}

fn next(talks: &Talks<Say>) -> Say {
    talks.told_within(Span::from_secs(20)).expect("a talk").talk
}

#[test]
fn what_is_said_arrives_and_what_comes_is_heard_and_our_side_ends_in_order() {
    let (tell, ended) = mpsc::channel();
    let port = server(move |mut stream| {
        let mut said = [0; 5];
        stream.read_exact(&mut said).unwrap();
        stream.write_all(&said).unwrap();
        // A reset would be an error here.
        tell.send(stream.read(&mut [0; 1]).unwrap()).unwrap();
    });
    let talks = begin(Pace::NORMAL);
    talks.begin(loopback(), port, Say::new(b"hello", 5));
    assert_eq!(next(&talks).heard, b"hello");
    assert_eq!(ended.recv_timeout(Span::from_secs(5)), Ok(0));
    assert_eq!(talks.connections(), 1);
    talks.finish();
}

#[test]
fn more_than_the_system_takes_at_once_is_sent_whole() {
    let port = server(|mut stream| {
        let mut buffer = vec![0; 1 << 20];
        let mut all = 0;
        while all < 8 << 20 {
            // Slowly at first, so that the sender has to wait.
            let n = stream.read(&mut buffer).unwrap();
            all += n;
        }
        stream.write_all(b"all").unwrap();
    });
    let talks = begin(Pace::NORMAL);
    talks.begin(loopback(), port, Say::new(&vec![b'x'; 8 << 20], 3));
    assert_eq!(next(&talks).heard, b"all");
}

#[test]
fn the_end_and_a_reset_of_the_other_side_are_told_apart() {
    let fin = server(|mut stream| {
        let _ = stream.read(&mut [0; 8]);
    });
    let reset = server(|stream| {
        socket2::SockRef::from(&stream)
            .set_linger(Some(Span::ZERO))
            .unwrap();
        let mut stream = stream;
        let _ = stream.read(&mut [0; 8]);
    });
    let talks = begin(Pace::NORMAL);
    for (port, in_order) in [(fin, true), (reset, false)] {
        talks.begin(loopback(), port, Say::new(b"x", 1));
        assert_eq!(next(&talks).ended, Some(in_order));
    }
}

#[test]
fn a_port_that_is_closed_by_now_is_not_connected() {
    let (closed, port) = listener();
    drop(closed);
    let talks = begin(Pace::NORMAL);
    talks.begin(loopback(), port, Say::new(b"x", 1));
    let said = next(&talks);
    assert!(said.phase == Phase::Over && said.heard.is_empty());
}

#[test]
fn nothing_leaves_for_what_is_outside_the_scope() {
    let (listener, port) = listener();
    listener.set_nonblocking(true).unwrap();
    let network = Network {
        scope: Some(Arc::new(Scope::default())),
        ..Network::default()
    };
    let talks = talks(&network, Pace::NORMAL.shares()).unwrap();
    talks.begin(loopback(), port, Say::new(b"x", 1));
    assert_eq!(next(&talks).phase, Phase::Over);
    assert_eq!(talks.connections(), 0);
    let came = listener.accept().map_err(|e| e.kind());
    assert_eq!(came.unwrap_err(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_host_has_no_more_connections_at_once_than_its_cap() {
    let (tell, begun) = mpsc::channel();
    let port = server(move |mut stream| {
        let tell = tell.clone();
        thread::spawn(move || {
            tell.send(1_i32).unwrap();
            let _ = stream.read(&mut [0; 1]);
            // Had our side gone on before this one was over, there would be more of them.
            thread::sleep(Span::from_millis(20));
            tell.send(-1).unwrap();
            let _ = stream.write_all(b"x");
        });
    });
    let pace = Pace {
        host_inflight: 30,
        ..Pace::NORMAL
    };
    let talks = begin(pace);
    for _ in 0..20 {
        talks.begin(loopback(), port, Say::new(b"x", 1));
    }
    for _ in 0..20 {
        assert_eq!(next(&talks).heard, b"x");
    }
    let (most, _) = begun.try_iter().fold((0, 0), |(most, now), step| {
        (most.max(now + step), now + step)
    });
    assert_eq!(most, 3, "a tenth of the host's cap");
}

#[test]
fn a_talk_has_as_many_connections_as_it_wants_one_after_the_other() {
    let port = server(|mut stream| {
        let _ = stream.read(&mut [0; 1]);
        let _ = stream.write_all(b"x");
    });
    let talks = begin(Pace::NORMAL);
    let mut say = Say::new(b"x", 1);
    say.connections = 3;
    talks.begin(loopback(), port, say);
    assert_eq!(next(&talks).connections, 0);
    assert_eq!(talks.connections(), 3);
}

#[test]
fn who_is_stopped_gives_every_talk_back_at_once() {
    let port = server(|mut stream| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let talks = begin(Pace::NORMAL);
    for _ in 0..100 {
        talks.begin(loopback(), port, Say::new(b"x", 1));
    }
    talks.stop();
    for _ in 0..100 {
        next(&talks);
    }
    talks.begin(loopback(), port, Say::new(b"x", 1));
    assert_eq!(
        next(&talks).phase,
        Phase::Connecting,
        "nor is another begun"
    );
    talks.finish();
}

#[test]
fn a_thread_that_dies_of_a_fault_is_gone() {
    struct Fault;
    impl Talk for Fault {
        fn poll(&mut self, _: Instant) -> Step<'_> {
            panic!("a fault, for the test");
        }
        fn handle(&mut self, _: Instant, _: Event<'_>) {}
    }
    let talks = talks(&Network::default(), Pace::NORMAL.shares()).unwrap();
    assert!(!talks.is_gone());
    talks.begin(loopback(), 1, Fault);
    assert!(talks.told_within(Span::from_secs(20)).is_none());
    while !talks.is_gone() {
        thread::yield_now();
    }
    talks.begin(loopback(), 2, Fault);
    talks.finish();
}

#[test]
fn at_a_low_rate_nothing_is_sent_before_the_scan_is_over() {
    let port = server(|mut stream| {
        let _ = stream.write_all(b"x");
    });
    let talks = begin(Pace::GENTLE);
    talks.begin(loopback(), port, Say::new(b"x", 1));
    assert!(talks.told_within(Span::from_millis(300)).is_none());
    assert_eq!(talks.connections(), 0);
    talks.scan_over();
    assert_eq!(next(&talks).heard, b"x");
}

#[test]
fn a_peer_that_goes_on_talking_is_left_and_bounds_nothing_else() {
    let endless = server(|mut stream| {
        thread::spawn(move || while stream.write_all(&[b'x'; 4096]).is_ok() {});
    });
    let talks = begin(Pace::NORMAL);
    talks.begin(loopback(), endless, Say::new(b"x", 1000));
    let said = next(&talks);
    assert!(said.heard.len() >= 1000 && said.heard.len() <= 1000 + 16 * 1024);
    // A thread that drained it for ever would not end.
    talks.finish();
}

#[test]
fn the_source_is_that_of_the_scan() {
    let (listener, port) = listener();
    let network = Network {
        source: Some(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9))),
        ..Network::default()
    };
    let talks = talks(&network, Pace::NORMAL.shares()).unwrap();
    talks.begin(loopback(), port, Say::new(b"x", 1));
    let (_, from): (_, SocketAddr) = listener.accept().unwrap();
    assert_eq!(from.ip(), network.source.unwrap());
}

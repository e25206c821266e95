//! Whatever happens, in whatever order: an inquiry ends, keeps to its limits, and does the same again.

use proptest::prelude::*;

use super::*;

/// An event, and how long it took to come.
#[derive(Debug, Clone)]
enum Any {
    Connected,
    NotConnected,
    Sent,
    Bytes(Vec<u8>),
    Closed,
    Reset,
    Wait,
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        prop::sample::select(vec![
            &b"SSH-2.0-OpenSSH_9.2p1\r\n"[..],
            b"chat ",
            b"chat toy/1.0 ready\r\n",
            b"help: nobody\r\n",
            b"go",
            b"+PONG\r\n",
            b"HTTP/1.1 200 OK\r\nServer: a/1\r\n\r\n",
            b"HTTP/1.0 400 x\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            b"\x15\x03\x01\x00\x02\x02\x28",
            b"\x15\x03\x03\x00\x02\x02\x78",
            b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00",
        ])
        .prop_map(<[u8]>::to_vec),
        (0..40_000_usize).prop_map(|n| vec![b'x'; n]),
    ]
}

fn any_event() -> impl Strategy<Value = Any> {
    prop_oneof![
        4 => Just(Any::Connected),
        1 => Just(Any::NotConnected),
        4 => Just(Any::Sent),
        6 => bytes().prop_map(Any::Bytes),
        2 => Just(Any::Closed),
        1 => Just(Any::Reset),
        3 => Just(Any::Wait),
    ]
}

#[derive(Debug, PartialEq)]
struct Seen {
    steps: Vec<String>,
    service: Service,
}

/// Plays events as they come, then waits until it is done.
fn run(port: u16, limits: Limits, events: &[(u64, Any)]) -> Seen {
    let mut inquiry = with_limits(port, limits);
    let mut now = Instant::ZERO;
    let (mut steps, mut open, mut stood) = (Vec::new(), None, Duration::ZERO);
    let mut events = events.iter();
    for turn in 0.. {
        assert!(turn < 10_000, "it does not end: {inquiry:?}");
        let step = inquiry.poll(now);
        steps.push(match &step {
            // A hello is made anew each time, with random bytes in it; and so is what TLS encrypts.
            Step::Send { bytes, until } if bytes[0] < 24 => format!("TLS until {until:?}"),
            step => format!("{step:?}"),
        });
        let next = match step {
            Step::Done => break,
            Step::Close => {
                let since: Instant = open.take().expect("only what stands is closed");
                stood = stood + now.since(since);
                continue;
            }
            Step::Connect => {
                assert!(open.is_none());
                None
            }
            Step::Send { bytes, until } => {
                assert!(open.is_some() && !bytes.is_empty() && bytes.len() < 8_192);
                Some(until)
            }
            Step::Listen { until } => {
                assert!(open.is_some() && until > now);
                Some(until)
            }
        };
        let opening = next.is_none();
        match events.next() {
            Some((after, event)) => {
                now += Duration::from_millis(*after);
                match event {
                    Any::Connected => {
                        inquiry.handle(now, Event::Connected);
                        open = open.or(Some(now).filter(|_| opening));
                    }
                    Any::NotConnected => inquiry.handle(now, Event::NotConnected),
                    Any::Sent => inquiry.handle(now, Event::Sent),
                    Any::Bytes(bytes) => inquiry.handle(now, Event::Bytes(bytes)),
                    Any::Closed => inquiry.handle(now, Event::Closed),
                    Any::Reset => inquiry.handle(now, Event::Reset),
                    Any::Wait => now = next.map_or(now, |until| now.max(until)),
                }
            }
            None if opening => {
                inquiry.handle(now, Event::Connected);
                open = Some(now);
            }
            None => now = next.map_or(now, |until| now.max(until)),
        }
    }
    // The clock of the test jumps by up to 500 ms beyond a deadline, once a connection.
    let late = Duration::from_millis(500).times(u64::from(limits.connections));
    assert!(stood <= limits.port + late, "{stood}");
    let service = inquiry.finish();
    assert!(service.connections <= limits.connections);
    Seen { steps, service }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn it_ends_within_its_limits_and_does_the_same_again(
        port in prop::sample::select(vec![22, 80, 443, 4000, 6900, 6901, 7100, 7300, 9100]),
        connections in 0..6_u8,
        questions in 0..6_u8,
        events in prop::collection::vec((0..500_u64, any_event()), 0..60),
    ) {
        let limits = Limits { connections, questions, ..Limits::default() };
        prop_assert_eq!(run(port, limits, &events), run(port, limits, &events));
    }

    /// Nothing but noise after every question: no rule is sure of it.
    #[test]
    fn noise_is_never_a_service(
        port in prop::sample::select(vec![22, 80, 443, 4000, 6900, 7100]),
        noise in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..60), 8),
    ) {
        let mut noise = noise.into_iter().cycle();
        let played = play(inquiry(port), &mut asked(move |_| say_and_close(noise.next().unwrap_or_default())));
        prop_assert_eq!(played.what(), "-");
    }
}

//! A peer that says something and resets before anybody looked at the connection.

use picaporte_core::target::AddressRange;

use super::*;

/// One that talks, or one that keeps the desk from looking at anything until it is told to go on.
enum Either {
    Says(Say),
    Waits(mpsc::Receiver<()>),
}

impl Talk for Either {
    fn poll(&mut self, now: Instant) -> Step<'_> {
        match self {
            Self::Says(say) => say.poll(now),
            Self::Waits(_) => Step::Connect,
        }
    }

    fn handle(&mut self, now: Instant, event: Event<'_>) {
        match self {
            Self::Says(say) => say.handle(now, event),
            Self::Waits(goes_on) => {
                let _ = goes_on.recv_timeout(Span::from_secs(20));
                let mut over = Say::new(b"", 0);
                over.handle(now, Event::NotConnected);
                *self = Self::Says(over);
            }
        }
    }
}

/// `connect` asked how it went would say that it was reset, and let go of what came before.
#[test]
fn what_came_before_a_reset_is_heard_however_late_it_is_looked_at() {
    let (listener, port) = listener();
    let (tell, goes_on) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 go away\r\n").unwrap();
        socket2::SockRef::from(&stream)
            .set_linger(Some(Span::ZERO))
            .unwrap();
        drop(stream);
        tell.send(()).unwrap();
    });
    let here = AddressRange::prefix(loopback().ip, 32).unwrap();
    let network = Network {
        scope: Some(Arc::new(Scope::new([here], []))),
        ..Network::default()
    };
    let talks = talks(&network, Pace::NORMAL.shares()).unwrap();
    talks.begin(loopback(), port, Either::Says(Say::new(b"", 1_000)));
    // Outside of the scope, so that it is told at once that it can't connect: after the first has begun to.
    let outside = Address::new(Ipv4Addr::new(127, 0, 0, 2).into());
    talks.begin(outside, port, Either::Waits(goes_on));
    let heard =
        (0..2).map(
            |_| match talks.told_within(Span::from_secs(20)).map(|told| told.talk) {
                Some(Either::Says(say)) => say.heard,
                _ => panic!("a talk"),
            },
        );
    assert_eq!(heard.collect::<Vec<_>>().concat(), b"220 go away\r\n");
    talks.finish();
}

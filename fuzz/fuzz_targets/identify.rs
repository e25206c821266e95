//! Whatever comes from a port, in whatever order: an inquiry with all that is built in ends, keeps to its limits, and keeps of what came no more
//! than it says. Pieces of a byte for the kind, one for the time, two for a length, and bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_core::{Duration, Instant, Port};
use picaporte_core::talk::Talk as _;
use picaporte_identify::inquiry::{Event, Inquiry, Limits, Step};
use picaporte_identify::knowledge::{Host, Knowledge, MOST_FIELD};
use picaporte_identify::service::EXCERPT;

const PORTS: [u16; 8] = [22, 25, 80, 443, 993, 5432, 8443, 40_000];

fn inquiry(choice: u8, limits: Limits) -> Inquiry {
    let knowledge = Knowledge::builtin().expect("the files are good");
    let host = Host::new("www.example.org").expect("a name");
    let port = Port::new(PORTS[usize::from(choice % 8)]).expect("not 0");
    let inquiry = Inquiry::new(knowledge, host, port, limits);
    if choice & 8 == 0 {
        inquiry
    } else {
        inquiry.opt_in()
    }
}

/// The next piece: its kind, how many milliseconds it took, its bytes.
fn piece<'a>(rest: &mut &'a [u8]) -> Option<(u8, u64, &'a [u8])> {
    let [kind, after, high, low, bytes @ ..] = *rest else {
        return None;
    };
    let length = usize::from(u16::from_be_bytes([*high, *low]) % 4096).min(bytes.len());
    let (these, others) = bytes.split_at(length);
    *rest = others;
    Some((*kind, u64::from(*after) * 8, these))
}

fuzz_target!(|bytes: &[u8]| {
    let [choice, rest @ ..] = bytes else { return };
    let mut rest = rest;
    let limits = Limits {
        connections: 4 + choice % 3,
        ..Limits::default()
    };
    let mut inquiry = inquiry(*choice, limits);
    let (mut now, mut open) = (Instant::ZERO, false);
    for turn in 0.. {
        assert!(turn < 20_000, "it does not end: {inquiry:?}");
        let until = match inquiry.poll(now) {
            Step::Done => break,
            Step::Close => {
                assert!(std::mem::take(&mut open), "only what stands is closed");
                continue;
            }
            Step::Connect => {
                assert!(!open, "one connection at a time");
                None
            }
            Step::Send { bytes, until } => {
                assert!(open && !bytes.is_empty());
                inquiry.handle(now, Event::Sent);
                Some(until)
            }
            Step::Listen { until } => {
                assert!(open && until > now);
                Some(until)
            }
        };
        let Some(until) = until else {
            let refused = piece(&mut rest).is_some_and(|(kind, ..)| kind == 255);
            inquiry.handle(
                now,
                if refused {
                    Event::NotConnected
                } else {
                    Event::Connected
                },
            );
            open = !refused;
            continue;
        };
        match piece(&mut rest) {
            None => now = now.max(until),
            Some((kind, after, bytes)) => {
                now += Duration::from_millis(after);
                match kind % 8 {
                    0..=4 => inquiry.handle(now, Event::Bytes(bytes)),
                    5 => inquiry.handle(now, Event::Closed),
                    6 => inquiry.handle(now, Event::Reset),
                    _ => now = now.max(until),
                }
            }
        }
    }
    let service = inquiry.finish();
    assert!(service.connections <= limits.connections);
    assert!(service.name.is_some() || (service.product.is_none() && service.version.is_none()));
    for field in [&service.product, &service.extra, &service.hostname]
        .into_iter()
        .flatten()
    {
        assert!((1..=MOST_FIELD).contains(&field.len()));
    }
    assert!(
        service
            .excerpt
            .is_none_or(|excerpt| excerpt.len() <= EXCERPT)
    );
});

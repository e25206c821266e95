//! Inquiries played against services that are not there, by a clock that is not there either.

mod any;
mod bounds;
mod conversations;
mod further;
mod greetings;
mod inside;
mod tls;
mod toys;
mod way;

use std::collections::VecDeque;

use picaporte_core::talk::Talk as _;
use picaporte_core::{Duration, Instant};
use picaporte_encode::Untrusted;

use super::{Event, Inquiry, Limits, Step};
use crate::service::{Name, Service, Version};
use toys::*;

/// What a service does when a connection is opened, and when bytes come.
trait Peer {
    /// What is said at once, after how long; `None` as the last: it closes.
    fn opened(&mut self) -> Vec<Act>;
    /// What is answered.
    fn heard(&mut self, bytes: &[u8]) -> Vec<Act>;
}

impl Peer for Box<dyn Peer> {
    fn opened(&mut self) -> Vec<Act> {
        (**self).opened()
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<Act> {
        (**self).heard(bytes)
    }
}

#[derive(Debug, Clone)]
enum Act {
    Say(Vec<u8>),
    Pause(u64),
    Close,
}

fn say(bytes: impl AsRef<[u8]>) -> Vec<Act> {
    vec![Act::Say(bytes.as_ref().to_vec())]
}

fn say_and_close(bytes: impl AsRef<[u8]>) -> Vec<Act> {
    vec![Act::Say(bytes.as_ref().to_vec()), Act::Close]
}

/// A service that greets, or not, and answers by a function.
struct Simple<F> {
    greeting: Vec<Act>,
    answer: F,
}

impl<F: FnMut(&[u8]) -> Vec<Act>> Peer for Simple<F> {
    fn opened(&mut self) -> Vec<Act> {
        self.greeting.clone()
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<Act> {
        (self.answer)(bytes)
    }
}

/// Says nothing before it is asked.
fn asked<F: FnMut(&[u8]) -> Vec<Act>>(answer: F) -> Simple<F> {
    Simple {
        greeting: Vec::new(),
        answer,
    }
}

fn greets(greeting: impl AsRef<[u8]>, answer: impl FnMut(&[u8]) -> Vec<Act>) -> impl Peer {
    Simple {
        greeting: say(greeting),
        answer,
    }
}

/// What was done.
struct Played {
    service: Service,
    /// What was sent, by connection.
    sent: Vec<Vec<Vec<u8>>>,
    /// One word for each step: `connect`, `send GET…`, `hear 12`, `closed`, `wait 750`, `close`.
    course: Vec<String>,
    took: Duration,
}

impl Played {
    fn name(&self) -> Option<&str> {
        self.service.name.as_ref().map(Name::as_str)
    }

    /// Product and version, as they are shown.
    fn what(&self) -> String {
        let service = &self.service;
        let product = service
            .product
            .as_ref()
            .map_or(String::new(), Untrusted::terminal);
        let version = service.version.as_ref().map_or("", Version::as_str);
        let name = self.name().unwrap_or("-");
        [name, &product, version].join(" ").trim().to_owned()
    }

    fn course(&self) -> String {
        self.course.join(", ")
    }
}

/// The answer comes so long after the question.
const ROUND_TRIP: Duration = Duration::from_millis(2);

fn play(mut inquiry: Inquiry, peer: &mut dyn Peer) -> Played {
    let mut now = Instant::from_nanos(1_000_000_000);
    let begun = now;
    let (mut course, mut sent) = (Vec::new(), Vec::<Vec<Vec<u8>>>::new());
    let mut coming: VecDeque<(Instant, Act)> = VecDeque::new();
    for _ in 0..100_000 {
        match inquiry.poll(now) {
            Step::Connect => {
                course.push("connect".to_owned());
                sent.push(Vec::new());
                now += ROUND_TRIP;
                inquiry.handle(now, Event::Connected);
                coming.clear();
                queue(&mut coming, now, peer.opened());
            }
            Step::Send { bytes, .. } => {
                course.push(format!("send {}", shown(bytes)));
                let bytes = bytes.to_vec();
                inquiry.handle(now, Event::Sent);
                let acts = peer.heard(&bytes);
                sent.last_mut().expect("a connection").push(bytes);
                queue(&mut coming, now, acts);
            }
            Step::Listen { until } => match coming.front() {
                Some((at, _)) if *at < until => {
                    let (at, act) = coming.pop_front().expect("it is there");
                    now = now.max(at);
                    match act {
                        Act::Say(bytes) => {
                            course.push(format!("hear {}", bytes.len()));
                            inquiry.handle(now, Event::Bytes(&bytes));
                        }
                        Act::Close => {
                            course.push("closed".to_owned());
                            inquiry.handle(now, Event::Closed);
                        }
                        Act::Pause(_) => {}
                    }
                }
                _ => {
                    course.push(format!("wait {}", until.since(now).as_millis()));
                    now = now.max(until);
                }
            },
            Step::Close => course.push("close".to_owned()),
            Step::Done => {
                let took = now.since(begun);
                return Played {
                    service: inquiry.finish(),
                    sent,
                    course,
                    took,
                };
            }
        }
    }
    panic!(
        "it does not end: {}",
        course[course.len() - 20..].join(", ")
    );
}

/// After what is coming already, and a round trip.
fn queue(coming: &mut VecDeque<(Instant, Act)>, now: Instant, acts: Vec<Act>) {
    let last = coming.back().map_or(now, |(at, _)| *at);
    let mut at = last.max(now + ROUND_TRIP);
    for act in acts {
        if let Act::Pause(millis) = act {
            at += Duration::from_millis(millis);
        } else {
            coming.push_back((at, act));
        }
    }
}

/// The first word.
fn shown(bytes: &[u8]) -> String {
    if bytes.starts_with(&[22, 3]) {
        return "TLS".to_owned();
    }
    let word = bytes
        .split(|byte| !byte.is_ascii_graphic())
        .next()
        .unwrap_or_default();
    String::from_utf8_lossy(word).into_owned()
}

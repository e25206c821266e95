//! A name server for reverse names, on the loopback of one namespace: it answers every question in the same manner, and notes what
//! it was asked. It knows as much of RFC 1035 as that takes.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use libtest_mimic::Failed;

use crate::world::Netns;

/// Where the question begins (RFC 1035, section 4.1.1).
const HEAD: usize = 12;
/// How often it is looked whether the test is over.
const LOOK: Duration = Duration::from_millis(20);
/// How often it is looked whether a question has come: 20 s.
const LOOKS: u32 = 1_000;

/// What becomes of a question.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// A name of these labels, for each of the list.
    Names(&'static [&'static [&'static [u8]]]),
    /// There is no such name (NXDOMAIN).
    NoName,
    /// The server can't tell (SERVFAIL).
    CannotTell,
    /// No answer.
    Silent,
}

/// The server, until dropped.
pub(crate) struct Dns {
    asked: Arc<Mutex<BTreeSet<(String, u16)>>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Dns {
    pub(crate) fn start(netns: &Netns, manner: Manner) -> Result<Self, Failed> {
        let socket = netns.inside(|| -> io::Result<UdpSocket> {
            let socket = UdpSocket::bind("127.0.0.1:53")?;
            socket.set_read_timeout(Some(LOOK))?;
            Ok(socket)
        })??;
        let (asked, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let (noted, ends) = (Arc::clone(&asked), over.clone());
        let thread = thread::spawn(move || serve(&socket, manner, &noted, &ends));
        Ok(Self {
            asked,
            over,
            thread: Some(thread),
        })
    }

    /// The names that were asked about, one for each question. One that was sent again, as a datagram may get lost, is the same question:
    /// it has the same number.
    pub(crate) fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl Dns {
    /// Waits until there was a question.
    pub(crate) fn must_be_asked(&self) -> Result<(), Failed> {
        for _ in 0..LOOKS {
            if !self.asked().is_empty() {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
        Err("nobody asked the name server".into())
    }
}

impl Drop for Dns {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    socket: &UdpSocket,
    manner: Manner,
    asked: &Mutex<BTreeSet<(String, u16)>>,
    over: &AtomicBool,
) {
    let mut bytes = [0; 512];
    while !over.load(Ordering::Relaxed) {
        let (length, from) = match socket.recv_from(&mut bytes) {
            Ok(received) => received,
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => continue,
            Err(_) => return,
        };
        let Some(question) = Question::read(&bytes[..length]) else {
            continue;
        };
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.insert((question.name.clone(), question.number));
        drop(asked);
        if let Some(answer) = question.answer(manner) {
            let _ = socket.send_to(&answer, from);
        }
    }
}

struct Question {
    number: u16,
    name: String,
    /// Its name, type and class, as they came.
    bytes: Vec<u8>,
}

impl Question {
    fn read(message: &[u8]) -> Option<Self> {
        let number = u16::from_be_bytes([*message.first()?, *message.get(1)?]);
        let (mut name, mut at) = (Vec::new(), HEAD);
        while let length @ 1.. = usize::from(*message.get(at)?) {
            let label = message.get(at + 1..=at + length)?;
            name.push(String::from_utf8_lossy(label).to_lowercase());
            at += 1 + length;
        }
        Some(Self {
            number,
            name: name.join("."),
            bytes: message.get(HEAD..at + 5)?.to_vec(),
        })
    }

    fn answer(&self, manner: Manner) -> Option<Vec<u8>> {
        let (code, names) = match manner {
            Manner::Names(names) => (0, names),
            Manner::NoName => (3, &[][..]),
            Manner::CannotTell => (2, &[][..]),
            Manner::Silent => return None,
        };
        let mut answer = self.number.to_be_bytes().to_vec();
        // A response to a question that wanted recursion, which there is.
        answer.extend([0x81, 0x80 | code, 0, 1]);
        answer.extend(u16::try_from(names.len()).ok()?.to_be_bytes());
        answer.extend([0; 4]);
        answer.extend(&self.bytes);
        for labels in names {
            let mut data = Vec::new();
            for label in *labels {
                data.push(u8::try_from(label.len()).ok()?);
                data.extend(*label);
            }
            data.push(0);
            // The name of the question, PTR, IN, a minute.
            answer.extend([0xc0, HEAD as u8, 0, 12, 0, 1, 0, 0, 0, 60]);
            answer.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
            answer.extend(data);
        }
        Some(answer)
    }
}

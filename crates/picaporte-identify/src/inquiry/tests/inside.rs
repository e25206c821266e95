//! A service inside TLS, from the first byte on or by a command.

use rustls::ServerConnection;

use super::{Act, Peer, say};
use crate::tls::TlsVersion;
use crate::tls::tests::{Wishes, answer, record, server};

/// A service inside TLS.
pub(super) struct Inside<P> {
    pub(super) wishes: fn() -> Wishes,
    pub(super) tls: Option<ServerConnection>,
    pub(super) plain: P,
    /// TLS begins when this line came.
    pub(super) command: Option<&'static [u8]>,
    pub(super) begun: bool,
    pub(super) greeted: bool,
}

impl<P: Peer> Inside<P> {
    pub(super) fn new(plain: P) -> Self {
        Self {
            wishes: Wishes::default,
            tls: None,
            plain,
            command: None,
            begun: true,
            greeted: false,
        }
    }

    fn inside(&mut self, bytes: &[u8]) -> Vec<Act> {
        let tls = self.tls.get_or_insert_with(|| server((self.wishes)()));
        let mut out = answer(tls, bytes);
        let mut plain = Vec::new();
        let _ = std::io::Read::read_to_end(&mut tls.reader(), &mut plain);
        let mut acts = Vec::new();
        if !tls.is_handshaking() && !self.greeted {
            self.greeted = true;
            acts.extend(self.plain.opened());
        }
        if !plain.is_empty() {
            acts.extend(self.plain.heard(&plain));
        }
        let mut close = false;
        for act in acts {
            match act {
                Act::Say(bytes) => {
                    std::io::Write::write_all(&mut tls.writer(), &bytes).expect("a Vec");
                    out.extend(answer(tls, &[]));
                }
                Act::Close => {
                    tls.send_close_notify();
                    out.extend(answer(tls, &[]));
                    close = true;
                }
                Act::Pause(_) => {}
            }
        }
        let mut said = if out.is_empty() { Vec::new() } else { say(out) };
        said.extend(close.then_some(Act::Close));
        said
    }
}

impl<P: Peer> Peer for Inside<P> {
    fn opened(&mut self) -> Vec<Act> {
        (self.tls, self.greeted) = (None, self.command.is_some());
        self.begun = self.command.is_none();
        if self.begun {
            Vec::new()
        } else {
            self.plain.opened()
        }
    }

    fn heard(&mut self, bytes: &[u8]) -> Vec<Act> {
        if self.begun && bytes[0] < 24 {
            return self.inside(bytes);
        }
        if self.begun {
            // An alert, as most servers send it: unexpected_message.
            let mut acts = say(record(21, TlsVersion::Tls12, &[2, 10]));
            acts.push(Act::Close);
            return acts;
        }
        self.begun = self.command == Some(bytes);
        if self.begun {
            say("go\r\n")
        } else {
            self.plain.heard(bytes)
        }
    }
}

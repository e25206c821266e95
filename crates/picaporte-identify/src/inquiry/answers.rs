//! What an answer is beside what rules make of it: our own question, a TLS alert, the same as to another question.

use std::hash::{DefaultHasher, Hash, Hasher};

/// Fewer bytes than this may be the same by chance.
const FEW: usize = 4;
/// This many questions with the same answer, whatever they ask, and more questions tell nothing.
const SAME: usize = 3;
/// If it is as long as that, in bytes: a page. Something shorter may be what a service says to all that it does not know (`ERROR`), and
/// the right question is still to come.
const PAGE: usize = 64;
/// This many questions that came back, and the port echoes.
const ECHOES: usize = 2;

/// Whether an answer is the question come back: whole, its beginning, or with something behind it.
pub(super) fn is_echo(question: &[u8], answer: &[u8]) -> bool {
    let common = question.len().min(answer.len());
    common >= FEW.min(question.len()) && common > 0 && question[..common] == answer[..common]
}

/// Whether an answer to plain bytes is an alert of TLS (RFC 8446, sections 5.1 and 6): a record of type 21, version 3.x, two bytes long, which
/// is a warning or fatal.
pub(super) fn is_tls_alert(answer: &[u8]) -> bool {
    matches!(answer, [21, 3, 0..=4, 0, 2, 1 | 2, ..])
}

/// Whether an answer is one of HTTP, whatever was asked: a web server answers anything so.
pub(super) fn is_http(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.")
}

/// What came back so far, as far as no rule knew it.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    /// Hash and length of each answer.
    answers: Vec<(u64, usize)>,
    /// Questions that came back: all of them and nothing else, in part or with more, and hellos of TLS.
    whole: usize,
    partial: usize,
    hellos: usize,
}

impl Unknown {
    pub(super) fn answer(&mut self, answer: &[u8]) {
        // Its keys are constants: the same answers are the same in every run.
        let mut hasher = DefaultHasher::new();
        answer.hash(&mut hasher);
        self.answers.push((hasher.finish(), answer.len()));
    }

    /// A question came back; `whole`: all of it, and nothing else.
    pub(super) fn echo(&mut self, whole: bool) {
        self.whole += usize::from(whole);
        self.partial += usize::from(!whole);
    }

    /// A hello of TLS came back.
    pub(super) fn echo_of_hello(&mut self) {
        self.hellos += 1;
    }

    /// Further questions would tell nothing: everything is answered in the same way.
    pub(super) fn is_hopeless(&self) -> bool {
        let same = |one: &(u64, usize)| {
            self.answers.iter().filter(|other| *other == one).count() >= SAME && one.1 >= PAGE
        };
        self.whole + self.partial + self.hellos >= ECHOES || self.answers.iter().any(same)
    }

    /// It gives back whatever it is sent, and nothing else: RFC 862.
    pub(super) fn echoes(&self) -> bool {
        self.whole > 0
            && self.whole + self.hellos >= ECHOES
            && self.partial == 0
            && self.answers.is_empty()
    }
}

//! How much one port may cost: connections, questions, bytes and time.

use picaporte_core::Duration;

/// Bounds of one port's inquiry. What is reached ends the search, and what is known by then is the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections. A service on its usual port takes one or two. Fourteen are for one on an unusual port that hangs up on every question
    /// but its own (`ZooKeeper`, Git and SOCKS do, at once): HTTP, TLS, and the twelve most likely. nmap's version scan takes 14 a port on
    /// average of the servers in BENCHMARKS.md, this one fewer than four.
    pub connections: u8,
    /// Of these, connections that ask for further versions of TLS: after a handshake in 1.3 there are four versions to ask for.
    pub versions: u8,
    /// Questions sent, all told; several may go on one connection.
    pub questions: u8,
    /// Bytes of one answer that are kept: rules look at no more.
    pub answer: usize,
    /// Bytes of all answers that are taken, those that are not kept and TLS' own counted in.
    pub bytes: usize,
    /// A greeting, where it is expected: Postfix and others greet late when a name server does not answer them.
    pub greeting: Duration,
    /// A greeting, where nothing is known of the port: most that greet do so within a round trip.
    pub greeting_unlikely: Duration,
    /// The first byte of an answer, where the question is a likely one.
    pub first_byte: Duration,
    /// The first byte of an answer, where the question is one of many.
    pub first_byte_unlikely: Duration,
    /// Silence after which an answer is taken to be at its end.
    pub quiet: Duration,
    /// The same for an answer that a rule is already sure of: what belongs to it comes in the next segment.
    pub settled: Duration,
    /// One answer, from the question to its end, however it trickles.
    pub listen: Duration,
    /// A connection, from the handshake to its close.
    pub connection: Duration,
    /// All connections of the port together; time between them is not counted.
    pub port: Duration,
}

impl Limits {
    /// The same and what the user's own probes may take beside: 8 connections, 8 questions and 6 s.
    #[must_use]
    pub fn and_further(self) -> Self {
        Self {
            connections: self.connections.saturating_add(8),
            questions: self.questions.saturating_add(8),
            port: self.port + Duration::from_secs(6),
            ..self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 14,
            versions: 4,
            questions: 20,
            answer: crate::knowledge::MOST_ANSWER,
            bytes: 256 << 10,
            greeting: Duration::from_millis(5_000),
            greeting_unlikely: Duration::from_millis(750),
            first_byte: Duration::from_millis(3_000),
            first_byte_unlikely: Duration::from_millis(800),
            quiet: Duration::from_millis(250),
            settled: Duration::from_millis(50),
            listen: Duration::from_millis(5_000),
            connection: Duration::from_millis(10_000),
            port: Duration::from_millis(12_000),
        }
    }
}

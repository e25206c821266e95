//! Services for these tests, and the files that know them, beside HTTP and SSH as they are built in.

use std::sync::Arc;

use picaporte_core::Port;

use super::{Act, Inquiry, Limits, say, say_and_close};
use crate::knowledge::{Host, Knowledge};

/// `chat` greets on 6900 and speaks TLS by a command; `store` answers PING on 7100; `data` answers only QUERY, and hangs up on everything else.
const TOYS: &[(&str, &str)] = &[
    (
        "chat.toml",
        r#"
about = "greets"
source = ["none"]
service = "chat"
ports = "6900"
[[probe]]
name = "chat-help"
send = 'HELP\r\n'
tls_ports = "6901"
[[rule]]
answers = ["greeting"]
pattern = '^chat (\S+)/([0-9.]+) ready'
product = "$1"
version = "$2"
then = ["chat-help"]
[[rule]]
answers = ["greeting"]
pattern = '^chat'
weak = true
then = ["chat-help"]
[[rule]]
answers = ["chat-help"]
pattern = '^help: (\S+)'
extra = "$1"
starttls = 'TLS\r\n'
starttls_ok = '^go'
[[example]]
answers = "greeting"
bytes = 'chat toy/1.0 ready'
service = "chat"
"#,
    ),
    (
        "store.toml",
        r#"
about = "is asked"
source = ["none"]
service = "store"
ports = "7100"
[[probe]]
name = "store-ping"
send = 'PING\r\n'
everywhere = 3
[[probe]]
name = "store-info"
send = 'INFO {host} {port}\r\n'
ports = "1"
[[probe]]
name = "store-danger"
send = 'PRINT\r\n'
ports = "7100,7200"
everywhere = 2
opt_in = "prints"
[[rule]]
answers = ["store-ping"]
pattern = '^\+PONG'
weak = true
then = ["store-info"]
[[rule]]
answers = ["store-info"]
pattern = '^store v([0-9.]+)'
product = "Store"
version = "$1"
"#,
    ),
    (
        "data.toml",
        r#"
about = "is asked"
source = ["none"]
service = "data"
ports = "7300"
[[probe]]
name = "data-query"
send = 'QUERY\r\n'
everywhere = 9
[[rule]]
answers = ["data-query"]
pattern = '^result ([0-9.]+)$'
product = "Data"
version = "$1"
"#,
    ),
    (
        "both.toml",
        r#"
about = "may be asked more, but not all of it inside TLS"
source = ["none"]
service = "both"
ports = "7400"
[[probe]]
name = "both-ask"
send = 'BOTH\r\n'
[[probe]]
name = "both-plain"
send = 'PLAIN\r\n'
ports = "1"
inside_tls = false
[[rule]]
answers = ["both-ask"]
pattern = '^both'
weak = true
then = ["both-plain", "store-danger", "tls"]
"#,
    ),
];

/// Speaks after its preface, inside TLS where that was agreed upon by its name; beside the others only where a test wants it.
const PROTO: (&str, &str) = (
    "proto.toml",
    r#"
about = "is offered by a name of its own"
source = ["none"]
service = "proto"
ports = "7500"
tls_ports = "7501"
[[probe]]
name = "proto-preface"
send = 'PROTO\r\n'
everywhere = 9
alpn = ["proto/2"]
[[rule]]
answers = ["proto-preface"]
pattern = '^settings ([0-9.]+)'
product = "Proto"
version = "$1"
"#,
);

pub(super) fn toys() -> Arc<Knowledge> {
    knowing(&[])
}

fn knowing(more: &[(&'static str, &'static str)]) -> Arc<Knowledge> {
    let http = include_str!("../../../data/http.toml");
    let ssh = include_str!("../../../data/ssh.toml");
    let mut files = vec![("http.toml", http), ("ssh.toml", ssh)];
    files.extend(TOYS.iter().chain(more));
    Arc::new(Knowledge::read(&files).unwrap_or_else(|error| panic!("{error}")))
}

pub(super) fn inquiry(port: u16) -> Inquiry {
    with_limits(port, Limits::default())
}

pub(super) fn with_limits(port: u16, limits: Limits) -> Inquiry {
    let host = Host::new("www.example.org").expect("a name");
    Inquiry::new(toys(), host, Port::new(port).expect("a port"), limits)
}

/// Of one that knows `proto`, and asks for no further version of TLS.
pub(super) fn knowing_proto(port: u16) -> Inquiry {
    let host = Host::new("www.example.org").expect("a name");
    let limits = Limits {
        versions: 0,
        ..Limits::default()
    };
    Inquiry::new(
        knowing(&[PROTO]),
        host,
        Port::new(port).expect("a port"),
        limits,
    )
}

/// A web server in few words.
pub(super) fn nginx(question: &[u8]) -> Vec<Act> {
    if question.starts_with(b"GET ") {
        say_and_close("HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\n\r\n<html>")
    } else {
        say_and_close("HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\n\r\n")
    }
}

pub(super) fn chat(question: &[u8]) -> Vec<Act> {
    match question {
        b"HELP\r\n" => say("help: nobody\r\n"),
        b"TLS\r\n" => say("no\r\n"),
        _ => say("what?\r\n"),
    }
}

pub(super) fn store(question: &[u8]) -> Vec<Act> {
    match question {
        b"PING\r\n" => say("+PONG\r\n"),
        q if q.starts_with(b"INFO") => say("store v3.1\r\n"),
        _ => vec![Act::Close],
    }
}

pub(super) fn data(question: &[u8]) -> Vec<Act> {
    match question {
        b"QUERY\r\n" => say("result 7.2"),
        _ => vec![Act::Close],
    }
}

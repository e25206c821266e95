//! `address:port` of each open port, one a line, at its handshake: for the next program of a pipe.
//! It knows nothing but open ports, not even how the scan ended.

use picaporte_engine::Finding;

use super::{Header, Sink, Trailer, encode};

pub(super) struct HostPort {
    header: Header,
}

impl HostPort {
    pub(super) fn begin(header: Header) -> Self {
        Self { header }
    }
}

impl Sink for HostPort {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        if let Finding::Opened { address, port } = finding {
            let line = self.header.named(*address).with_port(*port);
            out.extend_from_slice(encode::terminal(&line).as_bytes());
            out.push(b'\n');
        }
    }

    fn end(&mut self, _: &Trailer, _: &mut Vec<u8>) {}
}

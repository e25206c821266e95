//! Answers of HTTP that are a thousand times as long when they are unpacked.

use std::io::Write as _;

use libtest_mimic::Failed;

use super::{Serve, Servers, calm, is_asked};
use crate::outcome::must;
use crate::world::{TARGET_V4, World};

/// Copies of 258 bytes that make 1 GiB.
const COPIES: usize = (1 << 30) / 258;

/// A gibibyte of zeros in a mebibyte (RFC 1951): one zero, and the same again 258 bytes at a time, each for two bits. Those are zeros themselves, with a code of one
/// bit for the length and one for the distance.
fn deflated() -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, whose codes stand in it: 286 for literals and lengths, one for distances, and 18 for how long those are.
    for (value, width) in [(1, 1), (2, 2), (29, 5), (0, 5), (14, 4)] {
        bits.push(value, width);
    }
    // In the order of section 3.2.7: 18 (zeros) takes one bit, 2 and 1 take two.
    for length in [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        bits.push(length, 3);
    }
    let (one, two) = ((0b01, 2), (0b11, 2));
    let zeros = |count: u32| [(0, 1), (count - 11, 7)];
    bits.push_all(&[two]);
    bits.push_all(&zeros(138));
    bits.push_all(&zeros(117));
    bits.push_all(&[two]);
    bits.push_all(&zeros(28));
    bits.push_all(&[one, one]);
    bits.push(0b01, 2);
    for _ in 0..COPIES {
        bits.push(0, 2);
    }
    bits.push(0b11, 2);
    bits.bytes
}

/// Bits, from the lowest of a byte on.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, width: u32) {
        for bit in 0..width {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> bit & 1 == 1) << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    fn push_all(&mut self, all: &[(u32, u32)]) {
        for &(value, width) in all {
            self.push(value, width);
        }
    }
}

/// Answers whatever is asked with these bytes, as something that is said to be packed like that.
fn packed(coding: &str, bytes: &[u8]) -> Serve {
    let head = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        bytes.len()
    );
    let answer = [head.as_bytes(), bytes].concat();
    Box::new(move |mut stream| {
        if is_asked(&mut stream)? {
            stream.write_all(&answer)?;
        }
        Ok(())
    })
}

pub(super) fn bombs() -> Result<(), Failed> {
    let world = World::new()?;
    let deflated = deflated();
    let gzip = [&[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255][..], &deflated].concat();
    let zlib = [&[0x78, 0xDA][..], &deflated].concat();
    let servers = vec![
        (4301, packed("gzip", &gzip)),
        (4302, packed("deflate", &zlib)),
        (4303, packed("br", &gzip)),
        (4304, packed("gzip, gzip, gzip", &gzip)),
    ];
    let servers = Servers::start(&world.target, servers)?;
    let report = calm(&servers.scan(&world, "jsonl"))?.report()?;
    servers.must_be_bounded(&report, &["http"])?;
    for port in 4301..=4304 {
        let service = &report.port(TARGET_V4.into(), port)?["service"];
        must(
            service["name"] == "http" && service["version"] == "1.22.1",
            format_args!("{port}: {service}"),
        )?;
    }
    Ok(())
}

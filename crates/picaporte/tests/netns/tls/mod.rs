//! TLS as hostile servers speak it: what they please in the clear (1.2), what they please sealed (1.3), or a whole handshake with any certificates. Knows no test.

pub(crate) mod certificates;
pub(crate) mod sealed;
pub(crate) mod whole;

use std::io::{self, Read};

/// Kinds of records (RFC 8446, section 5.1).
pub(crate) const HANDSHAKE: u8 = 22;
/// Kinds of handshake messages (RFC 8446, section 4; RFC 8879, section 4).
pub(crate) const SERVER_HELLO: u8 = 2;
pub(crate) const ENCRYPTED_EXTENSIONS: u8 = 8;
pub(crate) const CERTIFICATE: u8 = 11;
pub(crate) const CERTIFICATE_VERIFY: u8 = 15;
pub(crate) const COMPRESSED_CERTIFICATE: u8 = 25;

/// As much as a record holds (RFC 8446, section 5.1).
pub(crate) const RECORD: usize = 1 << 14;
/// The most that a handshake message can say that it holds.
pub(crate) const LONGEST: u32 = (1 << 24) - 1;

/// Content behind its length in `N` bytes.
pub(crate) fn sized<const N: usize>(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_be_bytes();
    [&length[8 - N..], content].concat()
}

/// A handshake message.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &sized::<3>(body)[..]].concat()
}

/// A record of TLS 1.2 in the clear, or the head of one.
pub(crate) fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[kind, 3, 3], &sized::<2>(content)[..]].concat()
}

/// Handshake messages in the clear, in as many records as they take.
pub(crate) fn records(messages: &[u8]) -> Vec<u8> {
    let records = messages.chunks(RECORD);
    records.flat_map(|part| record(HANDSHAKE, part)).collect()
}

/// An extension of a hello.
pub(crate) fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes(), &sized::<2>(content)[..]].concat()
}

/// The extension that chooses a protocol (ALPN, RFC 7301).
pub(crate) fn alpn(name: &[u8]) -> Vec<u8> {
    extension(16, &sized::<2>(&sized::<1>(name)))
}

/// A `ServerHello` of TLS 1.2, with `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` and these extensions.
pub(crate) fn server_hello(extensions: &[u8]) -> Vec<u8> {
    let body = [
        &[3, 3][..],
        &[7; 32],
        &[0, 0xC0, 0x2F, 0],
        &sized::<2>(extensions),
    ];
    message(SERVER_HELLO, &body.concat())
}

/// A `Certificate` of TLS 1.2.
pub(crate) fn certificate(ders: &[&[u8]]) -> Vec<u8> {
    let list: Vec<u8> = ders.iter().flat_map(|der| sized::<3>(der)).collect();
    message(CERTIFICATE, &sized::<3>(&list))
}

/// A `Certificate` of TLS 1.3: each with no extensions.
pub(crate) fn sealed_certificate(ders: &[&[u8]]) -> Vec<u8> {
    let entry = |der: &&[u8]| [&sized::<3>(der)[..], &[0, 0]].concat();
    let list: Vec<u8> = ders.iter().flat_map(entry).collect();
    message(CERTIFICATE, &[&[0], &sized::<3>(&list)[..]].concat())
}

/// The record with which a client begins TLS; `None` where it says something else.
pub(crate) fn client_hello(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut head = [0; 5];
    stream.read_exact(&mut head[..1])?;
    if head[0] != HANDSHAKE {
        return Ok(None);
    }
    stream.read_exact(&mut head[1..])?;
    let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
    let mut record = head.to_vec();
    record.resize(head.len() + length, 0);
    stream.read_exact(&mut record[head.len()..])?;
    Ok(Some(record))
}

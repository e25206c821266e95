//! Lines of `192.0.2.7:80` and `[2001:db8::1]:443`: what most scanners can be brought to print of open ports. Empty lines
//! and those that begin with `#` say nothing.

use std::io::BufRead;
use std::net::{IpAddr, SocketAddr};

use super::failure::shown;
use super::{Format, ReadError, Reading, Word, address, lines};

/// Why a last line without a line feed does not count.
pub(super) const HALF: &str =
    "the last line has no line feed, so it may be cut within a number, and does not count";

pub(super) fn read(output: &mut impl BufRead) -> Result<Reading, ReadError> {
    let mut reading = Reading::new(Format::Hostport);
    lines::each(output, |line| {
        if line.text.starts_with('#') {
            return Ok(());
        }
        if !line.whole {
            reading.cut = Some(HALF.to_owned());
            return Ok(());
        }
        let (ip, port) = parse(line.text).ok_or_else(|| {
            line.wrong(format!(
                "expected ADDRESS:PORT, like 192.0.2.7:80 or [2001:db8::1]:443, not '{}'",
                shown(line.text)
            ))
        })?;
        let added = reading.add(ip, Word::Open, port);
        added.map_err(|what| line.wrong(what))
    })?;
    Ok(reading)
}

pub(super) fn parse(text: &str) -> Option<(IpAddr, u16)> {
    let zoned = || {
        let (host, port) = text.strip_prefix('[')?.split_once("]:")?;
        Some((address(host)?, port.parse().ok()?))
    };
    text.parse()
        .ok()
        .map(|place: SocketAddr| (place.ip(), place.port()))
        .or_else(zoned)
        .filter(|(_, port)| *port != 0)
}

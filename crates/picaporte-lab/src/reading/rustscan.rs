//! `RustScan`'s greppable lines, one for each host with open ports: `192.0.2.7 -> [22,80]`.

use std::io::BufRead;

use picaporte_core::PortSet;

use super::failure::shown;
use super::lines::Line;
use super::{Format, ReadError, Reading, Word, address, lines};

const ARROW: &str = " -> [";

pub(super) fn looks_like(line: &str) -> bool {
    line.split_once(ARROW)
        .is_some_and(|(host, _)| address(host).is_some())
}

pub(super) fn read(output: &mut impl BufRead) -> Result<Reading, ReadError> {
    let mut reading = Reading::new(Format::Rustscan);
    lines::each(output, |line| read_line(line, &mut reading))?;
    Ok(reading)
}

fn read_line(line: &Line<'_>, reading: &mut Reading) -> Result<(), ReadError> {
    let parts = line
        .text
        .split_once(ARROW)
        .and_then(|(host, ports)| Some((address(host)?, ports)));
    let (ip, ports) = match parts {
        Some(parts) => parts,
        None if !line.whole => {
            reading.cut = Some("the last line ends before its ports".to_owned());
            return Ok(());
        }
        None => {
            let line_text = shown(line.text);
            return Err(line.wrong(format!(
                "expected a line like 192.0.2.7 -> [22,80], not '{line_text}'"
            )));
        }
    };
    let ports = match ports.strip_suffix(']') {
        Some(ports) => ports,
        None if !line.whole => {
            reading.cut = Some("the list of ports in the last line has no end".to_owned());
            // The last number may have lost digits.
            ports.rsplit_once(',').map_or("", |(sure, _)| sure)
        }
        None => return Err(line.wrong("expected a ']' after the ports")),
    };
    let set = match ports {
        "" => PortSet::default(),
        _ => PortSet::parse(&ports.replace(' ', ""), &|_| None)
            .map_err(|error| line.wrong(shown(&error.to_string())))?,
    };
    reading
        .change(ip, |said| said.add_all(Word::Open, &set))
        .map_err(|what| line.wrong(what))
}

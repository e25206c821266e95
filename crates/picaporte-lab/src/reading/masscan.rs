//! masscan's JSON (`-oJ`): an array in name only. Records may be followed by commas too many or too few, old versions end
//! with `{finished: 1}`, and one that found nothing writes nothing at all. So records are cut out by their braces, and
//! only what stands inside them is taken for JSON.

use std::io::BufRead;

use serde::Deserialize;

use super::failure::{json_error, shown};
use super::{Format, MOST_LINE, Place, ReadError, Reading, Word, address};

#[derive(Deserialize)]
struct Record {
    ip: String,
    #[serde(default)]
    ports: Vec<Port>,
}

#[derive(Deserialize)]
struct Port {
    #[serde(rename = "port")]
    number: u16,
    #[serde(default)]
    proto: String,
    /// Not there in records that bring a banner.
    status: Option<String>,
    reason: Option<String>,
}

pub(super) fn read(output: &mut impl BufRead) -> Result<Reading, ReadError> {
    let mut reading = Reading::new(Format::Masscan);
    let mut cutter = Cutter::default();
    loop {
        let chunk = output
            .fill_buf()
            .map_err(|error| ReadError::unreadable(&error))?;
        if chunk.is_empty() {
            break;
        }
        let length = chunk.len();
        for &byte in chunk {
            cutter.byte(byte, &mut reading)?;
        }
        output.consume(length);
    }
    // What found nothing may write nothing.
    if cutter.depth > 0 {
        reading.cut = Some("the last record is not whole".to_owned());
    } else if cutter.begun && !cutter.ended {
        reading.cut = Some("the array has no end".to_owned());
    }
    Ok(reading)
}

/// Cuts out what stands between braces of the outermost level.
#[derive(Default)]
struct Cutter {
    offset: u64,
    begun: bool,
    ended: bool,
    depth: u32,
    in_string: bool,
    escaped: bool,
    record: Vec<u8>,
}

impl Cutter {
    fn byte(&mut self, byte: u8, reading: &mut Reading) -> Result<(), ReadError> {
        self.offset += 1;
        if self.depth == 0 {
            return self.between(byte);
        }
        self.record.push(byte);
        if self.record.len() > MOST_LINE {
            return Err(self.wrong(format!(
                "a record longer than {MOST_LINE} bytes, the most that one may have"
            )));
        }
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            b'{' if !self.in_string => self.depth += 1,
            b'}' if !self.in_string => {
                self.depth -= 1;
                if self.depth == 0 {
                    return self.whole(reading);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn between(&mut self, byte: u8) -> Result<(), ReadError> {
        match byte {
            b'{' => {
                self.record.clear();
                self.record.push(byte);
                self.depth = 1;
            }
            b'[' => self.begun = true,
            b']' => self.ended = true,
            b',' | b' ' | b'\t' | b'\r' | b'\n' => {}
            other => {
                return Err(self.wrong(format!(
                    "expected '{{', ',' or ']' between records, not '{}'",
                    char::from(other).escape_debug()
                )));
            }
        }
        Ok(())
    }

    fn whole(&mut self, reading: &mut Reading) -> Result<(), ReadError> {
        let text = String::from_utf8_lossy(&self.record);
        if text
            .trim_matches(['{', '}', ' ', '"'])
            .starts_with("finished")
        {
            self.ended = true;
            return Ok(());
        }
        let record: Record = serde_json::from_str(&text).map_err(|error| {
            self.wrong(format!(
                "expected a record like {{\"ip\": \"192.0.2.7\", \"ports\": [{{\"port\": 80, …}}]}}: {}",
                json_error(&error)
            ))
        })?;
        take(&record, reading).map_err(|what| self.wrong(what))
    }

    fn wrong(&self, what: impl Into<String>) -> ReadError {
        let length = self.record.len().max(1) as u64;
        ReadError::at(Place::Byte(self.offset.saturating_sub(length)), what)
    }
}

fn take(record: &Record, reading: &mut Reading) -> Result<(), String> {
    let ip = address(&record.ip)
        .ok_or_else(|| format!("expected an address, not '{}'", shown(&record.ip)))?;
    for port in &record.ports {
        let word = match port.status.as_deref() {
            Some("open") => Word::Open,
            Some("closed") => Word::Closed,
            None => continue,
            Some(other) => {
                return Err(format!(
                    "expected the status open or closed, not '{}'",
                    shown(other)
                ));
            }
        };
        if !port.proto.is_empty() && port.proto != "tcp" {
            continue;
        }
        if port.number == 0 {
            return Err("port 0; ports are 1 to 65535".to_owned());
        }
        reading.add(ip, word, port.number)?;
        if let Some(reason) = &port.reason {
            reading.reason(reason, 1);
        }
    }
    Ok(())
}

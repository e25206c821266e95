//! Lines that are no rules: probes and what is set for them.

use std::time::Duration;

use picaporte_core::PortSet;
use picaporte_toml::{Mistake, mistake};

use super::{Probe, Reader, piece, quoted};
use crate::nmap::{PROBES, SENT, wrong};

/// 5 min, the longest that nmap takes.
const LONGEST_MS: u32 = 300_000;

impl<'f> Reader<'f> {
    /// `Probe TCP name q|…| no-payload`
    pub(super) fn probe(&mut self, rest: &'f [u8]) -> Result<(), Mistake> {
        let (protocol, rest) = piece::word(rest);
        let udp = match protocol {
            b"TCP" => false,
            b"UDP" => true,
            _ => {
                return Err(mistake!(
                    "{protocol} is no protocol of a probe; write Probe TCP or Probe UDP",
                    "{protocol} no es el protocolo de una sonda; escriba Probe TCP o Probe UDP",
                    protocol = quoted(protocol)
                )
                .into());
            }
        };
        let index = self.probes.len();
        if index == PROBES {
            return Err(mistake!(
                "the file has more than 4,096 probes; leave some out",
                "el fichero tiene más de 4096 sondas; quite algunas"
            )
            .into());
        }
        let (name, rest) = piece::word(rest);
        let name = checked_name(name)?;
        if self
            .probes
            .iter()
            .any(|other| other.udp == udp && &*other.name == name)
        {
            return Err(mistake!(
                "there is a probe {name} already; give this one another name",
                "ya hay una sonda {name}; dé a esta otro nombre",
                name = quoted(name.as_bytes())
            )
            .into());
        }
        let text = rest.strip_prefix(b"q");
        let text = text.ok_or_else(|| {
            mistake!(
                "a probe's text is missing; write it as q|…|",
                "falta el texto de una sonda; escríbalo como q|…|"
            )
        })?;
        let (text, flags) = piece::delimited(text)?;
        let send = piece::unescaped(text)?;
        if send.len() > SENT {
            return Err(mistake!(
                "the probe sends more than 64 KiB; make it shorter",
                "la sonda envía más de 64 KiB; acórtela"
            )
            .into());
        }
        // `no-payload` is about UDP.
        let flags = flags.trim_ascii();
        if !flags.is_empty() && flags != b"no-payload" {
            self.warn(mistake!(
                "{flags} behind a probe is not known and passed over",
                "{flags} tras una sonda no se conoce, y se omite",
                flags = quoted(flags)
            ));
        }
        let first_rule = self.rules.len();
        self.probes
            .push(Probe::new(index, udp, name, send, first_rule));
        Ok(())
    }

    /// `Exclude 53,T:9100-9107,U:30000`
    pub(super) fn exclude(&mut self, rest: &'f [u8]) -> Result<(), Mistake> {
        if self.excluded.is_some() {
            return Err(mistake!(
                "there is an Exclude already; write all ports there",
                "ya hay un Exclude; escriba en él todos los puertos"
            )
            .into());
        }
        let mut tcp: Vec<&[u8]> = Vec::new();
        let mut protocol = b'T';
        for item in rest.split(|&byte| byte == b',') {
            let mut item = item.trim_ascii();
            if let [letter @ (b'T' | b'U' | b'S'), b':', ports @ ..] = item {
                protocol = *letter;
                item = ports;
            }
            if protocol == b'T' && !item.is_empty() {
                tcp.push(item);
            }
        }
        self.excluded = Some(ports(&tcp.join(&b','))?);
        Ok(())
    }

    /// What is set for the probe above.
    pub(super) fn setting(&mut self, word: &'f [u8], rest: &'f [u8]) -> Result<(), Mistake> {
        let probe = self.last(word)?;
        match word {
            b"fallback" => return self.fallback(rest),
            b"ports" => probe.ports = ports(rest)?,
            b"sslports" => probe.tls_ports = ports(rest)?,
            b"rarity" => probe.rarity = rarity(rest)?,
            b"totalwaitms" => probe.wait = milliseconds(word, rest)?,
            _ => probe.wrapped = Some(milliseconds(word, rest)?),
        }
        Ok(())
    }

    /// The probe to which a line belongs.
    pub(super) fn last(&mut self, word: &[u8]) -> Result<&mut Probe, Mistake> {
        let before_all = || {
            mistake!(
                "{word} stands before the first Probe; put it below one",
                "{word} está antes del primer Probe; póngalo debajo de uno",
                word = quoted(word)
            )
            .into()
        };
        self.probes.last_mut().ok_or_else(before_all)
    }

    fn fallback(&mut self, rest: &'f [u8]) -> Result<(), Mistake> {
        let probe = self.probes.len() - 1;
        let names = rest.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
        for name in names.filter(|name| !name.is_empty()) {
            let own = self
                .fallbacks
                .iter()
                .rev()
                .take_while(|(other, ..)| *other == probe);
            if own.count() == super::super::FALLBACKS {
                return Err(mistake!(
                    "the probe has more than 16 fallbacks; leave some out",
                    "la sonda tiene más de 16 'fallback'; quite algunos"
                )
                .into());
            }
            self.fallbacks.push((probe, self.line, name));
        }
        Ok(())
    }
}

fn checked_name(name: &[u8]) -> Result<&str, Mistake> {
    let good = (1..=64).contains(&name.len()) && name.iter().all(u8::is_ascii_graphic);
    let name = std::str::from_utf8(name).ok().filter(|_| good);
    name.ok_or_else(|| {
        mistake!(
            "a probe's name has 1 to 64 characters of ASCII; mend it",
            "el nombre de una sonda tiene de 1 a 64 caracteres de ASCII; corríjalo"
        )
        .into()
    })
}

fn ports(list: &[u8]) -> Result<PortSet, Mistake> {
    if list.is_empty() {
        return Ok(PortSet::empty());
    }
    let text = String::from_utf8_lossy(list);
    PortSet::parse(&text, &|_| None).map_err(wrong::ports)
}

fn rarity(text: &[u8]) -> Result<u8, Mistake> {
    let number = piece::number(text, 1, 9);
    let number = number.ok_or_else(|| {
        mistake!(
            "{text} is no rarity; write 1 to 9",
            "{text} no es una 'rarity'; escriba de 1 a 9",
            text = quoted(text)
        )
    })?;
    Ok(number as u8)
}

fn milliseconds(word: &[u8], text: &[u8]) -> Result<Duration, Mistake> {
    let number = piece::number(text, 1, LONGEST_MS).ok_or_else(|| {
        mistake!(
            "{text} is no {word}; write 1 to 300000, in milliseconds",
            "{text} no es un '{word}'; escriba de 1 a 300000, en milisegundos",
            text = quoted(text),
            word = String::from_utf8_lossy(word)
        )
    })?;
    Ok(Duration::from_millis(number.into()))
}

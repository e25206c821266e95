//! One host of nmap's XML, from its beginning to its end.

use std::collections::BTreeSet;

use picaporte_core::PortSet;
use quick_xml::events::BytesStart;

use super::super::Reading;
use super::super::failure::Failure;
use super::heard::Heard;
use super::words::{number, ports, said};
use super::{needed, value};
use crate::claims::Claims;
use crate::evidence::{Evidence, reason};
use crate::limits::Full;
use crate::service::{Service, Tls};
use crate::snapshot::{HostId, Said};

/// nmap gives one address of IPv4 or IPv6; more than these are not read.
const MOST_ADDRESSES: usize = 8;
/// The same for names; what is kept has its own bound.
const MOST_NAMES: usize = 64;

/// What has been read of a host.
#[derive(Default)]
pub(super) struct Host {
    addresses: Vec<HostId>,
    names: Vec<String>,
    claims: Claims,
    proved: Vec<(u16, u16, Evidence)>,
    /// What listens on ports that were asked.
    services: Vec<(u16, Service)>,
    /// It answered host discovery.
    sign: bool,
    down: bool,
    /// It is said to be anything but up.
    pub(super) not_up: bool,
    timed_out: bool,
    /// Its ports were told, if only that nothing is to be told of them one by one.
    told: bool,
    /// Words for the many alike, and how many they are, where it is not said which ports.
    rest: BTreeSet<(Said, Option<u16>)>,
    /// The port that is being read; `None` of another protocol.
    port: Option<u16>,
    /// What Picaporte's own script of it says.
    pub(super) heard: Heard,
    /// The many alike that are being read.
    extra: Option<Extra>,
    /// Ports of other protocols.
    pub(super) others: u64,
    /// The zone of its address, which stands apart from it.
    zone: String,
}

/// What an element of Picaporte's own is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// Which ports are so.
    Ports(Said),
    /// The zone of the address.
    Zone,
}

impl Own {
    /// By the element's key.
    pub(super) fn of(tag: &BytesStart<'_>) -> Result<Option<Self>, Failure> {
        Ok(match value(tag, "key")?.as_deref() {
            Some("untested") => Some(Self::Ports(Said::Untested)),
            Some("filtered") => Some(Self::Ports(Said::Filtered)),
            Some("zone") => Some(Self::Zone),
            _ => None,
        })
    }
}

/// The many alike.
struct Extra {
    said: Said,
    count: Option<u16>,
    /// It was said which ports they are.
    told: bool,
}

/// What the run says that holds for its hosts.
pub(super) struct Around {
    /// All TCP ports that were planned.
    pub(super) services: PortSet,
    /// Whether other protocols were scanned too.
    pub(super) mixed: bool,
    /// Whether this type of scan tells states.
    pub(super) tells: bool,
    pub(super) evidence: bool,
    /// Whether it was written by Picaporte, which tells all ports of each host, so that nothing is to be concluded from others.
    pub(super) whole: bool,
}

impl Around {
    /// Of a run that has said nothing yet; `evidence` is wanted, or not.
    pub(super) fn begin(evidence: bool) -> Self {
        Self {
            services: PortSet::empty(),
            mixed: false,
            tells: true,
            evidence,
            whole: false,
        }
    }
}

impl Host {
    pub(super) fn begin(tag: &BytesStart<'_>) -> Result<Self, Failure> {
        Ok(Self {
            timed_out: value(tag, "timedout")?.as_deref() == Some("true"),
            ..Self::default()
        })
    }

    pub(super) fn status(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        let reason = value(tag, "reason")?;
        let state = needed(tag, "state")?;
        self.not_up = state != "up";
        match &*state {
            // That a user said so (-Pn) is no sign of life.
            "up" => self.sign = reason.is_some_and(|reason| reason != "user-set"),
            "down" => self.down = true,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn address(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        if value(tag, "addrtype")?.as_deref() == Some("mac") {
            return Ok(());
        }
        let text = needed(tag, "addr")?;
        // Somebody may have masked it; the other hosts are none the worse for that.
        let Some(id) = HostId::parse(&text) else {
            return Ok(());
        };
        if self.addresses.len() < MOST_ADDRESSES && !self.addresses.contains(&id) {
            self.addresses.push(id);
        }
        Ok(())
    }

    pub(super) fn name(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        if let Some(name) = value(tag, "name")?.filter(|_| self.names.len() < MOST_NAMES) {
            self.names.push(name);
        }
        Ok(())
    }

    pub(super) fn ports_begin(&mut self) {
        self.told = true;
    }

    pub(super) fn port_begins(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        self.port = None;
        if value(tag, "protocol")?.is_some_and(|protocol| protocol != "tcp") {
            self.others += 1;
            return Ok(());
        }
        self.port = Some(number(&needed(tag, "portid")?)?).filter(|port| *port > 0);
        Ok(())
    }

    pub(super) fn state(&mut self, tag: &BytesStart<'_>, around: &Around) -> Result<(), Failure> {
        let Some(port) = self.port else { return Ok(()) };
        let said = around.believed(said(&needed(tag, "state")?)?);
        self.claims.add(said, port, port);
        if around.evidence {
            let from = value(tag, "reason_ip")?;
            let evidence = Evidence {
                reason: value(tag, "reason")?.as_deref().and_then(reason),
                from: from
                    .as_deref()
                    .and_then(HostId::parse)
                    .and_then(|id| id.ip()),
                ..Evidence::default()
            };
            self.prove(port, port, evidence);
        }
        Ok(())
    }

    /// A name that was looked up in a table says nothing of what listens.
    pub(super) fn service(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        let probed = value(tag, "method")?.as_deref() == Some("probed");
        let Some(port) = self
            .port
            .filter(|_| probed && self.services.len() < 1 << 16)
        else {
            return Ok(());
        };
        let text = |key| value(tag, key).map(|text| text.as_deref().and_then(Service::text));
        let service = Service {
            name: text("name")?,
            product: text("product")?,
            version: text("version")?,
            tls: Tls::Untold,
        };
        self.services.push((port, service));
        Ok(())
    }

    pub(super) fn extra_begins(
        &mut self,
        tag: &BytesStart<'_>,
        around: &Around,
    ) -> Result<(), Failure> {
        self.extra = Some(Extra {
            said: around.believed(said(&needed(tag, "state")?)?),
            count: count(tag)?,
            told: false,
        });
        Ok(())
    }

    pub(super) fn extra_reason(
        &mut self,
        tag: &BytesStart<'_>,
        around: &Around,
    ) -> Result<(), Failure> {
        let Some(extra) = &mut self.extra else {
            return Ok(());
        };
        let list = value(tag, "ports")?;
        if value(tag, "proto")?.is_some_and(|protocol| protocol != "tcp") {
            extra.told = true;
            self.others += u64::from(count(tag)?.unwrap_or(1));
            return Ok(());
        }
        let Some(list) = list else { return Ok(()) };
        extra.told = true;
        let set = ports(&list)?;
        let said = extra.said;
        let why = value(tag, "reason")?
            .as_deref()
            .and_then(reason)
            .filter(|_| around.evidence);
        for &(first, last) in set.ranges() {
            self.claims.add(said, first, last);
            let evidence = Evidence {
                reason: why,
                ..Evidence::default()
            };
            self.prove(first, last, evidence);
        }
        Ok(())
    }

    pub(super) fn extra_ends(&mut self) {
        if let Some(extra) = self.extra.take()
            && !extra.told
            && extra.count != Some(0)
        {
            self.rest.insert((extra.said, extra.count));
        }
    }

    /// The text of an element of Picaporte's own.
    pub(super) fn own(&mut self, about: Own, text: &str) -> Result<(), Failure> {
        match about {
            Own::Ports(said) => {
                for &(first, last) in ports(text.trim())?.ranges() {
                    self.claims.add(said, first, last);
                }
            }
            Own::Zone => self.zone.push_str(text),
        }
        Ok(())
    }

    /// Addresses of IPv6 with the zone that was told beside.
    fn zoned(&mut self) {
        let zone = std::mem::take(&mut self.zone);
        for id in self.addresses.iter_mut().filter(|_| !zone.is_empty()) {
            if let Some(zoned) = HostId::parse(&format!("{id}%{zone}")) {
                *id = zoned;
            }
        }
    }

    pub(super) fn port_ends(&mut self) {
        let heard = std::mem::take(&mut self.heard).service();
        if let Some((port, heard)) = self.port.take().zip(heard) {
            self.hear(port, heard);
        }
    }

    /// Its name and TLS as our own script has them; product and version stand in nmap's element, with all characters.
    fn hear(&mut self, port: u16, heard: Service) {
        let room = self.services.len() < 1 << 16;
        let probed = self.services.last_mut().filter(|(n, _)| *n == port);
        match probed {
            Some((_, service)) => {
                service.name = heard.name;
                service.tls = heard.tls;
            }
            None if room => self.services.push((port, heard)),
            None => {}
        }
    }

    pub(super) fn has_address(&self) -> bool {
        !self.addresses.is_empty()
    }

    fn prove(&mut self, first: u16, last: u16, evidence: Evidence) {
        // No more than one for each port: what is said twice is not worth more room.
        if !evidence.is_empty() && self.proved.len() < 1 << 16 {
            self.proved.push((first, last, evidence));
        }
    }

    /// What is planned and not mentioned: the many alike, if there is one kind of them, or, where some may be of other protocols,
    /// one that is as many; never asked, if no port was; else nobody can tell.
    fn rest(&self, left: &PortSet, mixed: bool) -> Said {
        let mut words = self.rest.iter();
        match (words.next(), words.next()) {
            (None, _) if self.down || self.timed_out || !self.told => return Said::Untested,
            (Some((said, _)), None) if !mixed => return *said,
            _ if !mixed => return Said::Undecided,
            _ => {}
        }
        let fits = |(_, count): &&(Said, Option<u16>)| count.map(u32::from) == Some(left.len());
        let mut fit = self.rest.iter().filter(fits);
        match (fit.next(), fit.next()) {
            (Some((said, _)), None) => *said,
            _ => Said::Undecided,
        }
    }

    pub(super) fn end(mut self, around: &Around, reading: &mut Reading) -> Result<(), Full> {
        self.zoned();
        if !around.whole {
            let left = around.services.minus(&self.claims.mentioned());
            let rest = self.rest(&left, around.mixed);
            self.claims.add_set(rest, &left);
        }
        let builder = &mut reading.builder;
        for id in &self.addresses {
            builder.claim(id, &mut self.claims)?;
            for name in &self.names {
                builder.name(id, name)?;
            }
            if self.sign {
                builder.sign_of_life(id)?;
            }
            if self.down {
                builder.left_as_silent(id)?;
            }
            for &(first, last, evidence) in &self.proved {
                builder.prove(id, first, last, evidence)?;
            }
            for (port, service) in &self.services {
                builder.listens(id, *port, service.clone())?;
            }
        }
        Ok(())
    }
}

fn count(tag: &BytesStart<'_>) -> Result<Option<u16>, Failure> {
    Ok(value(tag, "count")?.and_then(|count| count.parse().ok()))
}

impl Around {
    fn believed(&self, said: Said) -> Said {
        if self.tells { said } else { Said::Undecided }
    }
}

//! One `<host>` of nmap's XML.

use std::fmt::Display;
use std::net::IpAddr;

use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Reason};

use super::super::super::Header;
use super::super::service::Service;
use super::super::{Host, Port, Rest};
use super::element::{Attribute, Out};
use super::{SCRIPT, fields};

pub(super) fn write(header: &Header, host: &Host<'_>, out: &mut Out<'_>) {
    let timed_out = |report: &HostReport| report.counts.of(Reason::TimeLimit) > 0;
    let timed_out: &[Attribute<'_>] = if host.report.is_some_and(timed_out) {
        &[("timedout", &true)]
    } else {
        &[]
    };
    out.with("host", timed_out, |out| {
        who(header, host, out);
        if !host.ports.is_empty() || !host.rest.is_empty() {
            out.with("ports", &[], |out| ports(header, host, out));
        }
        if let Some((says, fields)) = fields::of_host(header, host) {
            out.with("hostscript", &[], |out| out.script(SCRIPT, &says, &fields));
        }
    });
}

/// Its state, its address and its names. As nmap does, the address goes without its zone, which few importers can read.
fn who(header: &Header, host: &Host<'_>, out: &mut Out<'_>) {
    let ip = host.address.ip;
    let family = match ip {
        IpAddr::V4(_) => "ipv4",
        IpAddr::V6(_) => "ipv6",
    };
    let (state, reason) = (host.status.state(), host.status.reason());
    out.empty(
        "status",
        &[("state", &state), ("reason", &reason), ("reason_ttl", &0)],
    );
    out.empty("address", &[("addr", &ip), ("addrtype", &family)]);
    out.with("hostnames", &[], |out| {
        for name in header.names(host.address) {
            out.empty("hostname", &[("name", name), ("type", &"user")]);
        }
        for name in header.reverse(host.address).iter() {
            out.empty("hostname", &[("name", &name.xml()), ("type", &"PTR")]);
        }
    });
}

fn ports(header: &Header, host: &Host<'_>, out: &mut Out<'_>) {
    for each in &host.rest {
        rest(each, out);
    }
    for each in &host.ports {
        let number = each.number();
        let attributes: [Attribute<'_>; 2] = [("protocol", &"tcp"), ("portid", &number)];
        out.with("port", &attributes, |out| {
            port(header, host.address, each, out);
        });
    }
}

fn rest(rest: &Rest, out: &mut Out<'_>) {
    let (state, count) = (rest.state.name(), rest.ports.len());
    out.with(
        "extraports",
        &[("state", &state), ("count", &count)],
        |out| {
            for counted in &rest.reasons {
                let reason = counted.reason.name();
                let mut attributes: Vec<Attribute<'_>> = vec![
                    ("reason", &reason),
                    ("count", &counted.count),
                    ("proto", &"tcp"),
                ];
                attributes.extend(counted.ports.as_ref().map(|p| ("ports", p as &dyn Display)));
                out.empty("extrareasons", &attributes);
            }
        },
    );
}

fn port(header: &Header, address: Address, port: &Port, out: &mut Out<'_>) {
    let (state, reason) = (port.state().name(), port.reason().name());
    let sender = match port {
        Port::Listed(verdict) => verdict.evidence.icmp.and_then(|icmp| icmp.from),
        Port::Open(_) => None,
    };
    let mut attributes: Vec<Attribute<'_>> =
        vec![("state", &state), ("reason", &reason), ("reason_ttl", &0)];
    attributes.extend(
        sender
            .as_ref()
            .map(|from| ("reason_ip", &from.ip as &dyn Display)),
    );
    out.empty("state", &attributes);
    let found = header.service(address, port.number());
    if let Some(service) = Service::of(found.as_deref(), port.number()) {
        self::service(&service, out);
    }
    if let Port::Listed(verdict) = port {
        let (says, fields) = fields::of_port(header, verdict);
        out.script(SCRIPT, &says, &fields);
    }
}

/// In the order of attributes that nmap has.
fn service(service: &Service, out: &mut Out<'_>) {
    let (method, conf) = if service.probed {
        ("probed", 10)
    } else {
        ("table", 3)
    };
    let said = [
        ("product", &service.product),
        ("version", &service.version),
        ("extrainfo", &service.extra),
        ("hostname", &service.hostname),
    ];
    let said = said.iter().filter_map(|(name, text)| {
        let text = text.as_ref()?;
        Some((*name, text as &dyn Display))
    });
    let mut attributes: Vec<Attribute<'_>> = vec![("name", &service.name)];
    attributes.extend(said);
    attributes.extend((service.tunnel).then_some(("tunnel", &"ssl" as &dyn Display)));
    attributes.extend([("method", &method as &dyn Display), ("conf", &conf)]);
    if service.cpe.is_empty() {
        return out.empty("service", &attributes);
    }
    out.with("service", &attributes, |out| {
        for uri in &service.cpe {
            out.text("cpe", &[], uri);
        }
    });
}

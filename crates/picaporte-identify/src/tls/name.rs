//! The name that is asked for when a connection begins (SNI, RFC 6066, section 3).

use std::net::IpAddr;

use rustls::pki_types::{DnsName, ServerName};

/// What rustls asks for. It sends no name for an address (RFC 6066, section 3), so that is what stands where there is no name.
pub(super) fn server_name(host: Option<&str>) -> ServerName<'static> {
    let name = host
        .and_then(sni)
        .and_then(|name| DnsName::try_from(name).ok());
    name.map_or_else(
        || ServerName::from(IpAddr::from([127, 0, 0, 1])),
        ServerName::DnsName,
    )
}

/// The name that is asked for: of a host that is a name of the DNS, without the dot at its end.
pub(super) fn sni(host: &str) -> Option<String> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_name = name.parse::<IpAddr>().is_err() && DnsName::try_from(name).is_ok();
    is_name.then(|| name.to_ascii_lowercase())
}

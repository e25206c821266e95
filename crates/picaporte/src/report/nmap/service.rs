//! A service in nmap's words: what its XML has as attributes, and its grepable lines as fields.

use picaporte_identify::service;

use super::super::encode::Untrusted;
use super::cpe;
use crate::services;

/// What nmap calls TLS of which nothing more is known.
const TLS: &str = "ssl";
/// What our own rules call it.
const OWN_TLS: &str = "tls";

/// What listens on a port.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: String,
    /// Spoken inside TLS from the first byte on.
    pub(super) tunnel: bool,
    /// It was found by asking; else the name is the one that is registered for the port.
    pub(super) probed: bool,
    /// The port was asked, and its answer did not tell.
    pub(super) guess: bool,
    /// For XML, as the next three are.
    pub(super) product: Option<String>,
    pub(super) version: Option<String>,
    pub(super) extra: Option<String>,
    pub(super) hostname: Option<String>,
    /// URIs of CPE 2.2.
    pub(super) cpe: Vec<String>,
}

impl Service {
    /// Of what was found, if the port was asked; `None` where neither that nor the port has a name.
    pub(super) fn of(found: Option<&service::Service>, port: u16) -> Option<Self> {
        let usual = services::name(port);
        let Some(found) = found else {
            return usual.map(Self::named);
        };
        // Where nothing but TLS is known, nmap has the usual name, in a tunnel.
        let name = found.name.as_ref().map(service::Name::as_str);
        let only_tls = name == Some(OWN_TLS);
        match (name.filter(|_| !only_tls), usual) {
            (Some(name), _) => Some(Self::probed(found, name)),
            (None, Some(usual)) => Some(Self {
                guess: true,
                tunnel: only_tls,
                ..Self::named(usual)
            }),
            (None, None) => only_tls.then(|| Self::probed(found, TLS)),
        }
    }

    fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }

    fn probed(found: &service::Service, name: &str) -> Self {
        let text = |text: &Option<Untrusted>| text.as_ref().map(Untrusted::xml);
        Self {
            tunnel: found.is_tunnelled(),
            probed: true,
            product: text(&found.product),
            version: found.version.as_ref().map(ToString::to_string),
            extra: text(&found.extra),
            hostname: text(&found.hostname),
            cpe: found
                .cpe
                .iter()
                .map(|name| cpe::uri(name.as_str()))
                .collect(),
            ..Self::named(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use picaporte_identify::service::Name;
    use picaporte_identify::tls::Tls;

    use super::*;

    fn of(name: &str, inside_tls: bool, starttls: bool, port: u16) -> Option<String> {
        let found = service::Service {
            name: Name::new(name),
            inside_tls,
            tls: (inside_tls || name == "tls").then(|| Tls {
                starttls,
                ..Tls::default()
            }),
            ..service::Service::default()
        };
        let service = Service::of(Some(&found), port)?;
        let says = [
            (service.tunnel, " tunnel"),
            (service.probed, " probed"),
            (service.guess, " guess"),
        ];
        let says = says.iter().filter(|(is, _)| *is).map(|(_, word)| *word);
        Some(service.name.clone() + &says.collect::<String>())
    }

    #[test]
    fn what_was_found_has_its_name_and_what_was_not_the_ports() {
        let is = |said: &str| Some(said.to_owned());
        assert_eq!(of("ssh", false, false, 80), is("ssh probed"));
        assert_eq!(of("http", true, false, 443), is("http tunnel probed"));
        assert_eq!(of("smtp", true, true, 25), is("smtp probed"));
        assert_eq!(of("", false, false, 80), is("http guess"));
        assert_eq!(of("tls", false, false, 443), is("https tunnel guess"));
        assert_eq!(services::name(65_535), None);
        assert_eq!(of("tls", false, false, 65_535), is("ssl probed"));
        assert_eq!(of("", false, false, 65_535), None);
        assert_eq!(
            Service::of(None, 22).map(|service| (service.name, service.guess)),
            Some(("ssh".to_owned(), false))
        );
    }
}

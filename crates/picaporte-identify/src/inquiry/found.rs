//! What is known of a port so far: rules' words put together.

use std::sync::Arc;

use picaporte_encode::Untrusted;

use crate::knowledge::{Knowledge, Recognized, RuleId, Said, Source};
use crate::nmap;
use crate::service::{EXCERPT, Name, Service};
use crate::tls::Tls;

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Found {
    best: Option<Best>,
    /// How TLS begins here.
    pub(super) starttls: Option<RuleId>,
    /// What was seen of TLS.
    pub(super) tls: Option<Tls>,
    /// The service is spoken inside TLS.
    inside_tls: bool,
    /// The beginning of the first answer that was understood, or else of the first.
    excerpt: Option<Untrusted>,
}

#[derive(Debug)]
struct Best {
    service: Service,
    weak: bool,
}

impl Found {
    /// Whether the protocol is known.
    pub(super) fn is_known(&self) -> bool {
        self.best.is_some()
    }

    /// Whether it is known, and no other service is any more thought of.
    pub(super) fn is_sure(&self) -> bool {
        self.best.as_ref().is_some_and(|best| !best.weak)
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<&Name> {
        self.best.as_ref()?.service.name.as_ref()
    }

    /// Something came; no rule need know it.
    pub(super) fn came(&mut self, bytes: &[u8]) {
        if self.excerpt.is_none() && !bytes.is_empty() {
            self.excerpt = Some(beginning(bytes));
        }
    }

    /// A rule knows it. Who is sure stays; who was not gives way to who is, and else both are put together if they mean the same service.
    pub(super) fn learn(
        &mut self,
        knowledge: &Knowledge,
        source: Source,
        recognized: &Recognized,
        answer: &[u8],
    ) {
        let service = of_rule(&recognized.said, knowledge.source_name(source));
        if self.put(service, recognized.weak, answer) {
            self.starttls = recognized.starttls.or(self.starttls);
        }
    }

    /// A rule of the user's own file knows it.
    pub(super) fn learn_further(
        &mut self,
        probe: &nmap::Probe,
        found: &nmap::Match,
        answer: &[u8],
    ) {
        self.put(found.to_service(probe), found.soft, answer);
    }

    /// It is an echo service (RFC 862), which no rule may say.
    pub(super) fn learn_echo(&mut self) {
        if self.best.is_none() {
            let service = Service {
                name: Name::new("echo"),
                ..Service::default()
            };
            self.best = Some(Best {
                service,
                weak: false,
            });
        }
    }

    /// Whether it was taken.
    fn put(&mut self, new: Service, weak: bool, answer: &[u8]) -> bool {
        let Some(old) = &mut self.best else {
            self.excerpt = Some(beginning(answer));
            self.best = Some(Best { service: new, weak });
            return true;
        };
        let same = old.service.name == new.name;
        match (old.weak, weak) {
            (true, false) if !same => {
                self.excerpt = Some(beginning(answer));
                *old = Best { service: new, weak };
            }
            (true, false) => {
                let before = std::mem::replace(&mut old.service, new);
                fill(&mut old.service, before);
                old.weak = false;
            }
            _ if same => fill(&mut old.service, new),
            _ => return false,
        }
        true
    }

    /// TLS stands: what was found outside of it was a word about TLS. Returned, as it is all that is known if nothing is found inside.
    pub(super) fn enter_tls(&mut self) -> Outside {
        self.inside_tls = true;
        self.starttls = None;
        Outside {
            best: self.best.take(),
            excerpt: self.excerpt.take(),
        }
    }

    /// All that is known.
    pub(super) fn service(self, outside: Option<Outside>, connections: u8) -> Service {
        let outside = outside.unwrap_or_default();
        let inside_tls = self.inside_tls && self.best.is_some();
        let best = self.best.or(outside.best);
        let mut service = best.map(|best| best.service).unwrap_or_default();
        // TLS is all that is known.
        if service.name.is_none() && self.tls.is_some() {
            service.name = Name::new("tls");
        }
        Service {
            inside_tls: service.inside_tls || inside_tls,
            tls: self.tls,
            excerpt: self.excerpt.or(outside.excerpt),
            connections,
            ..service
        }
    }
}

/// What was known before TLS stood.
#[derive(Debug, Default)]
pub(super) struct Outside {
    best: Option<Best>,
    excerpt: Option<Untrusted>,
}

fn beginning(bytes: &[u8]) -> Untrusted {
    Untrusted::beginning(bytes, EXCERPT)
}

fn of_rule(said: &Said, probe: Arc<str>) -> Service {
    let said = said.clone();
    Service {
        name: Some(said.service),
        product: said.product,
        version: said.version,
        extra: said.extra,
        hostname: said.hostname,
        cpe: said.cpe,
        probe: Some(probe),
        ..Service::default()
    }
}

/// What is missing in one is taken from the other. A version belongs to a product: it is not taken beside another.
fn fill(service: &mut Service, other: Service) {
    let same_product =
        service.product.is_none() || other.product.is_none() || service.product == other.product;
    let says_more = service.product.is_none()
        && service.version.is_none()
        && (other.product.is_some() || other.version.is_some());
    if same_product {
        if service.version.is_none() && (other.version.is_some() || service.cpe.is_empty()) {
            service.cpe = if other.cpe.is_empty() {
                std::mem::take(&mut service.cpe)
            } else {
                other.cpe
            };
        }
        service.product = service.product.take().or(other.product);
        service.version = service.version.take().or(other.version);
    }
    if says_more {
        service.probe = other.probe;
    }
    service.extra = service.extra.take().or(other.extra);
    service.hostname = service.hostname.take().or(other.hostname);
}

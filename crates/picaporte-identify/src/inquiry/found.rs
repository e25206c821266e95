//! What is known of a port so far: rules' words put together.

use std::sync::Arc;

use picaporte_encode::Untrusted;

use crate::knowledge::{Knowledge, Recognized, RuleId, Said};
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
    pub(super) fn learn(&mut self, knowledge: &Knowledge, recognized: &Recognized, answer: &[u8]) {
        let service = of_rule(&recognized.said, knowledge.source_name(recognized.source));
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
        self.starttls = None;
        Outside {
            best: self.best.take(),
            excerpt: self.excerpt.take(),
        }
    }

    /// All that is known.
    pub(super) fn service(self, outside: Option<Outside>, connections: u8) -> Service {
        // Whoever entered TLS keeps what was known outside.
        let inside_tls = outside.is_some() && self.best.is_some();
        let outside = outside.unwrap_or_default();
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

/// What is missing in one is taken from the other. A version and a platform belong to a product: they are not taken beside another.
fn fill(service: &mut Service, other: Service) {
    let contradicts =
        service.product.is_some() && other.product.is_some() && service.product != other.product;
    let says_more = (service.product.is_none() && other.product.is_some())
        || (service.version.is_none() && other.version.is_some());
    if !contradicts {
        if says_more {
            service.probe = other.probe;
        }
        if service.cpe.is_empty() || (says_more && !other.cpe.is_empty()) {
            service.cpe = other.cpe;
        }
        service.product = service.product.take().or(other.product);
        service.version = service.version.take().or(other.version);
    }
    service.extra = service.extra.take().or(other.extra);
    service.hostname = service.hostname.take().or(other.hostname);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::{Cpe, Version};

    fn service(name: &str, product: &str, version: &str) -> Service {
        let some = |text: &str| Some(Untrusted::new(text)).filter(|text| !text.is_empty());
        let version = Version::new(version.as_bytes());
        Service {
            name: Name::new(name),
            product: some(product),
            cpe: Cpe::new('a', "toys", "toy", version.as_ref())
                .into_iter()
                .collect(),
            version,
            ..Service::default()
        }
    }

    /// What is known after these were learned in turn; `weak` first.
    fn after(learned: &[(&str, &str, &str, bool)]) -> String {
        let mut found = Found::default();
        for (name, product, version, weak) in learned {
            found.put(service(name, product, version), *weak, b"answer");
        }
        let service = found.service(None, 1);
        let product = service
            .product
            .map_or(String::new(), |product| product.terminal());
        let version = service
            .version
            .map_or(String::new(), |version| version.to_string());
        format!(
            "{} {product} {version} {}",
            service.name.unwrap(),
            service.cpe.len()
        )
        .replace("  ", " ")
    }

    #[test]
    fn who_is_sure_stays_and_who_is_not_gives_way() {
        assert_eq!(
            after(&[("a", "A", "1", true), ("b", "B", "", false)]),
            "b B 1"
        );
        assert_eq!(
            after(&[("a", "A", "1", false), ("b", "B", "2", false)]),
            "a A 1 1"
        );
        assert_eq!(
            after(&[("a", "A", "", true), ("b", "B", "2", true)]),
            "a A 1"
        );
    }

    #[test]
    fn words_of_the_same_service_are_put_together() {
        assert_eq!(
            after(&[("a", "", "", true), ("a", "A", "1", false)]),
            "a A 1 1"
        );
        assert_eq!(
            after(&[("a", "A", "", false), ("a", "A", "2", false)]),
            "a A 2 1"
        );
        assert_eq!(
            after(&[("a", "A", "1", true), ("a", "", "", false)]),
            "a A 1 1"
        );
        // Another product's version is not this one's.
        assert_eq!(
            after(&[("a", "A", "", false), ("a", "B", "2", false)]),
            "a A 1"
        );
        assert_eq!(
            after(&[("a", "A", "1", true), ("a", "B", "", false)]),
            "a B 1"
        );
    }

    #[test]
    fn what_came_first_is_shown_until_something_is_understood() {
        let mut found = Found::default();
        found.came(b"what");
        found.came(b"ever");
        assert_eq!(found.excerpt, Some(Untrusted::new(b"what")));
        found.put(service("a", "", ""), true, &[b'x'; EXCERPT + 1]);
        assert_eq!(
            found.excerpt,
            Some(Untrusted::beginning([b'x'; EXCERPT + 1], EXCERPT))
        );
    }
}

//! What the page says of services (`--identify`), in each language.

use super::super::super::Lang;
use super::Words;

/// Those texts in one language.
pub(in super::super) struct Services {
    pub(in super::super) service: &'static str,
    pub(in super::super) guesses: &'static str,
    pub(in super::super) unsaid: &'static str,
    pub(in super::super) came: &'static str,
    pub(in super::super) tls: &'static str,
    pub(in super::super) tls_how: &'static str,
    pub(in super::super) tls_folded: &'static str,
    pub(in super::super) versions: &'static str,
    pub(in super::super) refuses: &'static str,
    pub(in super::super) asks_client: &'static str,
    pub(in super::super) certificate: &'static str,
    pub(in super::super) no_certificate: &'static str,
    pub(in super::super) names: &'static str,
    pub(in super::super) issuer: &'static str,
    pub(in super::super) valid: &'static str,
    pub(in super::super) key: &'static str,
    pub(in super::super) others: &'static str,
    pub(in super::super) how: &'static str,
    pub(in super::super) extra_asks: &'static str,
    pub(in super::super) identified: &'static str,
    pub(in super::super) identified_are: &'static str,
}

static EN: Services = Services {
    service: "Service",
    guesses: "A service with a question mark was not found out: it is the usual one of the port.",
    unsaid: "Folded: what {0} say of themselves has no room here; the formats json, jsonl and csv have it.",
    came: "answered, and is not known:",
    tls: "TLS and certificates",
    tls_how: "What each port offered, and the certificate that it sent. No chain was verified. Versions older than TLS 1.2 must not be used any more (RFC 8996).",
    tls_folded: "Folded: TLS stands here for {0} of {1}. The formats json and jsonl have all of it, csv the certificate of each port.",
    versions: "Versions",
    refuses: "refuses",
    asks_client: "asks for a client's certificate",
    certificate: "Certificate",
    no_certificate: "none came",
    names: "for",
    issuer: "issued by",
    valid: "valid",
    key: "{0}, signed with {1}",
    others: "certificates that came with it: {0}",
    how: "Open ports were also asked what they are, over connections of their own and within a share of the same caps: what they say unasked \
          was read, and short questions of common protocols were put. Nothing was logged in to.",
    extra_asks: "{0} to ask what listens",
    identified: "Services",
    identified_are: "identified {0} of {1}, over {2} connections; not recognised: {3}; not asked: {4}",
};

static ES: Services = Services {
    service: "Servicio",
    guesses: "Un servicio con signo de interrogación no se averiguó: es el habitual del puerto.",
    unsaid: "Plegado: no cabe aquí lo que dicen de sí mismos {0}; está en los formatos json, jsonl y csv.",
    came: "respondió, y no se reconoce:",
    tls: "TLS y certificados",
    tls_how: "Lo que ofreció cada puerto y el certificado que envió. No se verificó ninguna cadena. Las versiones anteriores a TLS 1.2 ya no deben usarse (RFC 8996).",
    tls_folded: "Plegado: aquí figura el TLS de {0} de {1}. Los formatos json y jsonl lo tienen todo; csv, el certificado de cada puerto.",
    versions: "Versiones",
    refuses: "rechaza",
    asks_client: "pide un certificado de cliente",
    certificate: "Certificado",
    no_certificate: "no llegó ninguno",
    names: "para",
    issuer: "emitido por",
    valid: "válido",
    key: "{0}, firmado con {1}",
    others: "certificados que lo acompañan: {0}",
    how: "A los puertos abiertos se les preguntó además qué son, con conexiones propias y dentro de una parte de los mismos límites: se leyó lo \
          que dicen sin que se les pregunte y se les hicieron preguntas breves de protocolos comunes. No se inició sesión en ninguno.",
    extra_asks: "{0} para preguntar qué escucha",
    identified: "Servicios",
    identified_are: "identificados {0} de {1}, con {2} conexiones; no reconocidos: {3}; sin preguntar: {4}",
};

impl Words {
    /// What is said of services.
    pub(in super::super) fn services(&self) -> &'static Services {
        match self.lang {
            Lang::En => &EN,
            Lang::Es => &ES,
        }
    }
}

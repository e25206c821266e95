//! `match ssh m/^SSH-([\d.]+)/i p/…/ v/$1/ cpe:/a:…/`

use picaporte_toml::{Mistake, mistake};

use super::{Reader, Rule, piece, quoted};
use crate::nmap::pattern::Flags;
use crate::nmap::rule::{Field, Kind, Span};
use crate::nmap::template;
use crate::nmap::{FIELDS, PATTERN, RULES};
use crate::service::Name;

/// What stands before the name of a service that was reached through TLS.
const TLS: &[u8] = b"ssl/";

impl<'f> Reader<'f> {
    pub(super) fn rule(&mut self, rest: &'f [u8], soft: bool) -> Result<(), Mistake> {
        let word: &[u8] = if soft { b"softmatch" } else { b"match" };
        self.last(word)?;
        if self.rules.len() == RULES {
            return Err(mistake!(
                "the file has more than 65,536 rules; leave some out",
                "el fichero tiene más de 65\u{202f}536 reglas; quite algunas"
            )
            .into());
        }
        let (service, rest) = piece::word(rest);
        let pattern = rest.strip_prefix(b"m").ok_or_else(|| {
            mistake!(
                "a rule's pattern is missing; write it as m/…/",
                "falta el patrón de una regla; escríbalo como m/…/"
            )
        })?;
        let (pattern, rest) = piece::delimited(pattern)?;
        if pattern.len() > PATTERN {
            return Err(mistake!(
                "the pattern has more than 64 KiB; make it shorter",
                "el patrón ocupa más de 64 KiB; acórtelo"
            )
            .into());
        }
        let (letters, rest) = piece::letters(rest);
        let fields = self.fields(rest)?;
        let (Some(flags), Some((service, inside_tls))) =
            (self.flags(letters), self.service(service))
        else {
            return Ok(());
        };
        let pattern = (Span::of(self.file, pattern), flags);
        self.rules.push(Rule::new(
            self.line, soft, inside_tls, service, pattern, fields,
        ));
        let end = self.rules.len();
        self.last(word)?.rules.end = end;
        Ok(())
    }

    /// `None`: one is not known, so that nobody can say what the pattern means.
    fn flags(&mut self, letters: &[u8]) -> Option<Flags> {
        let mut flags = Flags::default();
        for letter in letters {
            match letter {
                b'i' => flags.fold = true,
                b's' => flags.dot_all = true,
                _ => {
                    self.warn(mistake!(
                        "{letters} behind the pattern is not known; the rule is passed over",
                        "{letters} tras el patrón no se conoce; se omite la regla",
                        letters = quoted(letters)
                    ));
                    return None;
                }
            }
        }
        Some(flags)
    }

    /// Its name in lower case, kept once for all its rules, and whether it was reached through TLS.
    fn service(&mut self, word: &'f [u8]) -> Option<(Name, bool)> {
        let inside_tls = word.starts_with(TLS);
        let bare = word.strip_prefix(TLS).unwrap_or(word);
        let name = self.services.entry(bare).or_insert_with(|| {
            let lower = bare.to_ascii_lowercase();
            Name::new(std::str::from_utf8(&lower).ok()?)
        });
        let name = name.clone();
        if name.is_none() {
            self.warn(mistake!(
                "{word} is no name of a service; the rule is passed over",
                "{word} no es el nombre de un servicio; se omite la regla",
                word = quoted(word)
            ));
        }
        Some((name?, inside_tls))
    }

    fn fields(&mut self, mut rest: &'f [u8]) -> Result<Vec<Field>, Mistake> {
        let mut fields: Vec<Field> = Vec::new();
        loop {
            rest = rest.trim_ascii_start();
            if rest.is_empty() {
                return Ok(fields);
            }
            let (key, behind) = key(rest)?;
            let (template, behind) = piece::delimited(behind)?;
            // A letter behind it, as `a` behind a CPE, says nothing of the answer.
            rest = piece::letters(behind).1;
            let Some(kind) = kind(key) else {
                self.warn(mistake!(
                    "{key} is no field that is known; it is passed over",
                    "{key} no es un campo conocido; se omite",
                    key = quoted(key)
                ));
                continue;
            };
            if let Err(wrong) = template::pieces(template) {
                self.warn(mistake!(
                    wrong => "{template}: {wrong}; the field is passed over",
                    "{template}: {wrong}; se omite el campo",
                    template = quoted(template)
                ));
                continue;
            }
            if fields.len() == FIELDS {
                return Err(mistake!(
                    "the rule has more than 32 fields; leave some out",
                    "la regla tiene más de 32 campos; quite algunos"
                )
                .into());
            }
            let template = Span::of(self.file, template);
            fields.push(Field { kind, template });
        }
    }
}

/// The letters that say what a field is, with the colon of `cpe:`, and what stands behind them.
fn key(text: &[u8]) -> Result<(&[u8], &[u8]), Mistake> {
    let (letters, behind) = piece::letters(text);
    let colon = usize::from(letters.len() > 1 && behind.starts_with(b":"));
    if letters.is_empty() {
        return Err(mistake!(
            "{text} is no field; write them as p/…/ v/…/ cpe:/…/",
            "{text} no es un campo; escríbalos como p/…/ v/…/ cpe:/…/",
            text = quoted(text)
        )
        .into());
    }
    Ok(text.split_at(letters.len() + colon))
}

fn kind(key: &[u8]) -> Option<Kind> {
    Some(match key {
        b"p" => Kind::Product,
        b"v" => Kind::Version,
        b"i" => Kind::Info,
        b"h" => Kind::Hostname,
        b"o" => Kind::Os,
        b"d" => Kind::Device,
        b"cpe:" => Kind::Cpe,
        _ => return None,
    })
}

//! A rule of the file: a pattern, and what it says of an answer that fits. Compiled when it is first tried.

use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

use super::KEPT;
use super::cpe;
use super::found::{Match, Said};
use super::pattern::{self, Engine, Flags, Groups, Tried};
use super::template;
use crate::service::Name;

/// Bytes of the file; it has less than 2³² of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    from: u32,
    to: u32,
}

impl Span {
    /// Where a piece of the file stands in it.
    pub(super) fn of(file: &[u8], piece: &[u8]) -> Self {
        let from = (piece.as_ptr().addr() - file.as_ptr().addr()) as u32;
        Self {
            from,
            to: from + piece.len() as u32,
        }
    }

    pub(super) fn in_file(self, file: &[u8]) -> &[u8] {
        &file[self.from as usize..self.to as usize]
    }
}

/// What a template of a rule fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Product,
    Version,
    Info,
    Hostname,
    Os,
    Device,
    Cpe,
}

/// A template that was held against [`template::pieces`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) kind: Kind,
    pub(super) template: Span,
}

/// `match` or `softmatch`.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) line: u32,
    pub(super) soft: bool,
    pub(super) inside_tls: bool,
    pub(super) service: Name,
    pub(super) pattern: Span,
    pub(super) flags: Flags,
    pub(super) fields: Box<[Field]>,
    engine: OnceLock<Option<Box<Engine>>>,
}

impl Rule {
    pub(super) fn new(
        line: u32,
        soft: bool,
        inside_tls: bool,
        service: Name,
        (pattern, flags): (Span, Flags),
        fields: Vec<Field>,
    ) -> Self {
        Self {
            line,
            soft,
            inside_tls,
            service,
            pattern,
            flags,
            fields: fields.into(),
            engine: OnceLock::new(),
        }
    }

    /// Tries it on an answer. A pattern that can't be compiled fits nothing; [`survey`](super::Probes::survey) tells which these are.
    ///
    /// What is compiled is kept unless [`KEPT`] are already; `kept` counts them.
    pub(super) fn try_on<'a>(&self, file: &[u8], answer: &'a [u8], kept: &AtomicU32) -> Tried<'a> {
        let tried = |engine: &Option<Box<Engine>>| match engine {
            Some(engine) => engine.try_on(answer),
            None => Tried::Not,
        };
        if let Some(engine) = self.engine.get() {
            return tried(engine);
        }
        let engine = pattern::compile(self.pattern.in_file(file), self.flags);
        let engine = engine.ok().map(Box::new);
        let one_more = |kept| (kept < KEPT).then_some(kept + 1);
        if kept.fetch_update(Relaxed, Relaxed, one_more).is_err() {
            return tried(&engine);
        }
        tried(self.engine.get_or_init(|| engine))
    }

    /// What it says, with what its groups took.
    pub(super) fn says(&self, file: &[u8], groups: &Groups<'_>) -> Match {
        let mut said = Said::default();
        for field in &*self.fields {
            let template = field.template.in_file(file);
            if field.kind == Kind::Cpe {
                said.add_cpe(cpe::of(template, groups));
                continue;
            }
            *said.place(field.kind) = template::filled(template, groups);
        }
        Match::new(
            self.service.clone(),
            self.inside_tls,
            self.soft,
            self.line,
            said,
        )
    }
}

impl Said {
    fn place(&mut self, kind: Kind) -> &mut Option<Vec<u8>> {
        match kind {
            Kind::Product => &mut self.product,
            Kind::Version => &mut self.version,
            Kind::Hostname => &mut self.hostname,
            Kind::Os => &mut self.os,
            Kind::Device => &mut self.device,
            Kind::Info | Kind::Cpe => &mut self.info,
        }
    }
}

//! Elements and their attributes, every text through the encoder. It knows no element by name but `script`, `table` and `elem`,
//! which hold fields of any kind.

use std::fmt::Display;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::{Map, Value};

use super::super::super::encode;

/// An attribute: its name, and its value as it is before it is encoded.
pub(super) type Attribute<'a> = (&'a str, &'a dyn Display);

/// A piece of the document, in whole lines.
pub(super) struct Out<'a> {
    writer: Writer<&'a mut Vec<u8>>,
}

impl<'a> Out<'a> {
    /// The next piece.
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            writer: Writer::new_with_indent(out, b' ', 1),
        }
    }

    /// The first piece.
    pub(super) fn document(out: &'a mut Vec<u8>) -> Self {
        let mut out = Self::new(out);
        out.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        out.event(Event::DocType(BytesText::from_escaped("nmaprun")));
        out
    }

    fn event(&mut self, event: Event<'_>) {
        let written = self.writer.write_event(event);
        written.expect("an element, written to memory");
    }

    /// The start of an element that a later piece closes.
    pub(super) fn open(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.event(Event::Start(tag(name, attributes)));
    }

    /// The end of an element that an earlier piece opened.
    pub(super) fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[Attribute<'_>]) {
        self.event(Event::Empty(tag(name, attributes)));
    }

    /// An element with others in it.
    pub(super) fn with(
        &mut self,
        name: &str,
        attributes: &[Attribute<'_>],
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        inside(self);
        self.close(name);
    }

    /// A script's result: a sentence for people, and fields for programs.
    pub(super) fn script(&mut self, id: &str, output: &str, fields: &Map<String, Value>) {
        self.with("script", &[("id", &id), ("output", &output)], |out| {
            out.fields(fields);
        });
    }

    fn fields(&mut self, fields: &Map<String, Value>) {
        for (key, value) in fields {
            self.value(&[("key", key)], value);
        }
    }

    /// What is unknown is left out; a list that is known to have nothing in it is empty.
    fn value(&mut self, key: &[Attribute<'_>], value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(is) => self.elem(key, &is.to_string()),
            Value::Number(number) => self.elem(key, &number.to_string()),
            Value::String(text) => self.elem(key, text),
            Value::Array(all) => self.with("table", key, |out| {
                for value in all {
                    out.value(&[], value);
                }
            }),
            Value::Object(fields) if fields.is_empty() => {}
            Value::Object(inner) => self.with("table", key, |out| out.fields(inner)),
        }
    }

    fn elem(&mut self, key: &[Attribute<'_>], text: &str) {
        self.text("elem", key, text);
    }

    /// An element with a text in it.
    pub(super) fn text(&mut self, name: &str, attributes: &[Attribute<'_>], text: &str) {
        self.event(Event::Start(tag(name, attributes)));
        self.event(Event::Text(BytesText::new(&encode::xml(text))));
        self.event(Event::End(BytesEnd::new(name)));
    }
}

impl Drop for Out<'_> {
    /// The line that was begun is ended.
    fn drop(&mut self) {
        self.writer.get_mut().push(b'\n');
    }
}

fn tag<'n>(name: &'n str, attributes: &[Attribute<'_>]) -> BytesStart<'n> {
    let mut tag = BytesStart::new(name);
    for (key, value) in attributes {
        tag.push_attribute((*key, &*encode::xml(&value.to_string())));
    }
    tag
}

//! The formats by the names and file extensions of the command line. Knows nothing of how they are written.

use std::path::Path;

use super::Lang;

/// A format that a scan can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a person: each host once, when it is done.
    Table,
    /// One JSON object a line.
    JsonLines,
    /// One JSON document.
    Json,
    /// One line a port, for spreadsheets.
    Csv,
    /// nmap's XML.
    Xml,
    /// nmap's grepable format: a line a host.
    Grepable,
    /// One page for whoever asked for the scan.
    Html,
    /// `address:port` of each open port, at its handshake.
    HostPort,
    /// A document with tables, for a ticket or a wiki.
    Markdown,
    /// naabu's JSON lines: open ports.
    Naabu,
    /// masscan's JSON list: open ports.
    Masscan,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::Table,
        Self::JsonLines,
        Self::Json,
        Self::Csv,
        Self::Xml,
        Self::Grepable,
        Self::Html,
        Self::HostPort,
        Self::Markdown,
        Self::Naabu,
        Self::Masscan,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::JsonLines => "jsonl",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Grepable => "gnmap",
            Self::Html => "html",
            Self::HostPort => "hostport",
            Self::Markdown => "md",
            Self::Naabu => "naabu",
            Self::Masscan => "masscan",
        }
    }

    /// Whether files of its own extension are written in it.
    const fn has_extension(self) -> bool {
        !matches!(
            self,
            Self::Table | Self::HostPort | Self::Naabu | Self::Masscan
        )
    }

    /// The format of this name.
    ///
    /// # Errors
    /// An unknown name.
    pub fn by_name(name: &str) -> Result<Self, UnknownFormat> {
        let mut all = Self::ALL.into_iter();
        let found = all.find(|format| format.name() == name);
        found.ok_or_else(|| UnknownFormat::Name(name.to_owned()))
    }

    /// The format of a file, by its extension in any case.
    ///
    /// # Errors
    /// No extension, or an unknown one.
    pub fn by_extension(file: &Path) -> Result<Self, UnknownFormat> {
        let text = file.display().to_string();
        let Some(extension) = file.extension() else {
            return Err(UnknownFormat::NoExtension(text));
        };
        let extension = extension.to_string_lossy().to_ascii_lowercase();
        let mut files = Self::ALL.into_iter().filter(|f| f.has_extension());
        let found = files.find(|f| f.name() == extension);
        found.ok_or(UnknownFormat::Extension(text))
    }

    /// Every name, as a sentence lists them.
    pub(crate) fn names(lang: Lang) -> String {
        lang.listed(Self::ALL.map(Self::name).map(str::to_owned).to_vec())
    }

    /// Every extension of a file.
    pub(crate) fn extensions(lang: Lang) -> String {
        let files = Self::ALL.into_iter().filter(|f| f.has_extension());
        lang.listed(files.map(|f| format!(".{}", f.name())).collect())
    }
}

/// Why no format could be told. The texts hold what the user wrote, unescaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownFormat {
    /// A name that stands for no format.
    #[error("'{0}' is not a format; there are {names}", names = Format::names(Lang::En))]
    Name(String),
    /// A file without an extension.
    #[error("the file '{0}' has no extension to tell its format by; there are {files}", files = Format::extensions(Lang::En))]
    NoExtension(String),
    /// A file whose extension stands for no format.
    #[error("the extension of '{0}' stands for no format; there are {files}", files = Format::extensions(Lang::En))]
    Extension(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_name() {
        for format in Format::ALL {
            assert_eq!(Format::by_name(format.name()), Ok(format));
        }
    }

    #[test]
    fn files_tell_their_format_by_extension() {
        let by = |file: &str| Format::by_extension(Path::new(file));
        assert_eq!(by("a.b/scan.jsonl"), Ok(Format::JsonLines));
        assert_eq!(by("SCAN.JSON"), Ok(Format::Json));
        assert_eq!(by("scan.2026.csv"), Ok(Format::Csv));
        assert_eq!(by("scan.md"), Ok(Format::Markdown));
        assert_eq!(by("scan.Xml"), Ok(Format::Xml));
        assert_eq!(by("scan.gnmap"), Ok(Format::Grepable));
        assert_eq!(by("scan.html"), Ok(Format::Html));
        for file in [
            "scan.table",
            "scan.hostport",
            "scan.naabu",
            "scan.masscan",
            "scan.txt",
            "scan",
            ".jsonl",
            "",
        ] {
            assert!(by(file).is_err(), "{file}");
        }
    }

    #[test]
    fn an_error_names_what_was_written_and_what_there_is() {
        let error = Format::by_name("yaml").unwrap_err().to_string();
        insta::assert_snapshot!(error, @"'yaml' is not a format; there are table, jsonl, json, csv, xml, gnmap, html, hostport, md, naabu and masscan");
        let error = Format::by_extension(Path::new("out/scan.toml")).unwrap_err();
        insta::assert_snapshot!(error, @"the extension of 'out/scan.toml' stands for no format; there are .jsonl, .json, .csv, .xml, .gnmap, .html and .md");
        let error = Format::by_extension(Path::new("scan")).unwrap_err();
        insta::assert_snapshot!(error, @"the file 'scan' has no extension to tell its format by; there are .jsonl, .json, .csv, .xml, .gnmap, .html and .md");
    }
}

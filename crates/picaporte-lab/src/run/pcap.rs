//! Packets into a capture file (draft-ietf-opsawg-pcap, with nanoseconds), as Wireshark and tcpdump read it.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

use crate::scenario::Link;

/// Nanosecond timestamps, in the byte order of this file.
const MAGIC: u32 = 0xa1b2_3c4d;
const VERSION: [u16; 2] = [2, 4];
const SNAP_LENGTH: u32 = 65_535;
/// `LINKTYPE_RAW` (an IP packet) and `LINKTYPE_ETHERNET` of the registry at tcpdump.org.
const RAW: u32 = 101;
const ETHERNET: u32 = 1;

/// A capture file that is being written. What it holds is whole at every packet.
#[derive(Debug)]
pub struct Capture {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Capture {
    /// Makes the file, or empties it.
    ///
    /// # Errors
    /// When it can't be made.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path)
            .with_context(|| format!("creating the capture file {}", path.display()))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
        })
    }

    pub(super) fn begin(&mut self, link: Link) -> Result<()> {
        let network = if link == Link::Ethernet {
            ETHERNET
        } else {
            RAW
        };
        let mut header = MAGIC.to_le_bytes().to_vec();
        header.extend(VERSION.iter().flat_map(|part| part.to_le_bytes()));
        header.extend(
            [0, 0, SNAP_LENGTH, network]
                .iter()
                .flat_map(|part: &u32| part.to_le_bytes()),
        );
        self.write(&header)
    }

    pub(super) fn packet(&mut self, bytes: &[u8]) -> Result<()> {
        let at = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        let length = bytes.len() as u32;
        let header = [at.as_secs() as u32, at.subsec_nanos(), length, length];
        self.write(
            &header
                .iter()
                .flat_map(|part| part.to_le_bytes())
                .collect::<Vec<u8>>(),
        )?;
        self.write(bytes)
    }

    /// Writes out what is still in memory.
    pub(super) fn finish(mut self) -> Result<()> {
        self.file
            .flush()
            .with_context(|| format!("writing the capture file {}", self.path.display()))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file
            .write_all(bytes)
            .with_context(|| format!("writing the capture file {}", self.path.display()))
    }
}

//! A world for one test, and the namespace that the test has to itself.

use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::Failed;
use nix::sched::{CloneFlags, unshare};
use picaporte_lab::record::{Lab, Wire};
use picaporte_lab::run::{self, Capture, Playing};
use picaporte_lab::scenario;
use tempfile::TempDir;

/// Runs a test in a network namespace of its own: threads have their own here.
pub(crate) fn apart(test: fn() -> Result<(), Failed>) -> Result<(), Failed> {
    unshare(CloneFlags::CLONE_NEWNET)
        .map_err(|error| format!("a network namespace for a test: {error}"))?;
    test()
}

/// A world that is being played, and captured.
pub(crate) struct World {
    playing: Playing,
    folder: TempDir,
}

/// What was seen of a world that is over.
pub(crate) struct Seen {
    pub(crate) wire: Wire,
    pub(crate) lab: Lab,
    /// Every packet, both ways, in order.
    pub(crate) packets: Vec<Vec<u8>>,
}

impl World {
    /// Plays a scenario from its text, which begins after the head that all have.
    pub(crate) fn play(body: &str) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let text = format!("about = 'a test'\nsource = 'none'\n{body}");
        let scenario = scenario::from_text(&PathBuf::from("test.toml"), &text)?;
        let capture = Capture::create(&folder.path().join("all.pcap")).map_err(text_of)?;
        let playing = run::play(&Arc::new(scenario), 1, Some(capture)).map_err(text_of)?;
        Ok(Self { playing, folder })
    }

    /// Ends it.
    pub(crate) fn stop(self) -> Result<Seen, Failed> {
        let (wire, lab) = self.playing.stop().map_err(text_of)?;
        let file = std::fs::read(self.folder.path().join("all.pcap"))?;
        Ok(Seen {
            wire,
            lab,
            packets: packets(&file),
        })
    }
}

fn text_of(error: anyhow::Error) -> Failed {
    format!("{error:#}").into()
}

/// The packets of a capture file.
fn packets(file: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = file.get(24..).unwrap_or_default();
    let mut packets = Vec::new();
    while let Some((header, after)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes([header[8], header[9], header[10], header[11]]) as usize;
        let Some((packet, after)) = after.split_at_checked(length) else {
            break;
        };
        packets.push(packet.to_vec());
        rest = after;
    }
    packets
}

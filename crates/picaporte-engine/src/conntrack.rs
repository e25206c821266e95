//! This machine's own table of connections: where its firewall tracks them (Linux conntrack), every probe takes a place, and a silent
//! one keeps it for 120 s (`nf_conntrack_tcp_timeout_syn_sent`). A full table drops packets of everybody, so that sending stops before.

use std::path::{Path, PathBuf};

/// Where Linux tells; only where connections are tracked.
const DIRECTORY: &str = "/proc/sys/net/netfilter";
/// From this share of the table on nothing more is sent: the rest is for others.
const MOST: (u64, u64) = (7, 8);

/// The table, where the system tells how full it is.
#[derive(Debug)]
pub(crate) struct Table {
    count: PathBuf,
    max: PathBuf,
}

impl Table {
    /// This machine's.
    pub(crate) fn of_this_machine() -> Option<Self> {
        Self::in_directory(Path::new(DIRECTORY))
    }

    fn in_directory(directory: &Path) -> Option<Self> {
        let table = Self {
            count: directory.join("nf_conntrack_count"),
            max: directory.join("nf_conntrack_max"),
        };
        table.fill().map(|_| table)
    }

    /// Whether it is so full that probes must wait. False if the system no longer tells.
    pub(crate) fn is_crowded(&self) -> bool {
        let (part, whole) = MOST;
        self.fill()
            .is_some_and(|(count, max)| count.saturating_mul(whole) >= max.saturating_mul(part))
    }

    /// How many places are taken, and how many there are; a maximum of 0 means no bound.
    fn fill(&self) -> Option<(u64, u64)> {
        let read = |path: &Path| std::fs::read_to_string(path).ok()?.trim().parse().ok();
        let (count, max) = (read(&self.count)?, read(&self.max)?);
        (max > 0).then_some((count, max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eighth_of_the_table_is_left_to_others() {
        let directory = std::env::temp_dir().join(format!("conntrack-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        assert!(Table::in_directory(&directory).is_none());
        let write = |name: &str, text: &str| std::fs::write(directory.join(name), text).unwrap();
        write("nf_conntrack_max", "1024\n");
        write("nf_conntrack_count", "895\n");
        let table = Table::in_directory(&directory).unwrap();
        assert!(!table.is_crowded());
        write("nf_conntrack_count", "896\n");
        assert!(table.is_crowded());
        write("nf_conntrack_max", "0\n");
        assert!(!table.is_crowded());
        write("nf_conntrack_max", "lots\n");
        assert!(!table.is_crowded());
        std::fs::remove_dir_all(&directory).unwrap();
        assert!(!table.is_crowded());
    }
}

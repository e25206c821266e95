//! Descriptors: raised to the hard limit, and how many of them a scan may use.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Kept free for output files, names and whatever else the program opens meanwhile.
const SPARE: u64 = 4;
/// What each thread needs beside its sockets: a poll, a watch on interfaces, a neighbour query.
const PER_THREAD: u64 = 3;

/// Raises the soft limit on descriptors to the hard one, and tells how many sockets a scan with
/// this many threads may have open; at least 1 a thread.
pub(crate) fn descriptors(threads: u32) -> u32 {
    let limit = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) => {
            // The kernel refuses RLIM_INFINITY on some systems; then the soft limit stays.
            let raised = soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok();
            if raised { hard } else { soft }
        }
        Err(_) => 256,
    };
    let threads = u64::from(threads);
    let used = open_now() + SPARE + PER_THREAD * threads;
    u32::try_from(limit.saturating_sub(used).max(threads)).unwrap_or(u32::MAX)
}

/// How many descriptors are open now; a guess where the system does not tell.
fn open_now() -> u64 {
    match std::fs::read_dir("/proc/self/fd") {
        // The listing itself holds one.
        Ok(entries) => (entries.count() as u64).saturating_sub(1),
        Err(_) => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thread_gets_at_least_one() {
        assert!(descriptors(4) >= 4);
        assert!(descriptors(100_000_000) >= 100_000_000);
    }
}

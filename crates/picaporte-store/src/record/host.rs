//! All that is known of a host's ports.

use picaporte_core::Graded;
use picaporte_core::scan::{HostReport, MAX_REJECTS, Slowed};
use picaporte_core::tally::Counts;

use super::port::{put_icmp, take_icmp};
use super::{reason_code, take_reason};
use crate::address::Key;
use crate::portset;
use crate::scan::Stage;
use crate::wire::{Bad, Put, Take};

const ANSWERS_EVERYTHING: u8 = 1;
const CUT_OFF: u8 = 1 << 1;
const SLOWED: u8 = 1 << 2;

/// Appends the fields of a host's report.
pub(crate) fn write_host(host: &HostReport, stage: Stage, out: &mut Vec<u8>) {
    out.varint(host.index);
    out.push(flags(host, stage));
    out.extend_from_slice(Key::of(host.address).as_bytes());
    out.varint(host.parts.into());
    put_counts(&host.counts, out);
    let graded = &host.graded;
    for ports in [graded.confirmed, graded.handshake_only, graded.suspect] {
        out.varint(ports);
    }
    for set in [
        &host.open,
        &host.closed,
        &host.filtered,
        &host.untested,
        &host.rejected,
    ] {
        portset::put(set, out);
    }
    out.varint(host.first_rejected.into());
    out.varint(host.rejects.len() as u64);
    for (icmp, ports) in &host.rejects {
        put_icmp(icmp, out);
        out.varint((*ports).into());
    }
    if let Some(slowed) = host.slowed {
        out.varint(slowed.times.into());
        out.varint(slowed.per_second.into());
    }
}

fn flags(host: &HostReport, stage: Stage) -> u8 {
    let set = |flag, is_so| if is_so { flag } else { 0 };
    set(ANSWERS_EVERYTHING, host.answers_everything)
        | set(CUT_OFF, stage == Stage::CutOff)
        | set(SLOWED, host.slowed.is_some())
}

/// Reads only which host it is, and whether it is done.
pub(crate) fn read_host_index(record: &[u8]) -> Result<(u64, Stage), Bad> {
    let mut take = Take(record);
    let index = take.varint()?;
    Ok((index, stage(take.u8()?)))
}

fn stage(flags: u8) -> Stage {
    if flags & CUT_OFF == 0 {
        Stage::Done
    } else {
        Stage::CutOff
    }
}

/// Reads the fields of a host's report.
pub(crate) fn read_host(record: &[u8]) -> Result<(HostReport, Stage), Bad> {
    let mut take = Take(record);
    let index = take.varint()?;
    let flags = take.u8()?;
    let take = &mut take;
    let report = HostReport {
        index,
        address: Key::take(take)?,
        parts: take.small()?,
        counts: take_counts(take)?,
        graded: Graded {
            confirmed: take.varint()?,
            handshake_only: take.varint()?,
            suspect: take.varint()?,
        },
        answers_everything: flags & ANSWERS_EVERYTHING != 0,
        open: portset::take(take)?,
        closed: portset::take(take)?,
        filtered: portset::take(take)?,
        untested: portset::take(take)?,
        rejected: portset::take(take)?,
        first_rejected: take.small()?,
        rejects: take_rejects(take)?,
        slowed: (flags & SLOWED != 0)
            .then(|| take_slowed(take))
            .transpose()?,
    };
    Ok((report, stage(flags)))
}

fn put_counts(counts: &Counts, out: &mut Vec<u8>) {
    out.varint(counts.iter().count() as u64);
    for (reason, ports) in counts.iter() {
        out.push(reason_code(reason));
        out.varint(ports);
    }
}

fn take_counts(take: &mut Take<'_>) -> Result<Counts, Bad> {
    let mut counts = Counts::default();
    for _ in 0..take.varint()? {
        let reason = take_reason(take)?;
        let ports = take.small::<u32>()?;
        counts.add_many(reason, ports.into());
    }
    Ok(counts)
}

fn take_rejects(take: &mut Take<'_>) -> Result<Vec<(picaporte_core::Icmp, u32)>, Bad> {
    let count: usize = take.small()?;
    if count > MAX_REJECTS {
        return Err(Bad::Kinds);
    }
    (0..count)
        .map(|_| Ok((take_icmp(take)?, take.small()?)))
        .collect()
}

fn take_slowed(take: &mut Take<'_>) -> Result<Slowed, Bad> {
    Ok(Slowed {
        times: take.small()?,
        per_second: take.small()?,
    })
}

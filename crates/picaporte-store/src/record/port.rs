//! One port, decided, with what proves it.

use picaporte_core::{
    Close, Duration, Evidence, Grade, Icmp, Instant, Options, Peer, Suspicion, Verdict,
};

use super::{reason_code, take_reason};
use crate::address::Key;
use crate::wire::{Bad, Put, Take};

/// Which fields follow, or what is so.
mod flag {
    pub(super) const RTT: u8 = 1;
    pub(super) const ICMP: u8 = 1 << 1;
    pub(super) const NEIGHBOUR: u8 = 1 << 2;
    pub(super) const AMBIGUOUS: u8 = 1 << 3;
    pub(super) const CLOSE: u8 = 1 << 4;
    pub(super) const PEER: u8 = 1 << 5;
    pub(super) const GRADE: u8 = 1 << 6;
}

/// Appends the fields of a verdict.
pub(crate) fn write_port(verdict: &Verdict, out: &mut Vec<u8>) {
    let seen = &verdict.evidence;
    out.extend_from_slice(Key::of(verdict.address).as_bytes());
    out.varint(verdict.port.into());
    out.push(reason_code(verdict.reason));
    out.push(flags(verdict));
    out.push(verdict.attempts);
    out.push(seen.retransmits);
    out.varint(verdict.at.as_nanos());
    if let Some(rtt) = verdict.rtt {
        out.varint(rtt.as_nanos());
    }
    if let Some(icmp) = &seen.icmp {
        put_icmp(icmp, out);
    }
    if let Some(close) = seen.close {
        out.push(match close {
            Close::Fin => 0,
            Close::Reset => 1,
        });
    }
    if let Some(peer) = &seen.peer {
        put_peer(peer, out);
    }
    if let Some(grade) = seen.grade {
        put_grade(grade, out);
    }
}

fn flags(verdict: &Verdict) -> u8 {
    let seen = &verdict.evidence;
    [
        (flag::RTT, verdict.rtt.is_some()),
        (flag::ICMP, seen.icmp.is_some()),
        (flag::NEIGHBOUR, seen.neighbour),
        (flag::AMBIGUOUS, seen.ambiguous),
        (flag::CLOSE, seen.close.is_some()),
        (flag::PEER, seen.peer.is_some()),
        (flag::GRADE, seen.grade.is_some()),
    ]
    .into_iter()
    .filter(|&(_, set)| set)
    .fold(0, |flags, (flag, _)| flags | flag)
}

/// Reads the fields of a verdict.
pub(crate) fn read_port(record: &[u8]) -> Result<Verdict, Bad> {
    let mut take = Take(record);
    let address = Key::take(&mut take)?;
    let port = match take.small()? {
        0 => return Err(Bad::PortZero),
        port => port,
    };
    let reason = take_reason(&mut take)?;
    let flags = take.u8()?;
    let (attempts, retransmits) = (take.u8()?, take.u8()?);
    let at = Instant::from_nanos(take.varint()?);
    let rtt = when(flags & flag::RTT != 0, || take.varint())?.map(Duration::from_nanos);
    let icmp = when(flags & flag::ICMP != 0, || take_icmp(&mut take))?;
    let close = when(flags & flag::CLOSE != 0, || take_close(&mut take))?;
    let peer = when(flags & flag::PEER != 0, || take_peer(&mut take))?;
    let grade = when(flags & flag::GRADE != 0, || take_grade(&mut take))?;
    let evidence = Evidence {
        icmp,
        neighbour: flags & flag::NEIGHBOUR != 0,
        retransmits,
        close,
        peer,
        grade,
        ambiguous: flags & flag::AMBIGUOUS != 0,
    };
    Ok(Verdict {
        address,
        port,
        reason,
        rtt,
        attempts,
        at,
        evidence,
    })
}

/// A field that is there only if its flag is set.
fn when<T>(is_set: bool, read: impl FnOnce() -> Result<T, Bad>) -> Result<Option<T>, Bad> {
    is_set.then(read).transpose()
}

pub(super) fn put_icmp(icmp: &Icmp, out: &mut Vec<u8>) {
    out.push(u8::from(icmp.v6) | u8::from(icmp.from.is_some()) << 1);
    out.extend([icmp.kind, icmp.code]);
    if let Some(from) = icmp.from {
        out.extend_from_slice(Key::of(from).as_bytes());
    }
}

pub(super) fn take_icmp(take: &mut Take<'_>) -> Result<Icmp, Bad> {
    let flags = take.u8()?;
    let [kind, code] = take.array()?;
    let from = when(flags & 2 != 0, || Key::take(take))?;
    Ok(Icmp {
        v6: flags & 1 != 0,
        kind,
        code,
        from,
    })
}

fn take_close(take: &mut Take<'_>) -> Result<Close, Bad> {
    match take.u8()? {
        0 => Ok(Close::Fin),
        1 => Ok(Close::Reset),
        _ => Err(Bad::Close),
    }
}

fn put_peer(peer: &Peer, out: &mut Vec<u8>) {
    let fields = [
        peer.options.is_some(),
        peer.window_scale.is_some(),
        peer.mss.is_some(),
        peer.window.is_some(),
    ];
    out.push((0..4).fold(0, |bits, i| bits | u8::from(fields[i]) << i));
    out.extend(peer.options.map(Options::bits));
    out.extend(peer.window_scale);
    [peer.mss, peer.window]
        .into_iter()
        .flatten()
        .for_each(|number| out.varint(number.into()));
}

fn take_peer(take: &mut Take<'_>) -> Result<Peer, Bad> {
    let fields = take.u8()?;
    let has = |field: u8| fields >> field & 1 != 0;
    Ok(Peer {
        options: when(has(0), || take.u8())?.map(Options::from_bits),
        window_scale: when(has(1), || take.u8())?,
        mss: when(has(2), || take.small())?,
        window: when(has(3), || take.small())?,
    })
}

/// Suspicions are kept by name: more of them will come, and a reader that does not know one says so.
fn put_grade(grade: Grade, out: &mut Vec<u8>) {
    match grade {
        Grade::Confirmed => out.push(0),
        Grade::HandshakeOnly => out.push(1),
        Grade::Suspect(why) => {
            out.push(2);
            out.bytes(why.name().as_bytes());
        }
    }
}

fn take_grade(take: &mut Take<'_>) -> Result<Grade, Bad> {
    match take.u8()? {
        0 => Ok(Grade::Confirmed),
        1 => Ok(Grade::HandshakeOnly),
        2 => {
            let name = take.text()?;
            let why = Suspicion::ALL.into_iter().find(|why| why.name() == name);
            why.map(Grade::Suspect).ok_or(Bad::Doubt)
        }
        _ => Err(Bad::Grade),
    }
}

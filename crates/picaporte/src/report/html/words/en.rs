//! The page in English.

use picaporte_core::policy::Policy;
use picaporte_core::{Grade, Reason, State, Suspicion};

use super::{Noun, Words};
use crate::report::Lang;

const fn noun(one: &'static str, many: &'static str) -> Noun {
    Noun { one, many }
}

pub(super) static WORDS: Words = Words {
    lang: Lang::En,
    title: "TCP port scan",
    contents: "Contents",
    cut_off: "This page was cut off: the scan still runs, or was killed. What is missing was not written here. If the scan is kept, \
              picaporte show writes the page again.",

    host: noun("host", "hosts"),
    port: noun("port", "ports"),
    open_port: noun("open port", "open ports"),
    probe: noun("probe", "probes"),
    attempt: noun("attempt", "attempts"),

    answer_open: "{0} on {1} of {2}",
    answer_none: "No open port on {0}",
    all_tested: "every planned probe was tested.",
    left_as_asked: "complete, but for {0} left out as was asked for.",
    incomplete: "INCOMPLETE: {0} of {1} planned probes were not tested.",
    fault: "FAULT: the counts do not add up to what was planned. This is an error in Picaporte; please report it with this page.",
    everything: "{0} of them are on {1} that answer on every port tried, also where nothing plausible listens: they say nothing, and \
                 are left out below.",

    coverage: "Coverage",
    coverage_sum: "{0} planned = {1} tested + {2} untested. A probe is one port of one host.",
    coverage_bar: "Share of the planned probes in each state",
    state: "State",
    share: "Share",
    reasons: "Reasons",
    untested_why: "What was not tested, and why",
    never_begun: "Never begun: {0} of {1}; their ports are counted above.",

    ports: "Open ports",
    ports_by_number: "Open ports by number",
    ports_none: "No port was found open.",
    ports_more: "Open on fewer hosts, and not listed here: {0}.",
    service: "Usual service",
    hosts_open: "Hosts with it open",
    evidence: "Evidence",
    evidence_folded: "Folded: evidence stands here for {0} of {1}. The others are listed by host in the appendix, and with their \
                      evidence in the formats json, jsonl and csv.",
    grade: "Grade",
    grades: "How far an open port can be believed",
    suspect_means: "Something else than a service may answer.",
    peer: "MSS {0}, window {1}",
    closed_with: "closed with {0}",

    map: "Map of hosts and ports",
    map_reads: "A row is a host, or a network of several. A block is one port: its height and colour tell the state; in a row of \
                several hosts its width is shared out by how many of them are in each state.",
    map_folded: "Folded: {0} share {1} rows, by network.",
    map_columns: "Of {0} ports that are open somewhere, the {1} open on most hosts have a column; the last column has all others.",
    map_networks: "Folded: more than {0} hosts. A row is a network, and all ports share one column.",
    map_ragged: "In the last column alone, as their ports are in too many separate ranges to be drawn: {0}.",
    map_others: "other networks",
    map_rest: "other ports",
    map_all: "all ports",
    map_text: "The map as text",
    map_none: "No host was finished, so there is nothing to draw.",

    firewalls: "Firewalls and what they reject",
    rejects: "Rejections by device and ICMP error",
    rejects_none: "No ICMP error came back.",
    rejects_untold: "{0} more were rejected, beyond the kinds that are kept.",
    from: "From",
    unknown: "unknown",
    policies: "What is done with ports by default",
    policy_none: "No host showed a default policy.",
    located: "Where ports are answered",
    located_folded: "Folded: {0} are listed of {1}.",
    located_counts: "{0} located; {1} could not be; {2} left out, as too many.",
    where_answered: "Where and by whom",
    hops: "Hops",

    scope: "Scope and authorisation",
    scope_none: "No scope file was set: nothing here says who allowed this scan.",
    scope_file: "Scope file",
    authorised_by: "Authorised by",
    nobody: "nobody named",
    contact: "Contact",
    valid: "Valid",
    valid_between: "from {0} until {1}",
    allowed: "Allowed",
    excluded: "Excluded",
    any: "any",
    nothing: "nothing",
    and_more: "and {0} more",
    lowered: "Caps lowered by the scope",
    lowered_to: "{0} {1}, not {2}",
    no_cap: "no cap",
    outside: "Outside the scope",
    outside_are: "{0}; nothing was sent to them",
    planned: "Planned",
    planned_are: "{0} on {1}",
    shard: "part {0} of {1} of the plan",

    method: "Method and conditions",
    how: "Each port was asked with an ordinary TCP connect(), so every open port saw a whole handshake; connections were closed in \
          order. Silence was asked again, as often as the measured loss wants. No packet was forged, and nothing was done to evade notice.",
    scan: "Scan",
    program: "Program",
    started: "Started",
    finished: "Finished",
    elapsed: "Took",
    from_where: "From where",
    source: "Source address",
    source_by_route: "by the system's routes",
    command: "Command line",
    seed: "Seed",
    sent: "Attempts",
    sent_at: "{0}, {1} a second",
    extra: "Beside the plan",
    extra_are: "{0}; in no count above",
    extra_checks: "{0} to check answers",
    loss: "Loss",
    loss_is: "{0} % of SYNs to ports that answered in the end ({1} of {2}), without those sent while nothing came back",
    loss_unknown: "not measured: no port answered with a SYN-ACK or a RST",
    missed: "Open ports expected to be missed",
    missed_few: "fewer than 0.01",
    outages: "Outages",
    outages_are: "{0} in which nothing came back from anybody, {1} in all; what was asked then was asked again",
    outages_pace: "then more slowly: {0} a second at the slowest",
    slowed: "Slowed down for",
    slowed_are: "{0} that fell silent for a while",
    kept: "Kept as",
    kept_as: "SHA-256",
    not_kept: "not kept in a store",

    hosts: "Appendix: every host",
    hosts_none: "No host was finished.",
    hosts_folded: "Folded: not listed one by one are {0}, of which {1} with open ports ({2} in all). They are in every count and in the \
                   map; the formats json and jsonl list them.",
    no_address: "no address",
    reverse: "reverse DNS:",
    notes: "Notes",
    host_everything: "answers everything: its open ports say nothing",
    host_rejected: "rejected: {0}",
    host_policy: "by default {0}",
    host_rationed: "ICMP is rationed: silence may be a rejection that was not sent",
    host_differ: "except for open ports and {0}",
    host_slowed: "fell silent; at the slowest {0} a second",
    host_unfinished: "not finished; open so far",

    states,
    graded,
    because,
    policy,
};

fn states(state: State) -> (&'static str, &'static str) {
    match state {
        State::Open => ("open", "A SYN-ACK came: something accepts connections."),
        State::Closed => (
            "closed",
            "A RST came: the host is there, and nothing listens.",
        ),
        State::Filtered => (
            "filtered",
            "An ICMP error came, or nothing after enough attempts: something on the way rejects or swallows.",
        ),
        State::Untested => ("untested", "It could not be asked. Nothing is known of it."),
    }
}

fn graded(grade: Option<Grade>) -> (&'static str, &'static str) {
    match grade {
        Some(Grade::Confirmed) => (
            "confirmed",
            "The handshake and what came after it are those of a service.",
        ),
        Some(Grade::HandshakeOnly) => ("handshake only", "Nothing came after the handshake."),
        Some(Grade::Suspect(Suspicion::NoOptionsNoWindow)) => (
            "suspect",
            "It took up no TCP options, and has no window for data.",
        ),
        Some(Grade::Suspect(Suspicion::AnswersEverything)) => {
            ("suspect", "The host answers everything.")
        }
        Some(Grade::Suspect(Suspicion::Nearer)) => {
            ("suspect", "Something nearer than the host answers.")
        }
        Some(Grade::Suspect(_)) => ("suspect", "Something else than a service may answer."),
        None => ("not watched", "The connection was not watched to its end."),
    }
}

fn because(reason: Reason) -> &'static str {
    match reason {
        Reason::SynAck => "a SYN-ACK came",
        Reason::ConnRefused => "a RST came",
        Reason::NoResponse => "nothing came, however often it was asked",
        Reason::PortUnreach => "ICMP: port unreachable",
        Reason::HostUnreach => "ICMP: host unreachable, or no neighbour",
        Reason::NetUnreach => "ICMP: network unreachable",
        Reason::ProtoUnreach => "ICMP: protocol unreachable",
        Reason::AdminProhibited => "ICMP: prohibited by an administrator",
        Reason::HostProhibited => "ICMP: host prohibited",
        Reason::NetProhibited => "ICMP: network prohibited",
        Reason::TimeExceeded => "ICMP: time exceeded",
        untested => Lang::En.untested_because(untested),
    }
}

fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Silent => "silence",
        Policy::Reject => "an ICMP error",
        Policy::Reset => "a RST",
    }
}

//! What proves states, on each side.

use picaporte_core::{Grade, Suspicion};
use picaporte_diff::{Belief, Evidence, Reject};

use crate::report::Lang;

/// What makes two pieces of evidence differ, in the words of each side.
pub(in crate::report::changes) fn evidence(
    lang: Lang,
    old: &Evidence,
    new: &Evidence,
    v6: bool,
) -> (String, String) {
    let belief = old.belief != new.belief && old.belief.is_some() && new.belief.is_some();
    let bare = |e: &Evidence| Evidence { belief: None, ..*e };
    let error = bare(old).differs(&bare(new));
    let side = |e: &Evidence| {
        let mut parts = Vec::new();
        if error {
            parts.extend(e.reason.map(|reason| reason.name().to_owned()));
            parts.extend(icmp(lang, e.icmp, e.from.map(|from| from.to_string()), v6));
        }
        if belief {
            parts.extend(e.belief.map(|belief| believed(lang, belief)));
        }
        parts.join(", ")
    };
    (side(old), side(new))
}

/// How far an open port can be believed, as in a scan's own table.
fn believed(lang: Lang, belief: Belief) -> String {
    let grade = match belief {
        Belief::Confirmed => Grade::Confirmed,
        Belief::HandshakeOnly => Grade::HandshakeOnly,
        Belief::Suspect => Grade::Suspect(Suspicion::AnswersEverything),
    };
    lang.grades(Some(grade), 1).to_owned()
}

/// `icmp 3/13 from 192.0.2.1`.
fn icmp(lang: Lang, code: Option<(u8, u8)>, from: Option<String>, v6: bool) -> Option<String> {
    let protocol = if v6 { "icmpv6" } else { "icmp" };
    let code = code.map(|(kind, code)| format!("{protocol} {kind}/{code}"));
    let from = from.map(|from| say!(lang, "from {from}", "de {from}", from = from));
    match (code, from) {
        (Some(code), Some(from)) => Some(format!("{code} {from}")),
        (code, from) => code.or(from),
    }
}

/// Who rejects, up to a few of them.
pub(in crate::report::changes) fn rejects(lang: Lang, rejects: &[Reject], v6: bool) -> String {
    const FEW: usize = 6;
    let kind = |r: &Reject| {
        let from = r.from.map(|from| from.to_string());
        icmp(lang, Some((r.kind, r.code)), from, v6)
    };
    let mut text: Vec<String> = rejects.iter().take(FEW).filter_map(kind).collect();
    if let Some(more @ 1..) = rejects.len().checked_sub(FEW) {
        text.push(say!(lang, "{more} more", "{more} más", more = more));
    }
    match text[..] {
        [] => lang.either("nobody", "nadie").to_owned(),
        _ => text.join(", "),
    }
}

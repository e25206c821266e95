//! `v/$1/`: text with what a pattern's groups took, and the helpers `$P`, `$SUBST` and `$I` (nmap's book, "Version Detection", file format).

use picaporte_toml::{Text, mistake};

use super::pattern::Groups;

/// What is kept of a field, in bytes; the rest of a longer one is left out. A greeting line of SMTP has 512 (RFC 5321, section 4.5.3.1.5).
pub(super) const FIELD: usize = 512;

/// One piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t [u8]),
    /// `$1`
    Group(u8),
    /// `$P(1)`: without what is not printable.
    Printable(u8),
    /// `$SUBST(1,"_",".")`
    Subst(u8, &'t [u8], &'t [u8]),
    /// `$I(1,">")`: a number of up to eight bytes, big-endian (`>`) or little-endian (`<`).
    Number(u8, bool),
}

/// The pieces of a template, in order.
///
/// # Errors
/// What is wrong with it.
pub(super) fn pieces(template: &[u8]) -> Result<Vec<Piece<'_>>, Text> {
    let mut rest = template;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let dollar = rest.iter().position(|&byte| byte == b'$');
        let (text, behind) = rest.split_at(dollar.unwrap_or(rest.len()));
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        rest = behind;
        if let Some(call) = rest.strip_prefix(b"$") {
            let (piece, behind) = substitution(call)?;
            pieces.push(piece);
            rest = behind;
        }
    }
    Ok(pieces)
}

/// What stands behind a `$`, and what behind that.
fn substitution(call: &[u8]) -> Result<(Piece<'_>, &[u8]), Text> {
    if let [digit @ b'1'..=b'9', rest @ ..] = call {
        return Ok((Piece::Group(digit - b'0'), rest));
    }
    let open = call.iter().position(|&byte| byte == b'(');
    let open = open.ok_or_else(|| {
        mistake!(
            "a $ that is followed by neither 1 to 9 nor a helper",
            "un $ al que no sigue ni una cifra de 1 a 9 ni una función"
        )
    })?;
    let (name, rest) = call.split_at(open);
    let (arguments, rest) = arguments(&rest[1..])?;
    let piece = match (name, &arguments[..]) {
        (b"P", [Argument::Group(group)]) => Piece::Printable(*group),
        (
            b"SUBST",
            [
                Argument::Group(group),
                Argument::Text(from),
                Argument::Text(to),
            ],
        ) => Piece::Subst(*group, from, to),
        (b"I", [Argument::Group(group), Argument::Text(b">")]) => Piece::Number(*group, true),
        (b"I", [Argument::Group(group), Argument::Text(b"<")]) => Piece::Number(*group, false),
        _ => {
            return Err(mistake!(
                "neither $P(1) nor $SUBST(1,\"_\",\".\") nor $I(1,\">\")",
                "ni $P(1), ni $SUBST(1,\"_\",\".\"), ni $I(1,\">\")"
            ));
        }
    };
    Ok((piece, rest))
}

enum Argument<'t> {
    Group(u8),
    Text(&'t [u8]),
}

fn unclosed() -> Text {
    mistake!("a helper without its )", "una función sin su )")
}

/// Up to three, and what stands behind the parenthesis that ends them.
fn arguments(mut rest: &[u8]) -> Result<(Vec<Argument<'_>>, &[u8]), Text> {
    let mut all = Vec::new();
    while all.len() < 3 {
        rest = rest.trim_ascii_start();
        match rest {
            [digit @ b'1'..=b'9', behind @ ..] => {
                all.push(Argument::Group(digit - b'0'));
                rest = behind;
            }
            [b'"', behind @ ..] => {
                let end = behind
                    .iter()
                    .position(|&byte| byte == b'"')
                    .ok_or_else(unclosed)?;
                all.push(Argument::Text(&behind[..end]));
                rest = &behind[end + 1..];
            }
            _ => {
                return Err(mistake!(
                    "a helper whose arguments are neither groups, 1 to 9, nor \"text\"",
                    "una función cuyos argumentos no son ni grupos, de 1 a 9, ni \"texto\""
                ));
            }
        }
        rest = rest.trim_ascii_start();
        match rest {
            [b')', behind @ ..] => return Ok((all, behind)),
            [b',', behind @ ..] => rest = behind,
            _ => return Err(unclosed()),
        }
    }
    Err(unclosed())
}

/// A template with its groups, [`FIELD`] bytes at most, without white space around it and commas at its end, as nmap has it. `None`: nothing is left of it, or a number has more than eight bytes.
pub(super) fn filled(template: &[u8], groups: &Groups<'_>) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for piece in pieces(template).ok()? {
        fill(piece, groups, &mut out)?;
    }
    out.truncate(FIELD);
    let beyond = out
        .iter()
        .rposition(|byte| !byte.is_ascii_whitespace() && *byte != b',');
    let bytes = out[..beyond.map_or(0, |last| last + 1)].trim_ascii_start();
    (!bytes.is_empty()).then(|| bytes.to_vec())
}

/// Adds a piece; no more than [`FIELD`] bytes of it.
pub(super) fn fill(piece: Piece<'_>, groups: &Groups<'_>, out: &mut Vec<u8>) -> Option<()> {
    match piece {
        Piece::Text(text) => out.extend(text.iter().take(FIELD)),
        Piece::Group(group) => out.extend(groups.get(group).iter().take(FIELD)),
        Piece::Printable(group) => {
            let seen = |byte: &&u8| matches!(byte, b' '..=b'~');
            out.extend(groups.get(group).iter().filter(seen).take(FIELD));
        }
        Piece::Subst(group, from, to) => substituted(groups.get(group), from, to, out),
        Piece::Number(group, big_endian) => {
            out.extend(number(groups.get(group), big_endian)?.to_string().bytes());
        }
    }
    Some(())
}

fn substituted(mut bytes: &[u8], from: &[u8], to: &[u8], out: &mut Vec<u8>) {
    let most = out.len() + FIELD;
    while let Some((&first, rest)) = bytes.split_first()
        && out.len() < most
    {
        match bytes.strip_prefix(from) {
            Some(behind) if !from.is_empty() => {
                out.extend(to.iter().take(FIELD));
                bytes = behind;
            }
            _ => {
                out.push(first);
                bytes = rest;
            }
        }
    }
}

fn number(bytes: &[u8], big_endian: bool) -> Option<u64> {
    let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
    let sum = if big_endian {
        bytes.iter().fold(0, add)
    } else {
        bytes.iter().rev().fold(0, add)
    };
    (1..=8).contains(&bytes.len()).then_some(sum)
}

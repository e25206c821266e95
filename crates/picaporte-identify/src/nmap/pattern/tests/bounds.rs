//! Every bound on what a pattern may cost, reached.

use super::super::{Engine, Tried, compile};
use super::flags;

fn nested(depth: usize) -> Vec<u8> {
    [b"(".repeat(depth), b")".repeat(depth)].concat()
}

#[test]
fn groups_are_nested_63_deep_and_no_deeper() {
    assert!(compile(&nested(63), flags("")).is_ok());
    let refused = compile(&nested(64), flags("")).err();
    assert_eq!(refused, Some("groups within more than 64 groups"));
    assert!(compile(&nested(1 << 16), flags("")).is_err());
}

#[test]
fn repetitions_have_an_end() {
    assert!(compile(b"a{0}b", flags("")).is_ok());
    let refused = compile(b"a{65536}", flags("")).err();
    assert_eq!(refused, Some("a repetition of more than 65,535 times"));
    let refused = compile(b"a{99999999999999999999}", flags("")).err();
    assert_eq!(refused, Some("a repetition of more than 65,535 times"));
}

#[test]
fn what_is_too_large_when_compiled_is_refused_by_either_engine() {
    let refused = compile(b"(?:(?:\\w{200}){200}){200}", flags("")).err();
    assert_eq!(refused, Some("it is too large when compiled"));
    let refused = compile(b"(?=a)(?:(?:\\w{200}){200}){200}", flags("")).err();
    let why = "fancy-regex does not take it, or it is too large when compiled";
    assert_eq!(refused, Some(why));
}

#[test]
fn a_pattern_that_walks_back_without_end_gives_up() {
    let pattern: &[u8] = b"^(?:(?!x)a+)+$";
    let engine = compile(pattern, flags("")).expect("a pattern");
    assert!(matches!(engine, Engine::Fancy(_)));
    assert!(matches!(engine.try_on(&[b'a'; 12]), Tried::Fits(_)));
    let answer = [&[b'a'; 4096][..], b"!"].concat();
    assert_eq!(engine.try_on(&answer), Tried::GaveUp);
}

#[test]
fn the_same_without_a_look_around_takes_linear_time() {
    let engine = compile(b"^(?:a+)+$", flags("")).expect("a pattern");
    assert!(matches!(engine, Engine::Plain(_)));
    let answer = [b"a".repeat(65_000), b"!".to_vec()].concat();
    assert_eq!(engine.try_on(&answer), Tried::Not);
}

#[test]
fn a_search_through_the_longest_answer_does_not_give_up() {
    let engine = compile(b"(?=(q))q(z)", flags("")).expect("a pattern");
    let answer = [b"a".repeat((64 << 10) - 2), b"qz".to_vec()].concat();
    let Tried::Fits(groups) = engine.try_on(&answer) else {
        panic!("it gave up or found nothing");
    };
    assert_eq!(groups.get(2), b"z");
}

use super::*;

fn ms(n: u64) -> Instant {
    Instant::ZERO + Duration::from_millis(n)
}

/// A host that is asked `n` times from `from` on, one attempt a millisecond; its last epoch.
fn asked(hearing: &mut Hearing, from: u64, n: u64) -> u32 {
    (0..n).fold(0, |_, i| hearing.asked(ms(from + i)).0)
}

/// A host with one closed port that is known to answer, and silence to judge.
fn known() -> Hearing {
    let mut hearing = Hearing::default();
    let (epoch, number) = hearing.asked(ms(0));
    hearing.answered(Kind::Closed, 7, epoch, number);
    hearing.judges(ms(0));
    hearing
}

#[test]
fn an_epoch_lasts_100_ms_and_32_attempts_or_else_250_ms() {
    let mut hearing = Hearing::default();
    assert_eq!(asked(&mut hearing, 0, 100), 0);
    assert_eq!(hearing.asked(ms(100)).0, 1);
    assert_eq!(asked(&mut hearing, 150, 31), 1);
    assert_eq!(hearing.asked(ms(199)).0, 1);
    assert_eq!(hearing.asked(ms(200)).0, 2);
    assert_eq!(hearing.asked(ms(449)).0, 2);
    assert_eq!(hearing.asked(ms(450)), (3, 136));
}

#[test]
fn who_was_never_heard_is_judged_by_silence_alone() {
    let mut hearing = Hearing::default();
    let epoch = asked(&mut hearing, 0, 10);
    hearing.judges(ms(0));
    assert!(!hearing.due(ms(500)));
    assert_eq!(hearing.judge(ms(5000), epoch, false), Judgement::Proven);
}

#[test]
fn one_control_of_each_kind_in_an_epoch() {
    let mut hearing = known();
    let (epoch, number) = hearing.asked(ms(1));
    hearing.answered(Kind::Open, 9, epoch, number);
    let first = hearing.control(ms(2)).unwrap();
    let second = hearing.control(ms(3)).unwrap();
    assert_eq!((first.0, first.1), (Kind::Closed, 7));
    assert_eq!((second.0, second.1), (Kind::Open, 9));
    assert_eq!(hearing.control(ms(4)), None);
    assert_eq!(hearing.judge(ms(4), epoch, false), Judgement::Pending);
    assert!(!hearing.control_answered(Kind::Closed, ms(2), 0, false));
    assert_eq!(hearing.judge(ms(5), epoch, false), Judgement::Pending);
    assert!(!hearing.control_answered(Kind::Open, ms(3), 0, false));
    assert_eq!(hearing.judge(ms(5), epoch, false), Judgement::Proven);
    assert_eq!(hearing.control(ms(6)), None);
    asked(&mut hearing, 90, 50);
    assert!(hearing.control(ms(141)).is_some());
}

#[test]
fn ports_take_turns_as_controls() {
    let mut hearing = known();
    for port in 20..30 {
        hearing.answered(Kind::Closed, port, 0, 1);
    }
    let mut seen = Vec::new();
    for i in 0..8 {
        let (_, port, epoch) = hearing.control(ms(2000 * i)).unwrap();
        seen.push(port);
        hearing.control_answered(Kind::Closed, ms(2000 * i), epoch, false);
    }
    assert_eq!(seen[..4], seen[4..]);
    assert_eq!(
        seen[..4]
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        PORTS
    );
}

#[test]
fn what_falls_silent_is_mute_until_a_control_is_answered() {
    let mut hearing = known();
    let epoch = asked(&mut hearing, 100, 40);
    let (kind, _, control) = hearing.control(ms(140)).unwrap();
    assert!(!hearing.control_silent(ms(240), kind, ms(140), control, 2));
    // In a network that loses packets one failure is nothing, elsewhere it is a doubt.
    assert_eq!(hearing.judge(ms(240), epoch, true), Judgement::Pending);
    assert_eq!(hearing.judge(ms(240), epoch, false), Judgement::Void);
    hearing.control(ms(240)).unwrap();
    assert!(hearing.control_silent(ms(340), kind, ms(240), control, 2));
    assert_eq!(hearing.mute(), Some(ms(340)));
    assert_eq!(hearing.judge(ms(341), epoch, false), Judgement::Void);
    // Polls become rarer, down to one in 400 ms.
    let (mut now, mut polls) = (340, Vec::new());
    while now < 10_000 {
        hearing.control(ms(now)).unwrap();
        assert!(!hearing.control_silent(ms(now), kind, ms(now), epoch, 2));
        let next = hearing.poll_at().unwrap().as_nanos().div_ceil(1_000_000);
        polls.push(next - now);
        now = next;
    }
    assert_eq!((polls[0], *polls.last().unwrap()), (100, 400));
    let (_, _, late) = hearing.control(ms(now)).unwrap();
    assert!(hearing.control_answered(kind, ms(now), late, false));
    assert_eq!(hearing.mute(), None);
    // What was asked before stays void, what is asked now is proven.
    assert_eq!(hearing.judge(ms(now), epoch, false), Judgement::Void);
    assert_ne!(control, late);
    let epoch = hearing.asked(ms(now)).0;
    assert_eq!(hearing.judge(ms(now), epoch, false), Judgement::Proven);
}

#[test]
fn a_control_that_was_lost_before_one_was_heard_is_no_failure_in_a_row() {
    let mut hearing = known();
    let (kind, _, first) = hearing.control(ms(2)).unwrap();
    asked(&mut hearing, 90, 40);
    assert!(!hearing.control_silent(ms(140), kind, ms(2), first, 2));
    let (_, _, second) = hearing.control(ms(141)).unwrap();
    hearing.control_answered(kind, ms(141), second, false);
    assert!(first < second);
    assert!(!hearing.control_silent(ms(150), kind, ms(3), first, 1));
    assert_eq!(hearing.mute(), None);
}

#[test]
fn a_kind_that_stays_silent_while_the_other_answers_is_forgotten() {
    let mut hearing = known();
    hearing.answered(Kind::Open, 9, 0, 1);
    let mut now = 10;
    let mut fell = 0;
    while now < 20_000 && hearing.kinds[1].count > 0 {
        if let Some((kind, _, epoch)) = hearing.control(ms(now)) {
            match kind {
                Kind::Closed => {
                    assert!(!hearing.control_answered(kind, ms(now), epoch, false));
                }
                Kind::Open => {
                    fell += u32::from(hearing.control_silent(ms(now), kind, ms(now), epoch, 2));
                }
            }
        }
        now += 50;
    }
    assert_eq!((fell, hearing.mute()), (1, None));
    assert!((3000..6000).contains(&now), "{now}");
}

#[test]
fn a_pace_is_what_was_answered_in_a_cycle() {
    let mut hearing = Hearing::default();
    // 1,000 attempts in a second: all of the first 200 are answered, and nothing more.
    for i in 0..1000 {
        let (epoch, number) = hearing.asked(ms(i));
        if i < 200 {
            hearing.answered(Kind::Closed, i as u16, epoch, number);
        }
    }
    let bore = hearing.bore(ms(2000), None).unwrap();
    assert!((95.0..103.0).contains(&bore), "{bore}");
    // Nothing was asked since: one a second is the least.
    let least = hearing.bore(ms(10_000), None).unwrap();
    assert!((least - 1.0).abs() < 1e-9);
    // With a pace before, half of it is more likely than nothing.
    assert_eq!(hearing.bore(ms(11_000), Some(80.0)), Some(40.0));
}

#[test]
fn where_few_ports_answer_the_pace_is_what_was_asked_up_to_the_last_answer() {
    let mut hearing = Hearing::default();
    for i in 0..1000 {
        let (epoch, number) = hearing.asked(ms(i));
        if i % 100 == 50 && i < 800 {
            hearing.answered(Kind::Open, i as u16, epoch, number);
        }
    }
    let bore = hearing.bore(ms(2000), None).unwrap();
    // 750 in 2 s at most; the first 32 tell little of a share of one in a hundred.
    assert!((250.0..376.0).contains(&bore), "{bore}");
}

#[test]
fn what_is_older_than_the_history_counts() {
    let mut hearing = known();
    let epoch = (1..5)
        .map(|i| asked(&mut hearing, 200 * i, 40))
        .last()
        .unwrap();
    for i in 1..=u64::from(HISTORY) {
        let proven = hearing.judge(ms(840 + 250 * i), epoch, false) == Judgement::Proven;
        assert_eq!(proven, i >= u64::from(HISTORY), "{i}");
    }
}

/// Asks for a second at `pace`, and is answered by `of_each` of a thousand, but at most `limit` times; then it hears again.
fn cycle(hearing: &mut Hearing, from: u64, pace: u64, of_each: u64, limit: u64) -> Option<f64> {
    let mut answered = 0;
    for i in 0..pace {
        let at = ms(from + i * 1000 / pace);
        let (epoch, number) = hearing.asked(at);
        if i * 7919 % 1000 < of_each && answered < limit {
            answered += 1;
            hearing.answered(Kind::Closed, i as u16, epoch, number);
        }
    }
    hearing.bore(ms(from + 1000), None)
}

#[test]
fn where_answers_follow_attempts_loss_is_chance() {
    let mut hearing = Hearing::default();
    for (second, pace) in [4000, 2000, 1000].into_iter().enumerate() {
        assert!(cycle(&mut hearing, second as u64 * 1000, pace, 640, u64::MAX).is_some());
    }
    assert_eq!(cycle(&mut hearing, 3000, 500, 640, u64::MAX), None);
    assert!(hearing.chance().is_some());
}

#[test]
fn where_answers_stay_when_attempts_fall_there_is_a_limit() {
    let mut hearing = Hearing::default();
    let mut pace = 4000.0;
    for second in 0..10 {
        let limit = if second == 0 { 400 } else { 200 };
        pace = cycle(&mut hearing, second * 1000, pace as u64, 1000, limit).unwrap();
    }
    assert!((190.0..210.0).contains(&pace), "{pace}");
    assert_eq!(hearing.chance(), None);
}

/// The one before may have been lost by chance; an outage loses both of the latest.
#[test]
fn it_is_silent_since_the_last_control_but_one() {
    let mut hearing = known();
    assert_eq!(hearing.silent_since(), None);
    for (sent, since) in [(100, 100), (200, 100), (300, 200)] {
        let (kind, _, epoch) = hearing.control(ms(sent)).unwrap();
        hearing.control_silent(ms(sent + 99), kind, ms(sent), epoch, 9);
        assert_eq!(hearing.silent_since(), Some(ms(since)));
    }
    hearing.control_answered(Kind::Closed, ms(400), 0, false);
    assert_eq!(hearing.silent_since(), None);
}

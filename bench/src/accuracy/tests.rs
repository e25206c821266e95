//! One small world through the table, and small curves through the plot writer.

use picaporte_core::Duration;
use picaporte_core::pace::Pace;
use picaporte_core::sim::World;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::Effort;
use super::chart::Chart;
use super::goals::{Goal, Met};
use super::play::Seen;
use super::worlds::{self, Row, share};
use super::{curves, table};

/// The first world of the table, with other ports and another network.
fn small(world: World, ports: u16, goals: &[Goal]) -> Row {
    let mut row = worlds::rows().swap_remove(0);
    (row.work.prefix, row.work.ports) = (30, ports);
    (row.work.world, row.goals) = (world, goals.to_vec());
    row
}

fn mixed() -> World {
    World {
        open: share(0.2),
        silent: share(0.3),
        rejected: share(0.1),
        ..World::default()
    }
}

#[test]
fn a_quiet_world_is_counted_right_and_meets_its_goal() {
    let row = small(mixed(), 200, &[Goal::EveryPort, Goal::SynsAsStated]);
    let seen = row.play(Effort::Quick).unwrap();
    let kinds = [seen.open, seen.closed, seen.silent, seen.rejected];
    assert_eq!(
        kinds.iter().map(|kind| kind.ports).sum::<u64>(),
        3 * 4 * 200
    );
    let syns: u64 = seen.runs.iter().map(|run| run.syns).sum();
    assert_eq!(kinds.iter().map(|kind| kind.syns).sum::<u64>(), syns);
    assert!(seen.found == seen.open.ports && seen.found > 300);
    for goal in &row.goals {
        assert_eq!(goal.judge(&seen), Met::Yes, "{}", goal.text());
    }
    let page = table::markdown(&[(row.clone(), seen.clone())]);
    let line = page.lines().last().unwrap();
    assert_eq!(line.matches(" | ").count(), 13, "{line}");
    assert!(line.contains("every port right: met"), "{line}");
    assert!(line.contains("| 100 % |"), "{line}");
    assert!(table::text(&row, &seen).contains("met      every port right"));
}

#[test]
fn what_is_wrong_shows() {
    let goals = &[Goal::EveryPort, Goal::NoneFiltered, Goal::Recall(0.9)];
    let row = small(mixed(), 300, goals);
    let mut seen = row.play(Effort::Quick).unwrap();
    // As if every fourth open port had been called filtered, and one closed port open.
    let missed = seen.found / 4;
    (seen.found, seen.false_filtered, seen.false_open) = (seen.found - missed, missed, 1);
    for goal in &row.goals {
        assert_eq!(goal.judge(&seen), Met::No, "{}", goal.text());
    }
    let page = table::markdown(&[(row, seen)]);
    assert_eq!(page.matches("**NOT MET**").count(), 4, "{page}");
}

#[test]
fn what_was_not_asked_is_missed_and_says_why() {
    let mut row = small(mixed(), 200, &[Goal::EveryPort]);
    row.work.settings.max_time = Some(Duration::from_millis(1));
    let seen = row.play(Effort::Quick).unwrap();
    let ports = 3 * 4 * 200;
    assert_eq!(seen.untested() + seen.found + seen.unreported, ports);
    assert!(seen.untested() > 0 && seen.missed() > 0);
    assert_eq!(Goal::EveryPort.judge(&seen), Met::No);
    assert!(table::text(&row, &seen).contains("untested time-limit 2,"));
}

/// The formula that the page rests on, seen in the simulated networks: one SYN for each of many hosts, each in a scan of its own, as
/// a scan of them all learns from one what another's silence is worth.
#[test]
fn one_try_finds_what_the_formula_says() {
    for percent in [5, 20] {
        let loss = f64::from(percent) / 100.0;
        let world = World {
            open: 65_536,
            loss: share(loss),
            ..World::default()
        };
        let mut row = small(world, 1, &[]);
        row.work.prefix = 32;
        row.work.settings.attempts = Some(1);
        // Given up before the system sends its SYN again.
        row.work.settings.timeout = Some(Duration::from_millis(900));
        row.work.settings.pace = Pace::FAST;
        let mut seen = Seen::default();
        (1..=16_384).for_each(|seed| row.work.play(seed, &mut seen).unwrap());
        let (expected, n) = ((1.0 - loss).powi(2), seen.open.ports as f64);
        let spread = 4.0 * (expected * (1.0 - expected) / n).sqrt();
        let recall = seen.recall().unwrap();
        assert!(
            (recall - expected).abs() < spread,
            "{recall} at {percent} %"
        );
    }
}

#[test]
fn a_bound_needs_enough_ports() {
    let row = small(mixed(), 200, &[Goal::Recall(0.9999)]);
    let seen = row.play(Effort::Quick).unwrap();
    assert_eq!(Goal::Recall(0.9999).judge(&seen), Met::TooFewPorts);
    assert_eq!(Goal::Recall(0.99).judge(&seen), Met::Yes);
}

#[test]
fn every_world_has_goals_and_enough_seeds() {
    for row in worlds::rows() {
        assert!(row.seeds >= 20 && !row.goals.is_empty(), "{}", row.name);
        assert!(
            row.name.is_ascii() && !row.name.contains('|'),
            "{}",
            row.name
        );
    }
}

#[test]
fn numbers_are_never_shown_as_more_than_they_are() {
    assert_eq!(table::percent(0.999_999_99), "99.99999 %");
    assert_eq!(table::percent(1.0), "100 %");
    assert_eq!(table::grouped(1_234_567), "1,234,567");
    assert_eq!(table::grouped(999), "999");
}

/// Well-formed, with its title and description, and the same each time.
fn check(chart: &Chart, words: &str) {
    let svg = chart.svg();
    assert_eq!(svg, chart.svg());
    let mut reader = Reader::from_str(&svg);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut elements) = (0i32, Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                depth += 1;
                assert!(element.attributes().all(|a| a.is_ok()));
                elements.push(element.name().as_ref().to_owned());
            }
            Event::Empty(element) => assert!(element.attributes().all(|a| a.is_ok())),
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0);
    assert_eq!(elements[..3], ["svg", "title", "desc"]);
    assert!(svg.contains(words), "{svg}");
    for forbidden in ["NaN", "inf", "<script"] {
        assert!(!svg.contains(forbidden), "{forbidden} in {svg}");
    }
}

#[test]
fn plots_are_well_formed_and_say_in_words_what_they_show() {
    let row = small(mixed(), 100, &[]);
    let good = row.play(Effort::Quick).unwrap();
    let lossy = World {
        loss: share(0.9),
        ..mixed()
    };
    let bad = small(lossy, 100, &[]).play(Effort::Quick).unwrap();
    let seen: Vec<(u32, Seen)> = vec![(0, good), (30, bad)];
    check(&curves::recall(&seen), "at 5 % 90.25 %, 99.05 %, 99.91 %");
    check(&curves::syns(&seen), ", and 5 at 5 %, 10 at 20 %.");
    let times = [
        (50, Duration::from_secs(90), 0),
        (2000, Duration::from_millis(300), 17),
    ];
    let chart = curves::times(&times);
    check(&chart, "2000 a second: 0.3 s (ideal 2.0 s), 17 ports");
    // One ring in the plot, and one in its legend: only the second point is doubtful.
    assert_eq!(
        chart
            .svg()
            .matches("fill=\"#ffffff\" stroke=\"#0072B2\"")
            .count(),
        2
    );
    let mut hostile = chart;
    hostile.title = "<&\"'>".to_owned();
    check(&hostile, "&lt;&amp;&quot;'&gt;");
}

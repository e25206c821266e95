use picaporte_core::Reason;

use super::*;

#[test]
fn a_reason_is_counted_only_beside_another() {
    let mut counts = Counts::default();
    let confirmed = Graded {
        confirmed: 3,
        ..Graded::default()
    };
    let states = |counts: &Counts| states(Lang::En, counts, &confirmed).replace(JOINED, " ");
    assert_eq!(states(&counts), "");
    counts.add_many(Reason::SynAck, 3);
    counts.add_many(Reason::ConnRefused, 60_990);
    assert_eq!(states(&counts), "3 open, 60,990 closed (conn-refused)");
    counts.add_many(Reason::NoResponse, 10);
    counts.add_many(Reason::AdminProhibited, 2);
    assert_eq!(
        states(&counts),
        "3 open, 60,990 closed (conn-refused), 12 filtered (10 no-response, 2 admin-prohibited)"
    );
}

#[test]
fn open_ports_are_graded_where_there_is_a_doubt() {
    let mut counts = Counts::default();
    counts.add_many(Reason::SynAck, 4);
    let states = |confirmed, handshake_only| {
        let graded = Graded {
            confirmed,
            handshake_only,
            suspect: 0,
        };
        states(Lang::En, &counts, &graded).replace(JOINED, " ")
    };
    assert_eq!(states(4, 0), "4 open");
    assert_eq!(states(0, 4), "4 open (handshake-only)");
    assert_eq!(states(3, 1), "4 open (3 confirmed, 1 handshake-only)");
    assert_eq!(
        states(2, 1),
        "4 open (2 confirmed, 1 handshake-only, 1 not watched to their end)"
    );
}

//! Ranges of ports say what the same ports say one by one.

use super::*;

/// What a scan says of one port: its state, and whether it was asked, and is the product.
type Told = (Option<Said>, Option<bool>);

fn told_of_port() -> impl Strategy<Value = Told> {
    let known = proptest::sample::select(&Said::ALL[..]);
    let said = known.prop_map(|said| (said != Said::Absent).then_some(said));
    (said, proptest::option::of(any::<bool>()))
}

proptest! {
    #[test]
    fn each_port_is_held_against_a_want(ports in proptest::collection::vec(told_of_port(), 8)) {
        let policy = "otherwise = 'may'\n[[rule]]\nname = 'a'\nreason = 'r'\nhosts = ['192.0.2.1']\nproduct = 'nginx'\n";
        let policy = read(&format!("{policy}must = '1-3'\nmay = '4-7'\n")).unwrap();
        let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
        let id = HostId::Address([192, 0, 2, 1].into(), None);
        builder.mention(&id).unwrap();
        let mut expected = Vec::new();
        for (port, (said, product)) in (1..).zip(ports) {
            let what = product.map(|is| service("http", if is { "nginx" } else { "lighttpd" }, ""));
            if let Some(said) = said {
                builder.say(&id, said, port, port).unwrap();
            }
            if let Some(what) = &what {
                builder.listens(&id, port, what.clone()).unwrap();
            }
            let (answer, seen) = match said {
                Some(Said::Open) => judge_service(&policy.rules[0].wants[0].wanted, what.as_ref()),
                Some(Said::Closed | Said::Filtered) => continue,
                _ if port < 4 => continue,
                _ => (Answer::CannotTell, Seen::Untold),
            };
            if answer != Answer::Holds && port < 8 {
                expected.push((answer, port, seen));
            }
        }
        let scan = builder.finish().unwrap();
        let answers = check(&policy, &scan, TODAY);
        let heard = answers.rules[0].listening.iter();
        let mut told: Vec<_> = heard
            .flat_map(|heard| heard.ports.iter().map(|port| (heard.answer, port, heard.seen.clone())))
            .collect();
        told.sort_by_key(|(_, port, _)| *port);
        prop_assert_eq!(told, expected);
    }
}

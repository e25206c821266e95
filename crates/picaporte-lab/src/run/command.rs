//! The placeholders of a command: what the scenario knows and the scanner has to be told.

use crate::scenario::Scenario;

/// Replaces `{targets}` (an argument of its own: one argument for each target), `{target-list}` (a list with commas),
/// `{ports}` (`22,80-90`) and `{seed}`. Everything else stays as it is.
pub(super) fn fill_in(command: &[String], scenario: &Scenario, seed: u64) -> Vec<String> {
    let targets: Vec<String> = scenario
        .scan
        .targets
        .iter()
        .map(ToString::to_string)
        .collect();
    let (list, ports, seed) = (targets.join(","), port_list(scenario), seed.to_string());
    let mut words = Vec::new();
    for word in command {
        if word == "{targets}" {
            words.extend(targets.iter().cloned());
        } else {
            words.push(
                word.replace("{target-list}", &list)
                    .replace("{ports}", &ports)
                    .replace("{seed}", &seed),
            );
        }
    }
    words
}

fn port_list(scenario: &Scenario) -> String {
    scenario.scan.ports.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::scenario;

    #[test]
    fn every_placeholder_is_replaced() {
        let scenario = scenario(
            "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.1', '198.18.1.0/24']\nports = '22,80-90'\n\
             [[hosts]]\naddresses = ['198.18.0.1']\n",
        );
        let words = [
            "scan",
            "{targets}",
            "-a{target-list}",
            "-p",
            "{ports}",
            "--seed={seed}",
            "{other}",
        ]
        .map(str::to_owned);
        let expected =
            "scan 198.18.0.1 198.18.1.0/24 -a198.18.0.1,198.18.1.0/24 -p 22,80-90 --seed=7 {other}";
        assert_eq!(fill_in(&words, &scenario, 7).join(" "), expected);
    }
}

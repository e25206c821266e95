//! The placeholders of a command: what the scenario knows and the scanner has to be told.

use anyhow::{Result, bail};

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

/// Linux takes no word of a command that is this long, its closing zero included (`MAX_ARG_STRLEN`, 32 pages of 4 KiB).
const TOO_LONG: usize = 128 << 10;

/// Refuses a command that Linux would not start, and says in the scenario's words why.
pub(super) fn check_length(words: &[String], scenario: &Scenario) -> Result<()> {
    let Some(long) = words.iter().find(|word| word.len() >= TOO_LONG) else {
        return Ok(());
    };
    bail!(
        "the list of ports or targets of the scenario '{}' is too long for one argument of a command: {} bytes, and Linux \
         takes at most {}; write {{targets}} as a word of its own instead of {{target-list}}, or name fewer ports in the scenario",
        scenario.name,
        long.len(),
        TOO_LONG - 1
    )
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

    #[test]
    fn a_list_that_no_command_takes_is_refused() {
        let of = |ports: &str| {
            scenario(&format!(
                "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.1']\nports = '{ports}'\n\
                 [[hosts]]\naddresses = ['198.18.0.1']\n"
            ))
        };
        let check = |ports: &str| {
            let scenario = of(ports);
            let words = ["scan", "-p{ports}"].map(str::to_owned);
            check_length(&fill_in(&words, &scenario, 1), &scenario)
        };
        check("1-65535/3").unwrap();
        let error = check("1-65535/2").unwrap_err().to_string();
        assert!(error.contains("too long for one argument"), "{error}");
        let word = |length| check_length(&["x".repeat(length)], &of("1"));
        assert!(word(131_071).is_ok() && word(131_072).is_err());
    }
}

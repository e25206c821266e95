//! Any bytes as a file, and any bytes as an answer.

use proptest::prelude::*;

use super::*;

/// Lines that look like those of a file, in any order.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        "Probe (TCP|UDP) [A-C] q\\|[a-c\\\\x0]{0,6}\\|",
        "(soft)?match [a-c/A]{1,4} m[|/%][a-c.*+(|)?^$\\\\\\[\\]]{0,10}[|/%][is]{0,2}( [pvihod]/[a-c$1-3(),PI\"<]{0,9}/){0,3}( cpe:/[aoh]:[a-c:$1]{0,9}/a?){0,2}",
        "(ports|sslports|Exclude) [T:U0-9,-]{0,9}",
        "(rarity|totalwaitms|tcpwrappedms) [0-9]{0,3}",
        "fallback [A-C,]{0,5}",
        "[ -~]{0,12}",
    ]
}

fn asked(file: Vec<u8>, answer: &[u8]) {
    let lines = file.split(|&byte| byte == b'\n').count();
    let probes = match Probes::read("mine", file) {
        Ok(probes) => probes,
        Err(wrong) => {
            assert!(wrong.line as usize <= lines && !wrong.what.to_string().is_empty());
            return;
        }
    };
    for probe in probes.iter() {
        let answered = probes.matches(probe, answer);
        assert_eq!(answered, probes.matches(probe, answer));
        if let Some(found) = answered.found {
            assert_eq!(found.to_service(probe).name, Some(found.service));
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_as_a_file(file in prop::collection::vec(any::<u8>(), 0..300)) {
        asked(file, b"abc");
    }

    #[test]
    fn any_lines_as_a_file(lines in prop::collection::vec(line(), 0..20), answer in "[a-c\\r\\n]{0,20}") {
        asked(format!("Probe TCP Z q||\n{}", lines.join("\n")).into_bytes(), answer.as_bytes());
    }

    #[test]
    fn any_answer(answer in prop::collection::vec(any::<u8>(), 0..400)) {
        let file = include_bytes!("../../../../../fuzz/seeds/nmap_probes/everything");
        let end = file.windows(6).position(|part| part == b"\n====\n").expect("a file and an answer");
        asked(file[..end].to_vec(), &answer);
        asked(file[..end].to_vec(), &[&b"DEMO 1 ("[..], &answer, b")\r\n"].concat());
    }
}

//! Comparisons without a network: a player that makes up what scanners say, and a shell script in place of the lab.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::reading::Format;
use crate::record::{Lab as LabRecord, Wire};
use crate::scenario::from_text;

/// A script at `file`, written by a process of its own: were it written here, a test that forks meanwhile would keep it
/// open, and it could not be started ("text file busy").
pub(super) fn script(file: &Path, text: &str) {
    let mut writer = Command::new("/bin/sh")
        .args(["-c", "cat > \"$0\" && chmod 755 \"$0\""])
        .arg(file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = writer.stdin.take().unwrap();
    write!(pipe, "#!/bin/sh\n{text}").unwrap();
    drop(pipe);
    assert!(writer.wait().unwrap().success());
}

fn world(name: &str, extra: &str, hosts: &str) -> World {
    let text = format!(
        "about = \"a\"\nsource = \"s\"\n{extra}\n[scan]\ntargets = [\"192.0.2.0/30\"]\nports = \"22-23\"\nbound = \"1s\"\n\
         [[hosts]]\naddresses = [\"192.0.2.0/24\"]\n{hosts}"
    );
    World {
        asked: format!("{name}.toml"),
        scenario: from_text(Path::new(&format!("{name}.toml")), &text).unwrap(),
    }
}

fn worlds() -> [World; 2] {
    [
        world("plain", "", "ports = [{ ports = \"22\", is = \"open\" }]\n"),
        world(
            "tarpit",
            "answers_everything = true",
            "stack = \"tarpit\"\n",
        ),
    ]
}

fn scanners() -> Vec<Scanner> {
    let own = |name: &str, format, version: Option<&str>| {
        let command = vec![name.to_owned(), "{targets}".to_owned()];
        Scanner::own(name.to_owned(), command, format, version.map(str::to_owned))
    };
    vec![
        own("picaporte", Format::Picaporte, Some("0.1.0")),
        own("masscan", Format::Masscan, Some("1.3.2")),
        own("mine", Format::Hostport, None),
    ]
}

fn record(job: &Job<'_>) -> Record {
    Record {
        digest: None,
        scenario: job.world.scenario.name.clone(),
        seed: job.seed,
        command: vec![job.scanner.name.clone()],
        end: End::Code(0),
        elapsed_ms: 1_000 * job.seed,
        peak_kib: 2_048 * job.seed,
        wire: Wire {
            syns: 10,
            ..Wire::default()
        },
        lab: LabRecord::default(),
    }
}

/// What a player lets a scanner say and leave.
struct Turn {
    output: &'static str,
    last: &'static str,
    change: fn(&mut Record),
}

const fn says(output: &'static str) -> Turn {
    Turn {
        output,
        last: "",
        change: |_| {},
    }
}

/// Plays by a table: world, scanner and seed.
struct Made {
    plays: BTreeMap<(&'static str, &'static str, u64), Turn>,
    order: Vec<String>,
}

impl Play for Made {
    fn play(&mut self, job: &Job<'_>, files: &Files) -> Result<(), Failure> {
        let (world, scanner) = (&*job.world.scenario.name, &*job.scanner.name);
        self.order.push(format!("{world} {scanner} {}", job.seed));
        let play = self
            .plays
            .iter()
            .find(|((w, s, seed), _)| (*w, *s, *seed) == (world, scanner, job.seed));
        let Some((_, play)) = play else {
            return Err(Failure::Lab("there is no /dev/net/tun".to_owned()));
        };
        let mut record = record(job);
        (play.change)(&mut record);
        fs::write(&files.stdout, play.output).unwrap();
        fs::write(&files.stderr, play.last).unwrap();
        fs::write(&files.record, serde_json::to_string(&record).unwrap()).unwrap();
        Ok(())
    }
}

const PLAIN: &str = "{\"type\":\"host\",\"ip\":\"192.0.2.0\",\"ports\":{\"open\":\"22\",\"closed\":\"23\",\"filtered\":\"\",\"untested\":\"\"}}\n\
{\"type\":\"host\",\"ip\":\"192.0.2.1\",\"ports\":{\"open\":\"22\",\"closed\":\"23\",\"filtered\":\"\",\"untested\":\"\"}}\n\
{\"type\":\"host\",\"ip\":\"192.0.2.2\",\"ports\":{\"open\":\"22\",\"closed\":\"23\",\"filtered\":\"\",\"untested\":\"\"}}\n\
{\"type\":\"host\",\"ip\":\"192.0.2.3\",\"ports\":{\"open\":\"22\",\"closed\":\"23\",\"filtered\":\"\",\"untested\":\"\"}}\n\
{\"type\":\"end\",\"planned\":8,\"untested\":0,\"complete\":true}\n";
const HALF: &str = "{\"type\":\"host\",\"ip\":\"192.0.2.0\",\"ports\":{\"open\":\"22\",\"closed\":\"\",\"filtered\":\"\",\"untested\":\"23\"}}\n";
const ALL_OPEN: &str = "192.0.2.0:22\n192.0.2.0:23\n192.0.2.1:22\n192.0.2.1:23\n192.0.2.2:80\n";
const MASSCAN: &str = "[\n{\"ip\": \"192.0.2.1\", \"ports\": [{\"port\": 22, \"proto\": \"tcp\", \"status\": \"open\"}]}\n]\n";

fn made() -> Made {
    let mut plays = BTreeMap::new();
    plays.insert(("plain", "picaporte", 1), says(PLAIN));
    plays.insert(
        ("plain", "picaporte", 2),
        Turn {
            output: HALF,
            last: "",
            change: |record| record.end = End::Bound,
        },
    );
    plays.insert(("plain", "masscan", 1), says(MASSCAN));
    plays.insert(
        ("plain", "masscan", 2),
        Turn {
            output: "",
            last: "first\nFAIL: no | route\u{1b}[0m\n",
            change: |record| record.end = End::Code(1),
        },
    );
    plays.insert(("plain", "mine", 1), says(ALL_OPEN));
    plays.insert(("plain", "mine", 2), says("hello\n"));
    plays.insert(
        ("tarpit", "picaporte", 1),
        says("{\"type\":\"end\",\"planned\":8,\"untested\":8,\"complete\":false}\n"),
    );
    plays.insert(("tarpit", "picaporte", 2), says(PLAIN));
    plays.insert(("tarpit", "masscan", 1), says(MASSCAN));
    plays.insert(
        ("tarpit", "masscan", 2),
        Turn {
            output: MASSCAN,
            last: "",
            change: |record| record.lab.overruns = 1,
        },
    );
    plays.insert(
        ("tarpit", "mine", 1),
        Turn {
            output: "",
            last: "",
            change: |record| record.end = End::NotStarted("no such file".to_owned()),
        },
    );
    Made {
        plays,
        order: Vec::new(),
    }
}

/// Two rounds from the first seed on.
fn twice<'a>(worlds: &'a [World], scanners: &'a [Scanner]) -> Comparison<'a> {
    Comparison {
        worlds,
        scanners,
        rounds: 2,
        seed: 1,
    }
}

fn outcomes() -> (Vec<Outcome>, [World; 2]) {
    let (worlds, scanners) = (worlds(), scanners());
    let comparison = twice(&worlds, &scanners);
    let folder = tempfile::tempdir().unwrap();
    let outcomes = comparison.run(&mut made(), folder.path(), &mut |_| {});
    (outcomes.unwrap(), worlds)
}

#[test]
fn a_gate_stops_a_run_of_a_lab_that_did_not_keep_up() {
    let (outcomes, worlds) = outcomes();
    let objections = |at: usize| outcomes[at].objections(&worlds[outcomes[at].world]);
    // masscan in the tarpit: clean in the first round, and of a lab that fell behind in the second.
    assert_eq!(objections(4), [""; 0]);
    let behind = "the lab did not keep up, so that the run is worth nothing";
    assert_eq!(objections(9), [behind]);
    assert_eq!(objections(7), ["it came to no score"]);
}

fn compared() -> (String, Made, Vec<bool>) {
    let (worlds, scanners) = (worlds(), scanners());
    let comparison = twice(&worlds, &scanners);
    let folder = tempfile::tempdir().unwrap();
    let mut made = made();
    let mut seen = 0;
    let outcomes = comparison
        .run(&mut made, folder.path(), &mut |_| seen += 1)
        .unwrap();
    assert_eq!((seen, outcomes.len()), (12, comparison.runs()));
    let machine = Machine(vec![("kernel".to_owned(), "Linux 0 | x".to_owned())]);
    let passes = outcomes
        .iter()
        .map(|outcome| outcome.passes(&worlds[outcome.world]))
        .collect();
    (markdown(&machine, &comparison, &outcomes), made, passes)
}

#[test]
fn everything_stands_in_the_table_as_it_came_out() {
    insta::assert_snapshot!(compared().0);
}

#[test]
fn scanners_take_turns() {
    let order = compared().1.order;
    assert_eq!(
        order,
        [
            "plain picaporte 1",
            "plain masscan 1",
            "plain mine 1",
            "tarpit picaporte 1",
            "tarpit masscan 1",
            "tarpit mine 1",
            "plain masscan 2",
            "plain mine 2",
            "plain picaporte 2",
            "tarpit masscan 2",
            "tarpit mine 2",
            "tarpit picaporte 2",
        ]
    );
}

#[test]
fn a_gate_lets_only_pass_what_came_to_a_clean_score() {
    let passes = compared().2;
    // mine invents open ports; what failed does not pass; forgotten ports do not pass.
    assert_eq!(
        passes,
        [
            true, true, false, true, true, false, true, false, false, true, false, true
        ]
    );
}

/// Writes a record of what it is told in `seed`, and its arguments to standard output.
const FAKE_LAB: &str = r#"
[ "$1" = run ] && [ "$3" = --seed ] && [ "$5" = --end-with ] && [ "$7" = --record ] && [ "$9" = -- ] || exit 64
case $4 in
  1) echo 192.0.2.1:22; echo "last words" >&2; echo "picaporte-lab: exit code 3" >&2
     printf '{"scenario":"plain","seed":1,"command":[],"end":{"code":3},"elapsed_ms":5,"peak_kib":7,"wire":{"syns":9,"sent":9,"received":9,"strays":0,"others_refused":0,"nat_refused":0,"banned":0},"lab":{"overruns":0,"late_median_us":null,"late_p999_us":null,"late_max_us":null}}' > "$8"
     exit 3 ;;
  2) : > "$8"; echo "picaporte-lab: no user namespaces here" >&2; exit 2 ;;
  3) exec sleep 60 ;;
esac
"#;

fn fake_lab(folder: &Path) -> PathBuf {
    let lab = folder.join("lab");
    script(&lab, FAKE_LAB);
    lab
}

#[test]
fn the_lab_is_started_again_and_scored() {
    let folder = tempfile::tempdir().unwrap();
    let lab = fake_lab(folder.path());
    let ([world, _], scanners) = (worlds(), scanners());
    let results = folder.path().join("results");
    let run = run_once(&lab, &world, 1, &scanners[2], &results).unwrap();
    assert_eq!((run.score.found, run.score.open), (1, 4));
    assert_eq!(run.score.syns, Some(9));
    assert_eq!(run.record.end, End::Code(3));
    assert_eq!(run.last_words.as_deref(), Some("last words"));
    assert!(results.join("plain/mine-1.out").exists());
    assert!(results.join("plain/mine-1.record.json").exists());
}

#[test]
fn a_lab_that_fails_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let lab = fake_lab(folder.path());
    let ([world, _], scanners) = (worlds(), scanners());
    let failed = |lab: &Path, seed| {
        run_once(lab, &world, seed, &scanners[2], folder.path())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        failed(&lab, 2),
        "the lab failed: no user namespaces here (exit code 2)"
    );
    // No record of an earlier run is taken for this one's.
    fs::write(folder.path().join("plain/mine-2.record.json"), "{}").unwrap();
    assert!(failed(&lab, 2).starts_with("the lab failed"));
    assert!(failed(Path::new("/nowhere/lab"), 1).starts_with("starting /nowhere/lab: "));
}

/// Plays what a table says, and asks for an end once that is done.
struct Last(Made, Arc<AtomicBool>);

impl Play for Last {
    fn play(&mut self, job: &Job<'_>, files: &Files) -> Result<(), Failure> {
        self.0.play(job, files)?;
        self.1.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.1)
    }
}

#[test]
fn who_stops_a_comparison_stops_its_scoring() {
    let folder = tempfile::tempdir().unwrap();
    let (worlds, scanners) = (worlds(), scanners());
    let comparison = Comparison {
        worlds: &worlds,
        scanners: &scanners,
        rounds: 1,
        seed: 1,
    };
    let mut player = Last(made(), Arc::default());
    let stopped = comparison.run(&mut player, folder.path(), &mut |_| {});
    assert!(matches!(stopped, Err(Failure::Stopped)));
    assert_eq!(player.0.order.len(), 1);
}

#[test]
fn who_stops_a_comparison_stops_its_run() {
    let folder = tempfile::tempdir().unwrap();
    let lab = fake_lab(folder.path());
    let (worlds, scanners) = (worlds(), scanners());
    let stop = Arc::new(AtomicBool::new(false));
    let comparison = Comparison {
        worlds: &worlds,
        scanners: &scanners,
        rounds: 1,
        seed: 3,
    };
    let at_work = folder.path().join("plain/picaporte-3.out");
    let watcher = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            while !at_work.exists() {
                std::thread::yield_now();
            }
            stop.store(true, Ordering::Relaxed);
        })
    };
    let mut player = Lab::stoppable(&lab, stop);
    let begun = std::time::Instant::now();
    let stopped = comparison.run(&mut player, folder.path(), &mut |_| {});
    assert!(matches!(stopped, Err(Failure::Stopped)));
    assert!(begun.elapsed().as_secs() < 50, "the run went on to its end");
    watcher.join().unwrap();
}

//! Picaporte in every world of the short set, one seed: no port may be called open or closed that is not, and none may be
//! left out. How many it finds is for the benchmark to say. One world at a time: a world has a core to itself.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};
use picaporte_lab::compare::{Scanner, World, run_once};
use picaporte_lab::library;

const LAB: &str = env!("CARGO_BIN_EXE_picaporte-lab");
const SEED: u64 = 1;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    let trials = library::names().filter_map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// The test of a scenario, if it belongs to the short set; one that can't be read fails.
fn trial(name: &'static str) -> Option<Trial> {
    match library::find(name) {
        Ok(scenario) if !scenario.short => None,
        Ok(scenario) => {
            let world = World {
                asked: name.to_owned(),
                scenario,
            };
            Some(Trial::test(name, move || judge(&world)))
        }
        Err(error) => Some(Trial::test(name, move || Err(error.to_string().into()))),
    }
}

fn judge(world: &World) -> Result<(), Failed> {
    let scanner = Scanner::known("picaporte", &picaporte()?).ok_or("picaporte is not known")?;
    let folder = tempfile::tempdir()?;
    let run = run_once(Path::new(LAB), world, SEED, &scanner, folder.path())?;
    let score = &run.score;
    let everything_answers = world.scenario.answers_everything;
    let invented = if everything_answers {
        score.false_open - score.false_open_answered
    } else {
        score.false_open
    };
    let wrong = [
        ("ports called open that are not", Some(invented)),
        ("ports called closed that are not", score.false_closed),
        ("ports of which nothing was said", score.unaccounted),
        ("ports that nobody asked for", Some(score.outside)),
        ("packets that the lab lost", Some(run.record.lab.overruns)),
    ];
    for (what, count) in wrong {
        if count != Some(0) {
            return Err(format!("{what}: {count:?}\n{score:#?}\n{:#?}", run.record).into());
        }
    }
    Ok(())
}

/// The scanner of this checkout, built if it is not: another package's program is not built for this one's tests.
fn picaporte() -> Result<PathBuf, Failed> {
    let mut build = Command::new(env!("CARGO"));
    build.args([
        "build",
        "--quiet",
        "--locked",
        "-p",
        "picaporte",
        "--bin",
        "picaporte",
    ]);
    build.args(if cfg!(debug_assertions) {
        None
    } else {
        Some("--release")
    });
    let output = build.output()?;
    if !output.status.success() {
        return Err(format!(
            "building picaporte: {}",
            String::from_utf8_lossy(&output.stderr)
        )
        .into());
    }
    Ok(Path::new(LAB).with_file_name("picaporte"))
}

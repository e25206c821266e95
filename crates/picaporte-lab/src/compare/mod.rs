//! Scanners against scenarios: each run is this program again (`run`), in a process of its own, so that one world knows
//! nothing of the other. What comes of it is read, scored and put into one table.

mod lab;
mod machine;
mod own;
mod scanner;
mod table;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use lab::Lab;
pub use machine::Machine;
pub use own::OwnError;
pub use scanner::{KNOWN, Programs, Scanner};
pub use table::markdown;

use crate::files::open_regular;
use crate::reading::{self, ReadError, Reading, shown};
use crate::record::{self, End, Record};
use crate::scenario::Scenario;
use crate::score::{Score, ScoreError};

/// A scenario, and the word by which it was asked for.
#[derive(Clone, Debug)]
pub struct World {
    /// A name of the library, or a file.
    pub asked: String,
    /// What is behind it.
    pub scenario: Scenario,
}

/// One scanner in one world.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The world.
    pub world: &'a World,
    /// Its seed.
    pub seed: u64,
    /// Who scans it.
    pub scanner: &'a Scanner,
}

/// Where what comes of a run is put.
#[derive(Clone, Debug)]
pub struct Files {
    /// The scanner's standard output.
    pub stdout: PathBuf,
    /// Standard error of scanner and lab.
    pub stderr: PathBuf,
    /// The record.
    pub record: PathBuf,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// What the scanner said.
    pub reading: Reading,
    /// What it cost.
    pub record: Record,
    /// What it is worth.
    pub score: Score,
    /// The scanner's last line on standard error, escaped.
    pub last_words: Option<String>,
}

/// Why nothing can be said of a run.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The lab itself failed.
    #[error("the lab failed: {0}")]
    Lab(String),
    /// The scanner could not be started.
    #[error("could not be started: {0}")]
    NotStarted(String),
    /// The scanner's output is not in its format.
    #[error("its output can't be read: {0}")]
    Output(#[from] ReadError),
    /// The scanner printed more than is kept.
    #[error("printed more than {0} bytes")]
    TooMuch(u64),
    /// The scenario can't be scored.
    #[error(transparent)]
    Score(ScoreError),
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(String, io::Error),
    /// Somebody asked this program to end.
    #[error("interrupted")]
    Stopped,
}

/// Plays a world to a scanner, and leaves what comes of it in files.
pub trait Play {
    /// Plays `job`, and comes back when the scanner has ended.
    ///
    /// # Errors
    /// When the lab failed; whatever the scanner does is none.
    fn play(&mut self, job: &Job<'_>, files: &Files) -> Result<(), Failure>;

    /// What becomes true when somebody asks for an end, if anybody can.
    fn stop(&self) -> Arc<AtomicBool> {
        Arc::default()
    }
}

/// Runs one scanner in one world, with the program `picaporte-lab` at `lab`, and scores it. The output stays in `folder`.
///
/// # Errors
/// When the lab failed, the scanner could not be started, or its output can't be read.
pub fn run_once(
    lab: &Path,
    world: &World,
    seed: u64,
    scanner: &Scanner,
    folder: &Path,
) -> Result<Run, Failure> {
    let job = Job {
        world,
        seed,
        scanner,
    };
    play_and_score(&mut Lab::new(lab), &job, folder)
}

/// The same, played by `player`.
///
/// # Errors
/// Those of [`run_once`].
pub fn play_and_score(player: &mut dyn Play, job: &Job<'_>, folder: &Path) -> Result<Run, Failure> {
    let scenario = &job.world.scenario;
    let files = Files::new(folder, job)?;
    player.play(job, &files)?;
    let file_error = |file: &Path, error| Failure::File(file.display().to_string(), error);
    // The scanner has had the run of the file system.
    let record = open_regular(&files.record)
        .and_then(|_| record::load(&files.record))
        .map_err(|error| file_error(&files.record, error))?;
    if let End::NotStarted(why) = &record.end {
        return Err(Failure::NotStarted(shown(why)));
    }
    let output = open_regular(&files.stdout).map_err(|error| file_error(&files.stdout, error))?;
    let reading = reading::read(Some(job.scanner.format), BufReader::new(output))?;
    let score = Score::stoppable(scenario, job.seed, &reading, Some(&record), &player.stop())
        .map_err(|error| match error {
            ScoreError::Stopped => Failure::Stopped,
            other => Failure::Score(other),
        })?;
    Ok(Run {
        reading,
        record,
        score,
        last_words: last_line(&files.stderr, |line| !line.starts_with(LAB_SAYS)),
    })
}

impl Files {
    fn new(folder: &Path, job: &Job<'_>) -> Result<Self, Failure> {
        let folder = folder.join(&job.world.scenario.name);
        fs::create_dir_all(&folder)
            .map_err(|error| Failure::File(format!("making {}", folder.display()), error))?;
        let file = |ending| folder.join(format!("{}-{}.{ending}", job.scanner.name, job.seed));
        let files = Self {
            stdout: file("out"),
            stderr: file("err"),
            record: file("record.json"),
        };
        // A record of an earlier comparison must not be taken for this run's.
        match fs::remove_file(&files.record) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::File(
                format!("removing {}", files.record.display()),
                error,
            )),
            _ => Ok(files),
        }
    }
}

/// How much of standard error is looked at.
const TAIL: u64 = 4_096;
/// How the lab's own lines on standard error begin.
const LAB_SAYS: &str = "picaporte-lab: ";

fn last_line(file: &Path, wanted: fn(&str) -> bool) -> Option<String> {
    let mut file = File::open(file).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines().rev().map(str::trim);
    let line = lines.find(|line| !line.is_empty() && wanted(line))?;
    Some(shown(line))
}

/// One run of many, done.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Index of the world.
    pub world: usize,
    /// Index of the scanner.
    pub scanner: usize,
    /// Its seed.
    pub seed: u64,
    /// Its score, or why there is none.
    pub score: Result<Score, String>,
    /// The scanner's last line on standard error, escaped.
    pub last_words: Option<String>,
}

/// What is to be compared.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The worlds.
    pub worlds: &'a [World],
    /// Who is let loose in them.
    pub scanners: &'a [Scanner],
    /// How often, each time with the next seed.
    pub rounds: u32,
    /// The seed of the first round.
    pub seed: u64,
}

impl Comparison<'_> {
    /// How many runs it takes.
    pub fn runs(&self) -> usize {
        self.worlds.len() * self.scanners.len() * self.rounds as usize
    }

    /// World, scanner and seed of every run: in each world the scanners take turns, and each round another one begins.
    fn order(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        let (worlds, scanners, first) = (self.worlds.len(), self.scanners.len(), self.seed);
        (0..self.rounds).flat_map(move |round| {
            let seed = first.wrapping_add(u64::from(round));
            (0..worlds).flat_map(move |world| {
                (0..scanners).map(move |turn| (world, (turn + round as usize) % scanners, seed))
            })
        })
    }

    /// Makes all runs, one after the other, and hands each to `seen`. A run that fails is an outcome too.
    ///
    /// # Errors
    /// Only when somebody asked this program to end: [`Failure::Stopped`].
    pub fn run(
        &self,
        player: &mut dyn Play,
        folder: &Path,
        seen: &mut dyn FnMut(&Outcome),
    ) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes = Vec::with_capacity(self.runs());
        for (world, scanner, seed) in self.order() {
            let job = Job {
                world: &self.worlds[world],
                seed,
                scanner: &self.scanners[scanner],
            };
            let done = play_and_score(player, &job, folder);
            if matches!(done, Err(Failure::Stopped)) {
                return Err(Failure::Stopped);
            }
            let (score, last_words) = match done {
                Ok(run) => (Ok(run.score), run.last_words),
                Err(failure) => (Err(failure.to_string()), None),
            };
            let outcome = Outcome {
                world,
                scanner,
                seed,
                score,
                last_words,
            };
            seen(&outcome);
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }
}

impl Outcome {
    /// All that a gate holds against this run, in words: that there is no score, or what [`Score::objections`] says. Empty:
    /// it lets it pass.
    pub fn objections(&self, world: &World) -> Vec<String> {
        match &self.score {
            Ok(score) => score.objections(world.scenario.answers_everything),
            Err(_) => vec!["it came to no score".to_owned()],
        }
    }

    /// Whether it came to a score, nothing false was said, and nothing forgotten. In a world that answers everything no
    /// open port is held against a scanner. A run may be worth nothing all the same: see [`Outcome::objections`].
    pub fn passes(&self, world: &World) -> bool {
        self.score.as_ref().is_ok_and(|score| {
            if world.scenario.answers_everything {
                score.is_clean_but_for_open()
            } else {
                score.is_clean()
            }
        })
    }
}

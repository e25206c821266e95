//! Makes ready to ask open ports what they are (`--identify`): what is known, the user's own file, and the share of the caps that it takes.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, anyhow};
use picaporte_core::Plan;
use picaporte_core::pace::BESIDE;
use picaporte_engine::{EngineError, Network};
use picaporte_identify::knowledge::Knowledge;
use picaporte_identify::nmap::{Probes, Wrong};

use super::args::ScanArgs;
use super::identifying::{Identifying, Questions};
use super::output::Outputs;
use crate::report::Header;
use crate::words::errors::{Spanish as _, reason};
use crate::words::said::Said;

/// The longest file of probes: what the reader takes, and one byte to see that there is more.
const LONGEST: u64 = (16 << 20) + 1;

/// Bytes of a greeting that are kept: a line of SMTP or FTP has 512 (RFC 5321, section 4.5.3.1.5), and most services say less.
const GREETING: usize = 1_024;

/// From where it is scanned, leaving what those who ask need.
pub(super) fn network(network: Network, identify: bool) -> Network {
    if !identify {
        return network;
    }
    Network {
        spare: BESIDE,
        greeting: GREETING,
        ..network
    }
}

/// That what is asked beside is asked of somebody.
///
/// # Errors
/// One sentence that says what the option does, and what to write.
pub(super) fn is_asked_for(args: &ScanArgs) -> Result<()> {
    if args.identify {
        return Ok(());
    }
    if args.fragile {
        refuse!(
            "--fragile lets --identify ask ports of printers and industrial control too, and no port is asked what it is: add -V, or leave it out",
            "--fragile deja que --identify pregunte también a los puertos de impresoras y de control industrial, y no se pregunta a ningún puerto qué es: añada -V, o quítela"
        );
    }
    if let Some(file) = &args.nmap_probes {
        refuse!(
            "--nmap-probes '{file}' lets --identify ask with probes of your own too, and no port is asked what it is: add -V, or leave it out",
            "--nmap-probes '{file}' deja que --identify pregunte también con sus propias sondas, y no se pregunta a ningún puerto qué es: añada -V, o quítela",
            file = file.display()
        );
    }
    Ok(())
}

/// What is to be asked, if anything is.
///
/// # Errors
/// As [`wanted`].
pub(super) fn of(args: &ScanArgs) -> Result<Option<Wanted>> {
    let wanted = || wanted(args.nmap_probes.as_deref(), args.fragile);
    args.identify.then(wanted).transpose()
}

/// What is to be asked.
pub(super) struct Wanted {
    knowledge: Arc<Knowledge>,
    further: Option<Arc<Probes>>,
    fragile: bool,
    /// What of the user's file was passed over: one sentence.
    pub(super) warning: Option<Said>,
}

/// Reads what is known, and the user's own file of probes.
///
/// # Errors
/// One sentence: the file can't be read, or which line of it is wrong.
pub(super) fn wanted(probes: Option<&Path>, fragile: bool) -> Result<Wanted> {
    let knowledge = Knowledge::builtin().map_err(|why| anyhow!("--identify: {why}"))?;
    let mut wanted = Wanted {
        knowledge,
        further: None,
        fragile,
        warning: None,
    };
    if let Some(path) = probes {
        let probes = read(path)?;
        let passed_over = probes.counts().warnings;
        wanted.warning = (probes.warnings().first()).map(|first| {
            said!(
                |lang| "--nmap-probes '{file}', line {line}: {what}; lines passed over in all: {all}",
                "--nmap-probes '{file}', línea {line}: {what}; líneas omitidas en total: {all}",
                file = path.display(),
                line = first.line,
                what = first.what.told(lang),
                all = passed_over
            )
        });
        wanted.further = Some(Arc::new(probes));
    }
    Ok(wanted)
}

fn read(path: &Path) -> Result<Probes> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    let file = File::open(path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    file.map_err(|e| {
        said!(
            |lang| "--nmap-probes '{name}' can't be read: {why}",
            "--nmap-probes '{name}' no se puede leer: {why}",
            name = name,
            why = reason(lang, &e)
        )
    })?;
    if bytes.is_empty() {
        refuse!(
            "--nmap-probes '{name}' is empty: name a file in the format of nmap-service-probes, or leave it out",
            "--nmap-probes '{name}' está vacío: indique un fichero con el formato de nmap-service-probes, u omítalo",
            name = name
        );
    }
    Probes::read(&name, bytes).map_err(|wrong| wrong_at(&wrong).into())
}

/// What is wrong, behind the option, the file and the line.
fn wrong_at(wrong: &Wrong) -> Said {
    let file = &wrong.file;
    match wrong.line {
        0 => Said::new(|lang| format!("--nmap-probes '{file}' {}", wrong.what.told(lang))),
        line => said!(
            |lang| "--nmap-probes '{file}', line {line}: {what}",
            "--nmap-probes '{file}', línea {line}: {what}",
            file = file,
            line = line,
            what = wrong.what.told(lang)
        ),
    }
}

/// The plan of the scan itself, which leaves a share of its caps to those who ask.
pub(super) fn leaving_room(plan: &Arc<Plan>) -> Arc<Plan> {
    let pace = plan.settings().pace.shares().scan;
    Arc::new(Plan::clone(plan).paced(pace))
}

/// Open ports are asked from now on.
///
/// # Errors
/// As a scan can't begin.
pub(super) fn begin(
    outputs: &mut Outputs,
    header: &Header,
    network: &Network,
    wanted: Wanted,
) -> Result<(), EngineError> {
    let shares = header.plan.settings().pace.shares();
    let talks = picaporte_engine::talks(network, shares)?;
    let patient = shares.during_scan.is_none() || shares.during_host.is_none();
    let questions = Questions {
        knowledge: wanted.knowledge,
        further: wanted.further,
        fragile: wanted.fragile,
    };
    outputs.identify(Identifying::new(talks, header, questions, patient));
    Ok(())
}

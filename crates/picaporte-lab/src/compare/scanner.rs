//! The scanners that are known, how each is told what to scan, and where it is found. Placeholders (`{targets}`,
//! `{target-list}`, `{ports}`) are filled in by `run`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use picaporte_core::PortSet;

use crate::reading::{Format, shown};
use crate::scenario::{SCANNER_V4, SCANNER_V6, Scenario, Target};

/// The names of the scanners that are known.
pub const KNOWN: [&str; 4] = ["picaporte", "nmap", "rustscan", "masscan"];

/// A scanner, and how its output is read.
#[derive(Clone, Debug)]
pub struct Scanner {
    /// Its name in the table: letters, digits, `.`, `_` and `-`.
    pub name: String,
    /// What it prints.
    pub format: Format,
    /// Its version, where it could be asked for one.
    pub version: Option<String>,
    usage: Usage,
}

#[derive(Clone, Debug)]
enum Usage {
    Picaporte(String),
    Nmap(String),
    Rustscan(String),
    Masscan(String),
    Own(Vec<String>),
}

/// One argument must stay below 128 KiB (Linux: `MAX_ARG_STRLEN`).
const LONGEST_ARGUMENT: usize = 120_000;

impl Scanner {
    /// The known scanner of this name, at this path.
    pub fn known(name: &str, program: &Path) -> Option<Self> {
        let path = program.to_string_lossy().into_owned();
        let (format, usage) = match name {
            "picaporte" => (Format::Picaporte, Usage::Picaporte(path)),
            "nmap" => (Format::Nmap, Usage::Nmap(path)),
            "rustscan" => (Format::Rustscan, Usage::Rustscan(path)),
            "masscan" => (Format::Masscan, Usage::Masscan(path)),
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            format,
            version: None,
            usage,
        })
    }

    pub(super) fn own(
        name: String,
        command: Vec<String>,
        format: Format,
        version: Option<String>,
    ) -> Self {
        Self {
            name,
            format,
            version,
            usage: Usage::Own(command),
        }
    }

    /// The command for `run`, placeholders included.
    pub fn command(&self, scenario: &Scenario) -> Vec<String> {
        match &self.usage {
            Usage::Picaporte(program) => words(
                program,
                "scan --store none --progress none --format jsonl -p {ports} {targets}",
            ),
            Usage::Nmap(program) => nmap(program, scenario),
            Usage::Rustscan(program) => rustscan(program, scenario),
            Usage::Masscan(program) => masscan(program),
            Usage::Own(command) => command.clone(),
        }
    }
}

fn words(program: &str, arguments: &str) -> Vec<String> {
    let arguments = arguments.split(' ').map(str::to_owned);
    [program.to_owned()].into_iter().chain(arguments).collect()
}

/// Its own addresses are told it: it does not find that of IPv6, nor which of two to use. At a higher rate it loses answers
/// itself where it has one core (measured: 328 to 441 of 460 at 20,000 a second, 460 at 2,000).
fn masscan(program: &str) -> Vec<String> {
    let arguments = format!(
        "--rate 2000 --wait 3 --source-ip {SCANNER_V4} --source-ip {SCANNER_V6} -oJ - -p{{ports}} {{targets}}"
    );
    words(program, &arguments)
}

fn nmap(program: &str, scenario: &Scenario) -> Vec<String> {
    let mut command = words(program, "-sT -n -Pn -T4 -oX -");
    let targets = &scenario.scan.targets;
    let is_name = |target: &Target| matches!(target, Target::Name(_));
    if targets.iter().all(|target| only_v6(target, scenario)) {
        command.push("-6".to_owned());
    }
    if targets.iter().any(is_name) {
        command.push("--resolve-all".to_owned());
    }
    command.extend(["-p", "{ports}", "{targets}"].map(str::to_owned));
    command
}

fn only_v6(target: &Target, scenario: &Scenario) -> bool {
    match target {
        Target::Net(net) => net.addr().is_ipv6(),
        Target::Name(name) => {
            let ips = scenario.names.get(name).map_or(&[][..], Vec::as_slice);
            !ips.is_empty() && ips.iter().all(std::net::IpAddr::is_ipv6)
        }
    }
}

/// `RustScan` takes one range, or ports one by one.
fn rustscan(program: &str, scenario: &Scenario) -> Vec<String> {
    let mut command = words(
        program,
        "--no-config --no-banner --scripts none -g -t 1500 -b 4500 -a {target-list}",
    );
    match scenario.scan.ports.ranges() {
        [(first, last)] if first < last => {
            command.extend(["-r".to_owned(), format!("{first}-{last}")]);
        }
        _ => one_by_one(&scenario.scan.ports, &mut command),
    }
    command
}

fn one_by_one(ports: &PortSet, command: &mut Vec<String>) {
    let mut list = String::new();
    for port in ports.iter() {
        if list.len() > LONGEST_ARGUMENT {
            command.extend(["-p".to_owned(), std::mem::take(&mut list)]);
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(&port.to_string());
    }
    command.extend(["-p".to_owned(), list]);
}

/// Where programs are looked for.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    path: OsString,
    picaporte: Option<PathBuf>,
    beside: Option<PathBuf>,
}

impl Programs {
    /// In `PATH`; Picaporte at `picaporte` if that is given, else first beside this program.
    pub fn new(picaporte: Option<PathBuf>) -> Self {
        let folder = |program: PathBuf| program.parent().map(Path::to_owned);
        Self {
            path: env::var_os("PATH").unwrap_or_default(),
            picaporte,
            beside: env::current_exe().ok().and_then(folder),
        }
    }

    /// The known scanner of this name, if it is installed, with its version.
    pub fn find(&self, name: &str) -> Option<Scanner> {
        let program = self.program(name)?;
        let mut scanner = Scanner::known(name, &program)?;
        scanner.version = version(&program);
        Some(scanner)
    }

    fn program(&self, name: &str) -> Option<PathBuf> {
        let in_path = || env::split_paths(&self.path).map(|folder| folder.join(name));
        if name == "picaporte" {
            if let Some(named) = &self.picaporte {
                return Some(named.clone());
            }
            let beside = self.beside.iter().map(|folder| folder.join(name));
            return beside.chain(in_path()).find(|file| is_program(file));
        }
        in_path().find(|file| is_program(file))
    }
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

/// What `--version` may print, and how long it may take.
const MOST_VERSION: u64 = 64 << 10;
const PATIENCE: Duration = Duration::from_secs(10);

/// What `program --version` prints, up to a bound in bytes and in time. It is ended with all that it started.
fn says_of_itself(program: &Path, patience: Duration) -> Option<Vec<u8>> {
    let mut child = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .ok()?;
    let pipe = child.stdout.take();
    let (sender, printed) = mpsc::channel();
    // Nobody waits for this thread: it ends with whoever holds the other end of the pipe.
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map(|pipe| pipe.take(MOST_VERSION).read_to_end(&mut bytes));
        // The other side may have lost patience.
        let _ = sender.send(read.is_some().then_some(bytes));
    });
    let bytes = printed.recv_timeout(patience);
    if let Ok(group) = i32::try_from(child.id()) {
        // It has not been waited for, so that its id is still its own.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    child.wait().ok()?;
    bytes.ok()?
}

/// The first word of `--version` that begins with a digit. It sends no packets.
fn version(program: &Path) -> Option<String> {
    let bytes = says_of_itself(program, PATIENCE)?;
    let text = String::from_utf8_lossy(&bytes);
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    Some(shown(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::from_text;

    fn scenario(targets: &str, ports: &str) -> Scenario {
        let text = format!(
            "about = \"a\"\nsource = \"s\"\n[scan]\ntargets = [{targets}]\nports = \"{ports}\"\n\
             [names]\n\"six.example\" = [\"2001:db8::9\"]\n\"both.example\" = [\"192.0.2.9\", \"2001:db8::9\"]\n\
             [[hosts]]\naddresses = [\"192.0.2.0/24\"]\n"
        );
        from_text(Path::new("scanner.toml"), &text).unwrap()
    }

    fn command(name: &str, targets: &str, ports: &str) -> String {
        let scanner = Scanner::known(name, Path::new(name)).unwrap();
        scanner.command(&scenario(targets, ports)).join(" ")
    }

    #[test]
    fn every_scanner_is_told_in_its_own_words() {
        let v4 = "\"192.0.2.1\", \"192.0.2.8/30\"";
        let mut all: Vec<String> = KNOWN
            .iter()
            .map(|name| command(name, v4, "22,80-90"))
            .collect();
        all.push(command("rustscan", v4, "1-1024"));
        all.push(command("rustscan", v4, "80"));
        all.push(command("nmap", "\"2001:db8::/120\", \"six.example\"", "80"));
        all.push(command("nmap", "\"both.example\"", "80"));
        all.push(command("nmap", "\"2001:db8::1\", \"192.0.2.1\"", "80"));
        insta::assert_snapshot!(all.join("\n"));
    }

    #[test]
    fn no_argument_is_too_long_for_linux() {
        let scanner = Scanner::known("rustscan", Path::new("rustscan")).unwrap();
        let command = scanner.command(&scenario("\"192.0.2.1\"", "1-65535/2"));
        assert!(command.iter().all(|argument| argument.len() < 128 << 10));
        let lists = command.iter().filter(|argument| argument.contains(','));
        let ports = lists
            .flat_map(|list| list.split(','))
            .filter(|port| port.parse::<u16>().is_ok());
        assert_eq!(ports.count(), 32_768);
    }

    #[test]
    fn a_program_that_never_ends_telling_its_version_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("masscan");
        let is = |text: &str| crate::compare::tests::script(&file, text);
        is("exec yes 1.2.3\n");
        assert_eq!(version(&file).as_deref(), Some("1.2.3"));
        let long = says_of_itself(&file, PATIENCE).unwrap();
        assert_eq!(long.len() as u64, MOST_VERSION);
        // Not only itself: what it started holds the pipe too.
        is("sleep 1000 & echo $! > \"$0.pid\"\nsleep 1000\n");
        let short = Duration::from_millis(500);
        assert_eq!(says_of_itself(&file, short), None);
        let pid = fs::read_to_string(folder.path().join("masscan.pid")).unwrap();
        let state = || fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        while state().is_ok_and(|state| !state.contains(") Z")) {
            thread::yield_now();
        }
    }

    #[test]
    fn picaporte_is_found_where_it_is_named_then_beside_then_in_the_path() {
        let (beside, path) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let programs = |picaporte| Programs {
            path: path.path().into(),
            picaporte,
            beside: Some(beside.path().to_owned()),
        };
        let make = |folder: &Path, mode| {
            let file = folder.join("picaporte");
            crate::compare::tests::script(&file, "echo picaporte 1.2.3\n");
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            file
        };
        assert!(programs(None).find("picaporte").is_none());
        let in_path = make(path.path(), 0o755);
        assert_eq!(programs(None).program("picaporte"), Some(in_path));
        make(beside.path(), 0o644);
        assert_eq!(
            programs(None).find("picaporte").unwrap().version.as_deref(),
            Some("1.2.3")
        );
        let near = make(beside.path(), 0o755);
        assert_eq!(programs(None).program("picaporte"), Some(near));
        let named = PathBuf::from("/nowhere/picaporte");
        assert_eq!(
            programs(Some(named.clone())).program("picaporte"),
            Some(named)
        );
    }
}

//! The program from outside: exit codes, the bound, ordinary users, and that nothing stays behind, also after `kill -9`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, geteuid};
use picaporte_lab::record::{End, Record};
use tempfile::TempDir;

use crate::{Test, must};

pub(crate) const TESTS: &[Test] = &[
    ("exit_code_is_the_commands", exit_code_is_the_commands),
    (
        "bound_ends_the_command_and_all_it_started",
        bound_ends_the_command_and_all_it_started,
    ),
    ("kill_9_leaves_nothing", kill_9_leaves_nothing),
    (
        "a_killed_inside_is_no_outcome",
        a_killed_inside_is_no_outcome,
    ),
    (
        "a_command_can_not_say_its_own_outcome",
        a_command_can_not_say_its_own_outcome,
    ),
    (
        "a_stopped_lab_says_how_late_it_was",
        a_stopped_lab_says_how_late_it_was,
    ),
    (
        "an_interrupt_is_for_the_command",
        an_interrupt_is_for_the_command,
    ),
    (
        "a_command_that_holds_on_to_its_guard_is_ended",
        a_command_that_holds_on_to_its_guard_is_ended,
    ),
    (
        "a_world_that_breaks_down_ends_the_command",
        a_world_that_breaks_down_ends_the_command,
    ),
    (
        "kill_9_of_a_comparison_leaves_nothing",
        kill_9_of_a_comparison_leaves_nothing,
    ),
    (
        "an_ordinary_user_needs_the_device",
        an_ordinary_user_needs_the_device,
    ),
    ("names_resolve_inside_only", names_resolve_inside_only),
    ("limits_of_the_order_hold", limits_of_the_order_hold),
    ("a_command_that_is_not_there", a_command_that_is_not_there),
];

const PROGRAM: &str = env!("CARGO_BIN_EXE_picaporte-lab");

/// A folder with a scenario and room for a record.
struct Room(TempDir);

impl Room {
    fn new(order: &str) -> Result<Self, Failed> {
        let room = Self(tempfile::tempdir()?);
        let text = format!(
            "about = 'a test'\nsource = 'none'\n[names]\n'www.example.org' = ['198.18.0.2']\n[scan]\ntargets = ['198.18.0.2']\n\
             ports = '1-10'\n{order}\n[[hosts]]\naddresses = ['198.18.0.2']\n"
        );
        fs::write(room.scenario(), text)?;
        Ok(room)
    }

    fn scenario(&self) -> String {
        self.0.path().join("s.toml").to_string_lossy().into_owned()
    }

    fn record_file(&self) -> String {
        self.0
            .path()
            .join("record.json")
            .to_string_lossy()
            .into_owned()
    }

    fn lab(&self, command: &[&str]) -> Command {
        let mut lab = Command::new(PROGRAM);
        lab.args([
            "run",
            &self.scenario(),
            "--record",
            &self.record_file(),
            "--",
        ])
        .args(command);
        lab.stdin(Stdio::null());
        lab
    }

    fn run(&self, command: &[&str]) -> Result<(Output, Record), Failed> {
        let output = self.lab(command).output()?;
        let text = fs::read_to_string(self.record_file())?;
        let record = serde_json::from_str(&text).map_err(|error| {
            format!(
                "{error}: {text:?}, {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })?;
        Ok((output, record))
    }
}

fn exit_code_is_the_commands() -> Result<(), Failed> {
    let room = Room::new("")?;
    for code in [0, 3, 130] {
        let (output, record) = room.run(&["sh", "-c", &format!("exit {code}")])?;
        must(
            output.status.code() == Some(code) && record.end == End::Code(code),
            format_args!("{:?} {record:?}", output.status),
        )?;
    }
    let (output, record) = room.run(&["sh", "-c", "kill -TERM $$"])?;
    must(
        output.status.code() == Some(143) && record.end == End::Signal(15),
        format_args!("{:?} {record:?}", output.status),
    )
}

fn a_command_that_is_not_there() -> Result<(), Failed> {
    let room = Room::new("")?;
    let (output, record) = room.run(&["/nowhere/scanner", "{targets}"])?;
    must(
        output.status.code() == Some(127),
        format_args!("{:?}", output.status),
    )?;
    must(
        matches!(record.end, End::NotStarted(_)),
        format_args!("{record:?}"),
    )?;
    must(
        record.command == ["/nowhere/scanner", "198.18.0.2"],
        format_args!("{record:?}"),
    )
}

fn bound_ends_the_command_and_all_it_started() -> Result<(), Failed> {
    let room = Room::new("bound = '1s'")?;
    // It minds no interrupt, and has a child that minds none either.
    let (output, record) = room.run(&[
        "sh",
        "-c",
        "trap '' INT; echo $(readlink /proc/self/ns/net); sleep 300 & sleep 300",
    ])?;
    must(
        output.status.code() == Some(124) && record.end == End::Bound,
        format_args!("{:?} {record:?}", output.status),
    )?;
    nobody_is_in(String::from_utf8_lossy(&output.stdout).trim())
}

fn kill_9_leaves_nothing() -> Result<(), Failed> {
    let before = namespaces();
    let room = Room::new("bound = '300s'")?;
    let mut lab = room.lab(&[
        "sh",
        "-c",
        "trap '' INT TERM HUP; readlink /proc/self/ns/net; setsid sleep 300 & sleep 300",
    ]);
    let mut child = lab.stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
    let namespace = line.trim().to_owned();
    must(namespace.starts_with("net:"), format_args!("{namespace:?}"))?;
    must(
        !inhabitants(&namespace).is_empty(),
        "nobody was in the world while it stood",
    )?;
    kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGKILL)?;
    child.wait()?;
    nobody_is_in(&namespace)?;
    // Tests beside this one make namespaces too; what matters is that this one is gone.
    must(
        !namespaces()
            .difference(&before)
            .any(|left| *left == namespace),
        "its namespace stayed",
    )
}

/// The processes of this program that are somewhere below `pid`, the nearest first.
fn labs_below(pid: u32) -> Vec<u32> {
    let children =
        fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let children: Vec<u32> = children
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect();
    let is_lab = |child: &u32| {
        fs::read_to_string(format!("/proc/{child}/cmdline"))
            .is_ok_and(|line| line.split('\0').nth(1) == Some("inside"))
    };
    children
        .into_iter()
        .filter(is_lab)
        .flat_map(|child| std::iter::once(child).chain(labs_below(child)))
        .collect()
}

/// Starts a command that says when it has begun, and waits for that.
fn begun(room: &Room, script: &str) -> Result<std::process::Child, Failed> {
    let mut lab = room.lab(&["sh", "-c", &format!("echo begun; {script}")]);
    let mut child = lab.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
    must(line == "begun\n", format_args!("{line:?}"))?;
    Ok(child)
}

fn a_killed_inside_is_no_outcome() -> Result<(), Failed> {
    for which in [0, 1] {
        let room = Room::new("")?;
        let child = begun(&room, "sleep 300")?;
        let labs = labs_below(child.id());
        must(labs.len() == 2, format_args!("{labs:?}"))?;
        kill(Pid::from_raw(i32::try_from(labs[which])?), Signal::SIGKILL)?;
        let output = child.wait_with_output()?;
        let says = String::from_utf8_lossy(&output.stderr);
        must(
            output.status.code() == Some(2) && says.lines().count() == 1,
            format_args!("{:?} {says}", output.status),
        )?;
        must(
            fs::read(room.record_file())?.is_empty(),
            "a record was written all the same",
        )?;
    }
    Ok(())
}

fn a_command_can_not_say_its_own_outcome() -> Result<(), Failed> {
    let room = Room::new("")?;
    // Whoever started the tests may have left descriptors open that nobody reads.
    let lie = r#"trap '' PIPE; for fd in /proc/self/fd/*; do case $fd in */[012]) ;; *) echo '{"Outcome":{"end":{"code":0},"elapsed_ms":1,"peak_kib":1}}' > $fd;; esac; done
                 echo '{"end":{"code":0},"elapsed_ms":1,"peak_kib":1}' > /run/lab-outcome.json; exit 7"#;
    let (output, record) = room.run(&["bash", "-c", lie])?;
    must(
        output.status.code() == Some(7) && record.end == End::Code(7),
        format_args!("{:?} {record:?}", output.status),
    )
}

/// Nothing of a world that stood still for a while is as the scenario says, and the record must not hide it.
fn a_stopped_lab_says_how_late_it_was() -> Result<(), Failed> {
    let room = Room::new("")?;
    let over = room.0.path().join("over").to_string_lossy().into_owned();
    let script = format!(
        "while ! [ -e {over} ]; do bash -c 'echo > /dev/tcp/198.18.0.2/9' 2> /dev/null; done; true"
    );
    let child = begun(&room, &script)?;
    let pid = Pid::from_raw(i32::try_from(child.id())?);
    kill(pid, Signal::SIGSTOP)?;
    let stopped = Instant::now();
    while stopped.elapsed() < Duration::from_millis(400) {
        std::thread::yield_now();
    }
    kill(pid, Signal::SIGCONT)?;
    fs::write(&over, "")?;
    let output = child.wait_with_output()?;
    let record: Record = serde_json::from_str(&fs::read_to_string(room.record_file())?)?;
    let says = String::from_utf8_lossy(&output.stderr).into_owned();
    must(
        record.lab.late_max_us.is_some_and(|us| us > 300_000),
        format_args!("{:?} {says}", record.lab),
    )?;
    must(!record.lab.kept_up(), format_args!("{:?}", record.lab))
}

fn an_interrupt_is_for_the_command() -> Result<(), Failed> {
    use std::os::unix::process::CommandExt as _;
    let room = Room::new("")?;
    let mut lab = room.lab(&[
        "bash",
        "-c",
        "trap 'exit 5' INT; echo begun; while true; do sleep 0.05; done",
    ]);
    let mut child = lab.process_group(0).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no standard output")?).read_line(&mut line)?;
    // As the key does it: to the whole foreground group.
    kill(Pid::from_raw(-i32::try_from(child.id())?), Signal::SIGINT)?;
    let status = child.wait()?;
    let record: Record = serde_json::from_str(&fs::read_to_string(room.record_file())?)?;
    must(
        status.code() == Some(5) && record.end == End::Code(5),
        format_args!("{status:?} {record:?}"),
    )
}

/// A command that stops its guard, process 1, keeps nobody waiting for ever.
fn a_command_that_holds_on_to_its_guard_is_ended() -> Result<(), Failed> {
    let room = Room::new("bound = '1s'")?;
    let child = begun(&room, "sleep 300")?;
    let labs = labs_below(child.id());
    must(labs.len() == 2, format_args!("{labs:?}"))?;
    kill(Pid::from_raw(i32::try_from(labs[1])?), Signal::SIGSTOP)?;
    let output = child.wait_with_output()?;
    let says = String::from_utf8_lossy(&output.stderr);
    must(
        output.status.code() == Some(2) && says.contains("could not be ended"),
        format_args!("{:?} {says}", output.status),
    )
}

fn a_world_that_breaks_down_ends_the_command() -> Result<(), Failed> {
    let room = Room::new("bound = '300s'")?;
    let (code, says) = {
        let output = room
            .lab(&["sh", "-c", "ip link del lab0; sleep 300"])
            .output()?;
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    must(
        code == Some(2) && says.contains("lab0"),
        format_args!("{code:?} {says}"),
    )
}

fn kill_9_of_a_comparison_leaves_nothing() -> Result<(), Failed> {
    let room = Room::new("bound = '300s'")?;
    let folder = room.0.path();
    // It says where it is, and then nothing more.
    let own = "name = 'sleeper'\nformat = 'hostport'\n\
               command = ['sh', '-c', 'readlink /proc/self/ns/net > $0; exec sleep 300', '@', '{targets}']\n";
    let said = folder.join("said").to_string_lossy().into_owned();
    fs::write(folder.join("own.toml"), own.replace('@', &said))?;
    let mut compare = Command::new(PROGRAM);
    compare.args([
        "compare",
        &room.scenario(),
        "--scanner",
        "sleeper",
        "--scanner-file",
    ]);
    compare
        .arg(folder.join("own.toml"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = compare.spawn()?;
    let until = Instant::now() + Duration::from_secs(20);
    let namespace = loop {
        match fs::read_to_string(&said) {
            Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
            _ if Instant::now() > until || child.try_wait()?.is_some() => {
                let _ = child.kill();
                let output = child.wait_with_output()?;
                return Err(format!(
                    "it never began: {}",
                    String::from_utf8_lossy(&output.stderr)
                )
                .into());
            }
            _ => std::thread::yield_now(),
        }
    };
    must(
        !inhabitants(&namespace).is_empty(),
        "nobody was in the world while it stood",
    )?;
    child.kill()?;
    child.wait()?;
    nobody_is_in(&namespace)
}

/// The kernel ends what is in a process namespace when its first process has been killed; that takes a moment.
fn nobody_is_in(namespace: &str) -> Result<(), Failed> {
    let until = Instant::now() + Duration::from_secs(20);
    while !inhabitants(namespace).is_empty() {
        must(
            Instant::now() < until,
            format_args!("still in {namespace}: {:?}", inhabitants(namespace)),
        )?;
        std::thread::yield_now();
    }
    Ok(())
}

fn inhabitants(namespace: &str) -> Vec<u32> {
    processes()
        .filter(|(_, it)| it == namespace)
        .map(|(pid, _)| pid)
        .collect()
}

fn namespaces() -> BTreeSet<String> {
    processes().map(|(_, namespace)| namespace).collect()
}

fn processes() -> impl Iterator<Item = (u32, String)> {
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    pids.filter_map(|entry| {
        let pid = entry.file_name().to_string_lossy().parse().ok()?;
        let namespace = fs::read_link(entry.path().join("ns/net")).ok()?;
        Some((pid, namespace.to_string_lossy().into_owned()))
    })
}

/// As a user without any right: works where the device may be opened, and says what is missing where it may not.
fn an_ordinary_user_needs_the_device() -> Result<(), Failed> {
    if !geteuid().is_root() || only_one_user() {
        // The whole suite runs as an ordinary user then, and every other test of this file shows that it works.
        return must(
            fs::File::options()
                .read(true)
                .write(true)
                .open("/dev/net/tun")
                .is_ok(),
            "/dev/net/tun can't be opened",
        );
    }
    let room = Room::new("")?;
    let folder = room.0.path();
    let lab = folder.join("picaporte-lab");
    fs::copy(PROGRAM, &lab)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777))?;
    fs::set_permissions(&lab, fs::Permissions::from_mode(0o755))?;
    let script = format!(
        "mount -t tmpfs none {0}/dev && mknod {0}/dev/tun c 10 200 && chmod $MODE {0}/dev/tun && mount --bind {0}/dev/tun /dev/net/tun \
         && exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs {0}/picaporte-lab run {0}/s.toml -- id -u",
        folder.display()
    );
    fs::create_dir(folder.join("dev"))?;
    let run = |mode: &str| {
        Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", &script])
            .env("MODE", mode)
            .output()
    };
    let works = run("0666")?;
    must(
        works.status.success() && works.stdout == b"0\n",
        format_args!(
            "{:?} {} {}",
            works.status,
            String::from_utf8_lossy(&works.stdout),
            String::from_utf8_lossy(&works.stderr)
        ),
    )?;
    let refused = run("0600")?;
    let says = String::from_utf8_lossy(&refused.stderr).into_owned();
    must(
        refused.status.code() == Some(2)
            && says.contains("chmod 0666 /dev/net/tun")
            && says.lines().count() == 1,
        says,
    )
}

fn only_one_user() -> bool {
    fs::read_to_string("/proc/self/uid_map")
        .is_ok_and(|map| map.split_whitespace().nth(2) == Some("1"))
}

fn names_resolve_inside_only() -> Result<(), Failed> {
    let room = Room::new("")?;
    let (output, _) = room.run(&["getent", "ahostsv4", "www.example.org"])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    must(text.contains("198.18.0.2"), text)?;
    let (output, record) = room.run(&["getent", "ahosts", "other.example.org"])?;
    must(
        output.status.code() == Some(2) && record.wire.sent == 0,
        format_args!("{:?} {record:?}", output.status),
    )
}

fn limits_of_the_order_hold() -> Result<(), Failed> {
    let room = Room::new("descriptors = 64\nlocal_ports = 200")?;
    let (output, _) = room.run(&[
        "sh",
        "-c",
        "ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/ip_local_port_range",
    ])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    must(
        text.split_whitespace().collect::<Vec<_>>() == ["64", "64", "32768", "32967"],
        text,
    )
}

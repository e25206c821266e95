//! The lab's handshake beside that of a real Linux listener, segment by segment: what the same kernel as a client gets from
//! both. Addresses, ports, sequence numbers, timestamps and checksums vary by nature; the rest must be equal.

use std::io::Read as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd as _;
use std::process::Command;

use libtest_mimic::Failed;
use socket2::{Domain, Protocol, Socket, Type};

use crate::frames::{Frame, segments};
use crate::world::World;
use crate::{Test, must};

pub(crate) const TESTS: &[Test] = &[
    ("handshake_is_that_of_linux", handshake_is_that_of_linux),
    (
        "handshake_is_that_of_linux_without_options",
        handshake_is_that_of_linux_without_options,
    ),
    (
        "handshake_is_that_of_linux_without_timestamps",
        handshake_is_that_of_linux_without_timestamps,
    ),
    (
        "handshake_is_that_of_linux_without_scaling",
        handshake_is_that_of_linux_without_scaling,
    ),
];

const PORT: u16 = 4_022;
const CLOSED: u16 = 4_023;

fn handshake_is_that_of_linux() -> Result<(), Failed> {
    same(&[])
}

fn handshake_is_that_of_linux_without_options() -> Result<(), Failed> {
    same(&["tcp_timestamps", "tcp_sack", "tcp_window_scaling"])
}

fn handshake_is_that_of_linux_without_timestamps() -> Result<(), Failed> {
    same(&["tcp_timestamps"])
}

fn handshake_is_that_of_linux_without_scaling() -> Result<(), Failed> {
    same(&["tcp_window_scaling"])
}

/// Makes the same calls to a real listener on loopback and to the lab's, with these settings of the kernel off.
fn same(off: &[&str]) -> Result<(), Failed> {
    for setting in off {
        set(setting, "0")?;
    }
    // Loopback as an Ethernet, and the buffers that the lab's window scale stands for.
    set("tcp_rmem", "4096 131072 6291456")?;
    ip(&["link", "set", "lo", "up", "mtu", "1500"])?;
    let body = format!(
        "[scan]\ntargets = ['198.18.0.2']\nports = '1-65535'\n[[hosts]]\naddresses = ['198.18.0.2', '2001:db8:9::2']\n\
         [[hosts.ports]]\nports = '{PORT}'\nis = 'open'\nsays = 'hello'\n"
    );
    for (lab, real) in [("198.18.0.2", "127.0.0.1"), ("2001:db8:9::2", "::1")] {
        let world = World::play(&body)?;
        let from_lab = talk(lab)?;
        let seen = world.stop()?;
        let lab_frames = of_server(&segments(&seen.packets));
        let real_frames = real_server(real)?;
        must(from_lab == b"hello", "the lab's service did not say hello")?;
        compare(
            &format!("{lab} and {real}, off: {off:?}"),
            &lab_frames,
            &real_frames,
        )?;
    }
    Ok(())
}

/// What a client does: a handshake, a greeting, an orderly close; and a try at a closed port.
fn talk(host: &str) -> Result<Vec<u8>, Failed> {
    let address: std::net::IpAddr = host.parse()?;
    let mut stream = TcpStream::connect((address, PORT))?;
    let mut heard = vec![0; 5];
    stream.read_exact(&mut heard)?;
    stream.shutdown(Shutdown::Write)?;
    stream.read_to_end(&mut heard)?;
    must(
        TcpStream::connect((address, CLOSED)).is_err(),
        "the closed port is open",
    )?;
    Ok(heard)
}

/// A listener of this kernel, and what it sent.
fn real_server(host: &str) -> Result<Vec<Frame>, Failed> {
    let address: std::net::IpAddr = host.parse()?;
    let listener = TcpListener::bind((address, PORT))?;
    let sniffer = Sniffer::open()?;
    let server = std::thread::spawn(move || -> std::io::Result<()> {
        let (mut stream, _) = listener.accept()?;
        std::io::Write::write_all(&mut stream, b"hello")?;
        std::io::copy(&mut stream, &mut std::io::sink()).map(drop)
    });
    let heard = talk(host)?;
    server
        .join()
        .map_err(|_| Failed::from("the real server panicked"))??;
    must(heard == b"hello", "the real service did not say hello")?;
    let frames = sniffer.segments_until_reset()?;
    Ok(of_server(&frames))
}

/// The first of each kind that the server's side sends: SYN-ACK, greeting, FIN, and the RST of the closed port.
fn of_server(frames: &[Frame]) -> Vec<Frame> {
    let first =
        |wanted: &dyn Fn(&Frame) -> bool| frames.iter().find(|frame| wanted(frame)).cloned();
    let kinds: [Option<Frame>; 4] = [
        first(&|frame| frame.from_port == PORT && frame.flags == "S."),
        first(&|frame| frame.from_port == PORT && !frame.payload.is_empty()),
        first(&|frame| frame.from_port == PORT && frame.flags.contains('F')),
        first(&|frame| frame.from_port == CLOSED && frame.flags.contains('R')),
    ];
    let client_began = |port: u16| {
        first(&|frame| frame.to_port == port && frame.flags == "S").map_or(0, |frame| frame.seq)
    };
    let began = kinds[0].as_ref().map_or(0, |frame| frame.seq);
    let relative = |mut frame: Frame| {
        frame.ack = frame.ack.wrapping_sub(client_began(frame.from_port));
        frame.seq = if frame.from_port == PORT {
            frame.seq.wrapping_sub(began)
        } else {
            frame.seq
        };
        frame.to_port = 0;
        // Only what belongs to no socket, or begins one, has a fixed identification.
        let counted = !frame.flags.contains('S') && !frame.flags.contains('R');
        frame.identification = frame.identification.filter(|_| !counted);
        frame
    };
    kinds.into_iter().flatten().map(relative).collect()
}

fn compare(what: &str, lab: &[Frame], real: &[Frame]) -> Result<(), Failed> {
    must(
        lab.len() == 4 && real.len() == 4,
        format_args!("{what}: lab {lab:#?}\nreal {real:#?}"),
    )?;
    for (lab, real) in lab.iter().zip(real) {
        must(
            lab == real,
            format_args!("{what}:\nthe lab sends {lab:#?}\nLinux sends {real:#?}"),
        )?;
    }
    Ok(())
}

fn set(setting: &str, value: &str) -> Result<(), Failed> {
    let path = format!("/proc/sys/net/ipv4/{setting}");
    std::fs::write(&path, value)
        .map_err(|error| format!("writing {value} to {path}: {error}").into())
}

fn ip(arguments: &[&str]) -> Result<(), Failed> {
    let output = Command::new("ip").args(arguments).output()?;
    must(
        output.status.success(),
        String::from_utf8_lossy(&output.stderr),
    )
}

/// A packet socket that sees everything of this namespace.
struct Sniffer(Socket);

impl Sniffer {
    fn open() -> Result<Self, Failed> {
        const ETH_P_ALL: i32 = 0x0003;
        let protocol = Protocol::from(i32::from((ETH_P_ALL as u16).to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol))?;
        socket.set_read_timeout(Some(std::time::Duration::from_secs(10)))?;
        must(socket.as_raw_fd() >= 0, "no packet socket")?;
        Ok(Self(socket))
    }

    /// Everything up to the RST of the closed port, which comes last. Loopback shows every packet twice, out and in.
    fn segments_until_reset(mut self) -> Result<Vec<Frame>, Failed> {
        let mut frames: Vec<Frame> = Vec::new();
        let mut buffer = vec![0; 65_536];
        loop {
            let length = self
                .0
                .read(&mut buffer)
                .map_err(|error| format!("no RST was captured: {error}; {frames:#?}"))?;
            frames.extend(segments(&[buffer[..length].to_vec()]));
            if frames
                .last()
                .is_some_and(|frame| frame.from_port == CLOSED && frame.flags.contains('R'))
            {
                return Ok(frames);
            }
        }
    }
}

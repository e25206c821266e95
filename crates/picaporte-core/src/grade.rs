//! How far an open port can be believed. A SYN-ACK is cheap: SYN proxies, tarpits and firewalls send it for services that
//! are not there. What the peer does after it tells more: whether it takes our FIN, or says something.

/// What a SYN-ACK said of its sender, as far as the system tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// The TCP options that both ends agreed on.
    pub options: Option<Options>,
    /// How far the peer's window is shifted, 0 to 14 (RFC 7323, section 2.3); `None` where it does not scale.
    pub window_scale: Option<u8>,
    /// The most bytes that this machine puts into one segment to it, time stamps taken off (RFC 6691).
    pub mss: Option<u32>,
    /// How many bytes the peer was ready to take when the handshake was done.
    pub window: Option<u32>,
}

/// TCP options that both ends of a connection agreed on; this machine offers what it is set to offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options(u8);

impl Options {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Time stamps (RFC 7323, section 3).
    pub const TIMESTAMPS: Self = Self(1);
    /// Selective acknowledgements (RFC 2018).
    pub const SACK: Self = Self(2);
    /// Window scale (RFC 7323, section 2).
    pub const WINDOW_SCALE: Self = Self(4);
    /// Explicit congestion notification (RFC 3168).
    pub const ECN: Self = Self(8);

    /// Each with its name in every output.
    const NAMES: [(Self, &'static str); 4] = [
        (Self::TIMESTAMPS, "timestamps"),
        (Self::SACK, "sack"),
        (Self::WINDOW_SCALE, "window-scale"),
        (Self::ECN, "ecn"),
    ];

    /// Those of a byte whose four lowest bits are the four above, in their order: `tcpi_options` in Linux
    /// include/uapi/linux/tcp.h. Its other bits are no options of the peer.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0b1111)
    }

    /// The same byte, without those other bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether all of `other` are in it.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Their names.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES
            .into_iter()
            .filter(move |&(option, _)| self.contains(option))
            .map(|(_, name)| name)
    }
}

/// How an open connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// In order, with a FIN.
    Fin,
    /// By a RST: the peer's, or ours where it would not stop sending.
    Reset,
}

impl Close {
    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fin => "fin",
            Self::Reset => "reset",
        }
    }
}

/// What came from the peer after its SYN-ACK, the strongest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing.
    Nothing,
    /// A RST alone.
    Reset,
    /// An acknowledgement of our FIN, data, or a FIN of its own: all of them take a connection that the peer knows of.
    Segment,
}

/// How an open connection ended, and what was heard of the peer by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub close: Close,
    /// What came after the SYN-ACK. `None` where the connection was not watched to its end, or the system does not tell.
    pub heard: Option<Heard>,
    /// The peer's window was zero at the handshake, and is not any more: it was only slow to open.
    pub opened: bool,
}

impl Ending {
    /// Our FIN was acknowledged.
    pub const IN_ORDER: Self = Self {
        close: Close::Fin,
        heard: Some(Heard::Segment),
        opened: false,
    };
    /// A RST came.
    pub const RESET: Self = Self {
        close: Close::Reset,
        heard: Some(Heard::Reset),
        opened: false,
    };
    /// Nobody saw it.
    pub const UNSEEN: Self = Self {
        close: Close::Reset,
        heard: None,
        opened: false,
    };
}

/// How far an open port can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// The peer answered after the handshake: it acknowledged our FIN, sent data, or ended the connection itself.
    Confirmed,
    /// Nothing came after the SYN-ACK.
    HandshakeOnly,
    /// Something is there that no service does, whatever it answered.
    Suspect(Suspicion),
}

/// What speaks against an open port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Suspicion {
    /// The SYN-ACK took up none of the options that were offered, and a window of zero followed by no other. A service
    /// whose system has no buffer for it does not accept it.
    NoOptionsNoWindow,
    /// The host answers on ports where nothing plausible listens (see [`canary`](crate::canary)).
    AnswersEverything,
    /// The SYN-ACK came from nearer than the host is (see [`Located::suspicion`](crate::locate::Located::suspicion)).
    Nearer,
}

impl Grade {
    /// What a connection shows that was watched to its end; `None` for one that was not. What speaks against it weighs
    /// more than an answer: a box that lies may well acknowledge and talk.
    pub fn of(peer: Option<&Peer>, ending: Ending) -> Option<Self> {
        let heard = ending.heard?;
        Some(match (Suspicion::of(peer, ending), heard) {
            (Some(why), _) => Self::Suspect(why),
            (None, Heard::Nothing) => Self::HandshakeOnly,
            // A service that turns us away resets too; from here it looks like a proxy whose backend refuses.
            (None, Heard::Reset | Heard::Segment) => Self::Confirmed,
        })
    }

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::HandshakeOnly => "handshake-only",
            Self::Suspect(_) => "suspect",
        }
    }

    /// What speaks against the port, if anything does.
    pub const fn suspicion(self) -> Option<Suspicion> {
        match self {
            Self::Suspect(why) => Some(why),
            Self::Confirmed | Self::HandshakeOnly => None,
        }
    }
}

impl Suspicion {
    /// Every one of them.
    pub const ALL: [Self; 3] = [
        Self::NoOptionsNoWindow,
        Self::AnswersEverything,
        Self::Nearer,
    ];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoOptionsNoWindow => "no-options-no-window",
            Self::AnswersEverything => "answers-everything",
            Self::Nearer => "syn-ack-from-nearer",
        }
    }

    fn of(peer: Option<&Peer>, ending: Ending) -> Option<Self> {
        let peer = peer?;
        let bare = peer.options == Some(Options::NONE) && peer.window == Some(0);
        (bare && !ending.opened).then_some(Self::NoOptionsNoWindow)
    }
}

/// How many open ports have each grade. Those that are open and not in here were not watched to their end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Graded {
    /// [`Grade::Confirmed`].
    pub confirmed: u64,
    /// [`Grade::HandshakeOnly`].
    pub handshake_only: u64,
    /// [`Grade::Suspect`], whatever the reason.
    pub suspect: u64,
}

impl Graded {
    /// Counts one port; one without a grade is not counted.
    pub fn add(&mut self, grade: Option<Grade>) {
        match grade {
            Some(Grade::Confirmed) => self.confirmed += 1,
            Some(Grade::HandshakeOnly) => self.handshake_only += 1,
            Some(Grade::Suspect(_)) => self.suspect += 1,
            None => {}
        }
    }

    /// Adds all of another's counts.
    pub fn merge(&mut self, other: &Self) {
        self.confirmed += other.confirmed;
        self.handshake_only += other.handshake_only;
        self.suspect += other.suspect;
    }

    /// All that have a grade.
    pub fn all(&self) -> u64 {
        self.confirmed + self.handshake_only + self.suspect
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn peers() -> impl Strategy<Value = Option<Peer>> {
        let options = proptest::option::of(any::<u8>().prop_map(Options::from_bits));
        let window = proptest::option::of(prop_oneof![Just(0_u32), any::<u32>()]);
        proptest::option::of((options, window).prop_map(|(options, window)| Peer {
            options,
            window,
            ..Peer::default()
        }))
    }

    fn endings() -> impl Strategy<Value = Ending> {
        let close = prop_oneof![Just(Close::Fin), Just(Close::Reset)];
        let heard = prop_oneof![
            Just(Heard::Nothing),
            Just(Heard::Reset),
            Just(Heard::Segment)
        ];
        let heard = proptest::option::of(heard);
        (close, heard, any::<bool>()).prop_map(|(close, heard, opened)| Ending {
            close,
            heard,
            opened,
        })
    }

    proptest! {
        #[test]
        fn only_what_was_watched_to_its_end_has_a_grade(peer in peers(), ending in endings()) {
            prop_assert_eq!(Grade::of(peer.as_ref(), ending).is_some(), ending.heard.is_some());
        }

        #[test]
        fn one_sign_of_an_ordinary_system_takes_the_suspicion_away(
            peer in peers(), ending in endings(), bits in 1_u8..16, window in 1_u32..,
        ) {
            let bare = Peer { options: Some(Options::NONE), window: Some(0), ..peer.unwrap_or_default() };
            let ordinary = [
                (Peer { options: Some(Options::from_bits(bits)), ..bare }, ending),
                (Peer { window: Some(window), ..bare }, ending),
                (Peer { options: None, ..bare }, ending),
                (Peer { window: None, ..bare }, ending),
                (bare, Ending { opened: true, ..ending }),
            ];
            for (peer, ending) in ordinary {
                let grade = Grade::of(Some(&peer), ending);
                prop_assert_eq!(grade.and_then(Grade::suspicion), None);
            }
        }

        #[test]
        fn counts_add_up(grades in proptest::collection::vec((peers(), endings()), 0..50)) {
            let (mut whole, mut halves) = (Graded::default(), [Graded::default(); 2]);
            let mut known = 0;
            for (index, &(peer, ending)) in grades.iter().enumerate() {
                let grade = Grade::of(peer.as_ref(), ending);
                whole.add(grade);
                halves[index % 2].add(grade);
                known += u64::from(grade.is_some());
            }
            let [mut one, two] = halves;
            one.merge(&two);
            prop_assert_eq!((one, whole.all()), (whole, known));
        }
    }

    #[test]
    fn what_speaks_against_a_port_outweighs_its_answer() {
        let bare = Peer {
            options: Some(Options::NONE),
            window: Some(0),
            ..Peer::default()
        };
        let suspect = Grade::Suspect(Suspicion::NoOptionsNoWindow);
        let silent = Ending {
            heard: Some(Heard::Nothing),
            ..Ending::IN_ORDER
        };
        assert_eq!(Grade::of(Some(&bare), Ending::IN_ORDER), Some(suspect));
        assert_eq!(Grade::of(Some(&bare), silent), Some(suspect));
        assert_eq!(Grade::of(None, silent), Some(Grade::HandshakeOnly));
        assert_eq!(Grade::of(None, Ending::RESET), Some(Grade::Confirmed));
        assert_eq!(Grade::of(Some(&bare), Ending::UNSEEN), None);
    }

    #[test]
    fn options_by_name() {
        let names = |bits| {
            Options::from_bits(bits)
                .names()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(names(0b1111), "timestamps sack window-scale ecn");
        assert_eq!(names(0b1_0101), "timestamps window-scale");
        // ECN seen, data in the SYN: not what the peer offers.
        assert_eq!(Options::from_bits(0b11_0000), Options::NONE);
    }
}

//! What is behind an error of the store: whose words it has, or what of a file can't be. As types, so that whoever shows them
//! can say them in another language.

/// Why a file could not be used, or is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// What the system said.
    #[error("{0}")]
    System(String),
    /// What `SQLite` said.
    #[error("{0}")]
    Database(String),
    /// Something in the file can't be.
    #[error("{0}")]
    Record(Bad),
    /// A panic.
    #[error("a fault in this program")]
    Fault,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// It ends too soon.
    #[error("a record is cut off")]
    CutOff,
    /// A number that no number is.
    #[error("a number has more than 64 bits")]
    Wide,
    /// A number that its field does not hold.
    #[error("a number is too large for its field")]
    Large,
    /// A text in another encoding.
    #[error("a text is not UTF-8")]
    Text,
    /// An address of IPv4 in the form of IPv6.
    #[error("an IPv4 address is written as IPv6")]
    Mapped,
    /// An address of an unknown family.
    #[error("an address is neither IPv4 nor IPv6")]
    Family,
    /// More than an address.
    #[error("an address is followed by other bytes")]
    AddressTail,
    /// Two addresses that are no range.
    #[error("a range of addresses has no end")]
    Range,
    /// The number of a host beyond all numbers.
    #[error("a host's number has more than 64 bits")]
    Host,
    /// A port that none is.
    #[error("a port is above 65535")]
    PortAbove,
    /// A set that holds port 0.
    #[error("port 0 is in a set")]
    ZeroInSet,
    /// A port that is 0.
    #[error("a port is 0")]
    PortZero,
    /// A reason of a later version, or none.
    #[error("a reason has an unknown number")]
    Reason,
    /// More kinds of ICMP errors than a host can have.
    #[error("a host has more kinds of ICMP errors than are counted")]
    Kinds,
    /// An end of a connection of a later version, or none.
    #[error("a connection ended in an unknown way")]
    Close,
    /// A doubt of a later version, or none.
    #[error("a port is suspect for an unknown reason")]
    Doubt,
    /// A grade of a later version, or none.
    #[error("an open port has an unknown grade")]
    Grade,
    /// A port in place of a note.
    #[error("a port stands where a note was")]
    NotANote,
    /// A note about another port than the one it was looked up for.
    #[error("a note is about another port")]
    OtherNote,
    /// Numbers that do not follow each other.
    #[error("a scan counts its chunks or its writers wrongly")]
    Counts,
    /// A log that is another type of `SQLite`'s.
    #[error("a log is no bytes")]
    Log,
    /// A state of a later version, or none.
    #[error("a scan has an unknown state")]
    State,
    /// A source that is no address.
    #[error("a scan's source is no address")]
    Source,
    /// A name that is no scan's.
    #[error("a scan's id is no ULID")]
    Id,
    /// JSON that does not hold what it must.
    #[error("a list is not the JSON it must be")]
    Json,
}

impl Bad {
    /// Everything that can be wrong.
    pub const ALL: [Self; 25] = [
        Self::CutOff,
        Self::Wide,
        Self::Large,
        Self::Text,
        Self::Mapped,
        Self::Family,
        Self::AddressTail,
        Self::Range,
        Self::Host,
        Self::PortAbove,
        Self::ZeroInSet,
        Self::PortZero,
        Self::Reason,
        Self::Kinds,
        Self::Close,
        Self::Doubt,
        Self::Grade,
        Self::NotANote,
        Self::OtherNote,
        Self::Counts,
        Self::Log,
        Self::State,
        Self::Source,
        Self::Id,
        Self::Json,
    ];
}

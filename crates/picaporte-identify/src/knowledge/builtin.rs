//! The data files that are built in. A test proves that each file of `data/` is here.

/// Lists files of `data/` by their names without `.toml`.
macro_rules! files {
    ($($name:literal)*) => {
        &[$((concat!($name, ".toml"), include_str!(concat!("../../data/", $name, ".toml")))),*]
    };
}

/// Name and text of each, in the order of their names.
pub(super) const FILES: &[(&str, &str)] = files! {
    "amqp"
    "cassandra"
    "dns"
    "ftp"
    "http"
    "imap"
    "kafka"
    "ldap"
    "lmtp"
    "memcached"
    "mongodb"
    "mqtt"
    "mysql"
    "nats"
    "pop3"
    "postgresql"
    "rdp"
    "redis"
    "rtsp"
    "sip"
    "smb"
    "smtp"
    "ssh"
    "telnet"
    "vnc"
    "xmpp"
    "zookeeper"
};

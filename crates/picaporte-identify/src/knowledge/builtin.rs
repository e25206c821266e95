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
    "beanstalkd"
    "cassandra"
    "chargen"
    "daytime"
    "dict"
    "dns"
    "epmd"
    "finger"
    "ftp"
    "gearman"
    "gemini"
    "git"
    "gopher"
    "http"
    "ident"
    "imap"
    "irc"
    "kafka"
    "ldap"
    "lmtp"
    "memcached"
    "minecraft"
    "mongodb"
    "mqtt"
    "munin"
    "mysql"
    "nats"
    "nntp"
    "pop3"
    "postgresql"
    "rdp"
    "redis"
    "rethinkdb"
    "rsync"
    "rtsp"
    "sieve"
    "sip"
    "smb"
    "smtp"
    "socks"
    "ssh"
    "svn"
    "telnet"
    "tor"
    "vnc"
    "x11"
    "xmpp"
    "zookeeper"
};

#!/bin/bash
# Real servers from Debian 12, to hold the identification of services against. Each start_NAME PORT starts one on PORT of the
# network namespace that it is called in, in the foreground of its own process group, and notes the group in $work/pids; stop_all
# ends these and no others. Nothing here touches the files of an installed service: every server has its own folder in $work.
#
# Must be root in a namespace of its own (`ip netns exec`, `unshare -n`), with loopback up. Not `unshare -r`: most servers change to
# a user of theirs.
#
#   unshare -n bash -c 'ip link set lo up; . bench/identify/servers.sh; start_redis 6379; wait_for 6379; …; stop_all'

work=${work:-$(mktemp -d /tmp/picaporte-servers.XXXXXX)}
chmod 755 "$work"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The Debian packages that install_servers installs.
packages="openssh-server proftpd-core postfix dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-managesieved
mariadb-server postgresql redis-server memcached mosquitto nats-server haproxy stunnel4 slapd dnsmasq-base bind9 unbound rsync cups
nginx-light apache2 lighttpd caddy squid tinyproxy varnish ngircd inspircd inn2 prosody rabbitmq-server zookeeper tor subversion git
samba xrdp tigervnc-standalone-server xvfb rpcbind gearman-job-server beanstalkd munin-node dictd etcd-server prometheus
prometheus-node-exporter influxdb dante-server microsocks distcc inetutils-telnetd xinetd oidentd fingerd gophernicus adb icecast2
mpd tomcat10 tgt pptpd privoxy nbd-server kamailio mumble-server spamd clamav-daemon openjdk-17-jre-headless openssl
zabbix-agent nagios-nrpe-server cvs activemq clickhouse-server docker.io nghttp2-server prometheus-alertmanager prometheus-pushgateway
prometheus-blackbox-exporter cockpit-ws php-fpm busybox nodejs openjdk-17-jdk-headless"

# Installs them, and starts none.
install_servers() {
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
}

# Those that conflict with an installed one are unpacked beside it: vsftpd and pure-ftpd with proftpd, exim and opensmtpd with postfix.
unpacked=${unpacked:-/tmp/picaporte-unpacked}
unpack_servers() {
    mkdir -p "$unpacked" && (cd "$unpacked" && apt-get download vsftpd pure-ftpd exim4-daemon-light &&
        for file in *.deb; do dpkg -x "$file" .; done)
}

# A folder of its own for one server: prints its path.
folder() { mkdir -p "$work/$1" && chmod 777 "$work/$1" && echo "$work/$1"; }

# Starts a command in a process group of its own, with its output in the folder $1.
launch() {
    local dir=$1
    shift
    setsid "$@" >"$dir/out" 2>&1 </dev/null &
    echo $! >>"$work/pids"
}

# Ends what was started here, by its process groups.
stop_all() {
    [ -f "$work/pids" ] || return 0
    while read -r group; do kill -TERM -- "-$group" 2>/dev/null; done <"$work/pids"
    sleep 1
    while read -r group; do kill -KILL -- "-$group" 2>/dev/null; done <"$work/pids"
    rm -f "$work/pids"
}

# Waits until a port accepts connections, 30 s at most.
wait_for() {
    local port=$1 n
    for n in $(seq 300); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
        sleep 0.1
    done
    echo "nothing listens on port $port" >&2
    return 1
}

# A certificate that signs itself: key.pem, cert.pem and both.pem in the folder $1.
certificate() {
    [ -f "$1/both.pem" ] && return
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=${2:-server.example.org}" -addext "subjectAltName=DNS:${2:-server.example.org}" \
        -keyout "$1/key.pem" -out "$1/cert.pem" 2>/dev/null
    cat "$1/key.pem" "$1/cert.pem" >"$1/both.pem"
    chmod 644 "$1"/*.pem
}

start_sshd() {
    local dir; dir=$(folder "sshd-$1"); chmod 755 "$dir"; mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N '' -f "$dir/key" <<<y >/dev/null
    launch "$dir" /usr/sbin/sshd -D -e -f /dev/null -o "Port $1" -o "HostKey $dir/key" -o 'PidFile none'
}

start_vsftpd() {
    local dir; dir=$(folder "vsftpd-$1"); mkdir -p /var/run/vsftpd/empty
    cat >"$dir/conf" <<EOF
listen=YES
listen_ipv6=NO
listen_port=$1
background=NO
anonymous_enable=YES
local_enable=NO
secure_chroot_dir=/var/run/vsftpd/empty
EOF
    chmod 644 "$dir/conf"; launch "$dir" "$unpacked/usr/sbin/vsftpd" "$dir/conf"
}

start_proftpd() {
    local dir; dir=$(folder "proftpd-$1"); chmod 755 "$dir"
    cat >"$dir/conf" <<EOF
ServerName "files"
ServerType standalone
DefaultServer on
Port $1
UseIPv6 off
User nobody
Group nogroup
PidFile $dir/pid
ScoreboardFile $dir/score
DelayTable none
TransferLog none
WtmpLog off
SystemLog none
EOF
    launch "$dir" /usr/sbin/proftpd -n -c "$dir/conf"
}

start_pureftpd() {
    local dir; dir=$(folder "pureftpd-$1")
    launch "$dir" "$unpacked/usr/sbin/pure-ftpd" -S "$1" -E -g "$dir/pid"
}

# Postfix needs its own queue and data folders; smtpd(8) is one of its services.
start_postfix() {
    local dir; dir=$(folder "postfix-$1"); chmod 755 "$dir"; mkdir -p "$dir/conf" "$dir/queue" "$dir/data"; chown postfix "$dir/data"
    certificate "$dir"
    cat >"$dir/conf/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
myhostname = mail.example.org
mydestination =
inet_interfaces = all
inet_protocols = ipv4
maillog_file = $dir/log
maillog_file_prefixes = $dir
smtpd_tls_security_level = may
smtpd_tls_cert_file = $dir/cert.pem
smtpd_tls_key_file = $dir/key.pem
alias_maps =
EOF
    cat >"$dir/conf/master.cf" <<EOF
$1 inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
EOF
    postfix -c "$dir/conf" set-permissions >/dev/null 2>&1
    launch "$dir" /usr/lib/postfix/sbin/master -c "$dir/conf" -d
}

start_exim() {
    local dir; dir=$(folder "exim-$1"); getent passwd Debian-exim >/dev/null || useradd -r -M -s /usr/sbin/nologin Debian-exim
    mkdir -p "$dir/spool"; chmod 755 "$dir"; chown -R nobody "$dir/spool"
    printf 'exim_user = nobody\nexim_group = nogroup\nprimary_hostname = mail.example.org\nspool_directory = %s/spool\nlog_file_path = %s/spool/%%slog\npid_file_path = %s/spool/pid\nhost_lookup =\nrfc1413_query_timeout = 0s\n' "$dir" "$dir" "$dir" >"$dir/conf"
    launch "$dir" "$unpacked/usr/sbin/exim4" -bdf -oX "$1" -C "$dir/conf"
}

# start_dovecot IMAP POP3 SIEVE LMTP: one server, four protocols, TLS by STARTTLS and STLS.
start_dovecot() {
    local dir; dir=$(folder "dovecot-$1"); chmod 755 "$dir"; certificate "$dir"
    cat >"$dir/conf" <<EOF
base_dir = $dir/run
state_dir = $dir/state
log_path = $dir/log
protocols = imap pop3 sieve lmtp
listen = *
ssl = yes
ssl_cert = <$dir/cert.pem
ssl_key = <$dir/key.pem
disable_plaintext_auth = yes
default_login_user = nobody
default_internal_user = nobody
default_internal_group = nogroup
service imap-login {
  inet_listener imap {
    port = $1
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  inet_listener pop3 {
    port = $2
  }
  inet_listener pop3s {
    port = 0
  }
}
service managesieve-login {
  inet_listener sieve {
    port = $3
  }
}
service lmtp {
  inet_listener lmtp {
    port = $4
  }
}
passdb {
  driver = static
  args = nologin
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=$dir
}
EOF
    launch "$dir" /usr/sbin/dovecot -F -c "$dir/conf"
}

start_mariadb() {
    local dir; dir=$(folder "mariadb-$1"); chown mysql "$dir"
    mariadb-install-db --no-defaults --user=mysql --datadir="$dir/data" >/dev/null 2>&1
    launch "$dir" /usr/sbin/mariadbd --no-defaults --user=mysql --datadir="$dir/data" --port="$1" --socket="$dir/socket" --pid-file="$dir/pid" --bind-address=0.0.0.0
}

# A MariaDB that refuses who asks, by its address: the greeting is an error.
start_postgresql() {
    local dir bin; dir=$(folder "postgresql-$1"); bin=$(echo /usr/lib/postgresql/*/bin); chown postgres "$dir"; chmod 755 "$dir"
    setpriv --reuid postgres --regid postgres --clear-groups "$bin/initdb" -D "$dir/data" -A scram-sha-256 --pwfile=<(echo secret) >/dev/null 2>&1 ||
        setpriv --reuid postgres --regid postgres --clear-groups "$bin/initdb" -D "$dir/data" >/dev/null 2>&1
    launch "$dir" setpriv --reuid postgres --regid postgres --clear-groups "$bin/postgres" -D "$dir/data" -p "$1" -k "$dir" -h 0.0.0.0
}

start_redis() { local dir; dir=$(folder "redis-$1"); launch "$dir" redis-server --port "$1" --bind 0.0.0.0 --protected-mode no --dir "$dir" --save ''; }
start_redis_password() { local dir; dir=$(folder "redis-$1"); launch "$dir" redis-server --port "$1" --bind 0.0.0.0 --requirepass secret --dir "$dir" --save ''; }
start_redis_protected() { local dir; dir=$(folder "redis-$1"); launch "$dir" redis-server --port "$1" --bind 0.0.0.0 --protected-mode yes --dir "$dir" --save ''; }
start_memcached() { local dir; dir=$(folder "memcached-$1"); launch "$dir" memcached -u nobody -l 0.0.0.0 -p "$1" -U 0; }

start_mosquitto() {
    local dir; dir=$(folder "mosquitto-$1")
    printf 'listener %s 0.0.0.0\nallow_anonymous %s\n' "$1" "${2:-true}" >"$dir/conf"
    launch "$dir" mosquitto -c "$dir/conf"
}

start_nats() { local dir; dir=$(folder "nats-$1"); launch "$dir" nats-server -a 0.0.0.0 -p "$1"; }

# start_haproxy PORT [LINES]: HAProxy as an HTTP proxy before nothing: it answers 503 itself, or as further lines of its front end say.
start_haproxy() {
    local dir; dir=$(folder "haproxy-$1")
    cat >"$dir/conf" <<EOF
defaults
  mode http
  timeout client 30s
  timeout server 30s
  timeout connect 5s
frontend web
  bind :$1
${2:-}
EOF
    launch "$dir" haproxy -db -f "$dir/conf"
}

# HAProxy's page of statistics.
start_haproxy_stats() { start_haproxy "$1" $'  stats enable\n  stats uri /'; }

# start_stunnel PORT PLAIN: TLS on PORT before what listens on PLAIN.
start_stunnel() {
    local dir; dir=$(folder "stunnel-$1"); certificate "$dir"
    printf 'foreground = yes\npid =\n[tls]\naccept = %s\nconnect = 127.0.0.1:%s\ncert = %s\n' "$1" "$2" "$dir/both.pem" >"$dir/conf"
    launch "$dir" stunnel "$dir/conf"
}

start_slapd() {
    local dir; dir=$(folder "slapd-$1"); mkdir -p "$dir/db"
    cat >"$dir/conf" <<EOF
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $dir/pid
database mdb
suffix "dc=example,dc=org"
directory $dir/db
EOF
    launch "$dir" slapd -d 0 -f "$dir/conf" -h "ldap://0.0.0.0:$1/"
}

start_dnsmasq() { local dir; dir=$(folder "dnsmasq-$1"); launch "$dir" dnsmasq -k -C /dev/null -R -h -p "$1" -x "$dir/pid"; }

start_named() {
    local dir; dir=$(folder "named-$1")
    cat >"$dir/conf" <<EOF
options { directory "$dir"; listen-on port $1 { any; }; listen-on-v6 { none; }; recursion no; pid-file none; session-keyfile none; dnssec-validation no; };
controls { };
EOF
    launch "$dir" named -g -c "$dir/conf"
}

start_unbound() {
    local dir; dir=$(folder "unbound-$1")
    printf 'server:\n interface: 0.0.0.0@%s\n chroot: ""\n username: ""\n directory: "%s"\n pidfile: ""\n do-daemonize: no\n access-control: 0.0.0.0/0 allow\n use-syslog: no\nremote-control:\n control-enable: no\n' "$1" "$dir" >"$dir/conf"
    launch "$dir" unbound -d -c "$dir/conf"
}

start_rsync() {
    local dir; dir=$(folder "rsync-$1")
    printf 'use chroot = no\n[files]\npath = %s\nread only = yes\n' "$dir" >"$dir/conf"
    launch "$dir" rsync --daemon --no-detach --port="$1" --config="$dir/conf"
}

start_cups() {
    local dir; dir=$(folder "cups-$1"); mkdir -p "$dir"/{spool,cache,state}
    printf 'Listen 0.0.0.0:%s\nServerAlias *\nDefaultAuthType Basic\nBrowsing Off\n<Location />\n Order allow,deny\n Allow all\n</Location>\n' "$1" >"$dir/cupsd.conf"
    cat >"$dir/files.conf" <<EOF
RequestRoot $dir/spool
CacheDir $dir/cache
StateDir $dir/state
ServerRoot $dir
TempDir $dir/spool
AccessLog $dir/access
ErrorLog $dir/error
PageLog $dir/page
EOF
    launch "$dir" cupsd -f -c "$dir/cupsd.conf" -s "$dir/files.conf"
}

# start_nginx PORT [MORE]: with MORE behind `listen PORT`.
start_nginx() {
    local dir; dir=$(folder "nginx-$1")
    cat >"$dir/conf" <<EOF
daemon off;
pid $dir/pid;
error_log $dir/error;
events { }
http { access_log off; client_body_temp_path $dir/b; proxy_temp_path $dir/p; fastcgi_temp_path $dir/f; uwsgi_temp_path $dir/u; scgi_temp_path $dir/s;
  server { listen $1 ${2:-}; root /var/www/html; } }
EOF
    launch "$dir" nginx -c "$dir/conf"
}

# With HTTP/2 and TLS.
start_nginx_tls() {
    local dir; dir=$(folder "nginx-$1"); certificate "$dir"
    start_nginx "$1" "ssl http2; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem"
}

# HTTP/2 without TLS, by prior knowledge only.
start_nginx_h2c() { start_nginx "$1" http2; }

start_apache() {
    local dir; dir=$(folder "apache-$1")
    cat >"$dir/conf" <<EOF
ServerRoot $dir
PidFile $dir/pid
ServerName www.example.org
Listen $1
ErrorLog $dir/error
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
User www-data
Group www-data
DocumentRoot /var/www/html
EOF
    launch "$dir" apache2 -X -f "$dir/conf"
}

start_lighttpd() {
    local dir; dir=$(folder "lighttpd-$1")
    printf 'server.port = %s\nserver.document-root = "/var/www/html"\n' "$1" >"$dir/conf"
    launch "$dir" lighttpd -D -f "$dir/conf"
}

start_caddy() { local dir; dir=$(folder "caddy-$1"); launch "$dir" env HOME="$dir" caddy file-server --listen ":$1" --root /var/www/html; }

start_squid() {
    local dir; dir=$(folder "squid-$1")
    printf 'http_port %s\npid_filename none\naccess_log none\ncache_log %s/log\ncache deny all\nhttp_access deny all\ncoredump_dir %s\nvisible_hostname proxy.example.org\npinger_enable off\n' "$1" "$dir" "$dir" >"$dir/conf"
    launch "$dir" squid -N -f "$dir/conf"
}

start_tinyproxy() {
    local dir; dir=$(folder "tinyproxy-$1")
    printf 'Port %s\nListen 0.0.0.0\nTimeout 60\nMaxClients 20\n' "$1" >"$dir/conf"
    launch "$dir" tinyproxy -d -c "$dir/conf"
}

# Varnish before nothing: it answers 503 itself.
start_varnish() { local dir; dir=$(folder "varnish-$1"); launch "$dir" varnishd -F -a "0.0.0.0:$1" -b 127.0.0.1:1 -n "$dir/n" -s malloc,16m -j none; }

start_privoxy() {
    local dir; dir=$(folder "privoxy-$1")
    printf 'confdir /etc/privoxy\nlogdir %s\nlisten-address 0.0.0.0:%s\n' "$dir" "$1" >"$dir/conf"
    launch "$dir" privoxy --no-daemon "$dir/conf"
}

start_ngircd() {
    local dir; dir=$(folder "ngircd-$1")
    printf '[Global]\nName = irc.example.org\nInfo = test\nPorts = %s\nMotdPhrase = "hello"\n[Options]\nDNS = no\nIdent = no\nPAM = no\n' "$1" >"$dir/conf"
    launch "$dir" ngircd -n -f "$dir/conf"
}

start_inspircd() {
    local dir; dir=$(folder "inspircd-$1"); chmod 777 "$dir"
    cat >"$dir/conf" <<EOF
<server name="irc.example.org" description="test" network="Test">
<admin name="a" nick="a" email="a@example.org">
<bind address="" port="$1" type="clients">
<connect allow="*" resolvehostnames="no">
<pid file="$dir/pid">
<path configdir="$dir" datadir="$dir" logdir="$dir" moduledir="/usr/lib/x86_64-linux-gnu/inspircd">
<security runasuser="nobody" runasgroup="nogroup">
EOF
    launch "$dir" setpriv --reuid nobody --regid nogroup --clear-groups inspircd --nofork --config="$dir/conf"
}

start_innd() {
    local dir; dir=$(folder "innd-$1")
    launch "$dir" /usr/lib/news/bin/nnrpd -D -f -p "$1"
}

start_prosody() {
    local dir; dir=$(folder "prosody-$1"); chmod 777 "$dir"; certificate "$dir" xmpp.example.org
    cat >"$dir/conf.lua" <<EOF
run_as_root = true
daemonize = false
modules_enabled = { "roster", "saslauth", "tls", "disco", "version" }
modules_disabled = { "s2s" }
c2s_ports = { $1 }
data_path = "$dir"
log = { info = "$dir/log" }
pidfile = "$dir/pid"
VirtualHost "xmpp.example.org"
  ssl = { key = "$dir/key.pem", certificate = "$dir/cert.pem" }
EOF
    launch "$dir" prosody --config "$dir/conf.lua" -F
}

# start_rabbitmq AMQP [MANAGEMENT]
start_rabbitmq() {
    local dir; dir=$(folder "rabbitmq-$1"); chown -R rabbitmq "$dir"
    printf '[rabbitmq_management].\n' >"$dir/plugins"
    printf 'listeners.tcp.default = %s\nmanagement.tcp.port = %s\n' "$1" "${2:-15672}" >"$dir/rabbitmq.conf"
    launch "$dir" env HOME="$dir" RABBITMQ_NODENAME="r$1@localhost" RABBITMQ_DIST_PORT=$(($1 + 20000)) ERL_EPMD_ADDRESS=127.0.0.1 RABBITMQ_MNESIA_BASE="$dir/mnesia" RABBITMQ_LOG_BASE="$dir" \
        RABBITMQ_CONFIG_FILE="$dir/rabbitmq" RABBITMQ_ENABLED_PLUGINS_FILE="$dir/plugins" RABBITMQ_PID_FILE="$dir/pid" \
        setpriv --reuid rabbitmq --regid rabbitmq --clear-groups /usr/lib/rabbitmq/bin/rabbitmq-server
}

start_zookeeper() {
    local dir; dir=$(folder "zookeeper-$1"); mkdir -p "$dir/data"
    printf 'tickTime=2000\ndataDir=%s/data\nclientPort=%s\n%s\nadmin.enableServer=false\n' "$dir" "$1" "${2:-}" >"$dir/zoo.cfg"
    launch "$dir" java -cp '/etc/zookeeper/conf:/usr/share/java/*' org.apache.zookeeper.server.quorum.QuorumPeerMain "$dir/zoo.cfg"
}

# start_tor SOCKS [OR]: never leaves the namespace, which leads nowhere.
start_tor() {
    local dir; dir=$(folder "tor-$1")
    printf 'SocksPort 0.0.0.0:%s\nControlPort 0.0.0.0:%s\nCookieAuthentication 1\nDataDirectory %s/data\nLog notice file %s/log\nDisableNetwork 0\n' "$1" "${2:-9051}" "$dir" "$dir" >"$dir/conf"
    [ -n "$3" ] && printf 'ORPort %s\nAddress 192.0.2.1\nAssumeReachable 1\nNickname test\nExitRelay 0\nPublishServerDescriptor 0\nContactInfo none\n' "$3" >>"$dir/conf"
    launch "$dir" tor -f "$dir/conf" --defaults-torrc /dev/null
}

start_svnserve() { local dir; dir=$(folder "svnserve-$1"); svnadmin create "$dir/repo" 2>/dev/null; launch "$dir" svnserve -d --foreground -r "$dir" --listen-port "$1"; }
start_git() { local dir; dir=$(folder "git-$1"); git init -q --bare "$dir/repo.git"; launch "$dir" git daemon --base-path="$dir" --export-all --port="$1"; }

# start_samba SMB
start_samba() {
    local dir; dir=$(folder "samba-$1"); mkdir -p "$dir"/{lock,state,cache,pid,private,log,ncalrpc}
    cat >"$dir/conf" <<EOF
[global]
 workgroup = EXAMPLE
 netbios name = FILES
 smb ports = $1
 lock directory = $dir/lock
 state directory = $dir/state
 cache directory = $dir/cache
 pid directory = $dir/pid
 private dir = $dir/private
 ncalrpc dir = $dir/ncalrpc
 log file = $dir/log/log
 disable spoolss = yes
EOF
    launch "$dir" smbd -F --no-process-group -s "$dir/conf"
}

start_xrdp() {
    local dir; dir=$(folder "xrdp-$1")
    sed "s/^port=3389/port=$1/; s/^ssl_protocols.*//" /etc/xrdp/xrdp.ini >"$dir/ini"
    launch "$dir" xrdp --nodaemon --config "$dir/ini" --port "$1"
}

start_xvnc() { local dir; dir=$(folder "xvnc-$1"); launch "$dir" Xtigervnc ":$1" -rfbport "$1" -localhost 0 -SecurityTypes None -nolisten tcp; }
start_xvfb() { local dir; dir=$(folder "xvfb-$1"); launch "$dir" Xvfb ":$(($1 - 6000))" -listen tcp -nolock; }
# Always on port 111.
start_rpcbind() { local dir; dir=$(folder rpcbind); launch "$dir" rpcbind -f; }
start_gearmand() { local dir; dir=$(folder "gearmand-$1"); launch "$dir" gearmand -p "$1" -L 0.0.0.0 -l stderr -u nobody; }
start_beanstalkd() { local dir; dir=$(folder "beanstalkd-$1"); launch "$dir" beanstalkd -l 0.0.0.0 -p "$1"; }

start_munin() {
    local dir; dir=$(folder "munin-$1")
    printf 'log_file %s/log\npid_file %s/pid\nbackground 0\nsetsid 0\nuser root\ngroup root\nhost_name node.example.org\nallow ^127\\.0\\.0\\.1$\nhost *\nport %s\n' "$dir" "$dir" "$1" >"$dir/conf"
    launch "$dir" munin-node --config "$dir/conf"
}

start_dictd() {
    local dir; dir=$(folder "dictd-$1")
    printf 'global {\n port %s\n}\naccess { allow * }\n' "$1" >"$dir/conf"
    launch "$dir" dictd -c "$dir/conf" -d nodetach --pid-file "$dir/pid"
}

start_etcd() { local dir; dir=$(folder "etcd-$1"); launch "$dir" etcd --data-dir "$dir/data" --listen-client-urls "http://0.0.0.0:$1" --advertise-client-urls "http://127.0.0.1:$1" --listen-peer-urls "http://127.0.0.1:$(($1 + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$(($1 + 1))" --initial-cluster "default=http://127.0.0.1:$(($1 + 1))"; }
start_prometheus() { local dir; dir=$(folder "prometheus-$1"); echo 'global: {}' >"$dir/conf"; launch "$dir" prometheus --config.file "$dir/conf" --storage.tsdb.path "$dir/data" --web.listen-address ":$1"; }
start_node_exporter() { local dir; dir=$(folder "node-exporter-$1"); launch "$dir" prometheus-node-exporter --web.listen-address ":$1"; }

start_influxdb() {
    local dir; dir=$(folder "influxdb-$1")
    printf 'bind-address = "127.0.0.1:%s"\nreporting-disabled = true\n[meta]\ndir = "%s/meta"\n[data]\ndir = "%s/data"\nwal-dir = "%s/wal"\n[http]\nbind-address = ":%s"\n' "$(($1 + 2))" "$dir" "$dir" "$dir" "$1" >"$dir/conf"
    launch "$dir" influxd -config "$dir/conf"
}

start_danted() {
    local dir; dir=$(folder "danted-$1")
    printf 'logoutput: stderr\ninternal: 0.0.0.0 port = %s\nexternal: lo\nsocksmethod: username none\nclientmethod: none\nuser.privileged: root\nuser.unprivileged: nobody\nclient pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}\nsocks pass {\n from: 0.0.0.0/0 to: 0.0.0.0/0\n}\n' "$1" >"$dir/conf"
    launch "$dir" danted -f "$dir/conf"
}

start_microsocks() { local dir; dir=$(folder "microsocks-$1"); launch "$dir" microsocks -i 0.0.0.0 -p "$1"; }
start_distccd() { local dir; dir=$(folder "distccd-$1"); launch "$dir" distccd --no-detach --daemon --port "$1" --allow 127.0.0.1 --user nobody --log-stderr; }

# start_xinetd NAME PORT SERVER ARGUMENTS: what xinetd starts for each connection. Without SERVER: one of its own (echo, discard, …).
start_xinetd() {
    local dir; dir=$(folder "xinetd-$1-$2")
    {
        printf 'defaults\n{\n instances = 60\n log_type = FILE %s/log\n cps = 200 1\n}\n' "$dir"
        if [ -n "$3" ]; then
            printf 'service %s\n{\n type = UNLISTED\n protocol = tcp\n socket_type = stream\n wait = no\n user = root\n port = %s\n server = %s\n%s}\n' "$1" "$2" "$3" "${4:+ server_args = $4$'\n'}"
        else
            printf 'service %s\n{\n type = INTERNAL UNLISTED\n id = %s-stream\n protocol = tcp\n socket_type = stream\n wait = no\n user = root\n port = %s\n}\n' "$1" "$1" "$2"
        fi
    } >"$dir/conf"
    launch "$dir" xinetd -dontfork -f "$dir/conf" -pidfile "$dir/pid"
}
start_telnetd() { start_xinetd telnet "$1" /usr/sbin/telnetd ''; }
start_fingerd() { start_xinetd finger "$1" "$(command -v in.fingerd || echo /usr/sbin/in.fingerd)" ''; }
start_gophernicus() { start_xinetd gopher "$1" "$(command -v gophernicus || echo /usr/sbin/in.gophernicus)" '-nf -h gopher.example.org'; }
start_echo() { start_xinetd echo "$1"; }
start_discard() { start_xinetd discard "$1"; }
start_chargen() { start_xinetd chargen "$1"; }
start_daytime() { start_xinetd daytime "$1"; }
start_time() { start_xinetd time "$1"; }

start_oidentd() { local dir; dir=$(folder "oidentd-$1"); launch "$dir" oidentd -i -p "$1" -u nobody -g nogroup; }
start_adb() { local dir; dir=$(folder "adb-$1"); launch "$dir" env HOME="$dir" adb -a -P "$1" nodaemon server; }

start_icecast() {
    local dir; dir=$(folder "icecast-$1")
    sed "s/<port>8000/<port>$1/; s#<logdir>[^<]*#<logdir>$dir#; s#<!--.*-->##" /etc/icecast2/icecast.xml >"$dir/conf"
    launch "$dir" setpriv --reuid nobody --regid nogroup --clear-groups icecast2 -c "$dir/conf"
}

start_mpd() {
    local dir; dir=$(folder "mpd-$1"); mkdir -p "$dir/music"
    printf 'music_directory "%s/music"\ndb_file "%s/db"\nlog_file "%s/log"\nbind_to_address "0.0.0.0"\nport "%s"\naudio_output {\n type "null"\n name "null"\n}\n' "$dir" "$dir" "$dir" "$1" >"$dir/conf"
    launch "$dir" mpd --no-daemon "$dir/conf"
}

# start_tomcat HTTP AJP
start_tomcat() {
    local dir; dir=$(folder "tomcat-$1"); mkdir -p "$dir"/{conf,webapps/ROOT,temp,work,logs}
    cp /etc/tomcat10/web.xml "$dir/conf/"; echo '<p>It works</p>' >"$dir/webapps/ROOT/index.html"
    cat >"$dir/conf/server.xml" <<EOF
<Server port="-1"><Service name="Catalina">
<Connector port="$1" protocol="HTTP/1.1"/>
<Connector port="$2" protocol="AJP/1.3" address="0.0.0.0" secretRequired="false"/>
<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine>
</Service></Server>
EOF
    launch "$dir" java -cp /usr/share/tomcat10/bin/bootstrap.jar:/usr/share/tomcat10/bin/tomcat-juli.jar -Dcatalina.home=/usr/share/tomcat10 -Dcatalina.base="$dir" org.apache.catalina.startup.Bootstrap start
}

# Java's own registry of remote objects, and its debugger's protocol, on a program that sleeps.
start_rmi() { local dir; dir=$(folder "rmi-$1"); launch "$dir" rmiregistry "$1"; }
start_jdwp() {
    local dir; dir=$(folder "jdwp-$1")
    echo 'public class S { public static void main(String[] a) throws Exception { Thread.sleep(86400000L); } }' >"$dir/S.java"
    launch "$dir" java "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:$1" "$dir/S.java"
}

start_tgt() { local dir; dir=$(folder "tgt-$1"); launch "$dir" tgtd -f --iscsi "portal=0.0.0.0:$1" -C "$(($1 % 100))"; }
start_nbd() { local dir; dir=$(folder "nbd-$1"); dd if=/dev/zero of="$dir/disk" bs=1M count=1 2>/dev/null; chmod 666 "$dir/disk"; printf '[generic]\nuser = nobody\ngroup = nogroup\nport = %s\n[disk]\nexportname = %s/disk\n' "$1" "$dir" >"$dir/conf"; launch "$dir" nbd-server -d -C "$dir/conf"; }

start_kamailio() {
    local dir; dir=$(folder "kamailio-$1")
    printf '#!KAMAILIO\nchildren=1\ntcp_children=1\nlisten=tcp:127.0.0.1:%s\nloadmodule "sl.so"\nrequest_route {\n sl_send_reply("200", "OK");\n}\n' "$1" >"$dir/conf"
    launch "$dir" kamailio -DD -E -f "$dir/conf" -Y "$dir" -P "$dir/pid"
}

start_murmur() { local dir; dir=$(folder "murmur-$1"); printf 'database=%s/db\nport=%s\n' "$dir" "$1" >"$dir/conf"; launch "$dir" murmurd -fg -ini "$dir/conf"; }
start_spamd() { local dir; dir=$(folder "spamd-$1"); launch "$dir" spamd -L -i 0.0.0.0 -A 127.0.0.1 -p "$1" -r "$dir/pid" -s stderr; }
start_openssl() { local dir; dir=$(folder "openssl-$1"); certificate "$dir"; launch "$dir" openssl s_server -accept "$1" -cert "$dir/cert.pem" -key "$dir/key.pem" -quiet "${@:2}"; }
start_python_http() { local dir; dir=$(folder "python-$1"); launch "$dir" python3 -m http.server "$1" --bind 0.0.0.0 -d "$dir"; }

# Always on port 1723.
start_pptpd() {
    local dir; dir=$(folder pptpd)
    printf 'speed 115200\nlocalip 192.0.2.1\nremoteip 192.0.2.2-20\nnoipparam\n' >"$dir/conf"
    launch "$dir" pptpd -f -c "$dir/conf"
}

start_zabbix_agent() {
    local dir; dir=$(folder "zabbix-$1")
    printf 'LogType=console\nServer=127.0.0.1\nListenPort=%s\nHostname=node.example.org\nPidFile=%s/pid\nAllowRoot=1\n' "$1" "$dir" >"$dir/conf"
    launch "$dir" zabbix_agentd -f -c "$dir/conf"
}

# start_nrpe PORT [-n]: with its anonymous TLS, or (-n) without.
start_nrpe() {
    local dir; dir=$(folder "nrpe-$1")
    printf 'server_port=%s\nnrpe_user=nobody\nnrpe_group=nogroup\nallowed_hosts=127.0.0.1\npid_file=%s/pid\n' "$1" "$dir" >"$dir/conf"
    launch "$dir" nrpe -f -c "$dir/conf" ${2:-}
}

start_cvs() { local dir; dir=$(folder "cvs-$1"); cvs -d "$dir/repo" init; start_xinetd cvs "$1" /usr/bin/cvs "-f --allow-root=$dir/repo pserver"; }

# start_clickhouse NATIVE HTTP
start_clickhouse() {
    local dir; dir=$(folder "clickhouse-$1")
    sed "s#/var/lib/clickhouse/#$dir/#g; s#/var/log/clickhouse-server/#$dir/#g; s#<http_port>[0-9]*#<http_port>$2#; s#<tcp_port>[0-9]*#<tcp_port>$1#" /etc/clickhouse-server/config.xml >"$dir/config.xml"
    cp /etc/clickhouse-server/users.xml "$dir/"
    launch "$dir" clickhouse-server --config-file="$dir/config.xml"
}

# Docker's API, which starts no container here.
start_dockerd() {
    local dir; dir=$(folder "docker-$1")
    launch "$dir" dockerd -H "tcp://127.0.0.1:$1" -H "unix://$dir/socket" --iptables=false --bridge=none --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" --tls=false
}

# start_activemq OPENWIRE STOMP
start_activemq() {
    local dir; dir=$(folder "activemq-$1")
    cat >"$dir/B.java" <<EOF
public class B {
    public static void main(String[] a) throws Exception {
        var broker = new org.apache.activemq.broker.BrokerService();
        broker.setPersistent(false);
        broker.setUseJmx(false);
        broker.addConnector("tcp://0.0.0.0:$1");
        broker.addConnector("stomp://0.0.0.0:$2");
        broker.start();
        Thread.sleep(86400000L);
    }
}
EOF
    launch "$dir" java -cp "$(printf '%s:' /usr/share/java/activemq-*.jar)/usr/share/java/*" "$dir/B.java"
}

start_alertmanager() {
    local dir; dir=$(folder "alertmanager-$1")
    printf 'route:\n  receiver: none\nreceivers:\n- name: none\n' >"$dir/conf"
    launch "$dir" prometheus-alertmanager --config.file "$dir/conf" --storage.path "$dir/data" --web.listen-address ":$1" --cluster.listen-address=
}
start_pushgateway() { local dir; dir=$(folder "pushgateway-$1"); launch "$dir" prometheus-pushgateway --web.listen-address ":$1"; }
start_blackbox_exporter() { local dir; dir=$(folder "blackbox-$1"); launch "$dir" prometheus-blackbox-exporter --config.file /etc/prometheus/blackbox.yml --web.listen-address ":$1"; }
start_cockpit() { local dir; dir=$(folder "cockpit-$1"); launch "$dir" /usr/lib/cockpit/cockpit-ws --no-tls -p "$1"; }

start_php_fpm() {
    local dir; dir=$(folder "php-fpm-$1")
    printf '[global]\nerror_log=%s/log\n[www]\nuser=nobody\ngroup=nogroup\nlisten=0.0.0.0:%s\npm=static\npm.max_children=1\n' "$dir" "$1" >"$dir/conf"
    launch "$dir" "$(echo /usr/sbin/php-fpm*)" -F -y "$dir/conf"
}

start_busybox_httpd() { local dir; dir=$(folder "busybox-$1"); launch "$dir" busybox httpd -f -p "$1" -h /var/www/html; }
start_node() { local dir; dir=$(folder "node-$1"); launch "$dir" node -e "require('http').createServer((q, r) => r.end('hello')).listen($1)"; }

# HTTP/2 and nothing else: without TLS, and inside it.
start_nghttpd() { local dir; dir=$(folder "nghttpd-$1"); launch "$dir" nghttpd --no-tls "$1"; }
start_nghttpd_tls() { local dir; dir=$(folder "nghttpd-$1"); certificate "$dir"; launch "$dir" nghttpd "$1" "$dir/key.pem" "$dir/cert.pem"; }

# What must not be taken for anything: see traps.py.
start_trap() { local dir; dir=$(folder "trap-$1"); launch "$dir" python3 "$here/traps.py" "$1" "$2"; }

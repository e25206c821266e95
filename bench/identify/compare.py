#!/usr/bin/env python3
"""Holds `picaporte scan -V` against `nmap -sT -sV` on real servers of Debian, each on its usual port and on an unusual one.

    sudo python3 bench/identify/compare.py --scanner target/release/picaporte [--only NAME,…] [--alone]

As root; it makes a network namespace of its own (unshare -n), and nothing leaves its loopback. What is expected of a server stands here: the service by the name that
IANA has (with those that nmap calls it), the product as the server calls itself, and the version of its Debian package. servers.sh starts them.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))

# name: how it is started ({} is its port), the usual port, services that are right, a word of the product, the package whose version it says (None: it says none).
SERVERS = [
    ("OpenSSH", "start_sshd {}", 22, "ssh", "OpenSSH", "openssh-server"),
    ("vsftpd", "start_vsftpd {}", 21, "ftp", "vsftpd", "=3.0.3"),
    ("ProFTPD", "start_proftpd {}", 21, "ftp", "ProFTPD", None),
    ("Pure-FTPd", "start_pureftpd {}", 21, "ftp", "Pure-FTPd", None),
    ("Postfix", "start_postfix {}", 25, "smtp", "Postfix", None),
    ("Exim", "start_exim {}", 25, "smtp", "Exim", "=4.96"),
    ("MariaDB", "start_mariadb {}", 3306, "mysql mariadb", "MariaDB", "mariadb-server"),
    ("PostgreSQL", "start_postgresql {}", 5432, "postgresql postgres", "PostgreSQL", None),
    ("Redis", "start_redis {}", 6379, "redis", "Redis", "redis-server"),
    ("Redis with a password", "start_redis_password {}", 6379, "redis", "Redis", None),
    ("memcached", "start_memcached {}", 11211, "memcached memcache", "memcached", "memcached"),
    ("Mosquitto", "start_mosquitto {}", 1883, "mqtt mosquitto", "mosquitto", "mosquitto"),
    ("NATS", "start_nats {}", 4222, "nats", "NATS", "nats-server"),
    ("HAProxy", "start_haproxy {}", 8080, "http http-proxy", "HAProxy", None),
    ("OpenLDAP", "start_slapd {}", 389, "ldap", "OpenLDAP", None),
    ("dnsmasq", "start_dnsmasq {}", 53, "domain", "dnsmasq", "dnsmasq-base"),
    ("BIND", "start_named {}", 53, "domain", "BIND", "bind9"),
    ("Unbound", "start_unbound {}", 53, "domain", "Unbound", "unbound"),
    ("rsync", "start_rsync {}", 873, "rsync", "rsync", None),
    ("CUPS", "start_cups {}", 631, "ipp http", "CUPS", "cups"),
    ("nginx", "start_nginx {}", 80, "http", "nginx", "nginx"),
    ("nginx with TLS", "start_nginx_tls {}", 443, "http https", "nginx", "nginx"),
    ("Apache", "start_apache {}", 80, "http", "Apache", "apache2"),
    ("lighttpd", "start_lighttpd {}", 80, "http", "lighttpd", "lighttpd"),
    ("Caddy", "start_caddy {}", 80, "http", "Caddy", None),
    ("Squid", "start_squid {}", 3128, "http-proxy http squid-http", "Squid", "squid"),
    ("Tinyproxy", "start_tinyproxy {}", 8888, "http-proxy http", "tinyproxy", "tinyproxy"),
    ("Varnish", "start_varnish {}", 6081, "http http-proxy", "Varnish", None),
    ("Privoxy", "start_privoxy {}", 8118, "http-proxy http privoxy", "Privoxy", None),
    ("ngIRCd", "start_ngircd {}", 6667, "irc ircs", "ngIRCd", None),
    ("INN", "start_innd {}", 119, "nntp", "INN", "inn2"),
    ("Prosody", "start_prosody {}", 5222, "xmpp-client xmpp jabber", "Prosody", None),
    ("RabbitMQ", "start_rabbitmq {}", 5672, "amqp", "RabbitMQ", "rabbitmq-server"),
    ("ZooKeeper", "start_zookeeper {}", 2181, "zookeeper", "Zookeeper", "zookeeper"),
    ("svnserve", "start_svnserve {}", 3690, "svn svnserve", "Subversion", None),
    ("Git", "start_git {}", 9418, "git", "git", None),
    ("Samba", "start_samba {}", 445, "microsoft-ds smb netbios-ssn", "Samba", None),
    ("xrdp", "start_xrdp {}", 3389, "ms-wbt-server rdp", "xrdp", None),
    ("TigerVNC", "start_xvnc {}", 5901, "rfb vnc", "TigerVNC", None),
    ("rpcbind", "start_rpcbind {}", 111, "sunrpc rpcbind", "rpcbind", None),
    ("beanstalkd", "start_beanstalkd {}", 11300, "beanstalkd beanstalk", "beanstalkd", "beanstalkd"),
    ("Munin", "start_munin {}", 4949, "munin", "Munin", "munin-node"),
    ("dictd", "start_dictd {}", 2628, "dict", "dictd", "dictd"),
    ("etcd", "start_etcd {}", 2379, "etcd etcd-client http", "etcd", "etcd-server"),
    ("Prometheus", "start_prometheus {}", 9090, "prometheus http", "Prometheus", "prometheus"),
    ("InfluxDB", "start_influxdb {}", 8086, "influxdb http", "InfluxDB", "influxdb"),
    ("Dante", "start_danted {}", 1080, "socks socks5", "", None),
    ("telnetd", "start_telnetd {}", 23, "telnet", "", None),
    ("Icecast", "start_icecast {}", 8000, "icecast http", "Icecast", "icecast2"),
    ("MPD", "start_mpd {}", 6600, "mpd", "MPD Music Player", "mpd"),
]
# What is behind STARTTLS or TLS of something else, and more than one port of one server.
MORE = [
    ("Dovecot", "start_dovecot {} {} {} {}", [(143, "imap"), (110, "pop3"), (4190, "sieve managesieve"), (24, "lmtp smtp")], "Dovecot"),
]
# Above the ports of industrial control (DNP3 has 20000), which are not asked.
UNUSUAL = 21_000


def package_version(name):
    if name is None:
        return None
    if name.startswith("="):
        return name[1:]
    out = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True).stdout
    upstream = re.sub(r"^\d+:", "", out)
    return re.match(r"\d+(\.\d+)*", upstream).group(0) if upstream else None


def ports():
    """Every port with what is expected of it: (port, name, services, product, version, command)."""
    rows, taken = [], set()
    for n, (name, command, usual, services, product, package) in enumerate(SERVERS):
        version = package_version(package)
        for port in ([usual] if usual not in taken else []) + [UNUSUAL + n]:
            taken.add(port)
            rows.append((port, name, services.split(), product, version, command.format(port)))
    for n, (name, command, listens, product) in enumerate(MORE):
        for base in (None, UNUSUAL + 500 + 10 * n):
            numbers = [usual if base is None else base + k for k, (usual, _) in enumerate(listens)]
            started = command.format(*numbers)
            for k, (_, services) in enumerate(listens):
                rows.append((numbers[k], name, services.split(), product, None, started if k == 0 else None))
    return rows


def opened():
    """Connections that this namespace has begun (TCP's ActiveOpens, RFC 4022)."""
    lines = [line.split() for line in open("/proc/net/snmp") if line.startswith("Tcp:")]
    return int(dict(zip(*lines))["ActiveOpens"])


def timed(command, **more):
    before, began = opened(), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, check=False, **more)
    return done.stdout, time.monotonic() - began, opened() - before, done.stderr


def picaporte(scanner, numbers, options):
    command = [scanner, "scan", "127.0.0.1", "-p", ",".join(map(str, numbers)), "-V", "--store", "none", "--format", "jsonl", "-q"]
    out, seconds, connections, err = timed(command + options)
    found = {}
    for line in out.splitlines():
        record = json.loads(line)
        if record["type"] == "port" and record["state"] == "open":
            service = record.get("service") or {}
            tls = bool(service.get("tls"))
            found[record["port"]] = (service.get("name"), service.get("product"), service.get("version"), tls)
    if err:
        print(err, file=sys.stderr)
    return found, seconds, connections


def nmap(numbers):
    command = ["nmap", "-sT", "-sV", "-Pn", "-n", "-p", ",".join(map(str, numbers)), "-oX", "-", "127.0.0.1"]
    out, seconds, connections, _ = timed(command)
    found = {}
    for port in xml.fromstring(out).iter("port"):
        if port.find("state").get("state") == "open":
            service = port.find("service")
            get = service.get if service is not None and service.get("method") == "probed" else (lambda _: None)
            found[int(port.get("portid"))] = (get("name"), get("product"), get("version"), get("tunnel") == "ssl")
    return found, seconds, connections


def right(found, services, product, version):
    name, said, numbered, _ = found
    has = lambda text, word: word.lower() in (text or "").lower()
    service = any((name or "").split("/")[-1].startswith(word) for word in services)
    return service, service and has(said, product) and (said or not product), bool(version) and service and (numbered or "").startswith(version)


def start(rows):
    script = [f". {HERE}/servers.sh"]
    script += [command for *_, command in rows if command]
    script += [f"wait_for {port} || echo {port} >>$work/silent" for port, *_ in rows]
    script += ["echo started; cat; stop_all"]
    server = subprocess.Popen(["bash", "-c", "\n".join(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in server.stdout:
        if line.strip() == "started":
            break
    return server


def table(rows, results):
    lines = ["| server | port | " + " | ".join(results) + " |", "| --- | ---: |" + " --- |" * len(results)]
    for port, name, services, product, version, _ in rows:
        cells = []
        for found, _, _ in results.values():
            if port not in found:
                cells.append("not open")
                continue
            said = found[port]
            service, made, numbered = right(said, services, product, version)
            text = " ".join(word for word in (said[0] or "?", said[1] or "", said[2] or "") if word)
            mark = "" if service else " **✗**"
            cells.append(f"{'TLS, ' if said[3] else ''}{text}{mark}".replace("|", "\\|"))
        lines.append(f"| {name} | {port} | " + " | ".join(cells) + " |")
    return lines


def totals(rows, results):
    lines = ["| | service right | product right | version right | seconds | connections |", "| --- | ---: | ---: | ---: | ---: | ---: |"]
    for who, (found, seconds, connections) in results.items():
        sums = [sum(bool(right(found[row[0]], *row[2:5])[k]) for row in rows if row[0] in found) for k in range(3)]
        versions = sum(row[4] is not None for row in rows)
        lines.append(f"| {who} | {sums[0]} of {len(rows)} | {sums[1]} | {sums[2]} of {versions} | {seconds:.1f} | {connections} |")
    return lines


def behind(rows, ours, peers):
    """Where a peer was right and we were not."""
    for row in rows:
        port = row[0]
        if port in ours and port in peers:
            mine, theirs = right(ours[port], *row[2:5]), right(peers[port], *row[2:5])
            for k, what in enumerate(("service", "product", "version")):
                if theirs[k] and not mine[k]:
                    yield f"{row[1]} on {port}: {what}: {ours[port]} and nmap {peers[port]}"


def inside(args):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    wanted = [row for row in ports() if not args.only or row[1] in args.only.split(",")]
    server = start(wanted)
    try:
        numbers = [row[0] for row in wanted]
        results = {"picaporte -V": picaporte(args.scanner, numbers, [])}
        if not args.alone:
            results["nmap -sT -sV"] = nmap(numbers)
            probes = "/usr/share/nmap/nmap-service-probes"
            results["picaporte -V, nmap's probes too"] = picaporte(args.scanner, numbers, ["--nmap-probes", probes])
        results["picaporte -V --fragile"] = picaporte(args.scanner, numbers, ["--fragile"])
    finally:
        server.stdin.close()
        server.wait()
    ours = results["picaporte -V"][0]
    rows = [row for row in wanted if row[0] in ours]
    print("\n".join(totals(rows, results) + [""] + table(rows, results)))
    if not args.alone:
        for line in behind(rows, ours, results["nmap -sT -sV"][0]):
            print("behind:", line, file=sys.stderr)
    missing = [f"{name} ({port})" for port, name, *_ in wanted if port not in ours]
    if missing:
        print("not started here:", ", ".join(missing), file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scanner", default="target/release/picaporte")
    parser.add_argument("--only", default="")
    parser.add_argument("--alone", action="store_true", help="without nmap")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    args.scanner = os.path.abspath(args.scanner)
    if args.inside:
        return inside(args)
    os.execvp("unshare", ["unshare", "-n", sys.executable, os.path.abspath(__file__), "--inside", *sys.argv[1:]])


if __name__ == "__main__":
    main()

-- Version 1. Moments are milliseconds since 1970; unsigned numbers of 64 bits stand as signed ones of the same bits.

-- One row a scan: what a list shows, so that listing reads nothing else.
CREATE TABLE scans (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  version TEXT NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  user TEXT NOT NULL,
  uid INTEGER,
  machine TEXT NOT NULL,
  source TEXT,
  arguments TEXT NOT NULL,
  seed INTEGER NOT NULL,
  zones TEXT NOT NULL,
  binding BLOB NOT NULL,
  state INTEGER NOT NULL,
  -- Who may write: each that begins or goes on with the scan takes the next number.
  holder INTEGER NOT NULL,
  -- How many chunks there are, the last one's digest, and when it was written.
  chunks INTEGER NOT NULL,
  digest BLOB NOT NULL,
  written INTEGER NOT NULL,
  planned INTEGER NOT NULL,
  -- How many hosts are done, and their ports.
  hosts INTEGER NOT NULL,
  tested INTEGER NOT NULL,
  untested INTEGER NOT NULL,
  open INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  filtered INTEGER NOT NULL,
  -- The sums of the whole, once it has ended.
  totals BLOB
) STRICT;
CREATE INDEX scans_by_start ON scans (started, id);

-- What is large and seldom wanted.
CREATE TABLE plans (
  scan INTEGER PRIMARY KEY,
  plan BLOB NOT NULL,
  scope TEXT
) STRICT;

-- The addresses planned, as disjoint ranges of keys: which scans are about a host is one look for each scan.
CREATE TABLE targets (
  scan INTEGER NOT NULL,
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  PRIMARY KEY (scan, first)
) STRICT, WITHOUT ROWID;

-- What was kept in one transaction. Never changed.
CREATE TABLE chunks (
  key INTEGER PRIMARY KEY,
  scan INTEGER NOT NULL,
  number INTEGER NOT NULL,
  written INTEGER NOT NULL,
  ports BLOB NOT NULL,
  hosts BLOB NOT NULL,
  decided BLOB,
  progress BLOB NOT NULL,
  ending BLOB,
  digest BLOB NOT NULL,
  UNIQUE (scan, number)
) STRICT;

-- What was decided of hosts that were not done, by chunk; let go when they are.
CREATE TABLE decided (
  key INTEGER PRIMARY KEY,
  scan INTEGER NOT NULL,
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  UNIQUE (scan, number)
) STRICT;

-- From where each part of a scan goes on; the last word only.
CREATE TABLE progress (
  scan INTEGER NOT NULL,
  part INTEGER NOT NULL,
  number INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (scan, part)
) STRICT;

-- Found again from the chunks, and kept so that lists can be filtered.
CREATE TABLE open_ports (
  scan INTEGER NOT NULL,
  address BLOB NOT NULL,
  port INTEGER NOT NULL,
  PRIMARY KEY (scan, address, port)
) STRICT, WITHOUT ROWID;
CREATE TABLE open_counts (
  port INTEGER NOT NULL,
  scan INTEGER NOT NULL,
  hosts INTEGER NOT NULL,
  PRIMARY KEY (port, scan)
) STRICT, WITHOUT ROWID;

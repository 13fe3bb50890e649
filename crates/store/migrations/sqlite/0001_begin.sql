-- Times are microseconds since 1970-01-01T00:00:00Z, ids and JSON are text, booleans are 0 or 1.

CREATE TABLE account (
    id            TEXT   NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    folded_name   TEXT   NOT NULL UNIQUE,
    display       TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created       BIGINT NOT NULL
);

CREATE TABLE session (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    account    TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    created    BIGINT NOT NULL,
    extended   BIGINT NOT NULL,
    lifetime   BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

CREATE TABLE setup_token (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    expires    BIGINT NOT NULL
);

CREATE TABLE login_failure (
    folded_name TEXT   NOT NULL,
    time        BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    PRIMARY KEY (folded_name, time)
);
CREATE INDEX login_failure_time ON login_failure (time);

CREATE TABLE run (
    id           TEXT   NOT NULL PRIMARY KEY,
    resource     TEXT   NOT NULL,
    system       TEXT   NOT NULL,
    started_by   TEXT   NOT NULL,
    owner        TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    started      BIGINT NOT NULL,
    ended        BIGINT,
    source_rows  BIGINT NOT NULL DEFAULT 0,
    landed       BIGINT NOT NULL DEFAULT 0,
    quarantined  BIGINT NOT NULL DEFAULT 0,
    unchanged    BIGINT NOT NULL DEFAULT 0,
    corrected    BIGINT NOT NULL DEFAULT 0,
    bytes        BIGINT NOT NULL DEFAULT 0,
    bytes_total  BIGINT,
    rows_total   BIGINT,
    error_zh     TEXT,
    error_en     TEXT,
    decisions    TEXT   NOT NULL DEFAULT '[]'
);
CREATE INDEX run_started ON run (started, id);
CREATE INDEX run_system ON run (system, started, id);
CREATE INDEX run_resource ON run (resource, started, id);
CREATE INDEX run_state ON run (state, started, id);
CREATE INDEX run_ended ON run (ended);

CREATE TABLE resource_state (
    resource         TEXT   NOT NULL PRIMARY KEY,
    raw_rows         BIGINT NOT NULL,
    standard_rows    BIGINT NOT NULL,
    quarantined_rows BIGINT NOT NULL,
    raw_bytes        BIGINT NOT NULL,
    last_started     BIGINT,
    last_success     BIGINT,
    last_change      BIGINT,
    last_state       TEXT,
    last_run         TEXT,
    last_error_zh    TEXT,
    last_error_en    TEXT,
    decisions        TEXT   NOT NULL
);

-- One row per refused record. It is open until a later run no longer finds it, or finds it repaired.
CREATE TABLE quarantine (
    resource TEXT   NOT NULL,
    batch    BIGINT NOT NULL,
    row      BIGINT NOT NULL,
    system   TEXT   NOT NULL,
    run      TEXT   NOT NULL,
    file     TEXT   NOT NULL,
    line     BIGINT NOT NULL,
    hash     BLOB   NOT NULL,
    bytes    BLOB   NOT NULL,
    faults   TEXT   NOT NULL,
    code     TEXT   NOT NULL,
    item     TEXT   NOT NULL,
    time     BIGINT NOT NULL,
    settled  BIGINT,
    PRIMARY KEY (resource, batch, row)
);
CREATE INDEX quarantine_newest ON quarantine (time, resource, batch, row) WHERE settled IS NULL;
CREATE INDEX quarantine_resource ON quarantine (resource, time, batch, row) WHERE settled IS NULL;
CREATE INDEX quarantine_reason ON quarantine (resource, code, item, time, batch, row) WHERE settled IS NULL;
CREATE INDEX quarantine_run ON quarantine (run, time, resource, batch, row) WHERE settled IS NULL;
CREATE INDEX quarantine_system ON quarantine (system, time, resource, batch, row) WHERE settled IS NULL;
CREATE INDEX quarantine_hash ON quarantine (resource, hash) WHERE settled IS NULL;

-- Open rows counted by cause and run; kept in the same transaction as the rows, so that causes need no scan.
CREATE TABLE quarantine_cause (
    resource   TEXT   NOT NULL,
    code       TEXT   NOT NULL,
    item       TEXT   NOT NULL,
    run        TEXT   NOT NULL,
    system     TEXT   NOT NULL,
    open_rows  BIGINT NOT NULL,
    example    TEXT   NOT NULL,
    message_zh TEXT   NOT NULL,
    message_en TEXT   NOT NULL,
    PRIMARY KEY (resource, code, item, run)
);
CREATE INDEX quarantine_cause_run ON quarantine_cause (run);

CREATE TABLE profile (
    resource TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    json     TEXT   NOT NULL,
    as_of    BIGINT NOT NULL,
    PRIMARY KEY (resource, kind)
);

CREATE TABLE panel (
    board    TEXT   NOT NULL,
    panel    TEXT   NOT NULL,
    sql      TEXT   NOT NULL,
    columns  TEXT   NOT NULL,
    rows     TEXT   NOT NULL,
    as_of    BIGINT NOT NULL,
    error_zh TEXT,
    error_en TEXT,
    PRIMARY KEY (board, panel)
);

CREATE TABLE setting (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

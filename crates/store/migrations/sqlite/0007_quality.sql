-- Rules of a resource measured over its table, one line a measurement.
CREATE TABLE quality_run (
    id         TEXT   NOT NULL PRIMARY KEY,
    resource   TEXT   NOT NULL,
    department TEXT   NOT NULL,
    started_by TEXT   NOT NULL,
    started    BIGINT NOT NULL,
    ended      BIGINT NOT NULL,
    rows       BIGINT NOT NULL,
    score      DOUBLE PRECISION,
    error_zh   TEXT,
    error_en   TEXT
);
CREATE INDEX quality_run_resource ON quality_run (resource, id);

-- What each rule found then. `declared` is the rule as it was measured (JSON).
CREATE TABLE quality_result (
    quality_run TEXT   NOT NULL REFERENCES quality_run (id) ON DELETE CASCADE,
    rule        TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    checked     BIGINT NOT NULL,
    failed      BIGINT NOT NULL,
    newest      BIGINT,
    declared    TEXT   NOT NULL,
    PRIMARY KEY (quality_run, rule)
);

-- The last score of each day (of the city's zone), kept when older measurements are dropped.
CREATE TABLE quality_day (
    resource   TEXT   NOT NULL,
    day        TEXT   NOT NULL,
    department TEXT   NOT NULL,
    rows       BIGINT NOT NULL,
    score      DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (resource, day)
);
CREATE INDEX quality_day_day ON quality_day (day);

-- Something wrong in data, from a rule or from an objection, until it is right.
CREATE TABLE defect (
    id         TEXT   NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    resource   TEXT   NOT NULL,
    department TEXT   NOT NULL,
    rule       TEXT,
    row_hash   TEXT,
    title_zh   TEXT   NOT NULL,
    title_en   TEXT   NOT NULL,
    severity   TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    checked    BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    opened     BIGINT NOT NULL,
    due        TEXT   NOT NULL,
    escalated  BIGINT,
    closed     BIGINT
);
-- A failing rule has one open defect, however often it is measured.
CREATE UNIQUE INDEX defect_open_rule ON defect (resource, rule) WHERE rule IS NOT NULL AND state <> 'closed';
CREATE INDEX defect_newest ON defect (opened, id);
CREATE INDEX defect_state ON defect (state, due);
CREATE INDEX defect_resource ON defect (resource, opened);

-- What was done about it, in order. Nothing is ever taken out.
CREATE TABLE defect_act (
    defect TEXT   NOT NULL REFERENCES defect (id),
    seq    BIGINT NOT NULL,
    act    TEXT   NOT NULL,
    who    TEXT   NOT NULL,
    time   BIGINT NOT NULL,
    words  TEXT   NOT NULL,
    failed BIGINT,
    PRIMARY KEY (defect, seq)
);

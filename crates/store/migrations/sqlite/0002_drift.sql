-- How deliveries differed from what was declared or came before, what was done about it, by whom and why.
CREATE TABLE drift (
    id          TEXT   NOT NULL PRIMARY KEY,
    resource    TEXT   NOT NULL,
    system      TEXT   NOT NULL,
    run         TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    differences TEXT   NOT NULL,
    time        BIGINT NOT NULL,
    decided     BIGINT,
    decided_by  TEXT,
    why         TEXT,
    change      TEXT
);
CREATE INDEX drift_newest ON drift (time, id);
CREATE INDEX drift_resource ON drift (resource, time, id);
CREATE INDEX drift_state ON drift (state, time, id);
CREATE INDEX drift_run ON drift (run);

-- What the last delivery that landed looked like.
CREATE TABLE shape (
    resource TEXT   NOT NULL PRIMARY KEY,
    run      TEXT   NOT NULL,
    json     TEXT   NOT NULL,
    time     BIGINT NOT NULL
);

-- Rows that a complete delivery lacked and that were removed for it.
ALTER TABLE run ADD COLUMN missing BIGINT NOT NULL DEFAULT 0;

-- Which run brought which batch of the raw layer, and when it was acknowledged.
CREATE TABLE batch (
    resource TEXT   NOT NULL,
    seq      BIGINT NOT NULL,
    run      TEXT   NOT NULL,
    rows     BIGINT NOT NULL,
    time     BIGINT NOT NULL,
    PRIMARY KEY (resource, seq)
);
CREATE INDEX batch_run ON batch (run);

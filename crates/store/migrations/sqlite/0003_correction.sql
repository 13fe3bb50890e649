-- Corrections of refused rows: who mended what, when and why. Begun before the rows are committed, ended when they are durable.
CREATE TABLE correction (
    id       TEXT   NOT NULL PRIMARY KEY,
    resource TEXT   NOT NULL,
    who      TEXT   NOT NULL,
    reason   TEXT   NOT NULL,
    origin   TEXT   NOT NULL,
    batch    BIGINT NOT NULL,
    begun    BIGINT NOT NULL,
    ended    BIGINT,
    undone   BIGINT,
    undone_by TEXT
);
CREATE INDEX correction_open ON correction (resource) WHERE ended IS NULL;
CREATE INDEX correction_newest ON correction (resource, begun);

-- The rows of a correction: the refused one (by its place in quarantine and its hash), and what stands in its stead.
CREATE TABLE corrected_row (
    correction TEXT   NOT NULL,
    resource   TEXT   NOT NULL,
    batch      BIGINT NOT NULL,
    row        BIGINT NOT NULL,
    hash       BLOB   NOT NULL,
    new_hash   BLOB   NOT NULL,
    new_key    BLOB,
    before     TEXT   NOT NULL,
    after      TEXT   NOT NULL,
    PRIMARY KEY (correction, batch, row)
);
CREATE INDEX corrected_row_place ON corrected_row (resource, batch, row);

ALTER TABLE quarantine ADD COLUMN correction TEXT;
CREATE INDEX quarantine_corrected ON quarantine (resource, correction) WHERE correction IS NOT NULL;

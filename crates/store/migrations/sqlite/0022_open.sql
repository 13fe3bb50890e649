-- Data opened to the public: what was proposed and decided, the versions that were published, how often they are used.
CREATE TABLE open_proposal (
    id         TEXT   NOT NULL PRIMARY KEY,
    dataset    TEXT   NOT NULL,
    -- SHA-256 of what was proposed: the SELECT and how it is opened.
    declared   TEXT   NOT NULL,
    -- measuring, proposed, approved, refused, withdrawn, replaced
    state      TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    proposer   TEXT   NOT NULL,
    words      TEXT   NOT NULL,
    proposed   BIGINT NOT NULL,
    -- JSON: what the gate found; empty while it measures.
    gate       TEXT   NOT NULL,
    decider    TEXT,
    decision   TEXT,
    decided    BIGINT
);
CREATE INDEX open_proposal_dataset ON open_proposal (dataset, proposed);
CREATE UNIQUE INDEX open_proposal_waiting ON open_proposal (dataset) WHERE state IN ('measuring', 'proposed');
CREATE UNIQUE INDEX open_proposal_approved ON open_proposal (dataset) WHERE state = 'approved';

CREATE TABLE open_version (
    dataset  TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    -- The approval that it stands on.
    proposal TEXT   NOT NULL REFERENCES open_proposal (id),
    -- The file that has it, and the version's number there: a table with other columns begins another file.
    series   BIGINT NOT NULL,
    place    BIGINT NOT NULL,
    -- The batch of the table that it shows.
    batch    BIGINT NOT NULL,
    -- JSON: its columns.
    columns  TEXT   NOT NULL,
    rows     BIGINT NOT NULL,
    added    BIGINT NOT NULL,
    changed  BIGINT NOT NULL,
    removed  BIGINT NOT NULL,
    time     BIGINT NOT NULL,
    PRIMARY KEY (dataset, number)
);

-- Why the newest rows of a dataset are not published.
CREATE TABLE open_held (
    dataset TEXT   NOT NULL PRIMARY KEY,
    batch   BIGINT NOT NULL,
    why_zh  TEXT   NOT NULL,
    why_en  TEXT   NOT NULL,
    time    BIGINT NOT NULL
);

CREATE TABLE open_usage (
    dataset   TEXT   NOT NULL,
    day       TEXT   NOT NULL,
    views     BIGINT NOT NULL,
    calls     BIGINT NOT NULL,
    downloads BIGINT NOT NULL,
    PRIMARY KEY (dataset, day)
);

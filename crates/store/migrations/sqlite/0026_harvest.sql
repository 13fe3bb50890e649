-- Datasets of other portals' catalogues, as they were last found there.
CREATE TABLE harvest_record (
    catalogue  TEXT   NOT NULL,
    -- What the catalogue calls it.
    key        TEXT   NOT NULL,
    -- Its name in our addresses.
    id         TEXT   NOT NULL,
    -- JSON; empty where it was refused.
    record     TEXT   NOT NULL,
    -- `ckan` or `dcat`, and what was found, word for word: the package's JSON, or N-Triples and the node that they are about.
    dialect    TEXT   NOT NULL,
    original   TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    hash       TEXT   NOT NULL,
    refused_zh TEXT,
    refused_en TEXT,
    first      BIGINT NOT NULL,
    changed    BIGINT NOT NULL,
    -- When it was found to be gone there.
    gone       BIGINT,
    PRIMARY KEY (catalogue, key)
);

CREATE UNIQUE INDEX harvest_record_id ON harvest_record (id);

-- Harvests that have ended.
CREATE TABLE harvest_run (
    catalogue TEXT   NOT NULL,
    began     BIGINT NOT NULL,
    ended     BIGINT NOT NULL,
    -- Who started it, as people read it.
    actor     TEXT   NOT NULL,
    found     BIGINT NOT NULL,
    added     BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    gone      BIGINT NOT NULL,
    refused   BIGINT NOT NULL,
    -- Why nothing was taken.
    failed_zh TEXT,
    failed_en TEXT,
    PRIMARY KEY (catalogue, began)
);

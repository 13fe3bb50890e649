-- Accounts of citizens and companies. Whom one is bound to is kept as a keyed hash and a masked number, never as the number.
ALTER TABLE account ADD COLUMN person TEXT;
ALTER TABLE account ADD COLUMN person_digest BLOB;
ALTER TABLE account ADD COLUMN person_masked TEXT;
-- When a second officer confirmed the identity; until then the account sees nothing.
ALTER TABLE account ADD COLUMN confirmed BIGINT;
-- The last day on which it was told in the log that its person looked.
ALTER TABLE account ADD COLUMN looked TEXT;
CREATE UNIQUE INDEX account_person ON account (person_digest);

ALTER TABLE share_read ADD COLUMN case_no TEXT;
-- From when on whoever it is about may be told; null: at once.
ALTER TABLE share_read ADD COLUMN told BIGINT;
-- A file of all rows: the how manieth of its grant. Whom it is about stands in share_within.
ALTER TABLE share_read ADD COLUMN file BIGINT;
DROP INDEX share_read_file;
CREATE INDEX share_read_file ON share_read (lent, file) WHERE file IS NOT NULL;
-- How many rows of the answer were about them.
ALTER TABLE share_subject ADD COLUMN own BIGINT;

-- Whom files of all rows were about: from the first file of the grant that somebody was in, up to the first without them. Files
-- of the same table differ little, so each costs what has changed.
CREATE TABLE share_within (
    digest    BLOB   NOT NULL,
    lent      TEXT   NOT NULL,
    from_file BIGINT NOT NULL,
    to_file   BIGINT,
    own       BIGINT NOT NULL,
    PRIMARY KEY (digest, lent, from_file)
) WITHOUT ROWID;
CREATE INDEX share_within_open ON share_within (lent, digest) WHERE to_file IS NULL;

-- A reading that whoever it was about does not accept, and what they were answered.
CREATE TABLE share_challenge (
    id       TEXT   NOT NULL PRIMARY KEY,
    leaf     BIGINT NOT NULL REFERENCES share_read (leaf),
    account  TEXT   NOT NULL REFERENCES account (id),
    words    TEXT   NOT NULL,
    asked    BIGINT NOT NULL,
    answer   TEXT,
    answered BIGINT,
    answerer TEXT,
    UNIQUE (account, leaf)
);
CREATE INDEX share_challenge_newest ON share_challenge (asked, id);
CREATE INDEX share_challenge_open ON share_challenge (asked) WHERE answered IS NULL;

-- Accounts with roles, a second factor and a lock; invitations in place of the set-up link; roles for an emergency.
ALTER TABLE account ADD COLUMN roles TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN locked BIGINT;
-- What the secret of the second factor is derived from; the secret itself is kept nowhere.
ALTER TABLE account ADD COLUMN second_salt BLOB;
-- The last thirty seconds in which a code was used: none is good twice.
ALTER TABLE account ADD COLUMN second_step BIGINT NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN last_login BIGINT;
-- Who was there before there were roles did a data steward's work.
UPDATE account SET roles = 'steward';

DROP TABLE session;
CREATE TABLE session (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    id         TEXT   NOT NULL UNIQUE,
    account    TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- Whether the second factor was given.
    second     BIGINT NOT NULL,
    agent      TEXT   NOT NULL,
    created    BIGINT NOT NULL,
    extended   BIGINT NOT NULL,
    lifetime   BIGINT NOT NULL,
    expires    BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires);

DROP TABLE setup_token;
-- A link with which a person chooses a password: for an account, or for a role that nobody has yet.
CREATE TABLE invitation (
    token_hash BLOB   NOT NULL PRIMARY KEY,
    account    TEXT   REFERENCES account (id) ON DELETE CASCADE,
    role       TEXT,
    expires    BIGINT NOT NULL
);

-- Rights asked for in an emergency by one person and approved by another, for some hours.
CREATE TABLE emergency (
    id       TEXT   NOT NULL PRIMARY KEY,
    account  TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    reason   TEXT   NOT NULL,
    hours    BIGINT NOT NULL,
    asked    BIGINT NOT NULL,
    -- Who approved or refused it, and when.
    decider  TEXT   REFERENCES account (id),
    decided  BIGINT,
    -- Until when it holds; null while it is asked for, and when it was refused.
    until    BIGINT
);
CREATE INDEX emergency_account ON emergency (account, until);
CREATE INDEX emergency_newest ON emergency (asked, id);

-- What the public says of open data and asks to be opened: released to everybody by a steward, answered by a department.
CREATE TABLE open_voice (
    id         TEXT   NOT NULL PRIMARY KEY,
    -- question, error, praise: about a dataset; wish: for data that is not open
    kind       TEXT   NOT NULL,
    -- Null for a wish.
    dataset    TEXT,
    -- Who has to answer; null: the stewards.
    department TEXT,
    account    TEXT   NOT NULL REFERENCES account (id),
    -- citizen, company, staff: all that others learn of who said it.
    author     TEXT   NOT NULL,
    stars      BIGINT,
    title      TEXT   NOT NULL,
    words      TEXT   NOT NULL,
    -- What the data would be used for; empty where nothing is wished for.
    purpose    TEXT   NOT NULL,
    -- waiting, released, refused
    state      TEXT   NOT NULL,
    asked      BIGINT NOT NULL,
    -- The last day on which an answer is not late; empty where none is owed.
    due        TEXT   NOT NULL,
    moderator  TEXT,
    moderated  BIGINT,
    -- Why it was refused.
    reason     TEXT,
    answer     TEXT,
    -- What became of a wish.
    outcome    TEXT,
    answerer   TEXT,
    answered   BIGINT
);
CREATE INDEX open_voice_dataset ON open_voice (dataset, state, asked);
CREATE INDEX open_voice_account ON open_voice (account, asked);
CREATE INDEX open_voice_state ON open_voice (state, kind, asked);

-- Who wants the same; each account once.
CREATE TABLE open_support (
    voice   TEXT   NOT NULL REFERENCES open_voice (id),
    account TEXT   NOT NULL REFERENCES account (id),
    time    BIGINT NOT NULL,
    PRIMARY KEY (voice, account)
);
CREATE INDEX open_support_account ON open_support (account, time);

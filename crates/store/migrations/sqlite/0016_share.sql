-- Data lent between departments: requests and what was done about them, grants, the applications that use them, each reading.
CREATE TABLE share_request (
    id         TEXT   NOT NULL PRIMARY KEY,
    resource   TEXT   NOT NULL,
    -- The department that answers for the resource, and the one that asks.
    provider   TEXT   NOT NULL,
    department TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    -- JSON: items, keys, condition, channels, purpose, period.
    terms      TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    -- The last day on which whoever has to act is not late.
    due        TEXT   NOT NULL,
    asked      BIGINT NOT NULL,
    -- The grant that it asks to renew, and the one that it led to.
    renews     TEXT,
    lent       TEXT
);
CREATE INDEX share_request_department ON share_request (department, asked);
CREATE INDEX share_request_provider ON share_request (provider, state);
CREATE INDEX share_request_newest ON share_request (asked, id);

CREATE TABLE share_act (
    request TEXT   NOT NULL REFERENCES share_request (id) ON DELETE CASCADE,
    number  BIGINT NOT NULL,
    act     TEXT   NOT NULL,
    who     TEXT   NOT NULL,
    words   TEXT   NOT NULL,
    time    BIGINT NOT NULL,
    PRIMARY KEY (request, number)
);

CREATE TABLE share_grant (
    id         TEXT   NOT NULL PRIMARY KEY,
    request    TEXT   NOT NULL REFERENCES share_request (id),
    resource   TEXT   NOT NULL,
    provider   TEXT   NOT NULL,
    department TEXT   NOT NULL,
    terms      TEXT   NOT NULL,
    since      BIGINT NOT NULL,
    -- The last moment at which it holds.
    until      BIGINT NOT NULL,
    -- When it was withdrawn, by whom, and why.
    ended      BIGINT,
    ended_by   TEXT,
    ended_why  TEXT
);
CREATE INDEX share_grant_department ON share_grant (department, since);
CREATE INDEX share_grant_provider ON share_grant (provider, since);
CREATE INDEX share_grant_resource ON share_grant (resource, until);

-- An application of a department, known by its key, of which only the hash is kept.
CREATE TABLE share_application (
    id         TEXT   NOT NULL PRIMARY KEY,
    department TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    digest     TEXT   NOT NULL UNIQUE,
    created    BIGINT NOT NULL,
    used       BIGINT,
    revoked    BIGINT
);

-- Each answer under a grant, by its leaf in the log.
CREATE TABLE share_read (
    leaf    BIGINT NOT NULL PRIMARY KEY,
    lent    TEXT   NOT NULL REFERENCES share_grant (id),
    channel TEXT   NOT NULL,
    caller  TEXT   NOT NULL,
    rows    BIGINT NOT NULL,
    time    BIGINT NOT NULL
);
CREATE INDEX share_read_lent ON share_read (lent, leaf);
CREATE INDEX share_read_file ON share_read (leaf) WHERE channel = 'batch';

-- Whom the rows of an answer were about: a keyed hash of an id, never the id.
CREATE TABLE share_subject (
    digest BLOB   NOT NULL,
    leaf   BIGINT NOT NULL REFERENCES share_read (leaf) ON DELETE CASCADE,
    PRIMARY KEY (digest, leaf)
);

-- What a grant was used for, by day, so that nobody need count its answers.
CREATE TABLE share_usage (
    lent    TEXT   NOT NULL REFERENCES share_grant (id),
    day     TEXT   NOT NULL,
    channel TEXT   NOT NULL,
    calls   BIGINT NOT NULL,
    rows    BIGINT NOT NULL,
    PRIMARY KEY (lent, day, channel)
);

-- Where changes under a grant are posted to.
CREATE TABLE share_subscription (
    lent     TEXT   NOT NULL PRIMARY KEY REFERENCES share_grant (id) ON DELETE CASCADE,
    url      TEXT   NOT NULL,
    created  BIGINT NOT NULL,
    -- Up to where the receiver has taken the feed: `epoch.number`.
    since    TEXT   NOT NULL,
    -- What is on its way: the same bytes however often they are sent, and where they lead.
    body     TEXT,
    upto     TEXT,
    tries    BIGINT NOT NULL,
    -- When it is tried (again).
    next     BIGINT NOT NULL,
    taken    BIGINT,
    error_zh TEXT,
    error_en TEXT
);
CREATE INDEX share_subscription_due ON share_subscription (next);

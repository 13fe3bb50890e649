-- Keys with which a system sends its rows; only their SHA-256 is kept.
CREATE TABLE push_key (
    id      TEXT   NOT NULL PRIMARY KEY,
    system  TEXT   NOT NULL,
    digest  TEXT   NOT NULL UNIQUE,
    note    TEXT   NOT NULL,
    created BIGINT NOT NULL,
    used    BIGINT,
    revoked BIGINT
);

-- What was sent, by the sender's own idempotency key. Begun before the rows are committed (with the batch they are to
-- stand in and the answer they will get), ended when they are durable.
CREATE TABLE push (
    resource TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    push_key TEXT   NOT NULL,
    batch    BIGINT NOT NULL,
    answer   TEXT   NOT NULL,
    begun    BIGINT NOT NULL,
    ended    BIGINT,
    PRIMARY KEY (resource, name)
);
CREATE INDEX push_open ON push (resource) WHERE ended IS NULL;
CREATE INDEX push_old ON push (ended) WHERE ended IS NOT NULL;

-- Acts in the order in which they became durable: leaves of the log. What a row holds beside its entry is for finding it.
CREATE TABLE leaf (
    number  BIGINT NOT NULL PRIMARY KEY,
    time    BIGINT NOT NULL,
    actor   TEXT   NOT NULL,
    act     TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    -- What is hashed, until it stands in a file of the log.
    entry   BLOB
);
CREATE INDEX leaf_unpublished ON leaf (number) WHERE entry IS NOT NULL;
CREATE INDEX leaf_actor ON leaf (actor, number);
CREATE INDEX leaf_act ON leaf (act, number);
CREATE INDEX leaf_subject ON leaf (subject, number);

-- What others are told: written with the act that it tells of, and posted until it is acknowledged.
CREATE TABLE message (
    id       TEXT   NOT NULL PRIMARY KEY,
    kind     TEXT   NOT NULL,
    defect   TEXT   NOT NULL REFERENCES defect (id),
    time     BIGINT NOT NULL,
    -- As it was first sent: whoever gets it twice gets the same.
    body     TEXT,
    state    TEXT   NOT NULL,
    tries    BIGINT NOT NULL,
    next     BIGINT NOT NULL,
    ended    BIGINT,
    error_zh TEXT,
    error_en TEXT
);
CREATE INDEX message_due ON message (next, id) WHERE state = 'waiting';
CREATE INDEX message_newest ON message (time, id);

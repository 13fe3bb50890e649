-- Use of grants: what was refused and what failed, how long services took, reports of use; messages that tell of a service.
ALTER TABLE share_usage ADD COLUMN refused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE share_usage ADD COLUMN errors BIGINT NOT NULL DEFAULT 0;
CREATE INDEX share_usage_day ON share_usage (day, lent);

-- Whether the reading came to nothing: a service was asked, and gave no answer.
ALTER TABLE share_read ADD COLUMN failed BIGINT NOT NULL DEFAULT 0;

-- How long answers took, by day: calls that took at least so many milliseconds, and less than the next number.
CREATE TABLE share_speed (
    lent   TEXT   NOT NULL REFERENCES share_grant (id),
    day    TEXT   NOT NULL,
    millis BIGINT NOT NULL,
    calls  BIGINT NOT NULL,
    PRIMARY KEY (lent, day, millis)
);

-- What whoever uses a grant says came of it, with what was used by then.
CREATE TABLE share_report (
    id      TEXT   NOT NULL PRIMARY KEY,
    lent    TEXT   NOT NULL REFERENCES share_grant (id),
    -- First and last day that it is about.
    since   TEXT   NOT NULL,
    until   TEXT   NOT NULL,
    calls   BIGINT NOT NULL,
    rows    BIGINT NOT NULL,
    words   TEXT   NOT NULL,
    account TEXT   NOT NULL,
    who     TEXT   NOT NULL,
    time    BIGINT NOT NULL
);
CREATE INDEX share_report_lent ON share_report (lent, time);

-- A message may tell of a service (its system's id) in place of a defect, which is empty then.
CREATE TABLE message_next (
    id       TEXT   NOT NULL PRIMARY KEY,
    kind     TEXT   NOT NULL,
    defect   TEXT   NOT NULL,
    service  TEXT,
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
INSERT INTO message_next (id, kind, defect, time, body, state, tries, next, ended, error_zh, error_en)
    SELECT id, kind, defect, time, body, state, tries, next, ended, error_zh, error_en FROM message;
DROP TABLE message;
ALTER TABLE message_next RENAME TO message;
CREATE INDEX message_due ON message (next, id) WHERE state = 'waiting';
CREATE INDEX message_newest ON message (time, id);

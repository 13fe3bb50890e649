-- What an account sees of graded data: all of its department's, and of others' up to its clearance (the city's, when null).
ALTER TABLE account ADD COLUMN department TEXT;
ALTER TABLE account ADD COLUMN clearance TEXT;
-- Who set the system up can read its files anyway, and has seen all so far.
UPDATE account SET clearance = 'L4' WHERE created = (SELECT MIN(created) FROM account);

-- What stewards decided about proposed classes and grades.
CREATE TABLE grade_decision (
    id         TEXT   NOT NULL PRIMARY KEY,
    resource   TEXT   NOT NULL,
    item       TEXT   NOT NULL,
    -- What was proposed and what was decided: 'personal L3'. A rejected proposal is not made again.
    proposed   TEXT   NOT NULL,
    decided    TEXT   NOT NULL,
    -- confirmed, chosen, rejected, undone
    state      TEXT   NOT NULL,
    who        TEXT   NOT NULL,
    why        TEXT   NOT NULL,
    time       BIGINT NOT NULL,
    -- The file that was changed: as a diff, as it was before, and the name of the text it became.
    change     TEXT,
    path       TEXT,
    before     TEXT,
    after_base TEXT
);
CREATE INDEX grade_decision_newest ON grade_decision (time, id);

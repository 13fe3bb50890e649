-- Corrections taken back, as a whole or some rows of them. Begun before the rows leave the standard layer, ended when they have left.
CREATE TABLE undoing (
    id         TEXT   NOT NULL PRIMARY KEY,
    correction TEXT   NOT NULL,
    resource   TEXT   NOT NULL,
    who        TEXT   NOT NULL,
    batch      BIGINT NOT NULL,
    begun      BIGINT NOT NULL,
    ended      BIGINT
);
CREATE INDEX undoing_open ON undoing (resource) WHERE ended IS NULL;
CREATE INDEX undoing_correction ON undoing (correction);

-- Whether the corrected row landed (else it was here already), the hash of the current row whose place it took, when the source
-- was seen to deliver the same row, and by what it was taken back and when.
ALTER TABLE corrected_row ADD COLUMN landed    BOOLEAN NOT NULL DEFAULT 1;
ALTER TABLE corrected_row ADD COLUMN displaced BLOB;
ALTER TABLE corrected_row ADD COLUMN confirmed BIGINT;
ALTER TABLE corrected_row ADD COLUMN undoing   TEXT;
ALTER TABLE corrected_row ADD COLUMN undone    BIGINT;
CREATE INDEX corrected_row_landed ON corrected_row (resource, new_hash) WHERE undone IS NULL;

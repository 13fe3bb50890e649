-- Edits: corrections of rows that had landed. Each of their rows bears the number 0 as its batch and its place in the edit as its row;
-- its hash is that of the source's row, over which the edited one lies until the source delivers another one of that key.
ALTER TABLE correction    ADD COLUMN edits    BOOLEAN NOT NULL DEFAULT 0;
ALTER TABLE corrected_row ADD COLUMN gave_way BIGINT;
CREATE INDEX corrected_row_overlay ON corrected_row (resource) WHERE batch = 0 AND undone IS NULL AND gave_way IS NULL;

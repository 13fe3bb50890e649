-- Rows that the source removed, counted beside those landed, quarantined and unchanged.
ALTER TABLE run ADD COLUMN removed BIGINT NOT NULL DEFAULT 0;

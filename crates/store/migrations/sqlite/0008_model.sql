-- Runs of models: what each was made from, and what became of it. The table itself tells what it was made from, too.
CREATE TABLE model_run (
    id         TEXT   NOT NULL PRIMARY KEY,
    model      TEXT   NOT NULL,
    started_by TEXT   NOT NULL,
    owner      TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    made_from  TEXT   NOT NULL,
    started    BIGINT NOT NULL,
    ended      BIGINT,
    given      BIGINT NOT NULL DEFAULT 0,
    rows       BIGINT NOT NULL DEFAULT 0,
    added      BIGINT NOT NULL DEFAULT 0,
    version    BIGINT,
    error_zh   TEXT,
    error_en   TEXT
);
CREATE INDEX model_run_newest ON model_run (model, started, id);
CREATE INDEX model_run_running ON model_run (owner) WHERE state = 'running';

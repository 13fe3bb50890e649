-- Registered applications of open data, known by the hashes of their keys.
CREATE TABLE open_app (
    id         TEXT   NOT NULL PRIMARY KEY,
    account    TEXT   NOT NULL REFERENCES account (id),
    -- citizen, company, staff: all that others learn of who registered it.
    author     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    summary    TEXT   NOT NULL,
    -- Its home page.
    address    TEXT   NOT NULL,
    -- What is called every night besides, as answers 200 while it works; empty where there is nothing.
    probe      TEXT   NOT NULL,
    digest     TEXT   NOT NULL UNIQUE,
    -- waiting, shown, refused, ended
    state      TEXT   NOT NULL,
    registered BIGINT NOT NULL,
    moderator  TEXT,
    moderated  BIGINT,
    -- Why it is not shown.
    reason     TEXT,
    -- When it was last looked at, and since when it is as it was found then.
    checked    BIGINT,
    since      BIGINT,
    -- What is wrong with it; null while it works.
    fault_zh   TEXT,
    fault_en   TEXT
);
CREATE INDEX open_app_account ON open_app (account, registered);
CREATE INDEX open_app_state ON open_app (state, registered);

-- Which datasets it says that it uses, and which columns of them.
CREATE TABLE open_app_dataset (
    app     TEXT NOT NULL REFERENCES open_app (id),
    dataset TEXT NOT NULL,
    -- With commas between them; empty: no column in particular.
    columns TEXT NOT NULL,
    PRIMARY KEY (app, dataset)
);
CREATE INDEX open_app_dataset_dataset ON open_app_dataset (dataset, app);

CREATE TABLE open_app_usage (
    app   TEXT   NOT NULL REFERENCES open_app (id),
    day   TEXT   NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (app, day)
);

-- Who may use restricted data, or has applied for it.
CREATE TABLE open_access (
    id           TEXT   NOT NULL PRIMARY KEY,
    dataset      TEXT   NOT NULL,
    -- Who decides.
    department   TEXT   NOT NULL,
    account      TEXT   NOT NULL REFERENCES account (id),
    author       TEXT   NOT NULL,
    purpose      TEXT   NOT NULL,
    -- The agreement as it was signed, and the name that it was signed with.
    agreement_zh TEXT   NOT NULL,
    agreement_en TEXT   NOT NULL,
    signer       TEXT   NOT NULL,
    -- waiting, granted, refused, ended
    state        TEXT   NOT NULL,
    asked        BIGINT NOT NULL,
    -- The last day on which a decision is not late.
    due          TEXT   NOT NULL,
    decider      TEXT,
    decided      BIGINT,
    -- What was said at the decision, and at the end.
    words        TEXT,
    -- The last day of use.
    until        TEXT,
    ended        BIGINT
);
CREATE INDEX open_access_account ON open_access (account, dataset, asked);
CREATE INDEX open_access_state ON open_access (state, department, asked);

CREATE TABLE open_access_usage (
    access TEXT   NOT NULL REFERENCES open_access (id),
    day    TEXT   NOT NULL,
    calls  BIGINT NOT NULL,
    rows   BIGINT NOT NULL,
    PRIMARY KEY (access, day)
);

-- A package is also found by what its own CKAN calls it.
CREATE INDEX harvest_record_key ON harvest_record (key);

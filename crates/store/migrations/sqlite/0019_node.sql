-- Applications that sign their requests have a public key in place of a secret one.
ALTER TABLE share_application ADD COLUMN public_key TEXT;

-- Signed requests that were believed, so that none is believed twice; each only as long as its time would let it in.
CREATE TABLE signed_nonce (
    signer TEXT   NOT NULL,
    nonce  TEXT   NOT NULL,
    until  BIGINT NOT NULL,
    PRIMARY KEY (signer, nonce)
);
CREATE INDEX signed_nonce_until ON signed_nonce (until);

-- What is known of a neighbour besides its declaration: what it offers, and how the link to it is.
CREATE TABLE node_link (
    node     TEXT   NOT NULL PRIMARY KEY,
    -- JSON, as it said.
    offer    TEXT,
    offered  BIGINT,
    -- When it last answered, when it last called, when it was last tried.
    answered BIGINT,
    called   BIGINT,
    tried    BIGINT,
    error_zh TEXT,
    error_en TEXT
);

-- Envelopes to neighbours: each is written with the act that it tells of, and kept until the neighbour has taken it.
CREATE TABLE node_outbox (
    id       TEXT   NOT NULL PRIMARY KEY,
    node     TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    -- The request that it is about.
    subject  TEXT   NOT NULL,
    time     BIGINT NOT NULL,
    -- The same bytes however often they are sent; made for the first try.
    body     TEXT,
    tries    BIGINT NOT NULL,
    next     BIGINT NOT NULL,
    -- When it was taken, and what the neighbour said.
    taken    BIGINT,
    answer   TEXT,
    error_zh TEXT,
    error_en TEXT
);
CREATE INDEX node_outbox_due ON node_outbox (node, time, id) WHERE taken IS NULL;
CREATE INDEX node_outbox_newest ON node_outbox (node, time);

-- Envelopes of neighbours, each applied once: what was answered is answered again.
CREATE TABLE node_inbox (
    node   TEXT   NOT NULL,
    id     TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    subject TEXT  NOT NULL,
    -- SHA-256 of its bytes, in hex: other bytes under a known id are refused.
    digest TEXT   NOT NULL,
    time   BIGINT NOT NULL,
    answer TEXT   NOT NULL,
    PRIMARY KEY (node, id)
);
CREATE INDEX node_inbox_newest ON node_inbox (node, time);

-- What this city's departments ask of neighbours, and the neighbour's word on it.
CREATE TABLE node_request (
    id         TEXT   NOT NULL PRIMARY KEY,
    node       TEXT   NOT NULL,
    resource   TEXT   NOT NULL,
    title_zh   TEXT   NOT NULL,
    title_en   TEXT   NOT NULL,
    department TEXT   NOT NULL,
    account    TEXT   NOT NULL,
    who        TEXT   NOT NULL,
    -- JSON: the terms asked for.
    terms      TEXT   NOT NULL,
    reason     TEXT   NOT NULL,
    asked      BIGINT NOT NULL,
    -- `queued` until the neighbour has it; then as the neighbour says.
    state      TEXT   NOT NULL,
    -- Number of the neighbour's last word; an older one changes nothing.
    number     BIGINT NOT NULL,
    -- JSON: that word.
    word       TEXT
);
CREATE INDEX node_request_node ON node_request (node, asked);
CREATE INDEX node_request_department ON node_request (department, asked);

-- Answers of neighbours, each verified before it was given: its leaf in our log, its leaf in theirs, and their signature.
CREATE TABLE node_read (
    leaf      BIGINT NOT NULL PRIMARY KEY,
    request   TEXT   NOT NULL REFERENCES node_request (id),
    channel   TEXT   NOT NULL,
    caller    TEXT   NOT NULL,
    time      BIGINT NOT NULL,
    theirs    BIGINT NOT NULL,
    -- SHA-256 of the answer, in hex.
    digest    TEXT   NOT NULL,
    -- JSON: what was signed, and the signature, as they came.
    signed    TEXT   NOT NULL,
    -- Of a file: where it lies under the data directory, how long it is, and what the next one goes on from.
    file      TEXT,
    bytes     BIGINT,
    next      TEXT
);
CREATE INDEX node_read_request ON node_read (request, leaf);

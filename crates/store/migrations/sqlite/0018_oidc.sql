-- Who an account is at the city's identity provider: whoever logs in there as this one is this account here.
CREATE TABLE identity (
    issuer  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    account TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    -- What the provider called the person when it was linked; it is shown and decides nothing.
    label   TEXT   NOT NULL,
    linked  BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, account)
);

-- Applications that log people in with us.
CREATE TABLE oidc_client (
    id        TEXT   NOT NULL PRIMARY KEY,
    name      TEXT   NOT NULL,
    -- SHA-256 of its secret, in hex; null where it can keep none.
    secret    TEXT,
    -- Where a browser may be sent back to, after a login and after a logout: JSON lists.
    redirects TEXT   NOT NULL,
    logouts   TEXT   NOT NULL,
    scopes    TEXT   NOT NULL,
    created   BIGINT NOT NULL,
    revoked   BIGINT
);

-- What people agreed to.
CREATE TABLE oidc_consent (
    account TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    client  TEXT   NOT NULL REFERENCES oidc_client (id) ON DELETE CASCADE,
    scopes  TEXT   NOT NULL,
    given   BIGINT NOT NULL,
    PRIMARY KEY (account, client)
);

-- One login of a person to an application. All that was given for it goes with it.
CREATE TABLE oidc_login (
    id      TEXT   NOT NULL PRIMARY KEY,
    client  TEXT   NOT NULL REFERENCES oidc_client (id) ON DELETE CASCADE,
    account TEXT   NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    scopes  TEXT   NOT NULL,
    nonce   TEXT,
    -- When the person logged in here, and whether with the second factor.
    entered BIGINT NOT NULL,
    second  BIGINT NOT NULL,
    -- After this nothing of it is good.
    ends    BIGINT NOT NULL
);
CREATE INDEX oidc_login_ends ON oidc_login (ends);
CREATE INDEX oidc_login_account ON oidc_login (account, client);
CREATE INDEX oidc_login_client ON oidc_login (client);

CREATE TABLE oidc_code (
    digest    TEXT   NOT NULL PRIMARY KEY,
    login     TEXT   NOT NULL REFERENCES oidc_login (id) ON DELETE CASCADE,
    redirect  TEXT   NOT NULL,
    -- SHA-256 of the verifier, in base64url (PKCE, S256).
    challenge TEXT   NOT NULL,
    expires   BIGINT NOT NULL,
    used      BIGINT
);
CREATE INDEX oidc_code_login ON oidc_code (login);

CREATE TABLE oidc_token (
    digest  TEXT   NOT NULL PRIMARY KEY,
    login   TEXT   NOT NULL REFERENCES oidc_login (id) ON DELETE CASCADE,
    -- access, refresh
    kind    TEXT   NOT NULL,
    expires BIGINT NOT NULL,
    -- When a refresh token was exchanged for the next.
    used    BIGINT
);
CREATE INDEX oidc_token_login ON oidc_token (login);

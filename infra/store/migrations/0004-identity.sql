-- Who asks: identities at other issuers, sign-in links, sessions, codes, refresh tokens, service accounts, what was revoked.
-- No part of the record: nothing here is a fact of a case, and all of it can be lost at the price of signing in anew. Secrets
-- are kept as digests only.

CREATE SCHEMA IF NOT EXISTS access AUTHORIZATION assay_owner;

GRANT USAGE ON SCHEMA access TO assay_app;

SET LOCAL ROLE assay_owner;

CREATE TABLE IF NOT EXISTS access.identities (
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX IF NOT EXISTS identities_person_idx ON access.identities (person);

CREATE TABLE IF NOT EXISTS access.links (
    secret bytea PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    next text NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX IF NOT EXISTS links_person_idx ON access.links (person);

-- `kind`: `issuer` (signed in at our own issuer), `grant` (what a client got by a code), `pages` (our pages, by cookie).
-- What was begun under another session, its parent, ends with it, and never lasts longer.
CREATE TABLE IF NOT EXISTS access.sessions (
    id text COLLATE "C" PRIMARY KEY,
    kind text NOT NULL,
    person text COLLATE "C" NOT NULL,
    secret bytea UNIQUE,
    parent text COLLATE "C",
    client text NOT NULL DEFAULT '',
    scope text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE INDEX IF NOT EXISTS sessions_person_idx ON access.sessions (person);

CREATE INDEX IF NOT EXISTS sessions_parent_idx ON access.sessions (parent);

-- Those that nobody has ended, nor what they were begun under; whether their time is over is for who asks to say.
CREATE OR REPLACE VIEW access.live AS
SELECT own.id, own.kind, own.person, own.secret, own.parent, own.client, own.scope, own.started_at, own.seen_at, own.ends_at
FROM access.sessions own
LEFT JOIN access.sessions above ON above.id = own.parent
LEFT JOIN access.sessions top ON top.id = above.parent
WHERE own.ended_at IS NULL
    AND (own.parent IS NULL OR (above.id IS NOT NULL AND above.ended_at IS NULL))
    AND (above.parent IS NULL OR (top.id IS NOT NULL AND top.ended_at IS NULL));

CREATE TABLE IF NOT EXISTS access.codes (
    secret bytea PRIMARY KEY,
    session text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    client text NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    nonce text NOT NULL,
    scope text NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    led_to text COLLATE "C"
);

CREATE INDEX IF NOT EXISTS codes_person_idx ON access.codes (person);

CREATE TABLE IF NOT EXISTS access.refresh_tokens (
    secret bytea PRIMARY KEY,
    session text COLLATE "C" NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX IF NOT EXISTS refresh_tokens_session_idx ON access.refresh_tokens (session);

-- A token by issuer and `jti`; or, by person, all tokens of other issuers from before `at`. Forgotten when all have expired.
CREATE TABLE IF NOT EXISTS access.revoked (
    id text COLLATE "C" PRIMARY KEY,
    at timestamptz NOT NULL,
    until timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS access.service_accounts (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL UNIQUE,
    role text NOT NULL,
    scopes text[] NOT NULL,
    salt bytea NOT NULL,
    secret bytea NOT NULL,
    added_at timestamptz NOT NULL,
    ended_at timestamptz
);

GRANT SELECT, INSERT, UPDATE, DELETE ON access.identities, access.links, access.sessions, access.codes,
    access.refresh_tokens, access.revoked, access.service_accounts TO assay_app;

GRANT SELECT ON access.live TO assay_app;

-- Whose address it is, for a first sign-in by an address that the provider verified.
CREATE INDEX IF NOT EXISTS vault_email_idx ON record.vault (lower(value)) WHERE name = 'email';

-- Whoever is erased can't sign in any more: what is known of their signing in goes in the transaction that erases them.
CREATE OR REPLACE FUNCTION access.forget_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM access.refresh_tokens USING access.sessions, erased
        WHERE refresh_tokens.session = sessions.id AND sessions.person = erased.subject;
    DELETE FROM access.identities USING erased WHERE person = erased.subject;
    DELETE FROM access.links USING erased WHERE person = erased.subject;
    DELETE FROM access.codes USING erased WHERE person = erased.subject;
    DELETE FROM access.sessions USING erased WHERE person = erased.subject;
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION access.forget_erased FROM PUBLIC;

CREATE OR REPLACE TRIGGER forget_erased AFTER DELETE ON record.vault
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION access.forget_erased();

RESET ROLE;

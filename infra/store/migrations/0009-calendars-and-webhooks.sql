-- Addresses of calendars, and to whom the feed is carried: see infra/calendars and infra/webhooks. No part of the record: both
-- only say who else is told what the record holds. Of a calendar's secret the digest is kept. That of a webhook is needed to
-- sign with, so that it is kept itself, for the application's role alone: see docs/decisions/0025.

CREATE SCHEMA IF NOT EXISTS access AUTHORIZATION assay_owner;

GRANT USAGE ON SCHEMA access TO assay_app;

SET LOCAL ROLE assay_owner;

-- `version` counts the addresses that it had.
CREATE TABLE IF NOT EXISTS access.calendars (
    id text COLLATE "C" PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    secret bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    UNIQUE (person, role)
);

-- `position`: up to where the log was read for it. `names`: of which events, none for all. `account`: the service account that
-- it is told as; `made_by`: the officer who made it, where one did. `former` is a secret that is good until `former_until`.
CREATE TABLE IF NOT EXISTS access.webhooks (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE,
    url text NOT NULL,
    names text[] NOT NULL,
    account text COLLATE "C" NOT NULL,
    made_by text COLLATE "C",
    made_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    secret text NOT NULL,
    former text,
    former_until timestamptz,
    position bigint NOT NULL,
    told_at timestamptz,
    failing_since timestamptz,
    paused_at timestamptz,
    paused_because text
);

-- What did not arrive: tried again at `next_at`, or, from `dead_at` on, only when somebody asks for it.
CREATE TABLE IF NOT EXISTS access.webhook_failures (
    webhook text COLLATE "C" NOT NULL REFERENCES access.webhooks ON DELETE CASCADE,
    position bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    attempts bigint NOT NULL,
    first_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    error text NOT NULL,
    dead_at timestamptz,
    PRIMARY KEY (webhook, position)
);

CREATE INDEX IF NOT EXISTS webhook_failures_next_idx ON access.webhook_failures (webhook, next_at) WHERE dead_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON access.calendars, access.webhooks, access.webhook_failures TO assay_app;

-- Whoever is erased has no calendar any more, in the transaction that erases them.
CREATE OR REPLACE FUNCTION access.forget_calendars() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM access.calendars USING erased WHERE person = erased.subject;
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION access.forget_calendars FROM PUBLIC;

CREATE OR REPLACE TRIGGER forget_calendars AFTER DELETE ON record.vault
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION access.forget_calendars();

RESET ROLE;

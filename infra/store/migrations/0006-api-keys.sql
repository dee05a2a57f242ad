-- Keys under which commands came over the API, and what was answered to them, for 24 hours: see infra/api/keys.py. No part of
-- the record: the record itself knows a command that is repeated.

CREATE SCHEMA IF NOT EXISTS access AUTHORIZATION assay_owner;

GRANT USAGE ON SCHEMA access TO assay_app;

SET LOCAL ROLE assay_owner;

CREATE TABLE IF NOT EXISTS access.keys (
    caller text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    at timestamptz NOT NULL,
    answer bytea,
    PRIMARY KEY (caller, key)
);

CREATE INDEX IF NOT EXISTS keys_at_idx ON access.keys (at);

GRANT SELECT, INSERT, UPDATE, DELETE ON access.keys TO assay_app;

RESET ROLE;

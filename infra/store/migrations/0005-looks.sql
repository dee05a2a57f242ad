-- Who looked at what is confidential in a case, when, in which role, by which request: see infra/api/looks.py. No part of the
-- record, since nothing happened to the case; only ever added to, by the application too.

CREATE SCHEMA IF NOT EXISTS access AUTHORIZATION assay_owner;

GRANT USAGE ON SCHEMA access TO assay_app;

SET LOCAL ROLE assay_owner;

CREATE TABLE IF NOT EXISTS access.looks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    person text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    case_id text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    request text COLLATE "C" NOT NULL
);

CREATE INDEX IF NOT EXISTS looks_case_idx ON access.looks (case_id, id);

CREATE INDEX IF NOT EXISTS looks_person_idx ON access.looks (person, id);

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access.looks
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

ALTER TABLE access.looks ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT ON access.looks TO assay_app;

RESET ROLE;

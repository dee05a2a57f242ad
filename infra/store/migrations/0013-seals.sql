-- The seals of the record: the tree over its events, and over what is kept beside them; checkpoints; where they were
-- published. What stands here proves nothing by itself: it is checked against checkpoints that others hold. See infra/seals/.

CREATE SCHEMA IF NOT EXISTS seals AUTHORIZATION assay_owner;

GRANT USAGE ON SCHEMA seals TO assay_app;

SET LOCAL ROLE assay_owner;

-- Up to 256 hashes of one height: leaves at level 0, at level 1 the roots of 256 leaves each, and so on; whole ones stay as
-- they are. Of leaves is kept which events they are of, so that what is missing can be named.
CREATE TABLE IF NOT EXISTS seals.tiles (
    log text COLLATE "C" NOT NULL,
    level smallint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    positions bigint[] NOT NULL DEFAULT '{}',
    streams text[] NOT NULL DEFAULT '{}',
    versions bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (log, level, number)
);

CREATE INDEX IF NOT EXISTS tiles_positions_idx ON seals.tiles (log, (positions[1])) WHERE level = 0;

CREATE TABLE IF NOT EXISTS seals.checkpoints (
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    size bigint NOT NULL,
    signer text COLLATE "C" NOT NULL,
    kept bigint NOT NULL,
    note text NOT NULL,
    made_at timestamptz NOT NULL,
    PRIMARY KEY (size, kept, signer)
);

-- `proof` is what a time stamping authority answered.
CREATE TABLE IF NOT EXISTS seals.published (
    size bigint NOT NULL,
    kept bigint NOT NULL,
    signer text COLLATE "C" NOT NULL,
    place text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL,
    proof bytea,
    PRIMARY KEY (size, kept, signer, place)
);

-- The fields of the vault, and whose each text is, as salted digests in the order of their sealing. A salt goes with what it is
-- for, and the digest then proves nothing about anybody; a text has a salt of its own.
CREATE TABLE IF NOT EXISTS seals.kept (
    number bigint PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    position bigint NOT NULL
);

CREATE INDEX IF NOT EXISTS kept_id_idx ON seals.kept (kind, id, name, number);

CREATE TABLE IF NOT EXISTS seals.salts (
    number bigint PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    salt bytea NOT NULL
);

CREATE INDEX IF NOT EXISTS salts_subject_idx ON seals.salts (subject, name);

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals.published
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON seals.kept
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

ALTER TABLE seals.checkpoints ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE seals.published ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE seals.kept ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT, UPDATE ON seals.tiles TO assay_app;

GRANT SELECT, INSERT ON seals.checkpoints, seals.published, seals.kept TO assay_app;

GRANT SELECT, INSERT, DELETE ON seals.salts TO assay_app;

CREATE OR REPLACE FUNCTION seals.forget_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM seals.salts USING erased WHERE salts.subject = erased.subject AND salts.name = erased.name;
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION seals.forget_erased FROM PUBLIC;

CREATE OR REPLACE TRIGGER forget_salts AFTER DELETE ON record.vault
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION seals.forget_erased();

RESET ROLE;

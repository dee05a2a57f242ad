-- The record: events that are only ever added, typed texts and personal data that can be erased, read models apart.
--
-- `assay_owner` owns the record and can't log in; `assay_app` is the role that the product runs as (migrate.py makes both).
-- Each statement can be repeated, because yoyo marks a migration as applied only after committing it.

CREATE SCHEMA IF NOT EXISTS record AUTHORIZATION assay_owner;

CREATE SCHEMA IF NOT EXISTS read AUTHORIZATION assay_app;

REVOKE CREATE ON SCHEMA public FROM PUBLIC;

SET LOCAL ROLE assay_owner;

-- Columns as eventsourcing's recorder expects them, and the server's clock. Collation "C", so that no upgrade of the
-- system's locales can disorder the key. No automatic vacuum (nothing is ever updated or deleted) and small statistics:
-- both would take a lock that stops appends, for nothing; `state` is looked at by nobody but its reader.
CREATE TABLE IF NOT EXISTS record.events (
    originator_id text COLLATE "C" NOT NULL,
    originator_version bigint NOT NULL CHECK (originator_version > 0),
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    notification_id bigserial NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (originator_id, originator_version)
) WITH (
    autovacuum_enabled = true,
    autovacuum_vacuum_threshold = 100000000,
    autovacuum_vacuum_scale_factor = 0.5,
    autovacuum_vacuum_insert_threshold = 100000000,
    autovacuum_analyze_threshold = 1000,
    autovacuum_analyze_scale_factor = 0.01
);

ALTER TABLE record.events
    ALTER originator_id SET STATISTICS 10,
    ALTER originator_version SET STATISTICS 10,
    ALTER topic SET STATISTICS 10,
    ALTER state SET STATISTICS 0,
    ALTER notification_id SET STATISTICS 10,
    ALTER recorded_at SET STATISTICS 10;

CREATE UNIQUE INDEX IF NOT EXISTS events_notification_id_idx ON record.events (notification_id);

CREATE TABLE IF NOT EXISTS record.texts (
    id text COLLATE "C" PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    salt bytea NOT NULL,
    body text NOT NULL
);

CREATE INDEX IF NOT EXISTS texts_subject_idx ON record.texts (subject);

CREATE TABLE IF NOT EXISTS record.vault (
    subject text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (subject, name)
);

CREATE OR REPLACE FUNCTION record.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: the record is append-only', tg_op, tg_table_schema, tg_table_name
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON record.events
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

CREATE OR REPLACE TRIGGER append_or_erase BEFORE UPDATE OR TRUNCATE ON record.texts
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

-- ALWAYS: not to be switched off by a session that plays replica either.
ALTER TABLE record.events ENABLE ALWAYS TRIGGER append_only;

ALTER TABLE record.texts ENABLE ALWAYS TRIGGER append_or_erase;

-- The only way in: all that one command writes, in one call. The table lock makes positions become visible in order, so
-- that whoever tails the log misses none; it is taken before the versions are looked at and before the clock is read.
-- A row whose topic is NULL writes nothing and asks that the stream be at exactly that version.
-- A stream at another version than expected raises serialization_failure, and nothing is written.
CREATE OR REPLACE FUNCTION record.append(
    streams text[], versions bigint[], topics text[], states bytea[],
    text_ids text[] DEFAULT '{}', text_subjects text[] DEFAULT '{}', salts bytea[] DEFAULT '{}', bodies text[] DEFAULT '{}',
    vault_subjects text[] DEFAULT '{}', vault_names text[] DEFAULT '{}', vault_values text[] DEFAULT '{}'
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
DECLARE
    moment timestamptz;
    latest bigint;
    new_position bigint;
    positions bigint[] := '{}';
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    moment := clock_timestamp();
    FOR i IN 1 .. cardinality(streams) LOOP
        SELECT max(originator_version) INTO latest FROM record.events WHERE originator_id = streams[i];
        latest := coalesce(latest, 0) + CASE WHEN topics[i] IS NULL THEN 0 ELSE 1 END;
        IF versions[i] <> latest THEN
            RAISE EXCEPTION 'stream % is not at the expected version', streams[i] USING ERRCODE = 'serialization_failure';
        END IF;
        CONTINUE WHEN topics[i] IS NULL;
        INSERT INTO record.events (originator_id, originator_version, topic, state, recorded_at)
            VALUES (streams[i], versions[i], topics[i], states[i], moment)
            RETURNING notification_id INTO new_position;
        positions := positions || new_position;
    END LOOP;
    IF cardinality(text_ids) > 0 THEN
        INSERT INTO record.texts (id, subject, salt, body)
            SELECT * FROM unnest(text_ids, text_subjects, salts, bodies);
    END IF;
    IF cardinality(vault_subjects) > 0 THEN
        INSERT INTO record.vault AS kept (subject, name, value)
            SELECT * FROM unnest(vault_subjects, vault_names, vault_values)
            ON CONFLICT (subject, name) DO UPDATE SET value = excluded.value;
    END IF;
    NOTIFY events;
    RETURN positions;
END;
$$;

REVOKE ALL ON FUNCTION record.append FROM PUBLIC;

REVOKE ALL ON FUNCTION record.refuse_change FROM PUBLIC;

GRANT USAGE ON SCHEMA record TO assay_app;

GRANT SELECT ON record.events, record.texts, record.vault TO assay_app;

GRANT DELETE ON record.texts, record.vault TO assay_app;

GRANT UPDATE (value) ON record.vault TO assay_app;

GRANT EXECUTE ON FUNCTION record.append TO assay_app;

SET LOCAL ROLE assay_app;

-- How far each reader of the log has got; a read model's rows and its position change in one transaction.
CREATE TABLE IF NOT EXISTS read.positions (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0)
);

RESET ROLE;

-- An event may say that it comes next in its stream whatever its version then is, if that is not above a limit: a
-- negative version says so, and is minus that limit. So many can be let into a window at once, as long as there is room
-- for all that were let in since each of them looked, and none has to look again because another was faster.

SET LOCAL ROLE assay_owner;

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
        IF latest > abs(versions[i]) OR (versions[i] >= 0 AND latest < versions[i]) THEN
            RAISE EXCEPTION 'stream % is not at the expected version', streams[i] USING ERRCODE = 'serialization_failure';
        END IF;
        CONTINUE WHEN topics[i] IS NULL;
        INSERT INTO record.events (originator_id, originator_version, topic, state, recorded_at)
            VALUES (streams[i], latest, topics[i], states[i], moment)
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

RESET ROLE;

-- What is let go is deleted in the transaction of the event that says so: a crash leaves either both or neither. Whoever
-- erases says up to which position of the log they looked whether anything keeps it; if something was recorded since, under
-- whatever stream, they have to look again. The lock is the one of the append, so that nothing comes in between.

SET LOCAL ROLE assay_owner;

CREATE OR REPLACE FUNCTION record.append_and_erase(
    streams text[], versions bigint[], topics text[], states bytea[],
    text_ids text[], text_subjects text[], salts bytea[], bodies text[],
    vault_subjects text[], vault_names text[], vault_values text[],
    seen bigint, erased_texts text[], erased_subjects text[], erased_names text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM record.events WHERE notification_id > seen) THEN
        RAISE EXCEPTION 'something was recorded behind position %', seen USING ERRCODE = 'serialization_failure';
    END IF;
    DELETE FROM record.texts WHERE id = ANY (erased_texts);
    DELETE FROM record.vault AS kept USING unnest(erased_subjects, erased_names) AS erased (subject, name)
        WHERE kept.subject = erased.subject AND kept.name = erased.name;
    RETURN record.append(
        streams, versions, topics, states, text_ids, text_subjects, salts, bodies, vault_subjects, vault_names, vault_values
    );
END;
$$;

REVOKE ALL ON FUNCTION record.append_and_erase FROM PUBLIC;

GRANT EXECUTE ON FUNCTION record.append_and_erase TO assay_app;

RESET ROLE;

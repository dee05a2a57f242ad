-- What is kept beside the record goes as texts do: the words of letters, and looks. Both go with the event that says so, by
-- the one function that erases; looks by nothing else, and only where that event lets records go.
-- And who is registered has an address that nobody on record has, also where two are registered in the same moment.

SET LOCAL ROLE assay_owner;

-- Looks stay append-only for everybody: only the function below sets this for as long as it runs.
CREATE OR REPLACE FUNCTION access.refuse_deletion() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_user <> 'assay_owner' OR current_setting('access.letting_go', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION '% on %.% is refused: the record is append-only', tg_op, tg_table_schema, tg_table_name
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION access.refuse_deletion FROM PUBLIC;

CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON access.looks
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

ALTER TABLE access.looks ENABLE ALWAYS TRIGGER append_only;

CREATE OR REPLACE TRIGGER let_go_only BEFORE DELETE ON access.looks
    FOR EACH STATEMENT EXECUTE FUNCTION access.refuse_deletion();

ALTER TABLE access.looks ENABLE ALWAYS TRIGGER let_go_only;

CREATE OR REPLACE FUNCTION access.let_go_of_looks(ids bigint[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('access.letting_go', 'on', true);
    DELETE FROM access.looks WHERE id = ANY (ids);
    PERFORM set_config('access.letting_go', '', true);
END;
$$;

REVOKE ALL ON FUNCTION access.let_go_of_looks FROM PUBLIC;

-- As in 0003; among `erased_texts` are now also letters, by their ids, and looks, as `look-` and their number.
CREATE OR REPLACE FUNCTION record.append_and_erase(
    streams text[], versions bigint[], topics text[], states bytea[],
    text_ids text[], text_subjects text[], salts bytea[], bodies text[],
    vault_subjects text[], vault_names text[], vault_values text[],
    seen bigint, erased_texts text[], erased_subjects text[], erased_names text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
DECLARE
    looks bigint[] := ARRAY(
        SELECT substr(id, 6)::bigint FROM unnest(erased_texts) AS erased (id) WHERE id ~ '^look-[0-9]{1,18}$'
    );
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM record.events WHERE notification_id > seen) THEN
        RAISE EXCEPTION 'something was recorded behind position %', seen USING ERRCODE = 'serialization_failure';
    END IF;
    DELETE FROM record.texts WHERE id = ANY (erased_texts);
    DELETE FROM letters.texts WHERE letter = ANY (erased_texts);
    IF looks <> '{}' THEN
        IF NOT EXISTS (SELECT FROM unnest(topics) AS written (topic) WHERE topic LIKE 'RecordsLetGo.%') THEN
            RAISE EXCEPTION 'looks go only with the event that lets records go' USING ERRCODE = 'restrict_violation';
        END IF;
        PERFORM access.let_go_of_looks(looks);
    END IF;
    DELETE FROM record.vault AS kept USING unnest(erased_subjects, erased_names) AS erased (subject, name)
        WHERE kept.subject = erased.subject AND kept.name = erased.name;
    RETURN record.append(
        streams, versions, topics, states, text_ids, text_subjects, salts, bodies, vault_subjects, vault_names, vault_values
    );
END;
$$;

REVOKE ALL ON FUNCTION record.append_and_erase FROM PUBLIC;

GRANT EXECUTE ON FUNCTION record.append_and_erase TO assay_app;

-- As record.append, if nobody else on record has one of these e-mail addresses; else serialization_failure, with nothing
-- written. Contacts of providers may share theirs with people on record, so that this is asked only where people are registered.
CREATE OR REPLACE FUNCTION record.append_with_new_addresses(
    streams text[], versions bigint[], topics text[], states bytea[],
    text_ids text[], text_subjects text[], salts bytea[], bodies text[],
    vault_subjects text[], vault_names text[], vault_values text[],
    addresses text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    IF EXISTS (
        SELECT FROM unnest(addresses) AS asked (address) JOIN record.vault AS kept ON lower(kept.value) = lower(address)
        WHERE kept.name = 'email' AND kept.subject LIKE 'person-%' AND kept.subject <> ALL (vault_subjects)
    ) THEN
        RAISE EXCEPTION 'somebody else has this address' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN record.append(
        streams, versions, topics, states, text_ids, text_subjects, salts, bodies, vault_subjects, vault_names, vault_values
    );
END;
$$;

REVOKE ALL ON FUNCTION record.append_with_new_addresses FROM PUBLIC;

GRANT EXECUTE ON FUNCTION record.append_with_new_addresses TO assay_app;

RESET ROLE;

-- Which files are kept for which case: the bytes are beside the database (infra/files), by their SHA-256. What evidence names
-- has to be here in the transaction of the event that names it, and goes in that of the event that lets it go. The bytes follow
-- later: what no case names any more is in doubt until somebody has looked and deleted it, so that a crash leaves nothing behind.

SET LOCAL ROLE assay_owner;

CREATE TABLE IF NOT EXISTS record.files (
    case_id text COLLATE "C" NOT NULL,
    sha256 text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size bigint NOT NULL CHECK (size > 0),
    media_type text COLLATE "C" NOT NULL,
    uploaded_by text COLLATE "C" NOT NULL,
    uploaded_at timestamptz NOT NULL,
    PRIMARY KEY (case_id, sha256)
);

CREATE INDEX IF NOT EXISTS files_sha256_idx ON record.files (sha256);

-- Files whose bytes may be there without a case that names them: about to be written, or let go.
CREATE TABLE IF NOT EXISTS record.files_in_doubt (
    sha256 text COLLATE "C" PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Files found missing or changed, until they are found well again.
CREATE TABLE IF NOT EXISTS record.file_faults (
    sha256 text COLLATE "C" PRIMARY KEY,
    fault text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE OR REPLACE TRIGGER append_or_erase BEFORE UPDATE OR TRUNCATE ON record.files
    FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change();

ALTER TABLE record.files ENABLE ALWAYS TRIGGER append_or_erase;

CREATE OR REPLACE FUNCTION record.doubt_files() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO record.files_in_doubt (sha256) SELECT DISTINCT sha256 FROM gone ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION record.doubt_files FROM PUBLIC;

CREATE OR REPLACE TRIGGER doubt_files AFTER DELETE ON record.files
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION record.doubt_files();

-- As record.append, if all these files are kept for their cases; else serialization_failure, with nothing written.
CREATE OR REPLACE FUNCTION record.append_naming_files(
    streams text[], versions bigint[], topics text[], states bytea[],
    text_ids text[], text_subjects text[], salts bytea[], bodies text[],
    vault_subjects text[], vault_names text[], vault_values text[],
    named_cases text[], named_files text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    IF EXISTS (
        SELECT FROM unnest(named_cases, named_files) AS named (case_id, sha256)
        WHERE NOT EXISTS (
            SELECT FROM record.files AS kept WHERE kept.case_id = named.case_id AND kept.sha256 = named.sha256
        )
    ) THEN
        RAISE EXCEPTION 'a file that is named is not kept' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN record.append(
        streams, versions, topics, states, text_ids, text_subjects, salts, bodies, vault_subjects, vault_names, vault_values
    );
END;
$$;

REVOKE ALL ON FUNCTION record.append_naming_files FROM PUBLIC;

-- Removes a file from a case whose stream is still at this version; else serialization_failure. The lock is the append's.
CREATE OR REPLACE FUNCTION record.remove_file(of_case text, file text, version bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    IF version <> (SELECT coalesce(max(originator_version), 0) FROM record.events WHERE originator_id = of_case) THEN
        RAISE EXCEPTION 'stream % is not at the expected version', of_case USING ERRCODE = 'serialization_failure';
    END IF;
    DELETE FROM record.files WHERE case_id = of_case AND sha256 = file;
    RETURN FOUND;
END;
$$;

REVOKE ALL ON FUNCTION record.remove_file FROM PUBLIC;

-- As record.append_and_erase, with files.
CREATE OR REPLACE FUNCTION record.append_and_erase_files(
    streams text[], versions bigint[], topics text[], states bytea[],
    text_ids text[], text_subjects text[], salts bytea[], bodies text[],
    vault_subjects text[], vault_names text[], vault_values text[],
    seen bigint, erased_texts text[], erased_subjects text[], erased_names text[],
    erased_cases text[], erased_files text[]
) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '3s'
AS $$
BEGIN
    LOCK TABLE record.events IN EXCLUSIVE MODE;
    DELETE FROM record.files AS kept USING unnest(erased_cases, erased_files) AS erased (case_id, sha256)
        WHERE kept.case_id = erased.case_id AND kept.sha256 = erased.sha256;
    RETURN record.append_and_erase(
        streams, versions, topics, states, text_ids, text_subjects, salts, bodies, vault_subjects, vault_names, vault_values,
        seen, erased_texts, erased_subjects, erased_names
    );
END;
$$;

REVOKE ALL ON FUNCTION record.append_and_erase_files FROM PUBLIC;

GRANT SELECT, INSERT ON record.files TO assay_app;

GRANT SELECT, INSERT, DELETE ON record.files_in_doubt, record.file_faults TO assay_app;

GRANT UPDATE (fault, found_at) ON record.file_faults TO assay_app;

GRANT EXECUTE ON FUNCTION record.append_naming_files, record.remove_file, record.append_and_erase_files TO assay_app;

RESET ROLE;

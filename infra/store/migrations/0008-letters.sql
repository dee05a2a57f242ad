-- The letters that go out, each once: written from the log in one transaction with how far that was read. No part of the
-- record: what happened is there already, and what people do to letters is too. See docs/decisions/0023.

CREATE SCHEMA IF NOT EXISTS letters AUTHORIZATION assay_owner;

GRANT USAGE ON SCHEMA letters TO assay_app;

SET LOCAL ROLE assay_owner;

CREATE TABLE IF NOT EXISTS letters.place (
    name text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 0)
);

-- `id` is made from what the letter tells and to whom, so that none is written twice; `position`, `stream` and `version` say
-- which event sends it, `edited` the last at which
-- somebody did something to it. `reply` is the code of the last answer, never its words, which may name people.
CREATE TABLE IF NOT EXISTS letters.letters (
    id text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    letter text COLLATE "C" NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'queued' CHECK (state IN
        ('queued', 'held', 'sending', 'sent', 'refused', 'failed', 'bounced', 'no-address', 'overtaken')),
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    tries integer NOT NULL DEFAULT 0,
    interrupted integer NOT NULL DEFAULT 0,
    edited bigint NOT NULL DEFAULT 0,
    reply text COLLATE "C" NOT NULL DEFAULT ''
);

CREATE INDEX IF NOT EXISTS letters_stream_idx ON letters.letters (stream, position);

CREATE INDEX IF NOT EXISTS letters_waiting_idx ON letters.letters (next_at, position)
    WHERE state IN ('queued', 'sending');

CREATE INDEX IF NOT EXISTS letters_stuck_idx ON letters.letters (state_at)
    WHERE state IN ('refused', 'failed', 'bounced', 'no-address');

-- What was sent, word for word, until somebody whom it names is erased: `names` are the people, providers and texts in it.
CREATE TABLE IF NOT EXISTS letters.texts (
    letter text COLLATE "C" PRIMARY KEY REFERENCES letters.letters ON DELETE CASCADE,
    subject text NOT NULL,
    body text NOT NULL,
    names text[] NOT NULL
);

CREATE INDEX IF NOT EXISTS texts_names_idx ON letters.texts USING gin (names);

CREATE OR REPLACE FUNCTION letters.forget_subject() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM letters.texts WHERE names && (SELECT array_agg(DISTINCT subject) FROM erased);
    RETURN NULL;
END;
$$;

CREATE OR REPLACE FUNCTION letters.forget_text() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM letters.texts WHERE names && (SELECT array_agg(id) FROM erased);
    RETURN NULL;
END;
$$;

REVOKE ALL ON FUNCTION letters.forget_subject FROM PUBLIC;

REVOKE ALL ON FUNCTION letters.forget_text FROM PUBLIC;

CREATE OR REPLACE TRIGGER forget_letters AFTER DELETE ON record.vault
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION letters.forget_subject();

CREATE OR REPLACE TRIGGER forget_letters AFTER DELETE ON record.texts
    REFERENCING OLD TABLE AS erased FOR EACH STATEMENT EXECUTE FUNCTION letters.forget_text();

GRANT SELECT, INSERT, UPDATE ON letters.place, letters.letters TO assay_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON letters.texts TO assay_app;

RESET ROLE;

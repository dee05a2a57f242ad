"""Whether the tables answer everybody alike: each is a plain table, without views, rules, policies or heirs between what is stored and what is read.

Whoever puts something in between could show the check one record and people another. So where a table is not as it was made, that
is said, and of what it says nothing is believed. Whoever replaces the server's own programs goes unnoticed by it: see docs/decisions/0030.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from psycopg import Connection

from infra.seals.checking.report import Finding
from projections.model import ReadModel
from projections.tables import SCHEMA

OF_RECORD: Final = (
    "record.events",
    "record.texts",
    "record.vault",
    "record.files",
    "seals.checkpoints",
    "seals.published",
    "seals.tiles",
    "seals.kept",
    "seals.salts",
)
"""The tables of which the check reads what was recorded, and what was sealed of it."""
PLAIN: Final = "rp"
"""How the catalogue says that a table is an ordinary one, which outlives a crash."""
EMPTY: Final = ("seals.published.proof",)
"""Columns of these in which nothing may stand."""

_KINDS: Final = """
SELECT asked.name, one.relkind::text || one.relpersistence::text, one.relrowsecurity, one.relhasrules, one.relispartition,
    EXISTS (SELECT FROM pg_inherits WHERE one.oid IN (inhparent, inhrelid)),
    EXISTS (SELECT FROM pg_index WHERE indrelid = one.oid AND indisprimary AND indisvalid AND indisready AND indislive)
FROM unnest(%s::text[]) AS asked (name) LEFT JOIN pg_class AS one ON one.oid = to_regclass(asked.name)
"""
_COLUMNS: Final = """
SELECT asked.name, attname::text, attgenerated::text, attnotnull, format_type(atttypid, atttypmod),
    typnamespace = 'pg_catalog'::regnamespace, coalesce(collisdeterministic, true)
FROM unnest(%s::text[]) AS asked (name) JOIN pg_attribute ON attrelid = to_regclass(asked.name)
JOIN pg_type AS kind ON kind.oid = atttypid LEFT JOIN pg_collation AS sorted ON sorted.oid = attcollation
WHERE attnum > 0 AND NOT attisdropped ORDER BY asked.name, attnum
"""
_PATH: Final = "SELECT reset_val FROM pg_settings WHERE name = 'search_path'"


def of_record(connection: Connection[Any]) -> Iterator[Finding]:
    """What is not as it was made of the tables of the record and its seals, and of where names are looked up."""
    yield from _unlike(connection, OF_RECORD)
    for name, column, _, filled, *_ in connection.execute(_COLUMNS, [list(OF_RECORD)]).fetchall():
        if not filled and f"{name}.{column}" not in EMPTY:
            yield _wrong(name, f"its column {column} may be empty")
    [(path,)] = connection.execute(_PATH).fetchall()
    schemas = [one.strip().strip('"') for one in path.split(",")]
    if "pg_catalog" in schemas[1:]:
        found = (
            f"names are looked up in {path}, so that functions and operators of somebody's own come before PostgreSQL's"
        )
        yield Finding(what="table", found=found)


def of_models(connection: Connection[Any], models: Sequence[ReadModel]) -> Iterator[Finding]:
    """What is not as it was made of the tables of read models; those of one that is not built yet are not there."""
    names = [f"{SCHEMA}.{table.name}" for model in models for table in model.tables]
    asked = "SELECT name FROM unnest(%s::text[]) AS asked (name) WHERE to_regclass(name) IS NOT NULL"
    there = [name for (name,) in connection.execute(asked, [names]).fetchall()]
    yield from _unlike(connection, [f"{SCHEMA}.positions", *there])


def _unlike(connection: Connection[Any], names: Sequence[str]) -> Iterator[Finding]:
    for name, kind, policies, rules, part, heirs, key in connection.execute(_KINDS, [list(names)]).fetchall():
        if kind is None:
            yield _wrong(name, "it is not there")
            continue
        if kind != PLAIN or part:
            yield _wrong(name, "it is no plain table")
        if policies:
            yield _wrong(name, "policies say who sees which of its rows")
        if rules:
            yield _wrong(name, "rules rewrite what is asked of it")
        if heirs:
            yield _wrong(name, "other tables inherit from it, or it does from them")
        if kind == PLAIN and not key:
            yield _wrong(name, "its primary key is not in force")
    for name, column, generated, _, kind, own, alike in connection.execute(_COLUMNS, [list(names)]).fetchall():
        if generated:
            yield _wrong(name, f"its column {column} is computed")
        if not own:
            yield _wrong(name, f"its column {column} is of a type of somebody's own ({kind})")
        if not alike:
            yield _wrong(name, f"to the collation of its column {column} different words are the same")


def _wrong(name: str, found: str) -> Finding:
    return Finding(what="table", found=f"{name} is not as it was made: {found}")

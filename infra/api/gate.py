"""Before a command: the token's scopes, the table of permissions, and whether all that it names is there for the caller.

What a conflict hides from somebody is answered as what there is not, whether it stands in the address or in the body.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from domain import permissions
from domain.ids import KINDS, is_id, kind_of
from infra.api.caller import Api, Caller
from infra.api.catalogue import Entry
from infra.api.problems import not_found, refused
from infra.api.seeing import Sight
from services.office import Work, note_refusal
from services.ports import Command

CONFLICT: Final = "conflict-of-interest"
"""The rule whose refusals are answered as what there is not."""
NO_CASE: Final = frozenset(
    {"person", "provider", "scheme", "text", "concern", "activity", "report", "calibration", "letter"}
)
LOOKED_UP: Final = tuple(kind for kind in KINDS if kind not in NO_CASE)
"""The kinds of ids that are looked up before a command: those that a conflict may hide."""


def require_text(given: Mapping[str, Any]) -> None:
    """Refuse half of a surrogate pair, which JSON can say and no text is: nothing could be kept or answered with it."""
    for field, text in named_in(given):
        if not text.isascii() and any("\ud800" <= one <= "\udfff" for one in text):
            raise refused(
                "fields", "it has half of a surrogate pair, which is no character", field=field, allowed="Unicode text"
            )


def admit(api: Api, caller: Caller, entry: Entry, given: Mapping[str, Any]) -> None:
    """Let the command pass, or refuse it: with what the rule is where the caller may see the case, else as not there."""
    action, sight = entry.action, Sight(api, caller)
    if not entry.signs_up:
        sight.require(action)
    named = {id: field for field, id in named_in(given) if is_id(id, *LOOKED_UP)}
    about = given[entry.about] if entry.about else ""
    for id, field in named.items():
        if not sight.there(id) and not (id == about and sight.has_part(id) and sight.allows(action, id)):
            if sight.exists(id):
                _note(api, caller, id)
            raise not_found(kind_of(id), field)
    if about in named and not sight.allows(action, about):
        if not sight.sees(about, "see-case"):
            raise not_found(kind_of(about), entry.about)
        raise refused(
            "not-permitted",
            "this is not the caller's to do here",
            field="role",
            allowed=permissions.said(action),
        )


def _note(api: Api, caller: Caller, case: str) -> None:
    """Somebody with a conflict tried to take part: an auditor will want to know, although they are told of nothing there."""
    command = Command(id=f"request-{caller.request}", actor=caller.actor, role=caller.role, at=caller.at)
    work = Work(api.app.office, command, about=case)
    work.load(caller.actor, case)
    note_refusal(work, refused(CONFLICT, "a conflict keeps them from it"))


def named_in(said: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text of the request with the field that it stands in."""
    match said:
        case str():
            yield field, said
        case Mapping():
            for name, one in said.items():
                yield from named_in(one, field or str(name))
                if field:
                    yield field, str(name)
        case list() | tuple():
            for one in said:
                yield from named_in(one, field)
        case _ if is_dataclass(said):
            for one in fields(said):
                yield from named_in(getattr(said, one.name), field)

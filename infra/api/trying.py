"""What is asked before a version is published, and what reports are made of: checks, differences, dry runs, figures. Writes nothing."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain import permissions
from domain.consistency import Consistency
from domain.development.figures import Figures
from domain.policy import read_policy
from domain.scheme import Scheme
from domain.scheme_diff import Difference, differences
from domain.scheme_file import read_scheme
from domain.submission.trial import Trial
from domain.toml_reader import FaultyFile
from infra.api.caller import Api, Caller
from infra.api.depends import Asking
from infra.api.described import ACTION
from infra.api.positions import END_OF_LOG
from infra.api.problems import PROBLEMS, refused
from infra.api.seeing import Sight
from services.calibration import consistent
from services.dry_run import dry_run
from services.office import Work
from services.ports import Command
from services.workforce import figures_at, lead_of

SCHEMES: Final = "see-scheme-drafts"
POLICIES: Final = "see-policy-drafts"
DRY_RUNS: Final = "see-dry-runs"
REPORTS: Final = "see-reports"
AGREEMENT: Final = "see-sampling"
MOST: Final = 1_000
"""How many cases of each kind a dry run lists; it counts them all."""
REF: Final = re.compile(r"[a-z0-9-]{1,60}@[0-9]{1,9}")
SENT: Final = "what was sent"
"""What faults call a file that has no name."""


class Source(BaseModel):
    """A file as it would be published: TOML."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(min_length=1, max_length=1_000_000)


class Sides(BaseModel):
    """Two versions of a scheme, each published (`cpd-qa@1`) or as TOML."""

    model_config = ConfigDict(extra="forbid")
    before: str = Field(min_length=1, max_length=1_000_000)
    after: str = Field(min_length=1, max_length=1_000_000)


class FileFault(BaseModel):
    """One thing that is wrong with a file, where, and what is allowed there."""

    line: int | None
    key: str
    problem: str
    allowed: str


class Checked(BaseModel):
    """What a file would be published as, where it has no fault."""

    faults: list[FileFault]
    ref: str | None = None
    title: str | None = None
    digest: str | None = None


class Tried(BaseModel):
    """What became of the decided cases under another version: how many, and of each kind the first of those to be seen."""

    cases: int
    same: int
    differ: list[Trial]
    incomparable: list[Trial]


def router(api: Api) -> APIRouter:
    """The routes of all that."""
    routes = APIRouter(responses=PROBLEMS, dependencies=[END_OF_LOG])

    def post(path: str, name: str, summary: str, action: str) -> Callable[..., Any]:
        said = {"operation_id": name, "summary": summary, "tags": [path.split("/")[1]]}
        return routes.post(path, openapi_extra={ACTION: action}, **said)  # type: ignore[arg-type]

    @post(
        "/schemes/check", "check_scheme", "Every fault of a scheme's file, with line, key and what is allowed", SCHEMES
    )
    def check_scheme(said: Source, caller: Asking) -> Checked:
        Sight(api, caller).require(SCHEMES)
        return _checked(read_scheme, said.source)

    @post(
        "/policies/check",
        "check_policy",
        "Every fault of a policy's file, with line, key and what is allowed",
        POLICIES,
    )
    def check_policy(said: Source, caller: Asking) -> Checked:
        Sight(api, caller).require(POLICIES)
        return _checked(read_policy, said.source)

    @post("/schemes/differences", "compare_schemes", "What changes from one version to another, and for whom", SCHEMES)
    def compare(said: Sides, caller: Asking) -> list[Difference]:
        Sight(api, caller).require(SCHEMES)
        return list(differences(_scheme(api, said.before, "before"), _scheme(api, said.after, "after")))

    @post("/schemes/dry-run", "try_scheme", "Which outcomes of decided cases would differ under a version", DRY_RUNS)
    def dry(said: Source, caller: Asking) -> Tried:
        sight = Sight(api, caller)
        sight.require(DRY_RUNS)
        found = dry_run(api.app.office, _scheme(api, said.source, "source"))
        seen = {one for one in _cases(found.differ, found.incomparable, found.same) if sight.there(one)}
        return Tried(
            cases=len(seen),
            same=sum(one in seen for one in found.same),
            differ=[one for one in found.differ if one.case in seen][:MOST],
            incomparable=[one for one in found.incomparable if one.case in seen][:MOST],
        )

    _add_figures(routes, api)
    return routes


def _add_figures(routes: APIRouter, api: Api) -> None:
    @routes.get(
        "/departments/{department}/figures",
        operation_id="get_figures",
        summary="What a report of a department, or of the whole body (`board`), says as of an instant",
        tags=["departments"],
        openapi_extra={ACTION: REPORTS},
    )
    def figures(
        caller: Asking,
        department: Annotated[str, Path(min_length=1, max_length=60)],
        at: Annotated[AwareDatetime | None, Query(description="As of this instant; now by default.")] = None,
        since: Annotated[
            AwareDatetime | None, Query(description="Activities completed after it; all by default.")
        ] = None,
    ) -> Figures:
        _require_figures(api, caller, department)
        return figures_at(api.app.office, department, at or caller.at, since)

    @routes.get(
        "/consistency",
        operation_id="list_consistency",
        summary="How far assessors agree in all that was marked twice, by criterion",
        tags=["learning"],
        openapi_extra={ACTION: AGREEMENT},
    )
    def consistency(
        caller: Asking, scheme: Annotated[str | None, Query(max_length=60, description="Only of this scheme.")] = None
    ) -> list[Consistency]:
        Sight(api, caller).require(AGREEMENT)
        return list(consistent(api.app.office, scheme=scheme))


def _require_figures(api: Api, caller: Caller, department: str) -> None:
    """Refuse who neither leads the department nor sees all reports."""
    Sight(api, caller).require(REPORTS)
    work = Work(api.app.office, Command(id=caller.request, actor=caller.actor, role=caller.role, at=caller.at), "")
    leads = caller.person is not None and lead_of(work, department) in caller.person.ids
    if not permissions.may(REPORTS, caller.role, {"assigned"} if leads else ()):
        allowed = f"who leads {department}, or {' or '.join(permissions.roles(REPORTS, 'none'))}"
        raise refused("not-permitted", "this is another department's", field="department", allowed=allowed)


def _checked(read: Callable[[str, str], Any], source: str) -> Checked:
    try:
        found = read(source, SENT)
    except FaultyFile as faulty:
        return Checked(
            faults=[
                FileFault(line=one.line, key=one.key, problem=one.problem, allowed=one.allowed) for one in faulty.faults
            ]
        )
    return Checked(faults=[], ref=found.ref, title=found.title, digest=found.digest)


def _scheme(api: Api, said: str, field: str) -> Scheme:
    """A version by its name, or as it stands in the text."""
    if REF.fullmatch(said):
        return Work(api.app.office, Command(id="read", actor="", role="", at=api.now()), "").scheme(said)
    try:
        return read_scheme(said, SENT)
    except FaultyFile as faulty:
        raise refused("scheme-checked", str(faulty), field=field, allowed="a scheme file without faults") from faulty


def _cases(differ: list[Trial], incomparable: list[Trial], same: list[str]) -> list[str]:
    return [*(one.case for one in (*differ, *incomparable)), *same]

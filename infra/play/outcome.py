"""What a play came to, read back from the events, held against the results file it was to reproduce."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.submission import events as e
from domain.submission.state import Stage, Submission
from infra.play.plot import Entry
from infra.play.script import Play
from infra.play.view import award_standing, label
from projections.words import counted
from services.ports import Recorded, Records
from services.states import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All entries with their cases as read back, the differences in words, and figures of the play."""

    cases: Sequence[tuple[Entry, Submission]]
    differences: Sequence[str]
    changed_in_moderation: int
    changed_after_evidence: int
    asked: int
    answered: int
    lapsed: int


def compare(records: Records, play: Play) -> Comparison:
    """Read every case back from its events and compare judgements and outcomes with what was wanted."""
    histories = records.load(*(entry.submission for entry in play.entries))
    cases = [(entry, fold(entry.submission, histories[entry.submission])) for entry in play.entries]
    differences = [one for entry, case in cases for one in _differences(play, entry, case)]
    differences += _award_differences(records, play)
    before, after = _changes(histories)
    first = [case for entry, case in cases if entry.cycle == "first"]
    return Comparison(
        cases=cases,
        differences=differences,
        changed_in_moderation=before,
        changed_after_evidence=after,
        asked=sum(case.requests > 0 for case in first),
        answered=sum(case.answered for case in first),
        lapsed=sum(case.stage is Stage.LAPSED for case in first),
    )


def _differences(play: Play, entry: Entry, case: Submission) -> list[str]:
    name, scheme = label(entry), play.plot.scheme
    if not entry.submits:
        return [] if case.stage is Stage.LAPSED else [f"{name} was to lapse and is {case.stage}"]
    found = [
        f"{name}: {code} is {case.judgements.get(code, 'not judged')}, published as {entry.wanted[code]}"
        for code in case.registration.criteria
        if case.judgements.get(code) != entry.wanted[code]
    ]
    wanted = scheme.outcome(entry.wanted, case.registration.criteria, case.registration.applies_for).outcome
    outcome = case.outcome.outcome if case.outcome else case.stage.value
    return found if outcome == wanted else [*found, f"{name} is {outcome}, by the award rule {wanted}"]


def _award_differences(records: Records, play: Play) -> list[str]:
    found = []
    for id, recorded in records.load(*play.awards).items() if play.awards else ():
        award = fold(id, recorded)
        number = next((one.number for one in play.entries if one.submission == award.periods[0].submission), id)
        wanted = "accredited again" if number in play.plot.reaccredits else "lapsed"
        if award_standing(award) != wanted:
            found.append(f"the award of {number} is {award_standing(award)}, and was to be {wanted}")
    return found


def _changes(histories: Mapping[str, Sequence[Recorded]]) -> tuple[int, int]:
    """How many judgements were changed in meetings, and in final reviews."""
    before = after = 0
    for recorded in histories.values():
        reviewing = False
        for one in recorded:
            reviewing = reviewing or isinstance(one.event, e.FinalReviewOpened)
            if isinstance(one.event, e.JudgementChanged):
                after += reviewing
                before += not reviewing
    return before, after


def show(console: Console, play: Play, comparison: Comparison) -> None:
    """Print the resulting table beside the published one, the figures, and the differences."""
    scheme = play.plot.scheme
    table = Table(
        title="\nAs read back from the events, beside the results file",
        title_justify="left",
        box=SIMPLE,
        padding=(0, 1, 0, 0),
    )
    table.add_column("", no_wrap=True)
    for code in scheme.criteria:
        table.add_column(code, justify="center")
    table.add_column("outcome", no_wrap=True)
    table.add_column("results file", no_wrap=True)
    for entry, case in comparison.cases:
        cells = [_mark(scheme.scale, case.judgements.get(code)) for code in scheme.criteria]
        outcome = case.outcome.outcome.replace("_", " ") if case.outcome else case.stage.replace("_", " ")
        published = "".join(_mark(scheme.scale, entry.wanted[code]).plain for code in case.registration.criteria)
        table.add_row(label(entry), *cells, outcome, published if entry.submits else "never submitted")
    console.print(table)
    legend = "  ".join(
        f"{_mark(scheme.scale, level).plain} {level.replace('_', ' ')}" for level in reversed(scheme.scale)
    )
    console.print(f"{legend}  · not judged", highlight=False)
    decided = [case for entry, case in comparison.cases if entry.cycle == "first" and case.outcome]
    console.print(
        f"{len(decided)} decided in the first window, "
        f"{sum(case.outcome is not None and case.outcome.outcome == 'awarded' for case in decided)} awarded, "
        f"{comparison.lapsed} lapsed. Moderation changed {counted(comparison.changed_in_moderation, 'judgement')}. "
        f"Further evidence was asked of {comparison.asked}, answered by {comparison.answered}, "
        f"and changed {counted(comparison.changed_after_evidence, 'judgement')}.",
        highlight=False,
    )
    for award in play.awards.values():
        [earned] = [one for one in play.entries if one.submission == award.periods[0].submission]
        how = "came again and was awarded" if earned.cycle == "again" else "was awarded"
        times = counted(len(award.reminders), "time")
        console.print(
            f"{earned.number} {how} ({award.periods[0].level}), was reminded {times} of its end, "
            f"and {'lapsed' if award.lapsed else 'earned it again the light-touch way'}.",
            highlight=False,
        )
    for difference in comparison.differences:
        console.print(f"[red]difference[/red] {difference}", highlight=False)
    if not comparison.differences:
        console.print("[green]No difference[/green] between the events and the results file.", highlight=False)


def _mark(scale: Sequence[str], level: str | None) -> Text:
    """A level as one sign, told apart by shape as well as colour."""
    if level is None:
        return Text("·", style="dim")
    place = scale.index(level)
    if place == len(scale) - 1:
        return Text("●", style="green")
    return Text("○", style="red") if place == 0 else Text("◐", style="yellow")

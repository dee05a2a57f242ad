"""Reading a scheme's TOML file and checking it as a whole: every fault at once, with line, key and what is allowed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.award import CHOICES, FORMS, AwardLevel
from domain.fees import MOMENTS, WAYS, FeeItem, Fees
from domain.letter_words import LETTERS, allowed_in, unknown_in
from domain.scheme import (
    CHANGE_LOOKED_AT,
    CONCERN_ANSWERED,
    CONCERN_REVIEW,
    CONCERN_TAKEN_UP,
    MODERATION_FORMS,
    REMIND_ANSWER,
    ROUTES,
    WORK,
    Annual,
    Clocks,
    Criterion,
    Exclusion,
    Indicator,
    Route,
    Scheme,
)
from domain.scheme_assurance import read_assurance
from domain.toml_reader import MOST, Reader, read_calendar, read_file


def read_scheme(source: str, file: str = "scheme") -> Scheme:
    """Read and check one scheme version from TOML text. Raises FaultyFile naming every fault at once."""
    return replace(read_file(source, file, _read), source=source)


def _read(reader: Reader, digest: str) -> Scheme:
    sections, criteria = _criteria(reader)
    scale = reader.texts("scale.levels", least=2)
    size_bands = reader.codes("lists.size_bands")
    provider_types = reader.codes("lists.provider_types")
    scheme = Scheme(
        id=reader.code("scheme.id"),
        version=reader.whole("scheme.version", least=1),
        title=reader.text("scheme.title"),
        digest=digest,
        calendar=read_calendar(reader),
        categories=reader.codes("lists.categories"),
        provider_types=provider_types,
        size_bands=size_bands,
        modes=reader.codes("lists.modes"),
        subjects=reader.codes("lists.subjects"),
        phases=reader.codes("lists.phases"),
        sections=sections,
        criteria=criteria,
        scale=scale,
        awards=_awards(reader, scale, criteria),
        files_per_criterion=reader.whole("portfolio.files_per_criterion", least=1),
        file_bytes=reader.whole("portfolio.file_bytes", least=1),
        media_types=reader.texts("portfolio.media_types"),
        assessor_capacity=reader.whole("assessment.capacity_per_round", least=1),
        moderation_form=reader.chosen("moderation.form", MODERATION_FORMS),
        quorum=reader.whole("moderation.quorum", least=1),
        subject_expert=reader.flag("moderation.subject_expert"),
        evidence_rounds=reader.whole("moderation.evidence_rounds"),
        clocks=_clocks(reader),
        fees=_fees(reader, size_bands, provider_types),
        light_touch=reader.chosen_all("reaccreditation.criteria", tuple(criteria)),
        light_touch_areas=reader.flag("reaccreditation.areas_for_consideration"),
        exclusions=tuple(Exclusion(**one) for one in _tables(reader, "exclusions", ("code", "question"))),
        route=_route(reader),
        award_choice=reader.chosen("award.choose", CHOICES, CHOICES[0]),
        guidance_on_drafts=reader.flag("preparation.guidance_on_drafts"),
        calibration_percent=reader.percent("assessment.calibration_percent", 0),
        same_assessor_again=reader.flag("assessment.same_assessor_again", default=True),
        pay={work: reader.whole(f"pay.{work}", 0) for work in WORK},
        annual=_annual(reader),
        reaccreditation_opens=reader.optional_duration("reaccreditation.opens"),
        extension=reader.optional_duration("reaccreditation.extension"),
        upgrade=reader.flag("upgrade.allowed"),
        concern_taken_up=reader.optional_duration("concerns.take_up_within") or CONCERN_TAKEN_UP,
        concern_review=reader.optional_duration("concerns.review_within") or CONCERN_REVIEW,
        concern_answered=reader.duration("concerns.answer_within", CONCERN_ANSWERED.text),
        remind_answer=reader.durations("concerns.remind_answer", [one.text for one in REMIND_ANSWER]),
        change_looked_at=reader.duration("concerns.change_within", CHANGE_LOOKED_AT.text),
        assurance=read_assurance(reader),
        letters=_letters(reader),
    )
    if scheme.moderation_form == "independent" and scheme.quorum != 1:
        reader.fault("moderation.quorum", f"is {scheme.quorum}", "1, where one independent person moderates")
    if scheme.upgrade and len(scheme.awards) < 2:
        reader.fault("upgrade.allowed", "is true where there is no higher award", "false, or two or more [[awards]]")
    if not scheme.light_touch and not any(fault.key == "reaccreditation.criteria" for fault in reader.faults):
        # There need not be areas for consideration, and then nothing would be judged, and all of it met.
        reader.fault("reaccreditation.criteria", "may leave nothing to judge", "at least one criterion")
    return scheme


def _letters(reader: Reader) -> dict[str, str]:
    """The scheme's own words for letters, in which only the placeholders of each letter may stand in braces."""
    letters = {one: reader.text(f"letters.{one}") for one in LETTERS if reader.raw(f"letters.{one}") is not None}
    for letter, text in letters.items():
        if unknown := unknown_in(text, letter):
            named = ", ".join(f"{{{one}}}" for one in allowed_in(letter))
            reader.fault(f"letters.{letter}", f"has {', '.join(unknown)}", named)
    return letters


def _criteria(reader: Reader) -> tuple[dict[str, str], dict[str, Criterion]]:
    sections: dict[str, str] = {}
    for number, entry in enumerate(_entries(reader, "sections")):
        one = _entry(reader, f"sections[{number}]", entry, ("code", "title"))
        if one["code"] in sections:
            reader.fault(f"sections[{number}].code", f"repeats {one['code']!r}", "a code of its own")
        sections[one["code"]] = one["title"]
    criteria: dict[str, Criterion] = {}
    for number, entry in enumerate(_entries(reader, "criteria")):
        key = f"criteria[{number}]"
        one = _entry(reader, key, entry, ("code", "section", "title", "guidance"), also=("indicators",))
        if one["code"] in criteria:
            reader.fault(f"{key}.code", f"repeats {one['code']!r}", "a code of its own")
        if one["section"] not in sections:
            reader.fault(f"{key}.section", f"is {one['section']!r}", ", ".join(sections) or "a section of this file")
        given = entry.get("indicators", []) if isinstance(entry, Mapping) else []
        indicators = _tables(reader, f"{key}.indicators", ("code", "title"), given)
        criteria[one["code"]] = Criterion(**one, indicators=tuple(Indicator(**each) for each in indicators))
    return sections, criteria


def _entries(reader: Reader, key: str) -> list[Any]:
    allowed = f"one or more tables [[{key}]]"
    value = reader.raw(key, allowed=allowed)
    if value is not None and (not isinstance(value, list) or not value):
        reader.fault(key, "is no list of tables", allowed)
    return value if isinstance(value, list) else []


def _tables(reader: Reader, key: str, names: tuple[str, ...], given: Any = None) -> list[dict[str, str]]:
    """A list of tables that may be missing, each with these texts, and a `code` of its own."""
    value = reader.raw(key, []) if given is None else given
    if not isinstance(value, list):
        reader.fault(key, "is no list of tables", f"tables with {', '.join(names)}")
        return []
    entries = [_entry(reader, f"{key}[{number}]", entry, names) for number, entry in enumerate(value)]
    seen: set[str] = set()
    for number, one in enumerate(entries):
        if one["code"] in seen:
            reader.fault(f"{key}[{number}].code", f"repeats {one['code']!r}", "a code of its own")
        seen.add(one["code"])
    return entries


def _entry(reader: Reader, key: str, entry: Any, names: tuple[str, ...], also: tuple[str, ...] = ()) -> dict[str, str]:
    """The texts `names` of a table; `also` are keys that it may have and that are read elsewhere."""
    part = Reader(reader.file, entry if isinstance(entry, Mapping) else {})
    values = {name: part.text(name) for name in names}
    part.asked.update(also)
    part.unknown_keys()
    reader.adopt(part, key)
    return values


def _awards(reader: Reader, scale: tuple[str, ...], criteria: Mapping[str, Criterion]) -> tuple[AwardLevel, ...]:
    awards: list[AwardLevel] = []
    for number, entry in enumerate(_entries(reader, "awards")):
        part = Reader(reader.file, entry if isinstance(entry, Mapping) else {})
        form = part.chosen("form", FORMS)
        counted = form != "every-criterion-at-least"
        award = AwardLevel(
            name=part.code("name"),
            form=form,
            level=part.text("level"),
            at_least=part.whole("at_least", least=1) if counted else 0,
            core=part.chosen_all("core", tuple(criteria)) if form == "core-and-others" else (),
        )
        _check_award(part, award, awards, scale, criteria)
        part.unknown_keys()
        reader.adopt(part, f"awards[{number}]")
        awards.append(award)
    return tuple(awards)


def _check_award(
    part: Reader, award: AwardLevel, before: list[AwardLevel], scale: tuple[str, ...], criteria: Mapping[str, Criterion]
) -> None:
    if award.level not in scale:
        part.fault("level", f"is {award.level!r}", ", ".join(scale) or "a level of the scale")
    elif scale.index(award.level) == 0:
        part.fault("level", "is the lowest level, which everything reaches", ", ".join(scale[1:]))
    elif before and before[-1].level in scale and scale.index(award.level) < scale.index(before[-1].level):
        part.fault("level", "is lower than that of the award before", "awards from the lowest up")
    elif before and _asks_no_more(award, before[-1]):
        part.fault("level", "asks no more than the award before", "awards from the lowest up")
    if award.name in {one.name for one in before}:
        part.fault("name", f"repeats {award.name!r}", "a name of its own")
    if award.form == "in-each-section":
        sections = [one.section for one in criteria.values()]
        most = min((sections.count(one) for one in set(sections)), default=0)
    else:
        most = len(criteria) - len(award.core)
    if award.at_least > most:
        part.fault("at_least", f"is {award.at_least}, which no submission can reach", f"1 to {most}")


def _asks_no_more(award: AwardLevel, before: AwardLevel) -> bool:
    """Whether whoever reaches the award before reaches this one too, as far as awards of one form can be compared."""
    same = (award.form, award.level) == (before.form, before.level)
    return same and award.at_least <= before.at_least and set(award.core) <= set(before.core)


def _fees(reader: Reader, size_bands: tuple[str, ...], provider_types: tuple[str, ...]) -> Fees:
    items: list[FeeItem] = []
    for number, entry in enumerate(_entries(reader, "fees.items")):
        part = Reader(reader.file, entry if isinstance(entry, Mapping) else {})
        by = part.chosen("by", WAYS, WAYS[0])
        item = FeeItem(
            kind=part.code("kind"),
            due=part.chosen("due", MOMENTS),
            by=by,
            amount=part.whole("amount") if by == "flat" else 0,
            amounts=part.amounts("amounts", size_bands) if by == "size_band" else {},
            rolls={one: _roll(part, f"rolls.{one}") for one in provider_types} if by == "type_and_roll" else {},
            percent=part.percent("percent", 100),
            group_discount=part.percent("group_discount", 0),
        )
        if item.kind in {one.kind for one in items}:
            part.fault("kind", f"repeats {item.kind!r}", "a kind of its own")
        part.unknown_keys()
        reader.adopt(part, f"fees.items[{number}]")
        items.append(item)
    return Fees(currency=reader.text("fees.currency"), items=tuple(items))


def _roll(part: Reader, key: str) -> tuple[tuple[int, int], ...]:
    """Steps of (up to so many learners, amount), in ascending order."""
    allowed = "pairs [up to so many learners, amount], in ascending order"
    value = part.raw(key, allowed=allowed)
    if value is None:
        return ((0, 0),)
    pairs = [tuple(one) for one in value if isinstance(one, list)] if isinstance(value, list) else []
    whole = all(len(one) == 2 and all(type(each) is int and 0 <= each <= MOST for each in one) for one in pairs)
    if (
        not pairs
        or not whole
        or len(pairs) != len(value)
        or sorted({one[0] for one in pairs}) != [one[0] for one in pairs]
    ):
        part.fault(key, f"is {value!r}", allowed)
        return ((0, 0),)
    return tuple((up_to, amount) for up_to, amount in pairs)


def _route(reader: Reader) -> Route:
    kind = reader.chosen("route.kind", ROUTES, ROUTES[0])
    if kind == "windows":
        return Route()
    visit = reader.flag("route.visit")
    people = reader.texts("route.people_to_meet", [], least=0)
    if people and not visit:
        reader.fault("route.people_to_meet", "names people where there is no visit", "visit = true, or nobody")
    return Route(
        kind=kind,
        visit=visit,
        provisional=reader.flag("route.provisional"),
        preview_before=reader.optional_duration("route.preview_before"),
        earliest_booking=reader.optional_duration("route.earliest_booking"),
        people_to_meet=people,
        results_from_visit=reader.flag("route.results_from_visit"),
    )


def _annual(reader: Reader) -> Annual | None:
    reader.raw("annual.certificates")  # not the whole table, or any key in it would do
    if "annual" not in reader.tables:
        return None
    return Annual(
        certificates=reader.whole("annual.certificates", least=1),
        confirm_within=reader.duration("annual.confirm_within"),
        remind_confirm=reader.durations("annual.remind_confirm", []),
    )


def _clocks(reader: Reader) -> Clocks:
    values: dict[str, Any] = {}
    for name in Clocks.__dataclass_fields__:
        key = f"clocks.{name}"
        values[name] = reader.durations(key) if name.startswith("remind_") else reader.duration(key)
    return Clocks(**values)

"""What the body's governance policy says: times for audits, reviews of risks and what is done each year, and shares for sampling.

Source: handbook, Governance. Every value has a default, so that a policy that says nothing is the handbook's.
"""

from dataclasses import dataclass

from domain.clocks import Duration
from domain.toml_reader import Reader

RATINGS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRules:
    """Times of an audit: to act on a finding, to verify that, and to close the audit, from its opening."""

    act_within: Duration = Duration.parse("P3M")
    verify_within: Duration = Duration.parse("20 working days")
    close_within: Duration = Duration.parse("P6M")
    remind: tuple[Duration, ...] = (Duration.parse("10 working days"), Duration.parse("2 working days"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRules:
    """How long after the last review a risk is reviewed again, by its rating, and when the board has to have seen a review."""

    review_low: Duration = Duration.parse("P12M")
    review_medium: Duration = Duration.parse("P6M")
    review_high: Duration = Duration.parse("P3M")
    see_within: Duration = Duration.parse("20 working days")
    remind: tuple[Duration, ...] = (Duration.parse("P1M"), Duration.parse("5 working days"))

    def review_within(self, rating: str) -> Duration:
        """How long a risk of this rating may go without review."""
        return {"low": self.review_low, "medium": self.review_medium, "high": self.review_high}[rating]


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingRules:
    """Shares (percent) of each assessor's completed assessments that are looked at, and at least how many.

    Those of an assessor are `new_` within `new_for` of the first one that they completed under the scheme.
    """

    percent: int = 10
    least: int = 2
    new_percent: int = 30
    new_least: int = 4
    new_for: Duration = Duration.parse("P12M")
    draw_every: Duration = Duration.parse("P1M")
    look_within: Duration = Duration.parse("20 working days")
    finish_within: Duration = Duration.parse("P2M")
    remind: tuple[Duration, ...] = (Duration.parse("10 working days"), Duration.parse("2 working days"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRules:
    """How often everybody is asked whether the conflicts that they declared are all, and their time to say so."""

    ask_every: Duration = Duration.parse("P1Y")
    answer_within: Duration = Duration.parse("20 working days")
    remind: tuple[Duration, ...] = (Duration.parse("5 working days"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRules:
    """How often it is looked whether each scheme has what its year needs, and the time to make up for what is missing."""

    look_every: Duration = Duration.parse("P3M")
    make_up_within: Duration = Duration.parse("20 working days")
    remind: tuple[Duration, ...] = (Duration.parse("5 working days"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """All of it."""

    audits: AuditRules = AuditRules()
    risks: RiskRules = RiskRules()
    sampling: SamplingRules = SamplingRules()
    conflicts: ConflictRules = ConflictRules()
    year: YearRules = YearRules()


def read_governance(reader: Reader) -> Governance:
    """Read the tables `[audits]`, `[risks]`, `[sampling]`, `[conflicts]` and `[year]`, each of which may be missing."""
    return Governance(
        audits=_audits(reader),
        risks=_risks(reader),
        sampling=_sampling(reader),
        conflicts=_conflicts(reader),
        year=_year(reader),
    )


def _conflicts(reader: Reader) -> ConflictRules:
    usual = ConflictRules()
    return ConflictRules(
        ask_every=reader.duration("conflicts.ask_every", usual.ask_every.text),
        answer_within=reader.duration("conflicts.answer_within", usual.answer_within.text),
        remind=reader.durations("conflicts.remind", [one.text for one in usual.remind]),
    )


def _year(reader: Reader) -> YearRules:
    usual = YearRules()
    return YearRules(
        look_every=reader.duration("year.look_every", usual.look_every.text),
        make_up_within=reader.duration("year.make_up_within", usual.make_up_within.text),
        remind=reader.durations("year.remind", [one.text for one in usual.remind]),
    )


def _audits(reader: Reader) -> AuditRules:
    usual = AuditRules()
    return AuditRules(
        act_within=reader.duration("audits.act_within", usual.act_within.text),
        verify_within=reader.duration("audits.verify_within", usual.verify_within.text),
        close_within=reader.duration("audits.close_within", usual.close_within.text),
        remind=reader.durations("audits.remind", [one.text for one in usual.remind]),
    )


def _risks(reader: Reader) -> RiskRules:
    usual = RiskRules()
    return RiskRules(
        review_low=reader.duration("risks.review_low", usual.review_low.text),
        review_medium=reader.duration("risks.review_medium", usual.review_medium.text),
        review_high=reader.duration("risks.review_high", usual.review_high.text),
        see_within=reader.duration("risks.see_within", usual.see_within.text),
        remind=reader.durations("risks.remind", [one.text for one in usual.remind]),
    )


def _sampling(reader: Reader) -> SamplingRules:
    usual = SamplingRules()
    rules = SamplingRules(
        percent=reader.percent("sampling.percent", usual.percent),
        least=reader.whole("sampling.least", usual.least),
        new_percent=reader.percent("sampling.new_percent", usual.new_percent),
        new_least=reader.whole("sampling.new_least", usual.new_least),
        new_for=reader.duration("sampling.new_for", usual.new_for.text),
        draw_every=reader.duration("sampling.draw_every", usual.draw_every.text),
        look_within=reader.duration("sampling.look_within", usual.look_within.text),
        finish_within=reader.duration("sampling.finish_within", usual.finish_within.text),
        remind=reader.durations("sampling.remind", [one.text for one in usual.remind]),
    )
    if rules.new_percent < rules.percent:
        reader.fault("sampling.new_percent", f"is {rules.new_percent}", f"at least {rules.percent}, the share of all")
    if rules.new_least < rules.least:
        reader.fault("sampling.new_least", f"is {rules.new_least}", f"at least {rules.least}, as of everybody")
    return rules

"""Settings of a policy that a kept trial showed to be better than its defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from schedtui.engine.port import EngineError
from schedtui.measure.recheck import recheck
from schedtui.measure.wording import load_name
from schedtui.model.policy import ParameterValues, Policy
from schedtui.model.results import ResultRow, StoredRow
from schedtui.model.trial import Outcome
from schedtui.model.tuning import KnownSetting
from schedtui.policy.errors import PolicyError
from schedtui.policy.render import complete, render
from schedtui.store.results import ResultsError
from schedtui.verify.basis import source_sha256


class Reader(Protocol):
    """Where rows are kept."""

    def rows(self) -> tuple[StoredRow, ...]:
        """Return all rows, oldest first. Raises ResultsError."""
        ...


def known_settings(policy: Policy, results: Reader) -> tuple[KnownSetting, ...]:
    """Return the best setting for each load and metric, in the order of the rows.

    Best is the one whose interval promises most. A row counts only if it is believed, if its
    figures follow from its raw pairs, if the policy with its parameters is still the source
    that was measured, and if its baseline was the policy as it is by default, but for what was
    given on both sides. Raises EngineError when the results cannot be read.
    """
    best: dict[tuple[str, str], KnownSetting] = {}
    try:
        rows = results.rows()
    except ResultsError as error:
        raise EngineError(error.sentence, error.fix) from error
    for known in _proved(policy, rows):
        place = known.load, known.objective.metric
        if place not in best or best[place].objective.low < known.objective.low:
            best[place] = known
    return tuple(best.values())


def _proved(policy: Policy, rows: Sequence[StoredRow]) -> Iterator[KnownSetting]:
    defaults = complete(policy, {})
    for stored in rows:
        row = stored.row
        if row is None or stored.problem or not _claims(row, policy) or recheck(row):
            continue
        changed = _other_than(defaults, row.parameters)
        given = _other_than(defaults, row.baseline_parameters)
        if row.trial and set(given) < set(changed):
            load, kernel = load_name(row.workload), row.kernel_release
            yield KnownSetting(changed, given, load, row.trial.objective, kernel, stored.id)


def _other_than(defaults: ParameterValues, parameters: ParameterValues) -> ParameterValues:
    usual = dict(defaults)
    return tuple(each for each in parameters if usual.get(each[0]) != each[1])


def _claims(row: ResultRow, policy: Policy) -> bool:
    judged = row.judgement
    return (
        row.policy == policy.name
        and bool(row.baseline_parameters)
        and row.outcome == Outcome.BETTER
        and judged is not None
        and judged.held
        and _still_the_same(row, policy)
    )


def _still_the_same(row: ResultRow, policy: Policy) -> bool:
    try:
        return source_sha256(render(policy, dict(row.parameters))) == row.source_sha256
    except PolicyError:
        return False

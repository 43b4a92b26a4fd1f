"""Optuna as a proposer, by ask and tell; the only module that imports it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Final

import optuna

from schedtui.measure.settings import Space, latin_hypercube, logarithmic, plain
from schedtui.model.policy import Parameter, ParameterType, ParameterValue, ParameterValues

_FEWEST_AHEAD: Final = 4
"""Settings of the sample that are tried before what was learnt decides."""
_ASKED: Final = 20
"""Questions until the sample stands in for a search that only repeats itself."""


class OptunaProposer:
    """Proposes the first half from a Latin hypercube, the others by Optuna's TPE sampler."""

    def __init__(self, space: Space, count: int, seed: int) -> None:
        self._space = space
        self._sample = latin_hypercube(space, count, seed)
        self.count = len(self._sample)
        self._seen: set[ParameterValues] = {space.defaults}
        self._asked: dict[ParameterValues, optuna.Trial] = {}
        self._distributions = {knob.name: _distribution(knob) for knob in space.knobs}
        ahead = max(_FEWEST_AHEAD, self.count // 2)
        self._study = _study(seed, ahead)
        self._study.add_trial(self._defaults())
        for setting in self._sample[:ahead]:
            self._study.enqueue_trial(dict(setting))

    def propose(self) -> ParameterValues:
        """See the port."""
        setting = next((each for each in self._asking() if each not in self._seen), None)
        if setting is None:
            setting = next(each for each in self._sample if each not in self._seen)
        self._seen.add(setting)
        return setting

    def learn(self, setting: ParameterValues, worth: float | None) -> None:
        """See the port."""
        trial = self._asked.pop(setting, None)
        if trial is None:
            return
        failed = optuna.trial.TrialState.FAIL if worth is None else None
        self._study.tell(trial, worth, state=failed)

    def _asking(self) -> Iterator[ParameterValues]:
        for _ in range(_ASKED):
            trial = self._study.ask(self._distributions)
            setting = tuple((knob.name, _value(knob, trial)) for knob in self._space.knobs)
            if setting in self._seen:
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                self._asked[setting] = trial
            yield setting

    def _defaults(self) -> optuna.trial.FrozenTrial:
        """Return the defaults as a trial that is known: no better than themselves."""
        return optuna.trial.create_trial(
            params=dict(self._space.defaults), distributions=self._distributions, value=0.0
        )


def _study(seed: int, ahead: int) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        # Whether parameters are modelled together is called experimental since years.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=ahead)
    return optuna.create_study(direction="maximize", sampler=sampler)


def _distribution(knob: Parameter) -> optuna.distributions.BaseDistribution:
    if knob.type is ParameterType.BOOLEAN:
        return optuna.distributions.CategoricalDistribution((False, True))
    return optuna.distributions.IntDistribution(knob.minimum, knob.maximum, log=logarithmic(knob))


def _value(knob: Parameter, trial: optuna.Trial) -> ParameterValue:
    value = trial.params[knob.name]
    return bool(value) if knob.type is ParameterType.BOOLEAN else plain(knob, value)

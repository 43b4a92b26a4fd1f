"""The notes on external schedulers, and what becomes of a program and its notes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from schedtui.model.external import External, HelpOption, Program, ProgramHelp
from schedtui.model.policy import Parameter, ParameterType, ParameterValue
from schedtui.model.text import safe_text
from schedtui.policy.errors import PolicyError
from schedtui.policy.fields import read_constants, text_of, texts_of
from schedtui.policy.plain import read_plain
from schedtui.policy.repository import TOML_LIMIT, families_of, read_document
from schedtui.policy.values import check_value
from schedtui.resources import resource_dir

_KEYS: Final = frozenset(
    {"name", "title", "description", "kernel_name", "families", "tags", "use_cases", "limits"}
    | {"requires", "parameters", "arguments"}
)
UNVERIFIED: Final = (
    "Its source is not known: no rule, compiler or object gate has seen what it loads.",
    "It attaches itself: a token binds its program, libraries and options, not its BPF programs.",
    "It chooses its own watchdog, up to the kernel's 30 s; lease and guards hold all the same.",
)


def notes_folder() -> Path:
    """Return the folder of the notes. Raises FileNotFoundError."""
    return resource_dir("policies") / "external"


@cache
def noted_names() -> tuple[str, ...]:
    """Return the names of the programs that there are notes on, sorted."""
    return tuple(sorted(file.stem for file in notes_folder().glob("*.toml")))


def external(name: str, program: Program) -> External:
    """Return the external scheduler that an installed program is. Raises PolicyError."""
    if name not in noted_names():
        return _without_notes(name, program)
    file = notes_folder() / f"{name}.toml"
    try:
        return _noted(name, read_document(read_plain(file, TOML_LIMIT), file.name), program)
    except PolicyError as error:
        raise PolicyError(f"{safe_text(file.name)}: {error}") from error


def _without_notes(name: str, program: Program) -> External:
    return External(
        name=name,
        title="An external scheduler without notes",
        description="Nothing is known of it but what its own help says.",
        families=(),
        tags=("external",),
        use_cases=(),
        limits=("No option of it can be set here: none is known to be safe.",),
        requires=("sched_ext",),
        parameters=(),
        arguments=(),
        kernel_name=name.removeprefix("scx_"),
        program=program,
        noted=False,
        unverified=UNVERIFIED,
    )


def _noted(name: str, data: Mapping[str, object], program: Program) -> External:
    unknown = data.keys() - _KEYS
    if unknown:
        raise PolicyError(f"The key {safe_text(min(unknown))!r} is not known.")
    if text_of(data, "name") != name:
        raise PolicyError("The name must be the file's own.")
    parameters = read_constants(data)
    if any(each.type is ParameterType.NAMES for each in parameters):
        raise PolicyError("An option is a whole number or true or false.")
    return External(
        name=name,
        title=text_of(data, "title"),
        description=text_of(data, "description"),
        families=families_of(data),
        tags=("external", *texts_of(data, "tags")),
        use_cases=texts_of(data, "use_cases"),
        limits=texts_of(data, "limits"),
        requires=texts_of(data, "requires"),
        parameters=parameters,
        arguments=texts_of(data, "arguments"),
        kernel_name=text_of(data, "kernel_name"),
        program=program,
        noted=True,
        unverified=UNVERIFIED,
    )


def flag_of(parameter: Parameter) -> str:
    """Return the option that a parameter is on the command line."""
    name = parameter.name.replace("_", "-")
    return f"--{name}" if len(name) > 1 else f"-{name}"


def joined(scheduler: External, said: ProgramHelp) -> External:
    """Return the scheduler with the options that the installed version has, and its defaults.

    Where the program says nothing, the notes stand as they are.
    """
    if not said.options:
        return scheduler
    offered = {flag: option for option in said.options for flag in option.flags}
    present = (each for each in scheduler.parameters if flag_of(each) in offered)
    parameters = tuple(_with_default(each, offered[flag_of(each)]) for each in present)
    return replace(scheduler, parameters=parameters)


def _with_default(parameter: Parameter, option: HelpOption) -> Parameter:
    default = option.default
    if parameter.type is not ParameterType.INTEGER or not default.isascii():
        return parameter
    if not default.isdigit() or len(default) > len(str(parameter.maximum)):
        return parameter
    if not parameter.minimum <= int(default) <= parameter.maximum:
        return parameter
    return replace(parameter, default=int(default))


def command_arguments(scheduler: External, values: Mapping[str, ParameterValue]) -> tuple[str, ...]:
    """Return what the program is started with: options that were chosen, and nothing else.

    Raises PolicyError for a value of the wrong type or range.
    """
    words = list(scheduler.arguments)
    for parameter in scheduler.parameters:
        if parameter.name in values:
            words += _words(parameter, values[parameter.name])
    return tuple(words)


def _words(parameter: Parameter, value: ParameterValue) -> tuple[str, ...]:
    checked = check_value(parameter, value)
    if isinstance(checked, bool):
        return (flag_of(parameter),) if checked else ()
    return (flag_of(parameter), str(checked))

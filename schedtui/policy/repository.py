"""Reads the policies that come with the program: one TOML file and one BPF source each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from schedtui.model.composition import Composition
from schedtui.model.goal import Family
from schedtui.model.policy import Origin, Policy
from schedtui.model.text import safe_text
from schedtui.policy.composing import compose
from schedtui.policy.errors import PolicyError
from schedtui.policy.fields import is_identifier, read_parameters, text_of, texts_of
from schedtui.policy.plain import read_plain
from schedtui.policy.render import render
from schedtui.policy.slotted import KEYS, composition_of, fillings_of, is_slotted
from schedtui.resources import resource_dir

TOML_LIMIT: Final = 64 * 1024
"""Largest policy file, in bytes."""

LINE_LIMIT: Final = 1200
"""Longest line of a policy file, in characters."""

SOURCE_LIMIT: Final = 256 * 1024
"""Largest BPF source, in bytes."""

COUNT_LIMIT: Final = 200
"""Most policies in one folder."""

_KEYS: Final = frozenset(
    {"name", "title", "description", "source", "families", "tags", "use_cases", "limits"}
    | {"requires", "parameters"}
    | KEYS
)


def is_name(text: str) -> bool:
    """Tell whether ``text`` can be the name of a policy."""
    return is_identifier(text)


def load_repository(
    directory: Path | None = None, sources: Path | None = None
) -> tuple[Policy, ...]:
    """Return all policies, sorted by name.

    Args:
        directory: Folder of the TOML files; the program's own when None.
        sources: Folder of the BPF sources; the program's own when None.

    Raises:
        PolicyError: A file is not acceptable; the message names it and says why.
        FileNotFoundError: This installation has no policies or no sources.
    """
    folder = directory or resource_dir("policies")
    origin = sources or resource_dir("bpf") / "schedulers"
    files = sorted(folder.glob("*.toml"))
    if len(files) > COUNT_LIMIT:
        raise PolicyError(f"{len(files)} policy files are more than the {COUNT_LIMIT} allowed.")
    return tuple(_load(file, origin) for file in files)


def toml_name(name: str) -> str:
    """Return the file name of a policy's description."""
    return f"{name}.toml"


def source_name(name: str) -> str:
    """Return the file name of a policy's source."""
    return f"{name}.bpf.c"


def policy_of(name: str, toml: bytes, source: bytes, origin: Origin = Origin.BUILT_IN) -> Policy:
    """Return the policy that two files describe.

    Args:
        name: What the files are named after.
        toml: Content of ``NAME.toml``.
        source: Content of ``NAME.bpf.c``.
        origin: Whose it is.

    Raises:
        PolicyError: Anything is missing, unknown, of the wrong type or out of its range.
    """
    data = read_document(toml, toml_name(name))
    policy = replace(_policy(name, data, _text(source, source_name(name))), origin=origin)
    if render(policy, {}) != policy.source:
        raise PolicyError(f"The defaults here and those in {policy.source_name} are not the same.")
    # That of a policy of ours is held by a test, not at every start.
    if origin is Origin.YOURS and is_slotted(data):
        _require_composed(data, policy)
    return policy


def _require_composed(data: Mapping[str, object], policy: Policy) -> None:
    if compose(composition_of(data)) != policy.source:
        raise PolicyError(f"{policy.source_name} is not what the slots here are composed to.")


def read_composition(toml: bytes, name: str) -> Composition:
    """Return the composition in a policy file; keys that only a repository needs may be missing.

    Args:
        toml: Content of the file.
        name: The file's name, for sentences.

    Raises:
        PolicyError: It has no slots, or anything in it is unknown or of the wrong type.
    """
    data = read_document(toml, name)
    _require_known(data)
    return composition_of(data)


def _load(file: Path, sources: Path) -> Policy:
    name = file.name.removesuffix(".toml")
    try:
        toml = read_plain(file, TOML_LIMIT)
        return policy_of(name, toml, read_plain(sources / source_name(name), SOURCE_LIMIT))
    except PolicyError as error:
        raise PolicyError(f"{safe_text(file.name)}: {error}") from error


def read_document(toml: bytes, name: str) -> Mapping[str, object]:
    """Return the content of a TOML file that is called ``name``. Raises PolicyError."""
    text = _text(toml, name)
    # The parser takes quadratic time for a name of many parts, and names end with their line.
    if any(len(line) > LINE_LIMIT for line in text.split("\n")):
        raise PolicyError(f"A line is longer than {LINE_LIMIT} characters.")
    try:
        return tomllib.loads(text)
    except ValueError as error:  # also for numbers of thousands of digits
        raise PolicyError(f"This is not valid TOML: {safe_text(str(error))}.") from error
    except RecursionError as error:
        raise PolicyError("This TOML is nested too deeply.") from error


def _policy(stem: str, data: Mapping[str, object], source: str) -> Policy:
    _require_known(data)
    name = text_of(data, "name")
    if not is_name(name) or name != stem:
        raise PolicyError("The name must be the file's own: small letters, digits and _ only.")
    if text_of(data, "source") != source_name(name):
        raise PolicyError(f"The source must be {name}.bpf.c, in the folder of BPF sources.")
    return Policy(
        name=name,
        title=text_of(data, "title"),
        description=" ".join(text_of(data, "description").split()),
        families=families_of(data),
        tags=texts_of(data, "tags"),
        use_cases=texts_of(data, "use_cases"),
        limits=texts_of(data, "limits"),
        requires=texts_of(data, "requires"),
        parameters=read_parameters(data),
        source_name=source_name(name),
        source=source,
        fillings=fillings_of(data) if is_slotted(data) else (),
    )


def _require_known(data: Mapping[str, object]) -> None:
    unknown = data.keys() - _KEYS
    if unknown:
        raise PolicyError(f"The key {safe_text(min(unknown))!r} is not known.")


def families_of(data: Mapping[str, object]) -> tuple[Family, ...]:
    """Return the families that are named. Raises PolicyError."""
    try:
        return tuple(Family(text) for text in texts_of(data, "families"))
    except ValueError as error:
        known = ", ".join(Family)
        raise PolicyError(f"A family is not known; the known ones are {known}.") from error


def _text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyError(f"{safe_text(name)} is not UTF-8 text.") from error

"""Themes from files: a small TOML form, checked completely before anything is coloured."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.errors import StyleSyntaxError
from rich.style import Style
from textual.color import Color, ColorParseError

from schedtui.resources import user_dir

DEFAULT_THEME: Final = "dark"
NO_COLOUR_THEME: Final = "mono"
HEAT_STEPS: Final = 9

SCREEN_COLOURS: Final = (
    "foreground",
    "background",
    "surface",
    "panel",
    "primary",
    "accent",
    "success",
    "warning",
    "error",
)
_STYLE_WORDS: Final = (
    "text strong muted faint rule title focus accent good warn bad badge badge_bad badge_quiet "
    "bar bar_strong bar_muted key selected p50 p99 p50_on_p99 mark spark add add_word remove "
    "remove_word gutter code code_comment code_word code_text"
)
STYLE_NAMES: Final = tuple(_STYLE_WORDS.split())

_ITS_OWN: Final = frozenset({"name", "title"})
"""What a theme never has from its base, or it would take the place of it."""

ThemeData = Mapping[str, object]
"""What a theme file says, as TOML has it."""


class ThemeError(ValueError):
    """A theme file is not usable; the message names the file and the fault."""


@dataclass(frozen=True)
class Theme:
    """Colours of the screen.

    Attributes:
        screen: Colours of plain widgets, in Textual's notation.
        styles: One Rich style per name in STYLE_NAMES.
        heat: HEAT_STEPS styles from idle to hot.
        ansi: True when only the terminal's own colours are used.
    """

    name: str
    title: str
    dark: bool
    ansi: bool
    screen: Mapping[str, str]
    styles: Mapping[str, Style]
    heat: tuple[Style, ...]


def own_folder() -> Path:
    """Return the folder of this user's own theme files; it need not be there."""
    return user_dir("XDG_CONFIG_HOME", ".config") / "themes"


def theme_data(text: str, where: str, bases: Mapping[str, ThemeData] | None = None) -> ThemeData:
    """Return what TOML ``text`` says, not yet checked.

    Args:
        text: A whole theme file.
        where: The file, for messages.
        bases: Themes that the text may build on with ``base = "NAME"``: it says then only what
            differs.

    Raises:
        ThemeError: It is not TOML, or there is no such base.
    """
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Not only TOMLDecodeError: an integer may have more digits than Python converts.
        raise ThemeError(f"{where}: {error}") from error
    if "base" not in data:
        return data
    base = (bases or {}).get(str(data.pop("base")))
    if base is None:
        raise ThemeError(f"{where}: base must be one of: {', '.join(sorted(bases or {}))}")
    kept = {key: value for key, value in base.items() if key not in _ITS_OWN}
    return {key: _over(kept.get(key), data.get(key)) for key in {**kept, **data}}


def _over(below: object, above: object) -> object:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | above
    return below if above is None else above


def theme_of(data: ThemeData, where: str) -> Theme:
    """Return the theme in ``data``. Raises ThemeError that names ``where``."""
    screen = _exactly(_table(data, "screen", where), SCREEN_COLOURS, f"{where} [screen]")
    return Theme(
        name=_word(data, "name", where),
        title=_word(data, "title", where),
        dark=_flag(data, "dark", where),
        ansi=_flag(data, "ansi", where),
        screen={name: _colour(word, f"{where} [screen] {name}") for name, word in screen.items()},
        styles=_styles(_table(data, "styles", where), f"{where} [styles]"),
        heat=_heat(_table(data, "heat", where), f"{where} [heat]"),
    )


def _table(data: Mapping[str, object], key: str, where: str) -> Mapping[str, object]:
    value = data.get(key)
    if not isinstance(value, dict):
        raise ThemeError(f"{where}: the table [{key}] is missing")
    return value


def _word(data: Mapping[str, object], key: str, where: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.isprintable() or not value:
        raise ThemeError(f"{where}: {key} must be text")
    return value


def _flag(data: Mapping[str, object], key: str, where: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ThemeError(f"{where}: {key} must be true or false")
    return value


def _exactly(table: Mapping[str, object], names: Iterable[str], where: str) -> dict[str, str]:
    wanted = set(names)
    strange = sorted(table.keys() ^ wanted)
    if strange:
        word = "is missing" if strange[0] in wanted else "is not known"
        raise ThemeError(f"{where}: {strange[0]} {word}")
    return {name: _word(table, name, where) for name in table}


def _styles(table: Mapping[str, object], where: str) -> dict[str, Style]:
    words = _exactly(table, STYLE_NAMES, where)
    return {name: _style(definition, f"{where} {name}") for name, definition in words.items()}


def _colour(word: str, where: str) -> str:
    try:
        Color.parse(word)
    except ColorParseError as error:
        raise ThemeError(f"{where}: {word!r} is not a colour") from error
    return word


def _style(definition: object, where: str) -> Style:
    try:
        style = Style.parse(definition if isinstance(definition, str) else "?")
    except (StyleSyntaxError, ValueError) as error:
        raise ThemeError(f"{where}: {definition!r} is not a style") from error
    if style.link:
        raise ThemeError(f"{where}: a style cannot be a link")
    return style


def _heat(table: Mapping[str, object], where: str) -> tuple[Style, ...]:
    steps = table.get("steps")
    if not isinstance(steps, list) or len(steps) != HEAT_STEPS:
        raise ThemeError(f"{where}: steps must list {HEAT_STEPS} styles")
    return tuple(_style(step, f"{where} step {i}") for i, step in enumerate(steps))

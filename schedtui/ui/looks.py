"""Which theme is worn: chosen, changed by a key, or changed by the user in its file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from textual.theme import Theme as TextualTheme

from schedtui.model.text import safe_text
from schedtui.ui.paint.glyphs import ASCII, UNICODE
from schedtui.ui.paint.palette import Palette
from schedtui.ui.theme_shelf import ThemeShelf
from schedtui.ui.themes import DEFAULT_THEME, NO_COLOUR_THEME, Theme

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

LOOK_S: Final = 0.5
"""How often the user's theme files are looked at, in seconds; each look lists one folder."""
_OURS: Final = "schedtui-"
_ANSI_VARIABLES: Final = {
    "ansi-background": "ansi_black",
    "ansi-foreground": "ansi_white",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "input-cursor-text-style": "reverse",
}
"""What Textual's own style sheet wants of a theme that uses the terminal's colours."""


class Looks:
    """Keeps the palette that everything is drawn with.

    Attributes:
        shelf: All themes there are.
        palette: The styles of the theme that is worn.
    """

    def __init__(self, app: SchedtuiApp) -> None:
        self._app = app
        self.shelf = ThemeShelf(app.options.own_themes)
        self._taken = 0
        self.palette = self._take(self._wanted())

    def watch(self) -> None:
        """Tell what of the user's files is not usable, and look at them from now on."""
        self._tell(self.shelf.faults)
        self._app.set_interval(LOOK_S, self.look)

    def look(self) -> None:
        """Take what the user changed; where it is not usable, what was there before stays."""
        self._tell(self.shelf.look())
        worn = self.palette.theme
        fresh = self.shelf.themes.get(worn.name, worn)
        if fresh != worn:
            self._wear(fresh)
            self._app.desk.note(f"theme: {fresh.title}, as it was just changed")

    def next(self) -> None:
        """Wear the next theme in the order of names."""
        themes, here = self.shelf.themes, self.palette.theme.name
        order = sorted(themes)
        self._wear(themes[next((name for name in order if name > here), order[0])])
        self._app.desk.note(f"theme: {self.palette.theme.title}")

    def _wanted(self) -> Theme:
        options, themes = self._app.options, self.shelf.themes
        name = NO_COLOUR_THEME if options.no_color else options.theme
        if name not in themes:
            self._app.desk.note(f"there is no theme called {safe_text(name)}", "warn")
            name = DEFAULT_THEME
        return themes[name]

    def _take(self, theme: Theme) -> Palette:
        ascii_only = self._app.options.ascii_only
        signs = ASCII if ascii_only else UNICODE
        # Where colour tells two areas apart, both are solid; without colour one is shaded.
        solid = not (ascii_only or theme.name == NO_COLOUR_THEME)
        self._app.desk.glyphs = replace(signs, shade=signs.full) if solid else signs
        self._give_to_framework(theme)
        return Palette(theme)

    def _give_to_framework(self, theme: Theme) -> None:
        # A name of its own each time: the framework looks at a theme again only when it is new.
        self._taken += 1
        shown = _as_textual(theme, f"{_OURS}{self._taken}")
        self._app.register_theme(shown)
        before, self._app.theme = self._app.theme, shown.name
        if before.startswith(_OURS):
            self._app.unregister_theme(before)

    def _wear(self, theme: Theme) -> None:
        self.palette = self._take(theme)
        for screen in self._app.screen_stack:
            screen.refresh(layout=True)
            for node in screen.walk_children():
                node.refresh()

    def _tell(self, faults: Iterable[str]) -> None:
        for fault in faults:
            self._app.desk.note(f"theme not used: {safe_text(fault)}", "warn")


def _as_textual(theme: Theme, name: str) -> TextualTheme:
    colours = theme.screen
    return TextualTheme(
        name=name,
        primary=colours["primary"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        success=colours["success"],
        warning=colours["warning"],
        error=colours["error"],
        dark=theme.dark,
        ansi=theme.ansi,
        variables=_ANSI_VARIABLES if theme.ansi else {},
    )

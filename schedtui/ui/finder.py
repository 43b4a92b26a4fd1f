"""The search over all commands: what makes no sense now stays listed, with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from schedtui.ui.commands import Command, key_words

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

_NOT_OFFERED: Final = frozenset({"commands", "quit_now"})
"""The search itself, and what only repeats another command."""


class CommandFinder(Provider):
    """Offers the table of commands to Textual's palette.

    Reasons come from the target: everything is given as content, which is never read as markup.
    """

    async def discover(self) -> Hits:
        """Yield all commands."""
        for command, words in self._offered():
            shown = _shown(Content(command.title), words)
            yield DiscoveryHit(shown, self._doing(command), command.title)

    async def search(self, query: str) -> Hits:
        """Yield the commands whose title fits ``query``."""
        matcher = self.matcher(query)
        for command, words in self._offered():
            score = matcher.match(command.title)
            if score > 0:
                title = matcher.highlight(command.title)
                yield Hit(score, _shown(title, words), self._doing(command), command.title)

    @property
    def _schedtui(self) -> SchedtuiApp:
        return cast("SchedtuiApp", self.app)

    def _offered(self) -> Iterator[tuple[Command, str]]:
        desk = self._schedtui.desk
        now = desk.situation()
        for command in desk.commands:
            if command.id not in _NOT_OFFERED:
                reason = command.why_not(now)
                words = f"not now: {reason}" if reason else command.help
                yield command, f"{key_words(command)}   {words}"

    def _doing(self, command: Command) -> _Doing:
        return _Doing(self._schedtui, command.id)


class _Doing:
    """One command as the palette calls it."""

    def __init__(self, app: SchedtuiApp, command_id: str) -> None:
        self._app, self._id = app, command_id

    def __call__(self) -> None:
        """Do it, or say why not."""
        self._app.doing.run(self._id)


def _shown(title: Content, words: str) -> Content:
    return Content("\n").join([title, Content(words)])


def finder() -> CommandPalette:
    """Return the search as a screen."""
    return CommandPalette([CommandFinder], placeholder="Search all commands")

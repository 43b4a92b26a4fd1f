"""Where a verb writes: data on standard output, talk on standard error."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TextIO

from schedtui.engine.port import EngineError
from schedtui.model.wire import Json, to_json


@dataclass(frozen=True, slots=True)
class Output:
    """Two streams, and whether data is JSON."""

    data: TextIO
    talk: TextIO
    json: bool

    def say(self, sentence: str) -> None:
        """Write one line for people on standard error."""
        print(sentence, file=self.talk, flush=True)

    def line(self, text: str) -> None:
        """Write one line of readable data on standard output."""
        print(text, file=self.data, flush=True)

    def document(self, body: object) -> None:
        """Write one JSON document, or one JSON line of a stream, on standard output."""
        print(json.dumps(to_json(body), ensure_ascii=False), file=self.data, flush=True)

    def answer(self, body: object, readable: str) -> None:
        """Write the document with ``--json``, else the readable text."""
        if self.json:
            self.document(body)
        else:
            self.line(readable)

    def answer_in_spite_of(
        self, trouble: EngineError | None, body: dict[str, Json], readable: str
    ) -> None:
        """Answer, and tell what went wrong beside it, if anything did."""
        wrong = error_document(trouble.sentence, trouble.fix) if trouble else {}
        self.answer(body | wrong, readable)
        if trouble:
            self.say_error(trouble)

    def error(self, error: EngineError) -> None:
        """Name what is missing or broke, and the fix."""
        if self.json:
            self.document(error_document(error.sentence, error.fix))
        self.say_error(error)

    def say_error(self, error: EngineError) -> None:
        """Write an error for people only, after an answer that was given all the same."""
        self.say(f"schedtui: {error.sentence}")
        if error.fix:
            self.say(f"  fix: {error.fix}")


def error_document(sentence: str, fix: str) -> dict[str, Json]:
    """Return the JSON document that stands for an answer that cannot be given."""
    return {"error": {"sentence": sentence, "fix": fix}}

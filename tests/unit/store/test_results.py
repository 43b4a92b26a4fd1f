"""Results are only appended, private, and never trusted when they are read back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schedtui.measure.judgement import judge_trial
from schedtui.measure.recheck import recheck
from schedtui.model.policy import NameWeight
from schedtui.model.results import ResultRow
from schedtui.model.trial import Pair
from schedtui.model.wire import to_json
from schedtui.store.results import Results, ResultsError
from tests.fakes.results import result_row, unfit_row
from tests.fakes.samples import HOSTILE_NAMES

ROW = result_row()


def filled(folder: Path, rows: int = 3) -> Path:
    path = folder / "results.sqlite3"
    for number in range(rows):
        Results(path).append(replace(ROW, unix_ms=number))
    return path


def altered(path: Path, statement: str, *values: object) -> None:
    """Change the file as somebody would who does not care for its triggers."""
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER IF EXISTS results_unchanged")
    connection.execute("DROP TRIGGER IF EXISTS results_kept")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def forge(path: Path, number: int, **fields: Any) -> None:
    """Change fields of a row and make its hash fit: only what it says can betray it."""
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT body FROM results WHERE id = ?", (number,)).fetchone()
    before = connection.execute("SELECT sha256 FROM results WHERE id = ?", (number - 1,)).fetchone()
    connection.close()
    body = json.dumps(json.loads(found[0]) | fields)
    link = (before[0] if before else "0" * 64) + body
    digest = hashlib.sha256(link.encode()).hexdigest()
    altered(path, "UPDATE results SET body = ?, sha256 = ? WHERE id = ?", body, digest, number)


def test_rows_come_back_whole_and_in_order(tmp_path: Path) -> None:
    store = Results(tmp_path / "results.sqlite3")
    table = (("weights", (NameWeight("cc1", 900),)), ("fast", True), ("slice_us", 5))
    rows = [ROW, replace(ROW, parameters=table), unfit_row(), replace(ROW, trial=None)]
    assert [store.append(row) for row in rows] == [1, 2, 3, 4]
    assert [stored.row for stored in store.rows()] == rows
    assert not any(stored.problem for stored in store.rows())


def test_reading_makes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    assert Results(path).rows() == ()
    assert not path.exists()


def test_the_files_are_private(tmp_path: Path) -> None:
    path = filled(tmp_path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.execute("SELECT * FROM results").fetchall()
    files = list(tmp_path.iterdir())
    assert len(files) >= 2  # the database and its log
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    connection.close()


@pytest.mark.parametrize("statement", ["UPDATE results SET body = ''", "DELETE FROM results"])
def test_the_database_refuses_changes(tmp_path: Path, statement: str) -> None:
    connection = sqlite3.connect(filled(tmp_path))
    with pytest.raises(sqlite3.IntegrityError, match="only appended"):
        connection.execute(statement)
    connection.close()


def test_a_changed_row_shows_and_the_others_stand(tmp_path: Path) -> None:
    path = filled(tmp_path)
    better = json.dumps(to_json(replace(ROW, policy="mine")))
    altered(path, "UPDATE results SET body = ? WHERE id = 2", better)
    problems = [stored.problem for stored in Results(path).rows()]
    assert problems == ["", "it, or the row before it, was changed or taken out", ""]


def test_a_missing_row_shows(tmp_path: Path) -> None:
    path = filled(tmp_path)
    altered(path, "DELETE FROM results WHERE id = 2")
    assert [(stored.id, bool(stored.problem)) for stored in Results(path).rows()] == [
        (1, False),
        (3, True),
    ]


def test_a_place_that_cannot_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="File name too long"):
        Results(tmp_path / ("x" * 300)).rows()
    assert Results(tmp_path / "nothing").rows() == ()


def test_a_poisoned_row_is_recognised_by_its_pairs(tmp_path: Path) -> None:
    path = filled(tmp_path)
    body: Any = to_json(ROW.judgement)
    forge(path, 3, judgement=body | {"outcome": "worse"})
    poisoned = Results(path).rows()[2]
    assert poisoned.problem == ""
    assert poisoned.row is not None
    assert recheck(poisoned.row) == "its figures do not follow from its raw pairs"


@pytest.mark.parametrize("row", [ROW, unfit_row(), replace(ROW, trial=None, judgement=None)])
def test_an_honest_row_follows_from_its_pairs(row: ResultRow) -> None:
    assert recheck(row) == ""


def test_every_figure_is_checked_again() -> None:
    trial, judgement = ROW.trial, ROW.judgement
    assert trial is not None
    assert trial.control is not None
    assert judgement is not None
    lucky = replace(trial.objective, low=trial.objective.low + 1)
    calm = replace(trial.control, detectable=0.0001)
    rail = replace(trial.guardrails[0], factor=1.5)
    forged = (
        replace(ROW, trial=replace(trial, objective=lucky)),
        replace(ROW, trial=replace(trial, control=calm)),
        replace(ROW, trial=replace(trial, guardrails=(rail,))),
        replace(ROW, trial=replace(trial, pairs=trial.pairs[1:])),
        replace(ROW, judgement=replace(judgement, minimum_detectable=0.01)),
    )
    assert all(recheck(row) for row in forged)
    assert "cannot be judged" in recheck(replace(ROW, trial=replace(trial, pairs=())))
    assert "cannot be judged" in recheck(replace(ROW, metric="nothing"))


def test_a_row_without_its_control_or_its_pairs_is_forged() -> None:
    trial = ROW.trial
    assert trial is not None
    assert trial.control is not None
    half = replace(trial.control, pairs=trial.control.pairs[:2])
    alone = replace(trial, control=None)
    forged = (
        replace(ROW, trial=alone, judgement=judge_trial(alone, ROW.guardrails)),
        replace(ROW, trial=replace(trial, control=half)),
        replace(ROW, trial=None),
        replace(ROW, control_pairs=0),
        *(replace(ROW, max_pairs=pairs) for pairs in (0, 1, 2, -1, -100)),
    )
    assert all(recheck(row) for row in forged)
    assert recheck(replace(forged[0], control_pairs=0)) == ""


@pytest.mark.parametrize("figures", [(1e308, 1e-308), (1e-308, 1e308), (0.0, 1.0), (-1.0, 1.0)])
def test_absurd_figures_are_no_fault_of_the_reader(figures: tuple[float, float]) -> None:
    trial = ROW.trial
    assert trial is not None

    def absurd(pair: Pair) -> Pair:
        sides = zip((pair.baseline, pair.candidate), figures, strict=True)
        before, after = (
            replace(side, metrics=tuple((name, figure) for name, _ in side.metrics))
            for side, figure in sides
        )
        return replace(pair, baseline=before, candidate=after)

    pairs = tuple(absurd(pair) for pair in trial.pairs)
    assert recheck(replace(ROW, trial=replace(trial, pairs=pairs)))


@pytest.mark.parametrize(
    "fields",
    [{"policy": 5}, {"surprise": 1}, {"trial": {"pairs": []}}, {"direction": "sideways"}],
)
def test_a_row_of_another_shape_is_no_row(tmp_path: Path, fields: dict[str, Any]) -> None:
    path = filled(tmp_path, rows=1)
    forge(path, 1, **fields)
    assert Results(path).rows()[0].problem == "it does not have the shape of a row"


@pytest.mark.parametrize("body", ["", "[" * 100_000, "null", "{", "x" * ((4 << 20) + 1)])
def test_any_text_is_no_row_and_no_error(tmp_path: Path, body: str) -> None:
    path = filled(tmp_path, rows=1)
    digest = hashlib.sha256(("0" * 64 + body).encode()).hexdigest()
    altered(path, "UPDATE results SET body = ?, sha256 = ?", body, digest)
    (stored,) = Results(path).rows()
    assert stored.row is None
    assert stored.problem


def test_hostile_text_is_literal_when_read(tmp_path: Path) -> None:
    path = filled(tmp_path, rows=1)
    forge(path, 1, policy="\x1b]0;owned\x07\u202egood", rejections=list(HOSTILE_NAMES))
    row = Results(path).rows()[0].row
    assert row is not None
    assert row.policy == "\\x1b]0;owned\\x07\\u{202e}good"
    assert row.rejections == HOSTILE_NAMES


@pytest.mark.parametrize("content", [b"no database at all, but a letter to somebody", b"\0" * 4096])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "results.sqlite3"
    path.write_bytes(content)
    for use in (Results(path).rows, Results(path).prepare):
        with pytest.raises(ResultsError, match=r"results\.sqlite3 cannot be used") as caught:
            use()
        assert caught.value.fix.startswith("move it away: mv ")
    assert path.read_bytes() == content


def test_a_file_cut_short_is_one_sentence(tmp_path: Path) -> None:
    path = filled(tmp_path)
    whole = path.read_bytes()
    for file in tmp_path.iterdir():
        file.unlink()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ResultsError, match="cannot be used"):
        Results(path).rows()


def test_a_foreign_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE results (id INTEGER PRIMARY KEY, body TEXT, sha256 TEXT)")
    connection.close()
    before = path.read_bytes()
    for use in (Results(path).rows, Results(path).prepare, lambda: Results(path).append(ROW)):
        with pytest.raises(ResultsError, match="is no result file of schedtui"):
            use()
    assert path.read_bytes() == before


def test_a_later_schema_is_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path)
    altered(path, "PRAGMA user_version = 2")
    with pytest.raises(ResultsError, match="later version of schedtui"):
        Results(path).append(ROW)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="No such file"):
        Results(tmp_path / "nowhere" / "results.sqlite3").append(ROW)


def test_two_writers_keep_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "results.sqlite3"
    first, second = Results(path), Results(path)
    assert [first.append(ROW), second.append(ROW), first.append(ROW)] == [1, 2, 3]
    assert not any(stored.problem for stored in second.rows())

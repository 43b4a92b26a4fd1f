"""A folder that somebody sent: complete and exactly as its manifest says, or refused."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from schedtui.model.exchange import Manifest
from schedtui.model.policy import Origin
from schedtui.policy.errors import PolicyError
from schedtui.policy.exchange import (
    MANIFEST,
    MANIFEST_LIMIT,
    manifest_of,
    read_parcel,
    with_manifest,
)
from schedtui.policy.repository import SOURCE_LIMIT, TOML_LIMIT
from tests.fakes.own_policies import manifest, sent, source, toml

FILES = {"mine.toml": toml(), "mine.bpf.c": source()}


def refusal(folder: Path) -> str:
    started = time.monotonic()
    with pytest.raises(PolicyError) as caught:
        read_parcel(folder)
    assert time.monotonic() - started < 1
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert sentence.endswith(".")
    return sentence


def with_manifest_text(folder: Path, text: str) -> Path:
    (folder / MANIFEST).write_text(text, "utf-8", "surrogatepass")
    return folder


def with_entry(folder: Path, place: int, **changed: Any) -> Path:
    data = manifest(FILES)
    data["files"][place] |= changed
    return with_manifest_text(folder, json.dumps(data))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sent(tmp_path / "sent")


def test_a_sent_policy_is_read_with_its_bytes(folder: Path) -> None:
    parcel = read_parcel(folder)
    assert (parcel.policy.name, parcel.policy.origin) == ("mine", Origin.YOURS)
    assert (parcel.toml, parcel.source) == (toml(), source())
    assert parcel.policy.source == source().decode()


def test_the_manifest_that_is_written_can_be_read(folder: Path) -> None:
    parcel = read_parcel(folder)
    files = with_manifest(parcel)
    assert manifest_of(files[MANIFEST]) == parcel.manifest
    assert json.loads(files[MANIFEST]) == manifest(FILES)


def test_a_link_to_the_folder_itself_may_be_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert read_parcel(tmp_path / "link").policy.name == "mine"


@pytest.mark.parametrize("name", [MANIFEST, "mine.toml", "mine.bpf.c"])
def test_links_and_pipes_in_it_are_refused(folder: Path, name: str) -> None:
    (folder / name).rename(folder.parent / name)
    assert refusal(folder) == f"{name} is missing or not a plain file."
    (folder / name).symlink_to(folder.parent / name)
    assert refusal(folder) == f"{name} is missing or not a plain file."
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert refusal(folder) == f"{name} is missing or not a plain file."


@pytest.mark.parametrize(
    ("name", "limit"),
    [(MANIFEST, MANIFEST_LIMIT), ("mine.toml", TOML_LIMIT), ("mine.bpf.c", SOURCE_LIMIT)],
)
def test_huge_files_are_refused(folder: Path, name: str, limit: int) -> None:
    with (folder / name).open("ab") as file:
        file.truncate(1 << 40)
    assert refusal(folder) == f"{name} is larger than {limit} bytes."


@pytest.mark.parametrize("name", ["README", ".hidden", "mine.bpf.c~", "\x1b[2J", "x" * 200])
def test_other_files_do_not_belong(folder: Path, name: str) -> None:
    (folder / name).touch()
    assert "does not belong in the folder of a policy" in refusal(folder)
    assert "\x1b" not in refusal(folder)


def test_a_folder_of_many_files_is_refused_quickly(folder: Path) -> None:
    for number in range(500):
        (folder / f"{number}").touch()
    assert "does not belong" in refusal(folder)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"size": 1}, {"sha256": ""}])
def test_other_bytes_than_described_are_refused(
    folder: Path, place: int, change: dict[str, Any]
) -> None:
    name = list(FILES)[place]
    words = f"{name} is not the file that manifest.json describes."
    assert refusal(with_entry(folder, place, **change)) == words


def test_a_changed_byte_is_noticed(folder: Path) -> None:
    (folder / "mine.bpf.c").write_bytes(source().replace(b"1", b"2", 1))
    assert refusal(folder).startswith("mine.bpf.c is not the file")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "has schema 2; only 1 can be read"),
        ({"schema": 10**3000}, "has schema 1000000000000000000…; only"),
        ({"schema": "1"}, "expected int"),
        ({"schema": True}, "expected int"),
        ({"name": "../mine"}, "'../mine' in manifest.json is not a policy's name"),
        ({"name": "/etc/passwd"}, "is not a policy's name"),
        ({"name": "Mine"}, "is not a policy's name"),
        ({"name": "mine\n"}, "is not a policy's name"),
        ({"name": "\u202e\x1b[31m"}, "u{202e}"),
        ({"name": "m" * 33}, "is not a policy's name"),
        ({"name": ""}, "is not a policy's name"),
        ({"name": "\udc80"}, "is not a policy's name"),
        ({"name": "other"}, "must list other.toml and other.bpf.c, no other"),
        ({"files": []}, "must list mine.toml and mine.bpf.c, no other"),
        ({"files": None}, "expected a list"),
        ({"extra\x1b": 1}, "unknown field"),
    ],
)
def test_other_manifests_are_refused(folder: Path, change: dict[str, Any], words: str) -> None:
    text = json.dumps(manifest(FILES) | change)
    assert words in refusal(with_manifest_text(folder, text))


@pytest.mark.parametrize(
    "name", ["../mine.toml", "/etc/passwd", "./mine.toml", "mine.bpf.c", "mine.toml\x00", ""]
)
def test_a_manifest_lists_its_two_files_only(folder: Path, name: str) -> None:
    assert "must list mine.toml and mine.bpf.c" in refusal(with_entry(folder, 0, name=name))


def test_a_third_file_in_the_manifest_is_refused(folder: Path) -> None:
    text = json.dumps(manifest({**FILES, "../../x": b""}))
    assert "no other" in refusal(with_manifest_text(folder, text))


@pytest.mark.parametrize("field", ["schema", "name", "files"])
def test_a_manifest_is_complete(folder: Path, field: str) -> None:
    data = manifest(FILES)
    del data[field]
    assert "a field is missing" in refusal(with_manifest_text(folder, json.dumps(data)))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "1", "[" * 4000, '{"schema": 9' + "9" * 4090],
)
def test_what_is_no_json_object_is_refused(folder: Path, text: str) -> None:
    assert refusal(with_manifest_text(folder, text)).startswith("manifest.json ")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b'title = "', b'titel = "', "mine.toml: The key 'titel' is not known."),
        (b"tags = [", b"# tags = [", "mine.toml: tags is missing"),
        (b'name = "mine"', b'name = "other"', "mine.toml: The name must be the file's own"),
        (b'"mine.bpf.c"', b'"../mine.bpf.c"', "mine.toml: The source must be mine.bpf.c"),
        (b"default = 20000", b"default = 1", "mine.toml: slice_us = 1 is outside"),
        (b"default = 20000", b"default = 30000", "are not the same"),
        (b'title = "', b'title = "\xff', "mine.toml: mine.toml is not UTF-8 text."),
    ],
)
def test_an_incomplete_policy_is_refused(
    tmp_path: Path, before: bytes, after: bytes, words: str
) -> None:
    assert before in toml()
    folder = sent(tmp_path / "sent", toml=toml().replace(before, after, 1))
    assert words in refusal(folder)


def test_a_name_that_stands_twice_is_refused(folder: Path) -> None:
    text = json.dumps(manifest(FILES))
    again = text.replace('"name": "mine"', '"name": "mine", "name": "mine"', 1)
    assert (
        refusal(with_manifest_text(folder, again))
        == "manifest.json is not valid JSON with every name once."
    )


def test_what_is_no_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none", tmp_path / "pipe", folder / "mine.toml", Path("\x1b" * 5000)):
        assert "cannot be opened: " in refusal(path)


def test_a_renamed_folder_is_another_policy_only_when_all_of_it_is(tmp_path: Path) -> None:
    folder = sent(tmp_path / "sent")
    for kind in ("toml", "bpf.c"):
        (folder / f"mine.{kind}").rename(folder / f"yours.{kind}")
    assert refusal(folder) == "'yours.bpf.c' does not belong in the folder of a policy."
    files = {"yours.toml": toml(), "yours.bpf.c": source()}
    with_manifest_text(folder, json.dumps(manifest(files, "yours")))
    assert refusal(folder).startswith("yours.toml: The name must be the file's own")
    assert read_parcel(sent(tmp_path / "whole", "yours")).policy.name == "yours"


def test_the_manifest_is_typed() -> None:
    whole = manifest_of(json.dumps(manifest(FILES)).encode())
    assert isinstance(whole, Manifest)
    assert [file.name for file in whole.files] == list(FILES)

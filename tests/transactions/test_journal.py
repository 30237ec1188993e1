from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.errors import EnvToolsError
from ipy_envtools.transactions import JournalUnreadable, apply, empty, history

from .builders import STORE, differences, picture

if TYPE_CHECKING:
    from pathlib import Path

    from .builders import FabricatedEnvironment


def newest_journal(small: FabricatedEnvironment) -> Path:
    return max((small.root / STORE).glob("*/journal"))


def test_a_journal_begins_with_its_format_and_holds_relative_paths_only(
    small: FabricatedEnvironment,
) -> None:
    apply(small.plan("alpha"))
    text = newest_journal(small).read_text()
    assert json.loads(text.splitlines()[0]) == {"format": 1}
    assert str(small.root) not in text


def test_a_journal_holds_no_url_and_no_credentials(small: FabricatedEnvironment) -> None:
    url = json.dumps({"url": "https://user:s3cret@example.org/alpha.whl", "archive_info": {}})
    small.install("direct", "1.0", {"direct-1.0.dist-info/direct_url.json": url.encode()})
    transaction = apply(small.plan("direct"))
    for path in (small.root / STORE).rglob("*"):
        if path.is_file() and path.name in ("journal", "lock"):
            assert "s3cret" not in path.read_text()
    assert "s3cret" not in repr(transaction)


def test_a_journal_that_was_cut_off_anywhere_is_understood(small: FabricatedEnvironment) -> None:
    before = picture(small.root)
    transaction = apply(small.plan("alpha"))
    journal = newest_journal(small)
    whole = journal.read_bytes()
    intent = whole.index(b'{"phase":"applied"')
    shutil.copytree(small.root, small.root.parent / "planned", symlinks=True)
    states = []
    for length in [intent - 1, *range(intent, len(whole), 31), len(whole) - 1, len(whole)]:
        newest_journal(small).write_bytes(whole[:length])
        newest = history(small.environment)[0]
        if length < intent:
            assert newest != transaction  # the intent was on the disk before anything moved
            continue
        states.append(newest.state)
        newest.undo()
        assert sorted(picture(small.root)) == sorted(before)
        shutil.rmtree(small.root)
        shutil.copytree(small.root.parent / "planned", small.root, symlinks=True)
    assert states == [*["interrupted"] * (len(states) - 1), "applied"]


def test_what_a_torn_write_left_behind_does_not_spoil_the_lines_after_it(
    small: FabricatedEnvironment,
) -> None:
    transaction = apply(small.plan("alpha"))
    with open(newest_journal(small), "ab") as journal:
        journal.write(b'{"phase":"undo' + b"\0" * 5000)
    assert history(small.environment)[0].state == "applied"
    transaction.undo()
    assert history(small.environment)[0].state == "undone"
    with pytest.raises(EnvToolsError, match="is undone already"):
        transaction.undo()


@pytest.mark.parametrize("first", [b'{"format":2}', b'{"format":"x"}'])
def test_an_unknown_format_blocks_changes_and_says_so(
    small: FabricatedEnvironment, first: bytes
) -> None:
    transaction = apply(small.plan("alpha"))
    earlier = history(small.environment)[-1]
    journal = newest_journal(small)
    rest = journal.read_bytes().partition(b"\n")[2]
    journal.write_bytes(first + b"\n" + rest)
    before = picture(small.root.parent)
    for attempt in (
        lambda: apply(small.plan("beta")),
        transaction.undo,
        earlier.undo,
        lambda: empty(small.environment),
    ):
        with pytest.raises(JournalUnreadable, match="format that this release"):
            attempt()
    assert [each.id for each in history(small.environment)] == [earlier.id]
    assert differences(before, picture(small.root.parent)) == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [lines[0], b"\0" * 40, *lines[2:]],
        lambda lines: [b"\0" * 12, *lines[1:]],
        lambda lines: [*lines[:3], b'{"move":{"out":"../../../../etc","base":"","kept":"1"}}'],
        lambda lines: [*lines[:-1], b'{"phase":"sideways","owner":null}', lines[-1]],
        lambda lines: [b"[]", *lines[1:]],
    ],
    ids=["head", "format", "a path that leads out", "phase", "no object"],
)
def test_a_damaged_journal_stops_an_undo(small: FabricatedEnvironment, damage) -> None:
    transaction = apply(small.plan("alpha"))
    journal = newest_journal(small)
    lines = damage(journal.read_bytes().splitlines())
    lines.append(lines[-1])
    journal.write_bytes(b"\n".join(lines) + b"\n")
    before = picture(small.root.parent)
    with pytest.raises(JournalUnreadable):
        transaction.undo()
    assert differences(before, picture(small.root.parent)) == []


def test_a_transaction_without_a_journal_is_unknown(small: FabricatedEnvironment) -> None:
    transaction = apply(small.plan("alpha"))
    newest_journal(small).unlink()
    with pytest.raises(EnvToolsError, match="no longer"):
        transaction.undo()
    kept = list((small.root / STORE / transaction.id).iterdir())
    apply(small.plan("beta"))
    # What it kept may be all that is left of somebody's files: that is not swept up.
    assert list((small.root / STORE / transaction.id).iterdir()) == kept

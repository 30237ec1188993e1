"""A new directory comes by one renaming where the stage holds it just as it is to be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ipy_envtools.transactions import apply

from .builders import differences, picture
from .operations import no_renaming_of, watched
from .unpacking import Unpacking, plan_install

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from .builders import FabricatedEnvironment

NEW = {
    **{f"new/part/module{number}.py": b"" for number in range(40)},
    "new/part/deep/er/module.py": b"",
    "new/__init__.py": b"",
    "../../../share/new/data": b"",
}


class Staging(Unpacking):
    """Does something to the stage before it is looked at."""

    def then(self, site: Path) -> None:
        """Nothing else."""

    def write(
        self, stage: Path, name: str, version: str, files: Mapping[str, bytes], rows: str = ""
    ) -> None:
        super().write(stage, name, version, files, rows)
        self.then(stage / self.site)


class EmptyDirectory(Staging):
    def then(self, site: Path) -> None:
        (site / "new" / "part" / "nothing").mkdir()


class ClosedToOthers(Staging):
    def then(self, site: Path) -> None:
        (site / "new" / "part").chmod(0o750)


def renamed_by_installing(
    small: FabricatedEnvironment, patch: pytest.MonkeyPatch, engine: type[Unpacking]
) -> list[str]:
    """The names of what was renamed into the environment; and all is back after the undo."""
    start = picture(small.root.parent)
    engine({"new": ("1.0", NEW)}).use(patch)
    with watched(lambda *_: None, ("rename",)) as log:
        transaction = apply(plan_install(small, ("new", "1.0")))
    names = [os.path.basename(args[1]) for _, args in log]
    assert sorted(path.name for path in (small.site / "new" / "part").iterdir()) == sorted(
        ["deep", *(f"module{number}.py" for number in range(40))]
    )
    assert (small.site / "new" / "part" / "deep" / "er" / "module.py").is_file()
    assert (small.root / "share" / "new" / "data").is_file()
    transaction.undo()
    assert differences(start, picture(small.root.parent)) == []
    return names


def test_the_outermost_new_directory_is_renamed(
    small: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = renamed_by_installing(small, monkeypatch, Unpacking)
    assert "new" in names
    assert not {"part", "deep", "__init__.py", "module0.py"} & set(names)


def test_what_no_package_brings_does_not_come_along(
    small: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = renamed_by_installing(small, monkeypatch, EmptyDirectory)
    assert {"deep", "__init__.py", "module0.py"} <= set(names)
    assert not {"new", "part", "nothing"} & set(names)


def test_modes_come_along(small: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = ClosedToOthers({"new": ("1.0", NEW)})
    engine.use(monkeypatch)
    part = small.site / "new" / "part"
    transaction = apply(plan_install(small, ("new", "1.0")))
    assert part.stat().st_mode & 0o777 == 0o750
    transaction.undo()
    with no_renaming_of("directories"):
        apply(plan_install(small, ("new", "1.0")))
    assert part.stat().st_mode & 0o777 == 0o750


def test_an_existing_directory_is_never_replaced(
    small: FabricatedEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small.site / "new").mkdir()
    names = renamed_by_installing(small, monkeypatch, Unpacking)
    assert {"part", "__init__.py"} <= set(names)
    assert "new" not in names

"""Compiled files: those of each source that leaves, and nothing else."""

from __future__ import annotations

import pytest

from .fabricated import Fabricated, going, verdicts


@pytest.mark.parametrize(
    "name",
    [
        "mod.cpython-311.pyc", "mod.cpython-39.opt-1.pyc", "mod.cpython-313t.opt-2.pyc",
        "mod.pypy310.pyc", "mod.graalpy-242.opt-1.pyc", "mod.cpython-311-pytest-8.2.1.pyc",
        "mod.cpython-312-pytest-9.0.0.dev1.pyc", "mod.ours.opt-fast.pyc",
    ],
)  # fmt: skip
def test_every_tag_and_level_goes(made: Fabricated, name: str) -> None:
    made.add("foo", files={"foo/__init__.py": "", "foo/mod.py": ""})
    made.write(f"foo/__pycache__/{name}", "compiled")
    assert verdicts(made.plan("foo"))[f"foo/__pycache__/{name}"] == "compiled"


@pytest.mark.parametrize(
    "name",
    [
        "mod.bar.cpython-311.pyc", "mode.cpython-311.pyc", "mod.pyc", "mod.cpython-311.pyo",
        "mod.cpython-311.pyc.1234", "mod.func-1.py311.nbi", ".cpython-311.pyc", "mod-1.pyc",
        "mod.cpython-311.opt-1.pyc.tmp",
    ],
)  # fmt: skip
def test_what_is_compiled_from_something_else_stays(made: Fabricated, name: str) -> None:
    made.add("foo", files={"foo/__init__.py": "", "foo/mod.py": ""})
    made.write(f"foo/__pycache__/{name}", "compiled")
    assert verdicts(made.plan("foo"))[f"foo/__pycache__/{name}"] == "keep-unrecorded"


def test_a_source_with_a_dot_in_its_name_has_its_own_compiled_files(made: Fabricated) -> None:
    made.add("one", files={"pkg/mod.py": ""})
    made.add("two", files={"pkg/mod.bar.py": ""})
    made.write("pkg/__pycache__/mod.cpython-311.pyc")
    made.write("pkg/__pycache__/mod.bar.cpython-311.pyc")
    assert "pkg/__pycache__/mod.bar.cpython-311.pyc" not in verdicts(made.plan("one"))
    assert "pkg/__pycache__/mod.bar.cpython-311.pyc" in going(made.plan("two"))


def test_top_level_modules_leave_the_neighbours_compiled_files(made: Fabricated) -> None:
    made.add("six", files={"six.py": ""})
    made.add("seven", files={"seven.py": ""})
    for name in ("six.cpython-311.pyc", "six.cpython-310.pyc", "seven.cpython-311.pyc"):
        made.write(f"__pycache__/{name}")
    assert going(made.plan("six")) & {
        f"__pycache__/{n}.cpython-311.pyc" for n in ("six", "seven")
    } == {"__pycache__/six.cpython-311.pyc"}
    assert "__pycache__/six.cpython-310.pyc" in going(made.plan("six"))


def test_compiled_files_of_a_source_that_is_gone_go_too(made: Fabricated) -> None:
    """Else a directory with nothing but compiled files stays and imports as a namespace package."""
    made.add("foo", files={"foo/__init__.py": "", "foo/mod.py": ""})
    (made.site / "foo/mod.py").unlink()
    made.write("foo/__pycache__/mod.cpython-311.pyc")
    found = verdicts(made.plan("foo"))
    assert found["foo/mod.py"] == "missing"
    assert found["foo/__pycache__/mod.cpython-311.pyc"] == "compiled"


def test_compiled_files_that_record_names_are_called_compiled(made: Fabricated) -> None:
    made.add("foo", rows=["foo/__pycache__/__init__.cpython-311.pyc,sha256=AAAA,1"])
    made.write("foo/__pycache__/__init__.cpython-311.pyc", "recompiled since")
    assert verdicts(made.plan("foo"))["foo/__pycache__/__init__.cpython-311.pyc"] == "compiled"


def test_compiled_files_that_another_record_names_stay(made: Fabricated) -> None:
    made.add("foo", files={"pkg/mod.py": ""})
    made.add("bar", rows=["pkg/__pycache__/mod.cpython-311.pyc,,"])
    made.write("pkg/__pycache__/mod.cpython-311.pyc")
    assert "pkg/__pycache__/mod.cpython-311.pyc" not in going(made.plan("foo"))


def test_a_linked_cache_is_not_looked_into(made: Fabricated) -> None:
    made.add("foo", files={"foo/mod.py": ""})
    made.write("elsewhere/mod.cpython-311.pyc")
    made.link("foo/__pycache__", "../elsewhere")
    assert not any("pyc" in path and "cache" in path for path in going(made.plan("foo")))


def test_scripts_that_were_compiled_leave_nothing(made: Fabricated) -> None:
    made.add("foo", files={"../../../bin/foo.py": "#!/usr/bin/env python\n"})
    made.write("../../../bin/__pycache__/foo.cpython-311.pyc")
    assert "../../../bin/__pycache__/foo.cpython-311.pyc" in going(made.plan("foo"))

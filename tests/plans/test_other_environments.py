"""Other environments and other Pythons inside the prefix: none of their files is a package's."""

from __future__ import annotations

import pytest

from tests.builders import dist_info, record_row

from .fabricated import LIBRARY, Fabricated, going, reasons, verdicts


def _lying(made: Fabricated, *paths: str) -> dict[str, str]:
    """The verdicts on files of the prefix, which a RECORD names with their true hashes."""
    for path in paths:
        if not (made.root / path).exists():
            made.write(f"../../../{path}", "content")
    made.add("liar", rows=[record_row(f"../../../{path}", b"content") for path in paths])
    found = {str(file.path): file.verdict for file in made.plan("liar").files}
    return {path: found[str(made.root / path)] for path in paths}


@pytest.mark.parametrize("mark", ["pyvenv.cfg", "conda-meta/history"])
def test_nothing_of_an_environment_below_the_prefix_goes(made: Fabricated, mark: str) -> None:
    inside = [
        mark,
        "bin/activate",
        "bin/foo",
        f"{LIBRARY}/site-packages/foo/__init__.py",
        "share/deep/er/foo",
    ]
    found = _lying(made, *(f"work/envs/other/{path}" for path in inside))
    assert set(found.values()) == {"refuse-protected"}
    reason = reasons(made.plan("liar"))["../../../work/envs/other/bin/foo"]
    assert reason == "it belongs to another environment"


def test_files_beside_another_environment_may_go(made: Fabricated) -> None:
    made.write("../../../share/other/pyvenv.cfg")
    assert _lying(made, "share/foo.txt") == {"share/foo.txt": "remove"}


def test_what_conda_s_base_keeps_for_other_environments_stays(made: Fabricated) -> None:
    made.write("../../../conda-meta/history")
    found = _lying(made, "pkgs/foo-1.0/lib/foo.so", "envs/.conda_envs_dir_test", "share/foo")
    assert found == {
        "pkgs/foo-1.0/lib/foo.so": "refuse-protected",
        "envs/.conda_envs_dir_test": "refuse-protected",
        "share/foo": "remove",
    }


@pytest.mark.parametrize("above", ["lib", "lib64", "local/lib", "include"])
@pytest.mark.parametrize("python", ["python3.9", "python3", "python3.13t", "pypy3.10"])
def test_what_is_of_another_python_stays(made: Fabricated, above: str, python: str) -> None:
    path = f"{above}/{python}/site-packages/old/x.py"
    assert _lying(made, path) == {path: "refuse-protected"}


def test_directories_of_this_python_or_only_called_alike_may_lose_files(made: Fabricated) -> None:
    paths = [f"{LIBRARY}/foo.cfg", "include/python3.11/foo/foo.h", "share/python3.9/foo"]
    assert set(_lying(made, *paths).values()) == {"remove"}


@pytest.mark.parametrize("directory", ["", "lib/", "lib/x86_64-linux-gnu/", "bin/"])
def test_the_library_of_python_stays_wherever_it_lies(made: Fabricated, directory: str) -> None:
    path = f"{directory}libpython3.11.so.1.0"
    assert _lying(made, path) == {path: "refuse-protected"}


def test_a_directory_with_entries_of_its_own_belongs_to_those(made: Fabricated) -> None:
    """As ``pip install --target`` makes one, on ``sys.path`` or not."""
    dist_info(made.root / "extra", "neighbour", files={"neighbour/deep/x.py": "content"})
    path = "extra/neighbour/deep/x.py"
    assert _lying(made, path, "extra/neighbour-1.0.dist-info/WHEEL") == {
        path: "refuse-protected",
        "extra/neighbour-1.0.dist-info/WHEEL": "refuse-protected",
    }


def test_what_virtualenv_made_is_no_package_s(made: Fabricated) -> None:
    made.add("liar", files={"_virtualenv.py": "", "_virtualenv.pth": "", "pkg/_virtualenv.py": ""})
    assert verdicts(made.plan("liar")) == {
        "_virtualenv.py": "refuse-protected",
        "_virtualenv.pth": "refuse-protected",
        "pkg/_virtualenv.py": "remove",
    }
    assert "liar-1.0.dist-info/METADATA" in going(made.plan("liar"))

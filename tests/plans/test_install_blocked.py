"""Plans to install that may not be carried out: why, and what to type instead."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ipy_envtools import plan_install, scan
from ipy_envtools.environment import SiteDirectory, find_environment
from ipy_envtools.formats import read_request
from tests.builders import dist_info, egg_info

from .installing import changes

if TYPE_CHECKING:
    from tests.index import Index

    from .installing import Place


def _blocked(place: Place, *requirements: str, **how: Any) -> str:
    plan = place.plan(*requirements, **how)
    assert plan.blocked is not None
    assert not plan.safe
    return plan.blocked


@pytest.fixture
def kernel(place: Place, index: Index) -> Place:
    """An environment that this process seems to run in, with a kernel in it."""
    place.pretended["is_running"] = True
    place.add("ipykernel", "6.1", requires=["traitlets"])
    place.add("ipy-envtools", "0.1", requires=["ipykernel", "rich"])
    place.add("traitlets", "5.0")
    place.add("rich", "13.0")
    index.add("ipykernel", "7.0", requires=["traitlets"])
    index.add("ipy-envtools", "0.2", requires=["ipykernel", "rich>=14"])
    index.add("traitlets", "5.1")
    index.add("rich", "14.0")
    return place


def test_the_kernel_itself_is_protected_and_the_way_out_is_the_same_line(kernel: Place) -> None:
    plan = kernel.plan("ipykernel>=7")
    assert changes(plan) == ["upgrade ipykernel 6.1 → 7.0 *"]
    assert plan.touches_kernel == ("ipykernel",)
    assert plan.blocked is not None
    assert plan.blocked.startswith("ipykernel 6.1 → 7.0: this notebook's kernel runs on it")
    assert plan.blocked.endswith("To do it anyway: %pkg install 'ipykernel>=7' --force")


def test_what_the_kernel_needs_is_protected_also_where_it_only_comes_along(
    kernel: Place, index: Index
) -> None:
    index.add("app", "1.0", requires=["traitlets>=5.1"])
    reason = _blocked(kernel, "app")
    assert reason.startswith(
        "traitlets 5.0 → 5.1: this notebook's kernel runs on ipykernel, which needs it"
    )
    assert "%pkg install app --force" in reason


def test_a_copy_of_the_parent_that_would_be_hidden_is_protected_too(
    place: Place, index: Index, tmp_path: Path
) -> None:
    if place.engine == "pip":
        pytest.skip("pip asks the interpreter, which knows nothing of what is pretended here")
    dist_info(tmp_path / "parent", "ipykernel", "6.1")
    index.add("ipykernel", "7.0")
    place.pretended |= {
        "is_running": True,
        "site_directories": (
            *find_environment(place.venv.python).site_directories,
            SiteDirectory(tmp_path / "parent", "parent", writable=True),
        ),
    }
    plan = place.plan("ipykernel")
    assert changes(plan) == ["install ipykernel 7.0 *"]
    assert plan.blocked is not None
    assert plan.blocked.startswith("ipykernel 6.1 → 7.0: this notebook's kernel runs on it")


def test_force_overrides_it_and_the_plan_is_not_safe(kernel: Place) -> None:
    plan = kernel.plan("ipykernel>=7", force=True)
    assert plan.blocked is None
    assert plan.touches_kernel == ("ipykernel",)
    assert plan.force
    assert not plan.safe


def test_this_extension_may_be_upgraded_with_what_only_it_needs(kernel: Place) -> None:
    plan = kernel.plan("ipy-envtools", upgrade=True)
    assert changes(plan) == ["upgrade ipy-envtools 0.1 → 0.2 *", "upgrade rich 13.0 → 14.0"]
    assert plan.blocked is None
    assert plan.touches_kernel == ("ipy-envtools", "rich")
    assert not plan.safe


def test_this_extension_may_bring_what_the_kernel_needs_too_where_all_of_it_still_fits(
    kernel: Place, index: Index
) -> None:
    index.add("ipy-envtools", "0.3", requires=["ipykernel", "traitlets>=5.1", "rich"])
    plan = kernel.plan("ipy-envtools", upgrade=True)
    assert changes(plan) == ["upgrade ipy-envtools 0.1 → 0.3 *", "upgrade traitlets 5.0 → 5.1"]
    assert plan.blocked is None
    kernel.add("other", requires=["traitlets<5.1"])
    assert "traitlets 5.0 → 5.1" in _blocked(kernel, "ipy-envtools", upgrade=True)
    index.add("ipy-envtools", "0.4", requires=["ipykernel>=7"])
    assert "ipykernel 6.1 → 7.0" in _blocked(kernel, "ipy-envtools", upgrade=True)


def test_what_this_extension_needs_is_protected_on_its_own(kernel: Place) -> None:
    assert "ipy-envtools, which needs it" in _blocked(kernel, "rich", upgrade=True)


def test_adding_to_the_kernels_environment_is_safe(kernel: Place, index: Index) -> None:
    index.add("app", "1.0", requires=["traitlets"])
    plan = kernel.plan("app")
    assert plan.safe
    assert plan.touches_kernel == ()


def test_another_environments_kernel_is_not_this_one(kernel: Place) -> None:
    kernel.pretended["is_running"] = False
    assert kernel.plan("ipykernel>=7").blocked is None


def test_externally_managed_says_its_message_and_the_way_around(place: Place, index: Index) -> None:
    index.add("app", "1.0")
    place.pretended |= {
        "externally_managed": "Use apt install python3-xyz.",
        "locked_reason": "/usr is managed by another tool (EXTERNALLY-MANAGED). Use apt install "
        "python3-xyz.",
    }
    reason = _blocked(place, "app")
    assert "Use apt install python3-xyz." in reason
    assert reason.endswith("%pkg install app --force")
    assert place.plan("app", force=True).blocked is None


def test_nothing_to_do_is_blocked_by_nothing(place: Place, index: Index) -> None:
    place.add("app", "1.0")
    place.pretended |= {"externally_managed": "No.", "locked_reason": "No."}
    plan = place.plan("app")
    assert plan.blocked is None
    assert plan.safe
    assert plan.satisfied == ("app 1.0",)


def _pretend_read_only(monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
    """As for a user who is not root: root may write everywhere."""
    ask = os.access

    def access(path: Any, mode: int, **how: Any) -> bool:
        closed = Path(path) == directory or directory in Path(path).parents
        return not (closed and mode & os.W_OK) and ask(path, mode, **how)

    monkeypatch.setattr(os, "access", access)


def test_a_read_only_virtual_environment_has_no_user_site_to_go_to(
    place: Place, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("app", "1.0")
    _pretend_read_only(monkeypatch, place.venv.root)
    reason = _blocked(place, "app")
    assert reason.startswith(f"{place.venv.site} is read-only for you.")
    assert "--user" not in reason
    assert "python -m venv" in reason
    assert _blocked(place, "app", force=True) == reason


def test_a_read_only_python_says_how_to_install_for_oneself(
    place: Place, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("app", "1.0")
    base = tmp_path / "me"
    place.pretended |= {
        "kind": "system",
        "user_base": base,
        "user_schemes": {"purelib": base / "lib", "platlib": base / "lib"},
    }
    _pretend_read_only(monkeypatch, place.venv.root)
    assert _blocked(place, "app>=1").endswith(
        "To install for yourself alone: %pkg install 'app>=1' --user"
    )
    if place.engine == "uv":
        return  # which knows no user site
    plan = plan_install(read_request(["app>=1", "--user"]), place.packages(), engine="pip")
    assert plan.blocked is None
    assert plan.root == base
    assert changes(plan) == ["install app 1.0 *"]


def test_a_virtual_environment_refuses_user_before_anything_is_asked(
    place: Place, index: Index
) -> None:
    index.add("app", "1.0")
    request = read_request(["app", "--user"])
    plan = plan_install(request, place.packages(), engine=place.engine)
    assert plan.blocked is not None
    assert "--user" in plan.blocked
    assert plan.actions == ()
    assert index.asked == []


def test_directories_without_an_interpreter_cannot_be_installed_into(
    place: Place, index: Index
) -> None:
    plan = plan_install("app", scan(paths=[place.venv.site]), engine=place.engine)
    assert plan.blocked is not None
    assert "interpreter" in plan.blocked
    assert index.asked == []


def test_what_conda_installed_is_condas_to_change(place: Place, index: Index) -> None:
    index.add("numpy", "2.0")
    index.add("tool", "2.0")
    place.add("numpy", "1.0")
    place.add("tool", "1.0")
    place.pretended["kind"] = "conda"
    meta = place.venv.root / "conda-meta"
    meta.mkdir()
    files = {"files": ["lib/python3.11/site-packages/numpy-1.0.dist-info/METADATA"]}
    (meta / "numpy-1.0-py311_0.json").write_text(json.dumps(files))
    reason = _blocked(place, "numpy>=2")
    assert "numpy 1.0 was installed by conda" in reason
    assert reason.endswith("conda install numpy=2.0")
    assert _blocked(place, "numpy>=2", force=True) == reason
    assert place.plan("tool>=2").blocked is None


def test_a_copy_without_list_of_files_is_not_replaced(place: Place, index: Index) -> None:
    index.add("tool", "2.0")
    place.add("tool", "1.0", record=False)
    reason = _blocked(place, "tool>=2")
    assert "tool 1.0 has no RECORD" in reason
    way = "%pip install --ignore-installed --no-deps tool==2.0"
    first = "" if place.engine == "pip" else "%pkg install pip, then "
    assert reason.endswith(f"To install over it: {first}{way}")


def test_a_flat_egg_info_is_not_replaced(place: Place, index: Index) -> None:
    index.add("tool", "2.0")
    egg_info(place.venv.site, "tool", "1.0", files={"tool.py": ""})
    assert "tool 1.0 cannot be replaced" in _blocked(place, "tool>=2")


def test_a_full_disk_is_noticed_before_anything_is_downloaded(
    place: Place, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.add("big", "1.0", size=1 << 20)
    index.add("small", "1.0")
    free = shutil.disk_usage(place.venv.root)._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    plan = place.plan("big")
    assert place.plan("small").blocked is None
    assert not [name for name in index.downloads if place.engine == "uv"]
    if place.engine == "pip":  # which does not tell sizes
        return
    assert plan.blocked is not None
    assert "not enough space" in plan.blocked
    assert "1.0 MB are free" in plan.blocked
    assert "2.1 MB are needed" in plan.blocked


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (["ipykernel>=7", "--pre"], "%pkg install 'ipykernel>=7' --pre --force"),
        (["ipykernel>=7", "--no-deps"], "%pkg install 'ipykernel>=7' --no-deps --force"),
        (["-U", "ipykernel"], "%pkg install ipykernel -U --force"),
        (["ipykernel>=7", "--no-binary", "nothing"], "To do it anyway, add --force."),
    ],
)
def test_advice_repeats_the_line_only_as_far_as_it_is_short_and_holds_no_secret(
    kernel: Place, words: list[str], advice: str
) -> None:
    plan = plan_install(read_request(words), kernel.packages(), engine=kernel.engine)
    assert plan.blocked is not None
    assert plan.blocked.endswith(advice)


def test_credentials_of_an_index_are_in_no_text_of_the_plan(kernel: Place, index: Index) -> None:
    index.protect("someone", "hunter2")
    request = read_request(["ipykernel>=7", *index.options])
    plan = plan_install(request, kernel.packages(), engine=kernel.engine)
    texts = [plan.blocked, plan.log, plan.summary, *plan.notes, *plan.engine_notes]
    texts += [repr(plan), repr(plan.request), repr(plan.actions)]
    texts += [action.url for action in plan.actions]
    assert plan.blocked is not None
    assert not any("hunter2" in text or "someone" in text for text in texts if text)

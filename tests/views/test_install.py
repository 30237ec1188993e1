"""What a plan to install says as text and as static HTML, and how far it is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.progress import Progress
from ipy_envtools.transactions import apply
from ipy_envtools.views import install, static, text
from ipy_envtools.views.engine_words import EngineWords
from ipy_envtools.views.install_outcome import InstallOutcome
from ipy_envtools.views.install_progress import InstallProgress
from tests.builders import dist_info

from .conftest import HOSTILE
from .install_plans import action, broken, made_up_plan, mockup_plan

if TYPE_CHECKING:
    from pathlib import Path

    from ipy_envtools.plans.install_plan import InstallPlan

    from .conftest import Workshop

MOCKUP = """\
Install 3, upgrade 1 · 57 MB to download
  + install  pandas        2.3.3            12 MB  you asked
  + install  scikit-learn  1.7.2           9.0 MB  you asked
  ↑ upgrade  numpy         1.26.4 → 2.2.0   16 MB  for pandas · loaded here:
                                                   restart afterwards
  + install  scipy         1.15.3           20 MB  for scikit-learn
  numba 0.58.1 would break: it needs numpy<1.27. Add numba to upgrade it as
  well."""


def plain(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


def long_plan() -> InstallPlan:
    return made_up_plan(
        [
            action("install", "pandas", "2.3.3", size=12_000_000, asked=True),
            *(
                action("install", f"part-{n:02}", f"{n}.0", size=4_000_000, needed_by=("pandas",))
                for n in range(58)
            ),
            action("downgrade", "zlib-ng", "1.0", "2.0", needed_by=("part-03",)),
        ]
    )


# --- the plan


def test_the_plan_reads_as_designed_in_80_columns(tmp_path: Path) -> None:
    assert text.render(mockup_plan(tmp_path), 80) == MOCKUP


def test_static_html_says_the_same_as_the_text(tmp_path: Path) -> None:
    said = plain(static.render(mockup_plan(tmp_path)))
    for words in ("57 MB to download", "1.26.4 → 2.2.0", "loaded here: restart afterwards"):
        assert words in said
    assert "numba 0.58.1 would break: it needs numpy&lt;1.27. Add numba to upgrade" in said


def test_rows_begin_below_their_heading_and_a_size_is_never_broken(tmp_path: Path) -> None:
    html = static.render(mockup_plan(tmp_path))
    cells = re.findall(r"<td([^>]*)>(.*?)</td>", html)
    assert len(cells) == 20
    assert all(re.search(r"padding:\S+ \S+ \S+ 0[;\"]", style) for style, _ in cells)
    sizes = [style for style, said in cells if said.endswith("MB")]
    assert len(sizes) == 4
    assert all("white-space:nowrap" in style for style in sizes)
    assert 'white-space:nowrap">→ 2.2.0' in html


@pytest.mark.parametrize(
    ("plan", "title", "button"),
    [
        (made_up_plan([action("install", "a", "1.0")]), "Install a 1.0", "Install"),
        (made_up_plan([action("upgrade", "a", "2.0", "1.0")]), "Upgrade a 1.0 to 2.0", "Install"),
        (made_up_plan([action("remove", "a", None, "1.0")]), "Remove a 1.0", "Remove"),
        (
            made_up_plan([action("install", "a", size=2_000), action("install", "b")]),
            "Install 2 packages · 2.0 kB to download",
            "Install",
        ),
        (made_up_plan([action("install", "a", None)]), "Install a", "Install"),
        (made_up_plan(), "Nothing to install", None),
        (made_up_plan(satisfied=("Flask 3.1.0",)), "Flask 3.1.0 is installed already", None),
        (
            made_up_plan(satisfied=("a 1", "b 2", "c 3")),
            "a 1, b 2 and c 3 are installed already",
            None,
        ),
        (
            made_up_plan([action("install", "a", "1.0")], blocked="It is read-only."),
            "a 1.0 cannot be installed",
            None,
        ),
        (
            made_up_plan([action("upgrade", "a", "2.0", "1.0")], blocked="No."),
            "a stays at 1.0",
            None,
        ),
    ],
)
def test_the_title_says_what_happens_in_one_line(
    plan: InstallPlan, title: str, button: str | None
) -> None:
    assert install.title(plan) == title
    assert text.render(plan).splitlines()[0] == title
    if button is not None:
        assert install.confirm_label(plan) == button


def test_a_blocked_plan_says_why_and_what_to_type() -> None:
    plan = made_up_plan(
        [action("upgrade", "ipykernel", "7.0", "6.1")],
        blocked="This kernel runs on it. To change it anyway: %pkg install ipykernel==7.0 --force",
    )
    said = text.render(plan, 100)
    assert "%pkg install ipykernel==7.0 --force" in said
    assert "<code>%pkg install ipykernel==7.0 --force</code>" in static.render(plan)


def test_a_blocked_plan_does_not_say_twice_which_package_it_is_about() -> None:
    reason = "ipykernel 6.1 → 7.0: this notebook's kernel runs on it. To do it anyway: x"
    only = action("upgrade", "ipykernel", "7.0", "6.1")
    said = text.render(made_up_plan([only], blocked=reason), 100).splitlines()
    assert said[0] == "ipykernel stays at 6.1"
    assert said[1].strip().startswith("This notebook's kernel runs on it. To do it")
    several = made_up_plan([action("install", "a"), only], blocked=reason)
    assert "ipykernel 6.1 → 7.0: this" in text.render(several, 100)


def test_a_long_plan_folds_what_only_comes_along_and_nothing_else() -> None:
    plan = long_plan()
    said = text.render(plan, 80)
    rows = [line for line in said.splitlines() if "part-00" in line or line.startswith("  ↓")]
    assert len(rows) == 2
    assert "2.0 → 1.0" in rows[0]
    assert "58 more come along, 232 MB" in said
    above, below = (
        next(line for line in said.splitlines() if words in line) for words in ("pandas", "58 more")
    )
    assert above.index("pandas") == below.index("58 more")
    assert all(f"part-{number:02}" in said for number in range(58))
    assert max(map(len, said.splitlines())) <= 80
    html = static.render(plan)
    assert "<details><summary>58 more come along, 232 MB</summary>" in html
    assert html.index("zlib-ng") < html.index("<details>")


def test_an_extra_that_is_lost_is_no_break_and_a_removal_is_said(tmp_path: Path) -> None:
    extra = broken(tmp_path / "a", extra="fast")
    gone = broken(tmp_path / "b", "keras", "numpy", by=None)
    said = text.render(made_up_plan([action("remove", "numpy")], conflicts=(extra, gone)), 120)
    assert "numba 0.58.1 would lose its extra fast: that needs numpy<1.27." in said
    assert "keras 0.58.1 would break: it needs numpy, and numpy would be gone." in said


def test_sixty_broken_packages_are_counted(tmp_path: Path) -> None:
    conflicts = tuple(broken(tmp_path, f"user{number}") for number in range(60))
    said = text.render(made_up_plan([action("upgrade", "numpy")], conflicts=conflicts), 120)
    assert said.count("would break:") == 12
    assert "48 other packages would break as well." in said


def test_hostile_text_stays_text_and_credentials_are_masked() -> None:
    plan = made_up_plan(
        [
            action(
                "install",
                "evil",
                HOSTILE,
                direct="git+https://user:secret@example.com/evil.git",
                yanked=HOSTILE,
            )
        ],
        notes=(f"https://user:secret@example.com/ {HOSTILE}",),
    )
    for said in (text.render(plan, 100), static.render(plan)):
        assert "secret" not in said
        assert "\x1b" not in said
        assert "\u202e" not in said
    assert "<script" not in static.render(plan)
    words = EngineWords(f"{HOSTILE}\nhttps://user:secret@x/")
    for said in (words.html(), InstallProgress(plan).html()):
        assert "<script" not in said
        assert "secret" not in said


# --- how far it is


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_package_shows_its_last_step_and_the_whole_never_goes_back(tmp_path: Path) -> None:
    clock = Clock()
    progress = InstallProgress(mockup_plan(tmp_path), clock)
    shares = [progress.share]
    for step, name, done, total in (
        ("downloading", "scipy", 0, 20_000_000),
        ("downloading", "pandas", 12_000_000, 12_000_000),
        ("downloading", "scipy", 8_000_000, 20_000_000),
        ("done", "pandas", 0, None),
    ):
        clock.now += 1
        progress.update(Progress(step, name, done, total, "bytes"))
        shares.append(progress.share)
    said = "\n".join(progress.text_lines(80))
    assert "downloading  scipy 1.15.3  8.0 MB of 20 MB" in said
    assert "done         pandas 2.3.3  12 MB" in said
    assert "20 MB of 57 MB · 4 s" in said
    assert max(map(len, progress.text_lines(40))) <= 40
    for name in ("installing", "moving"):
        progress.update(Progress(name, "", 3, 4, "packages"))
        shares.append(progress.share)
    assert shares == sorted(shares)
    assert 0.9 < shares[-1] < 1
    assert "moving 3 of 4 packages" in progress.text()
    assert [line.split("s  ")[1] for line in progress.log] == [
        "downloading scipy, 20 MB",
        "downloading pandas, 12 MB",
        "done pandas",
        "installing",
        "moving",
    ]
    assert 'role="progressbar"' in progress.html()
    assert "<summary>log</summary>" in progress.log_html()


def test_before_there_is_a_plan_it_says_that_it_works_it_out() -> None:
    progress = InstallProgress(clock=Clock())
    progress.update(Progress("resolving", "", 0, None, "packages"))
    assert progress.text() == "Working out what to install… resolving · 0 s"
    assert "<progress" in progress.html()


def test_what_is_downloaded_is_said_where_an_engine_does_not_count_it(tmp_path: Path) -> None:
    clock = Clock()
    progress = InstallProgress(mockup_plan(tmp_path), clock)
    clock.now += 3
    progress.update(Progress("downloading", "", 0, 57_000_000, "bytes"))
    assert progress.text() == "Installing 4 packages… downloading 57 MB · 3 s"
    progress.update(Progress("downloading", "scipy", 8_000_000, 20_000_000, "bytes"))
    assert progress.text() == "Installing 4 packages… 8.0 MB of 57 MB · downloading · 3 s"


def test_sixty_packages_at_work_do_not_fill_the_page() -> None:
    progress = InstallProgress(long_plan(), Clock())
    for number in range(58):
        progress.update(Progress("downloading", f"part-{number:02}", 1, 2, "bytes"))
    assert len(progress.text_lines()) <= 10


# --- how it went


def test_what_this_kernel_still_runs_is_named(flask: Workshop) -> None:
    done = apply(flask.plan("numpy"))
    plan = mockup_plan(flask.site.parent / "other")
    outcome = InstallOutcome(done, plan)
    assert outcome.needs_restart
    assert outcome.tone == "warning"
    assert outcome.sentence == (
        "numpy 2.2.0 is installed, but this kernel still runs 1.26.4 "
        "(numpy, numpy.linalg and 130 more). Broken by it: numba."
    )
    assert text.render(outcome).replace("\n", " ") == (
        f"{outcome.sentence} Restart it to use what is installed now. %pkg undo takes it back."
    )
    assert outcome.sentence in plain(static.render(outcome))


def test_where_nothing_is_stale_the_next_cell_can_import(flask: Workshop) -> None:
    done = apply(flask.plan("numpy"))
    plan = made_up_plan([action("install", "pandas", "2.3.3")])
    outcome = InstallOutcome(done, plan)
    assert outcome.tone == "good"
    assert outcome.sentence.endswith(". Ready to import.")
    assert "Restart" not in text.render(outcome)
    done.undo()
    assert "Ready" not in outcome.sentence


def test_what_was_asked_for_is_named_by_what_happens_to_it() -> None:
    login = action("install", "flask-login", "0.6.3", asked=True)
    parts = [action("install", f"part-{n}", "1.0", asked=n == 0) for n in range(4)]
    upgraded = action("upgrade", "numpy", "2.2.0", "1.26.4")
    gone = action("remove", "old", None, "1.0")
    assert made_up_plan([login, *parts]).summary == (
        "Installed flask-login 0.6.3, part-0 1.0 and 3 others"
    )
    assert made_up_plan([parts[0], upgraded, gone, *parts[1:]]).summary == (
        "Installed part-0 1.0 and 3 others; upgraded numpy 1.26.4 to 2.2.0; removed old 1.0"
    )
    many = [action("install", f"part-{n}", "1.0", asked=True) for n in range(40)]
    assert made_up_plan(many).summary == (
        "Installed part-0 1.0, part-1 1.0, part-2 1.0, part-3 1.0 and 36 others"
    )


def test_upgrading_this_package_itself_says_to_restart(flask: Workshop) -> None:
    plan = made_up_plan([action("upgrade", "ipy-envtools", "2.0", "1.0")])
    outcome = InstallOutcome(apply(flask.plan("numpy")), plan)
    assert outcome.needs_restart
    assert "this kernel still runs the former ipy-envtools." in outcome.sentence


def test_what_only_the_next_start_sets_up_is_said(flask: Workshop) -> None:
    dist_info(flask.site, "starter", "1.0", files={"starter.pth": "import sys\n"})
    url = {"url": "file:///project", "dir_info": {"editable": True}}
    dist_info(
        flask.site,
        "project",
        "1.0",
        files={"project.pth": "import _project_finder\n"},
        direct_url=json.dumps(url),
    )
    done = apply(flask.plan("numpy"))
    packages = flask.scan()
    starter = InstallOutcome.of(
        done, made_up_plan([action("install", "starter")]), packages, ["starter"]
    )
    assert not starter.needs_restart
    assert starter.sentence.endswith(
        ". Ready to import. The start-up file of starter acts from the next start on."
    )
    project = InstallOutcome.of(
        done, made_up_plan([action("install", "project")]), packages, ["project"]
    )
    assert project.needs_restart
    assert project.sentence.endswith(". Imports of project are set up when a kernel starts.")


def test_what_nobody_has_seen_in_a_plan_is_said_of_what_was_done(flask: Workshop) -> None:
    done = apply(flask.plan("numpy"))
    plan = replace(made_up_plan([action("install", "pandas")]), notes=("One.", "Two."))
    assert InstallOutcome(done, plan).sentence.endswith(". Ready to import. One. Two.")
    many = replace(plan, notes=tuple(f"Number {number}." for number in range(5)))
    assert InstallOutcome(done, many).sentence.endswith("Number 2. 2 more remarks not shown.")
    seen = replace(made_up_plan([action("upgrade", "pandas")]), notes=plan.notes)
    assert "One." not in InstallOutcome(done, seen).sentence


def test_what_a_copy_elsewhere_hides_is_not_called_ready(flask: Workshop) -> None:
    done = apply(flask.plan("numpy"))
    plan = made_up_plan([action("install", "flask", "9.9")])
    outcome = InstallOutcome.of(done, plan, flask.scan())
    assert outcome.not_found == ("flask",)
    assert outcome.tone == "warning"
    assert "Ready to import" not in outcome.sentence


def test_what_extends_jupyterlab_says_to_reload_the_page(flask: Workshop) -> None:
    dist_info(
        flask.site,
        "lab-thing",
        "1.0",
        files={
            "lab_thing.py": "",
            "../../../share/jupyter/labextensions/lab-thing/package.json": "{}",
        },
    )
    plan = made_up_plan([action("install", "lab-thing"), action("install", "click")])
    outcome = InstallOutcome.of(apply(flask.plan("numpy")), plan, flask.scan())
    assert outcome.lab_extensions == ("lab-thing",)
    assert outcome.sentence.endswith("Reload the page: lab-thing extends JupyterLab.")
    two = replace(outcome, lab_extensions=("lab-thing", "other"))
    assert two.sentence.endswith("Reload the page: lab-thing, other extend JupyterLab.")


def test_what_the_installer_said_is_folded_and_its_end_is_shown_in_text() -> None:
    words = EngineWords("\n".join(f"line {number}" for number in range(40)))
    assert text.render(words).splitlines()[0].strip() == "… 28 lines before"
    assert text.render(words).splitlines()[-1] == "  line 39"
    html = static.render(words)
    assert html.startswith("<details><summary>")
    assert "word-break:normal" in html  # else JupyterLab breaks words
    assert "line 0\n" in html

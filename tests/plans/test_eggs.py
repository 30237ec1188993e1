"""Eggs, development links and editable installations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import egg_info, metadata_text

from .fabricated import Fabricated, going, names_of, verdicts

if TYPE_CHECKING:
    from pathlib import Path


def _source(made: Fabricated, name: str = "foo", where: str = "src") -> Path:
    """A source tree after ``setup.py develop``, and the link to it."""
    source = made.home / where
    egg_info(source, name, None, files={f"{name}/__init__.py": ""})
    made.write(f"{name}.egg-link", f"{source}\n.")
    return source


def _egg(made: Fabricated, name: str = "foo-1.0-py3.11.egg") -> Path:
    egg = made.site / name
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO" / "PKG-INFO").write_text(metadata_text("foo", "1.0"))
    (egg / "EGG-INFO" / "top_level.txt").write_text("foo\n")
    (egg / "foo" / "__pycache__").mkdir(parents=True)
    (egg / "foo" / "__init__.py").write_text("")
    (egg / "foo" / "__pycache__" / "__init__.cpython-311.pyc").write_text("")
    return egg


def _edited(made: Fabricated, content: bytes, *names: str) -> bytes | None:
    made.write("easy-install.pth", content)
    plan = made.plan(*names)
    assert plan.blocked is None
    assert "easy-install.pth" not in verdicts(plan)
    if not plan.edits:
        return None
    (edit,) = plan.edits
    assert edit.path == made.site / "easy-install.pth"
    assert edit.scheme == "purelib"
    assert edit.state.size == len(content)
    return edit.content


def test_the_link_goes_and_the_source_tree_stays(made: Fabricated) -> None:
    source = _source(made)
    plan = made.plan("foo")
    assert going(plan) == {"foo.egg-link"}
    assert plan.edits == ()
    assert not any(str(file.path).startswith(str(source)) for file in plan.files)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"/other\nSOURCE\n./bar.egg\n", b"/other\n./bar.egg\n"),
        (b"/other\nSOURCE", b"/other\n"),  # no newline at the end
        (b"SOURCE\n/other", b"/other"),
        (b"/other\r\nSOURCE\r\n/third\r\n", b"/other\r\n/third\r\n"),
        (b"/other\r\nSOURCE\n/third\n", b"/other\r\n/third\n"),
        (b"SOURCE", b""),
        (b"\n# SOURCE\nSOURCE/\n\nimport sys; 'SOURCE'\n", b"\n# SOURCE\n\nimport sys; 'SOURCE'\n"),
        (b"SOURCE\nSOURCE\n", b""),
        (b"  SOURCE  \n\xff\xfe\n", b"\xff\xfe\n"),
        (b"SOURCE/sub\nSOURCE2\n/x/SOURCE\n", None),
        (b"", None),
    ],
)
def test_exactly_its_line_goes_from_easy_install_pth(
    made: Fabricated, before: bytes, after: bytes | None
) -> None:
    source = str(_source(made)).encode()
    expected = None if after is None else after.replace(b"SOURCE", source)
    assert _edited(made, before.replace(b"SOURCE", source), "foo") == expected


def test_the_edit_says_which_lines_go(made: Fabricated) -> None:
    source = _source(made)
    made.write("easy-install.pth", f"/other\n{source}\n")
    plan = made.plan("foo")
    assert plan.edits[0].removed == (str(source),)
    assert plan.startup_files == (made.site / "easy-install.pth",)


def test_two_links_in_one_plan_are_one_edit(made: Fabricated) -> None:
    one, two = _source(made, "foo", "one"), _source(made, "bar", "two")
    content = f"{one}\n/other\n{two}\n".encode()
    assert _edited(made, content, "foo", "bar") == b"/other\n"


def test_a_line_that_another_project_of_the_same_tree_needs_stays(made: Fabricated) -> None:
    source = _source(made)
    egg_info(source, "bar", None)
    made.write("bar.egg-link", f"{source}\n.")
    assert _edited(made, f"{source}\n".encode(), "foo") is None
    assert _edited(made, f"{source}\n".encode(), "foo", "bar") == b""


def test_scripts_of_a_development_link_go(made: Fabricated) -> None:
    source = _source(made)
    (source / "foo.egg-info" / "entry_points.txt").write_text("[console_scripts]\nfoo=foo:main\n")
    made.write(
        "../../../bin/foo", "#!python\n# EASY-INSTALL-ENTRY-SCRIPT: 'foo','console_scripts','foo'\n"
    )
    made.write("../../../bin/helper", "#!python\n# EASY-INSTALL-DEV-SCRIPT: 'foo==1.0','helper'\n")
    made.write("../../../bin/other", "#!python\n# EASY-INSTALL-DEV-SCRIPT: 'foo2==1.0','other'\n")
    assert going(made.plan("foo")) == {"foo.egg-link", "../../../bin/foo", "../../../bin/helper"}


def test_a_link_to_a_source_tree_that_is_gone_goes(made: Fabricated) -> None:
    made.write("foo.egg-link", f"{made.home}/gone\n.")
    made.write("easy-install.pth", f"{made.home}/gone\n")
    plan = made.plan("foo")
    assert (plan.blocked, going(plan)) == (None, {"foo.egg-link"})
    assert plan.edits[0].content == b""


def test_a_development_link_beside_an_installation_is_another_copy(made: Fabricated) -> None:
    """As with pip: the copy that import gets goes first, the other one the next time."""
    source = _source(made)
    made.add("foo", "0.9")
    made.write("easy-install.pth", f"{source}\n")
    packages = made.packages()
    first = made.plan("foo")
    assert names_of(first.distributions) == names_of([packages["foo"]])
    others = [copy for copy in packages.copies("foo") if not copy.active]
    assert len(others) == 1
    second = made.plan(others[0])
    assert not going(first) & going(second)
    assert {bool(first.edits), bool(second.edits)} == {True, False}


def test_an_egg_directory_goes_with_its_line(made: Fabricated) -> None:
    egg = _egg(made)
    content = f"./bar.egg\n./{egg.name}\n".encode()
    assert _edited(made, content, "foo") == b"./bar.egg\n"
    plan = made.plan("foo")
    assert going(plan) == {
        f"{egg.name}/EGG-INFO/PKG-INFO",
        f"{egg.name}/EGG-INFO/top_level.txt",
        f"{egg.name}/foo/__init__.py",
        f"{egg.name}/foo/__pycache__/__init__.cpython-311.pyc",
    }
    assert plan.blocked is None


def test_a_zipped_egg_goes_with_its_line(made: Fabricated) -> None:
    import zipfile

    egg = made.site / "foo-1.0-py3.11.egg"
    with zipfile.ZipFile(egg, "w") as archive:
        archive.writestr("EGG-INFO/PKG-INFO", metadata_text("foo", "1.0"))
        archive.writestr("foo/__init__.py", "")
    assert _edited(made, f"{egg}\n".encode(), "foo") == b""
    assert going(made.plan("foo")) == {egg.name}


def test_a_linked_egg_goes_as_a_link(made: Fabricated) -> None:
    egg = _egg(made)
    elsewhere = made.home / egg.name
    egg.rename(elsewhere)
    egg.symlink_to(elsewhere)
    assert going(made.plan("foo")) == {egg.name}


def test_a_linked_easy_install_pth_is_replaced_not_written_through(made: Fabricated) -> None:
    source = _source(made)
    shared = made.home / "shared.pth"
    shared.write_text(f"{source}\n")
    made.link("easy-install.pth", shared)
    (edit,) = made.plan("foo").edits
    assert edit.path == made.site / "easy-install.pth"
    assert edit.state.inode == edit.path.lstat().st_ino


def test_an_old_egg_info_goes_by_its_list_of_files(made: Fabricated) -> None:
    egg_info(
        made.site,
        "foo",
        files={"foo/__init__.py": "", "foo/__pycache__/__init__.cpython-311.pyc": ""},
        installed_files=["../foo/__init__.py", "PKG-INFO", "top_level.txt", "../../../../etc/x"],
    )
    made.write("../../../etc/x")
    plan = made.plan("foo")
    assert plan.blocked is None
    assert going(plan) == {
        "foo/__init__.py", "foo/__pycache__/__init__.cpython-311.pyc", "../../../etc/x",
        "foo-1.0.egg-info/PKG-INFO", "foo-1.0.egg-info/top_level.txt",
        "foo-1.0.egg-info/installed-files.txt",
    }  # fmt: skip


def test_a_modern_editable_loses_its_path_file_and_keeps_its_source(made: Fabricated) -> None:
    source = made.home / "src"
    (source / "foo").mkdir(parents=True)
    (source / "foo" / "__init__.py").write_text("")
    made.add(
        "foo",
        files={"__editable__.foo-1.0.pth": f"{source}\n", "__editable___foo_1_0_finder.py": ""},
        direct_url=f'{{"url": "file://{source}", "dir_info": {{"editable": true}}}}',
    )
    made.write("__pycache__/__editable___foo_1_0_finder.cpython-311.pyc")
    plan = made.plan("foo")
    assert verdicts(plan) == {
        "__editable__.foo-1.0.pth": "remove",
        "__editable___foo_1_0_finder.py": "remove",
        "__pycache__/__editable___foo_1_0_finder.cpython-311.pyc": "compiled",
    }
    assert plan.startup_files == (made.site / "__editable__.foo-1.0.pth",)


def test_an_editable_whose_record_names_the_source_does_not_take_it(made: Fabricated) -> None:
    source = made.home / "src"
    source.mkdir()
    (source / "foo.py").write_text("precious")
    made.add("foo", files={}, rows=[f"{source}/foo.py,,"])
    assert set(verdicts(made.plan("foo")).values()) == {"refuse-outside"}

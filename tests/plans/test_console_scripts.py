"""Scripts: those that RECORD names, and those whose own text says whose they are."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.builders import egg_info

from .fabricated import Fabricated, going, verdicts

WRAPPER = "#!/env/bin/python\nimport sys\nfrom {module} import main\nsys.exit(main())\n"


def _with_entry_points(made: Fabricated, text: str) -> None:
    made.add("foo", extra_files={"entry_points.txt": text})


@pytest.mark.parametrize(
    "name", ["foo", "Foo", "FOO", "foo.bar", "foo-bar", "foo_bar", "ep:name", "föö", "foo bar"]
)
def test_a_script_that_starts_the_module_goes_whatever_its_name(
    made: Fabricated, name: str
) -> None:
    _with_entry_points(made, f"[console_scripts]\n{name} = foo:main\n")
    made.write(f"../../../bin/{name}", WRAPPER.format(module="foo"))
    assert f"../../../bin/{name}" in going(made.plan("foo"))


@pytest.mark.parametrize(
    "text",
    [
        WRAPPER.format(module="foo"),
        "#!/bin/sh\n'''exec' /env/bin/python \"$0\" \"$@\"\n' '''\nfrom foo import main\nmain()\n",
        "#!python\nimport foo\nfoo.main()\n",
        "#!python\n# EASY-INSTALL-ENTRY-SCRIPT: 'Foo==1.0','console_scripts','foo'\n",
        "#!python\nfrom pkg_resources import *\nload_entry_point('foo', 'x', 'foo')\n",
    ],
)
def test_wrappers_of_all_installers_are_understood(made: Fabricated, text: str) -> None:
    _with_entry_points(made, "[gui_scripts]\nfoo = foo:main [extra]\n")
    made.write("../../../bin/foo", text)
    assert "../../../bin/foo" in going(made.plan("foo"))


@pytest.mark.parametrize(
    "text",
    [
        WRAPPER.format(module="bar"),
        WRAPPER.format(module="foo.other"),
        WRAPPER.format(module="foobar"),
        "import foo\n",  # no script
        "#!python\n# from foo import main\nx = 'from foo import main'\n",
        "#!python\nload_entry_point('foobar', 'x', 'foo')\n",
        b"\x7fELF from foo import main\n",
    ],
)
def test_a_script_of_that_name_which_starts_something_else_stays(
    made: Fabricated, text: str | bytes
) -> None:
    _with_entry_points(made, "[console_scripts]\nfoo = foo:main\n")
    made.write("../../../bin/foo", text)
    assert "../../../bin/foo" not in verdicts(made.plan("foo"))


def test_a_script_that_another_record_names_stays(made: Fabricated) -> None:
    _with_entry_points(made, "[console_scripts]\nfoo = foo:main\n")
    made.write("../../../bin/foo", WRAPPER.format(module="foo"))
    made.add("bar", rows=["../../../bin/foo,,"])
    assert "../../../bin/foo" not in going(made.plan("foo"))


def test_a_script_that_starts_a_module_of_another_package_stays(made: Fabricated) -> None:
    _with_entry_points(made, "[console_scripts]\nrun = bar:main\n")
    made.add("bar", record=False)
    made.write("../../../bin/run", WRAPPER.format(module="bar"))
    assert "../../../bin/run" not in verdicts(made.plan("foo"))


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "..", "a/b", ""])
def test_a_script_name_cannot_lead_elsewhere(made: Fabricated, name: str) -> None:
    _with_entry_points(made, f"[console_scripts]\n{name} = foo:main\n")
    made.write("../../../evil", WRAPPER.format(module="foo"))
    assert "../../../evil" not in verdicts(made.plan("foo"))


def test_a_linked_script_stays(made: Fabricated) -> None:
    _with_entry_points(made, "[console_scripts]\nfoo = foo:main\n")
    made.write("../../../real", WRAPPER.format(module="foo"))
    made.link("../../../bin/foo", "../real")
    assert "../../../bin/foo" not in verdicts(made.plan("foo"))


def test_launchers_of_windows_carry_their_program(made: Fabricated) -> None:
    _with_entry_points(made, "[console_scripts]\nfoo = foo:main\nbar = foo:main\n")
    for name, module in (("foo", "foo"), ("bar", "bar")):
        program = io.BytesIO()
        with zipfile.ZipFile(program, "w") as archive:
            archive.writestr("__main__.py", WRAPPER.format(module=module))
        made.write(f"../../../bin/{name}.exe", b"MZ launcher" + program.getvalue())
    made.write("../../../bin/foo-script.py", WRAPPER.format(module="foo"))
    scripts = {path for path in going(made.plan("foo")) if path.startswith("../")}
    assert scripts == {"../../../bin/foo.exe", "../../../bin/foo-script.py"}


def test_scripts_of_an_old_egg_info_go(made: Fabricated) -> None:
    info = egg_info(made.site, "foo", files={"foo.py": ""}, installed_files=["../foo.py"])
    (info / "entry_points.txt").write_text("[console_scripts]\nfoo=foo:main\n")
    made.write("../../../bin/foo", WRAPPER.format(module="foo"))
    assert going(made.plan("foo")) >= {"foo.py", "../../../bin/foo"}


def test_unreadable_entry_points_are_no_error(made: Fabricated) -> None:
    made.add("foo")
    (made.site / "foo-1.0.dist-info" / "entry_points.txt").mkdir()
    assert made.plan("foo").blocked is None
    made.add("bar", extra_files={"entry_points.txt": b"\xff[console_scripts]\n=\n[[[\n\x00 = :"})
    assert made.plan("bar").blocked is None

"""The words behind ``%pkg install``, and pasted lines."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipy_envtools.formats import BadRequest, InstallRequest, read_request

from ..archives import source_tree
from ..builders import wheel

if TYPE_CHECKING:
    from pathlib import Path


def read(line: str, directory: Path | None = None) -> InstallRequest:
    return read_request(shlex.split(line), directory=directory)


def error(line: str, directory: Path | None = None) -> str:
    with pytest.raises(BadRequest) as caught:
        read(line, directory)
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 400
    return text


def test_names_extras_specifiers_and_markers_are_understood() -> None:
    request = read("""Flask "foo.Bar[Async,x_y]>=1,<2 ; python_version < '3.99'" """)
    flask, foo = request.requirements
    assert (flask.text, flask.name, flask.specifier, flask.marker) == ("Flask", "flask", "", "")
    assert not flask.direct
    assert foo.name == "foo-bar"
    assert foo.extras == {"async", "x-y"}
    assert foo.specifier == "<2,>=1"
    assert foo.marker == 'python_version < "3.99"'


@pytest.mark.parametrize(
    "program",
    [
        "pip install",
        "!pip install",
        "%pip install",
        "! pip install",
        "$ pip3 install",
        "pip3.11 install",
        "uv pip install",
        "python -m pip install",
        "python3.12 -m pip install",
        "/opt/python/bin/python3 -m pip install",
        "py -m pip install",
        "!{sys.executable} -m pip install",
    ],
)
def test_a_pasted_line_is_understood(program: str) -> None:
    request = read(f"{program} -U --quiet --no-cache-dir flask")
    assert [wanted.text for wanted in request.requirements] == ["flask"]
    assert request.upgrade


def test_a_package_may_be_called_pip_or_uv() -> None:
    assert [wanted.name for wanted in read("pip uv").requirements] == ["pip", "uv"]
    assert [wanted.name for wanted in read("pip").requirements] == ["pip"]


def test_a_package_may_be_called_like_a_command() -> None:
    assert [wanted.name for wanted in read("install").requirements] == ["install"]
    assert [each.name for each in read("install==1.0 flask").requirements] == ["install", "flask"]


def test_index_options_are_kept_in_one_spelling() -> None:
    request = read(
        "flask --index-url=https://a.example/simple --extra-index-url https://b.example/simple "
        "--default-index https://c.example/simple --index=https://d.example/ --no-index "
        "--only-binary :all: --no-binary=numpy --trusted-host a.example"
    )
    assert request.options == (
        *("--index-url", "https://a.example/simple"),
        *("--extra-index-url", "https://b.example/simple"),
        *("--index-url", "https://c.example/simple"),
        *("--extra-index-url", "https://d.example/"),
        "--no-index",
        *("--only-binary", ":all:"),
        *("--no-binary", "numpy"),
        *("--trusted-host", "a.example"),
    )


def test_switches_are_fields() -> None:
    request = read("flask --pre --no-deps --user --force-reinstall")
    assert request.prereleases
    assert not request.dependencies
    assert request.user
    assert request.reinstall
    assert read("flask --prerelease allow").prereleases
    assert not read("flask --prerelease=disallow").prereleases


def test_paths_become_absolute_urls(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "a project", "thing")
    built = wheel(tmp_path, "other", "2.0")
    request = read(f"'./a project[x]' {built.name} -e './a project'", tmp_path)
    directory, archive, editable = request.requirements
    assert directory.text == f"{tree.as_uri()}[x]"
    assert directory.direct
    assert directory.name is None
    assert directory.extras == {"x"}
    assert archive.text == built.as_uri()
    assert archive.name == "other"
    assert editable.editable
    assert editable.text == tree.as_uri()


def test_brackets_in_the_name_of_a_directory_are_no_extras(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "a[b]", "thing")
    for line in ("./a[b]", "-e ./a[b]"):
        (wanted,) = read(line, tmp_path).requirements
        assert wanted.text == tree.as_uri()
        assert wanted.extras == frozenset()
        assert wanted.directory


def test_only_a_file_has_a_hash(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "tree", "thing")
    digest = f"--hash=sha256:{'0' * 64}"
    for text in (
        f"thing @ {tree.as_uri()}",
        "./tree",
        "thing @ git+https://example.com/thing",
    ):
        (tmp_path / "list.txt").write_text(f"flask {digest}\n{text} {digest}\n")
        said = error("-r list.txt", tmp_path)
        assert "it has no hash: leave out --hash" in said
        assert "line 2" in said


def test_a_project_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pyproject.toml").write_text("[project\nname =")
    for text in ("./broken", "-e ./broken", f"'thing @ {(tmp_path / 'broken').as_uri()}'"):
        said = error(text, tmp_path)
        assert said.startswith("pyproject.toml of “")
        assert "line 1" in said


def test_a_directory_that_is_not_there_is_named_where_it_is_wanted(tmp_path: Path) -> None:
    gone = f"thing @ {(tmp_path / 'gone').as_uri()}"
    assert "no file or directory" in error(f"'{gone}'", tmp_path)
    assert read(f"\"{gone} ; sys_platform == 'none'\"", tmp_path).requirements


def test_urls_and_repositories_are_direct() -> None:
    request = read(
        "https://example.org/flask-3.0-py3-none-any.whl "
        "'git+https://example.org/x.git@main#egg=Thing[a]' "
        "'spam @ git+ssh://git@example.org/spam.git'"
    )
    assert [wanted.name for wanted in request.requirements] == ["flask", "thing", "spam"]
    assert all(wanted.direct for wanted in request.requirements)
    assert request.requirements[1].extras == {"a"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("'foo; rm -rf ~'", "is no requirement"),
        ("foo; rm -rf ~", "is no requirement"),
        ("foo && rm x", "for a shell"),
        ("'$(rm x)'", "is no requirement"),
        ("--index-url", "--index-url needs a value"),
        ("--index-url --pre flask", "--index-url needs a value"),
        ("--index-url= flask", "--index-url needs a value"),
        ("flask --index-url pypi.org/simple", "needs a URL"),
        ("-r missing.txt", "missing.txt” is not there"),
        ("-c missing.txt flask", "missing.txt” is not there"),
        ("'foo @ example.com/foo.whl'", "no scheme"),
        ("example.com/foo.whl", "no file or directory"),
        ("ftp://example.com/foo.whl", "ftp:// is unknown"),
        ("https://", "no complete URL"),
        ("git@github.com:x/y", "git+ssh://"),
        ("'-i http://evil'", "neither one option"),
        ("'--index-url http://evil' flask", "neither one option"),
        ("'-e .'", "neither one option"),
        ("'flask --index-url=http://evil'", "no file or directory"),
        ("''", "empty"),
        ("", "nothing to install"),
        ("--pre", "nothing to install"),
        ("flask --pree", "perhaps --pre is meant"),
        ("flask --target /tmp/x", "this kernel's environment"),
        ("flask --prefix=/tmp/x", "this kernel's environment"),
        ("-e flask", "./flask"),
        ("'flask ; foo'", "“foo” is no condition such as"),
        ("flask >= 3", "write the version directly behind the name"),
        ("flask '<' 3", "write the version directly behind the name"),
        ("flask@3.0", "“flask@3.0” is no URL; an exact version is written flask==3.0"),
        ("flask=3.0", "an exact version is written “flask==3.0”"),
        ("flask[async]=3.0", "an exact version is written “flask[async]==3.0”"),
        ("flask, jinja2>=3", "blanks between packages, not commas"),
        ("flask,", "blanks between packages, not commas"),
        ("pip uninstall flask", "“pip uninstall” is not understood here; write only the packages"),
        ("sudo pip install flask", "“sudo pip install” is not understood here"),
        ("conda install -c conda-forge flask", "“conda install” is not understood here"),
        ("uv add flask", "“uv add” is not understood here"),
        ("import flask", "“import” is not understood here"),
        ("flask && pip install jinja2", "“&&” is for a shell"),
        ("--force flask", "--force is only understood behind %pkg install"),
        ("flask --pre=yes", "takes no value"),
        ("flask --hash=sha256:0", "requirements file"),
        ("'a\x07b'", "not printable"),
        ("'a\u202eb'", "not printable"),
    ],
)
def test_a_mistake_is_one_sentence(line: str, says: str, tmp_path: Path) -> None:
    assert says in error(line, tmp_path)


def test_a_directory_that_is_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "no project" in error("./empty", tmp_path)


def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    said = (
        "“./notes.txt” is no wheel or source distribution: their names end in .whl, .tar.gz or .zip"
    )
    assert error("./notes.txt", tmp_path) == said
    for name in ("a.tar.zst", "a.TAR.GZ", "a.tlz"):
        (tmp_path / name).touch()
        assert read(f"./{name}", tmp_path).requirements[0].direct


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "my project").mkdir()
    assert "./my project" in error("'my project'", tmp_path)


def test_no_error_shows_credentials(tmp_path: Path) -> None:
    for line in (
        "https://user:sesame@",
        "ftp://user:sesame@example.com/x.whl",
        "'foo bar @ https://user:sesame@example.com/x'",
        "flask --index-url ftp://user:sesame@example.com",
        "-r https://user:sesame@example.com/requirements.txt",
        "-c ftp://user:sesame@example.com/x flask",
    ):
        assert "sesame" not in error(line, tmp_path)


@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_words_give_a_request_or_one_sentence(words: list[str]) -> None:
    try:
        request = read_request(words)
    except BadRequest as bad:
        assert str(bad).isprintable()
    else:
        assert not any(wanted.text.startswith("-") for wanted in request.requirements)


def test_a_home_directory_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    tree = source_tree(tmp_path / "thing", "thing")
    assert read(f"~{os.sep}thing").requirements[0].text == tree.as_uri()


@pytest.mark.parametrize(
    ("line", "guess"),
    [
        ("flask --index-url example.com/simple", "https://example.com/simple"),
        (
            "flask --find-links files.example.com:8080/wheels",
            "https://files.example.com:8080/wheels",
        ),
        ("github.com/u/p", "git+https://github.com/u/p"),
        ("-e github.com/u/p", "git+https://github.com/u/p"),
        ("git.example.com/x.git@v1", "git+https://git.example.com/x.git@v1"),
        ("example.com/x.git", "git+https://example.com/x.git"),
        ("github.com/u/p/archive/main.zip", "https://github.com/u/p/archive/main.zip"),
        ("'p @ github.com/u/p'", "git+https://github.com/u/p"),
        ("p@github.com/u/p", "git+https://github.com/u/p"),
        ("example.com/a-1.0-py3-none-any.whl", "https://example.com/a-1.0-py3-none-any.whl"),
    ],
)
def test_a_url_without_its_scheme_is_guessed(line: str, guess: str, tmp_path: Path) -> None:
    assert f"perhaps it is “{guess}”" in error(line, tmp_path)


@pytest.mark.parametrize("line", ["./nothing.com/x", "dir/x", "../example.com/x", "a.b-c/x"])
def test_a_path_that_is_not_there_is_no_url(line: str, tmp_path: Path) -> None:
    assert "perhaps" not in error(line, tmp_path)


@pytest.mark.parametrize("url", ["git+https://u:secret@example.com/x.git#egg=x", "git+file:///x"])
def test_an_editable_is_a_directory_and_no_repository(url: str, tmp_path: Path) -> None:
    said = error(f"-e {url}", tmp_path)
    assert "-e needs a directory here: clone “git+" in said
    assert "secret" not in said

"""Requirements files and the lines of a cell."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import pytest

from ipy_envtools.formats import BadRequest, read_request, read_request_lines

from ..archives import source_tree

if TYPE_CHECKING:
    from pathlib import Path


def texts(path: Path) -> list[str]:
    return [wanted.text for wanted in read_request(["-r", str(path)]).requirements]


def test_comments_continuations_and_hashes_are_read(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(
        "# a comment\n"
        "flask>=3  # why\n"
        "\n"
        "numpy==1.0 \\\n"
        "    --hash=sha256:aaaa \\\n"
        "    --hash sha256:bbbb\n"
        "foo \\\n"
        "  >=1 ; python_version > '3'\n"
        "# last \\\n"
        "bar\n"
    )
    flask, numpy, foo, bar = read_request(["-r", str(file)]).requirements
    assert flask.text == "flask>=3"
    assert flask.origin.endswith("requirements.txt, line 2")
    assert numpy.text == "numpy==1.0"
    assert numpy.hashes == ("sha256:aaaa", "sha256:bbbb")
    assert foo.specifier == ">=1"
    assert foo.origin.endswith("line 7")
    assert bar.text == "bar"


def test_files_name_files_beside_them_and_options(tmp_path: Path) -> None:
    inner = tmp_path / "more" / "inner.txt"
    inner.parent.mkdir()
    inner.write_text("numpy\n-c limits.txt\n")
    (inner.parent / "limits.txt").write_text("numpy<2\n")
    outer = tmp_path / "outer.txt"
    outer.write_text(
        "-r more/inner.txt\n--extra-index-url https://x.example/simple\n"
        "--pre\n-i=https://y.example/\n--no-binary :all:\nflask\n"
    )
    request = read_request(["-r", str(outer)])
    assert [wanted.text for wanted in request.requirements] == ["numpy", "flask"]
    assert request.constraints == (str(inner.parent / "limits.txt"),)
    assert request.prereleases
    assert request.options == (
        *("--extra-index-url", "https://x.example/simple"),
        *("--index-url", "https://y.example/"),
        *("--no-binary", ":all:"),
    )


def test_an_editable_line_may_have_blanks(tmp_path: Path) -> None:
    tree = source_tree(tmp_path / "a project", "thing")
    request = read_request_lines("-e ./a project", directory=tmp_path)
    assert request.requirements[0].text == tree.as_uri()
    assert request.requirements[0].editable


def test_variables_are_expanded_in_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN_FOR_TESTS", "sesame")
    file = tmp_path / "requirements.txt"
    file.write_text("--index-url https://${TOKEN_FOR_TESTS}@x.example/${NOT_THERE}\nflask\n")
    assert read_request(["-r", str(file)]).options[1] == "https://sesame@x.example/${NOT_THERE}"
    with pytest.raises(BadRequest):
        read_request_lines("${TOKEN_FOR_TESTS}")


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + "flask # ü\n".encode(),
        codecs.BOM_UTF16_LE + "flask # ü\n".encode("utf-16-le"),
        codecs.BOM_UTF32_BE + "flask # ü\n".encode("utf-32-be"),
        "# -*- coding: latin-1 -*-\nflask # ü\n".encode("latin-1"),
        b"flask\r\n# x\r\n",
        b"flask\r# x\r",
    ],
)
def test_encodings_and_line_ends_are_understood(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "requirements.txt"
    file.write_bytes(content)
    assert texts(file) == ["flask"]


def test_a_circle_of_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\n")
    (tmp_path / "b.txt").write_text("flask\n-r a.txt\n")
    with pytest.raises(BadRequest, match=r"leads back to itself .*b\.txt, line 2"):
        texts(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("foo; rm -rf ~", "no requirement"),
        ("flask --index-url http://evil", "cannot stand behind a requirement"),
        ("--index-url", "needs a value"),
        ("--index-url http://a.example --pre extra", "no option and its value"),
        ("--index-url 'http://a.example", "no URL|quotation|complete"),
        ("--editable", "needs a value"),
        ("-r", "needs a value"),
        ("-r nowhere.txt", "not there"),
        ("--no-such-option", "no option"),
        ("flask --hash", "needs a value"),
        ("flask --hash=sha256:a numpy", "no option"),
    ],
)
def test_a_bad_line_is_named_with_its_number(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(f"numpy\n{line}\n")
    with pytest.raises(BadRequest, match=says) as caught:
        texts(file)
    assert "line 2" in str(caught.value)


def test_the_lines_of_a_cell_count_from_one() -> None:
    request = read_request_lines("# first\nflask\n\nnumpy>=1\n")
    assert [wanted.origin for wanted in request.requirements] == ["line 2", "line 4"]


def test_an_element_of_a_list_is_one_line() -> None:
    request = read_request_lines(["flask", "--pre", "numpy"])
    assert len(request.requirements) == 2
    assert request.prereleases
    with pytest.raises(BadRequest, match="not one line"):
        read_request_lines(["flask\n--index-url http://evil.example"])


@pytest.mark.parametrize(
    "element",
    [
        "--index-url=http://u:secret@evil.example",
        "--index-url http://u:secret@evil.example",
        "  -i http://u:secret@evil.example",
        "-ihttp://u:secret@evil.example",
        "--extra-index-url=http://u:secret@evil.example",
        "-f /evil",
        "--no-index",
        "--trusted-host evil.example",
    ],
)
def test_an_element_of_a_list_cannot_lead_to_another_index(element: str) -> None:
    with pytest.raises(BadRequest, match="where a requirement should stand") as caught:
        read_request_lines(["flask", element])
    assert "secret" not in str(caught.value)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").mkdir()
    with pytest.raises(BadRequest, match="a directory"):
        texts(tmp_path / "requirements.txt")
    with pytest.raises(BadRequest, match="no requirements file"):
        texts(tmp_path / "pyproject.toml")


@pytest.mark.parametrize("option", ["-r", "-c", "-e", "--requirement"])
def test_a_list_that_was_meant_as_a_command_says_what_an_element_is(option: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_request_lines([option, "/x"])
    assert str(caught.value) == (
        f"“{option}” stands without its value; a list has one requirement an element, such as "
        f"“{option} …”"
    )


@pytest.mark.parametrize(
    "text", ["flask=3", "-r", "flask --hash", "--nosuch", "-e 'x", "\nflask=3\n"]
)
def test_a_single_line_needs_no_number(text: str) -> None:
    with pytest.raises(BadRequest) as one:
        read_request_lines(text)
    assert "line" not in str(one.value)
    with pytest.raises(BadRequest) as two:
        read_request_lines(f"requests\n{text}")
    assert "line " in str(two.value)

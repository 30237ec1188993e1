"""No text of a package makes a reader raise, hang, or lose what stands beside it."""

from __future__ import annotations

import contextlib
import csv
import io

from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from ipy_envtools.environment.credentials import mask_credentials
from ipy_envtools.environment.direct_url import DirectURL, InvalidDirectURL, parse_direct_url
from ipy_envtools.environment.entry_names import parse_entry_name
from ipy_envtools.environment.import_names import import_names_of
from ipy_envtools.environment.metadata import parse_metadata
from ipy_envtools.environment.printable import printable
from ipy_envtools.environment.record import parse_record, recorded_paths, summarize
from ipy_envtools.environment.requirements import (
    MarkerEnvironment,
    has_valid_specifier,
    is_satisfied_by,
    parse_requirement,
)
from ipy_envtools.environment.requires_txt import parse_requires_txt
from ipy_envtools.environment.versions import normal_version, parse_version, same_version

path_text = st.text(
    st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), min_size=1, max_size=30
)
field = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ['"', '""', ",", ",,", "\n", "\r\n", "\0", "sha256=x", "12", "\u2028", "\ufeff"]
    ),
)
operators = st.sampled_from([">=", "<=", "==", "!=", "~=", "===", "<", ">", "(", ")", "[", "]"])
words = st.sampled_from(["and", "or", "not", "in", "extra", "python_version", "name", "1.0", "1.*"])
signs = st.sampled_from([";", "@", ",", "*", "'3.8'", '"x"', "https://x/y", " ", "  ", "\t"])
clause = st.one_of(operators, words, signs)
broken_requirement = st.lists(st.one_of(clause, st.text(max_size=3)), max_size=12).map("".join)
header = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "Name: x",
            "Name:",
            "Version: 1",
            "\n",
            "\n\n",
            " folded",
            "Requires-Dist: y; (",
            "License:",
        ]
    ),
)


@given(st.lists(st.tuples(path_text, st.none() | st.integers(0, 10**9)), max_size=8))
def test_what_a_csv_writer_wrote_is_read_back(rows: list[tuple[str, int | None]]) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [path, "sha256=x" if size is not None else "", "" if size is None else size]
        for path, size in rows
    )
    content = out.getvalue().encode()
    record = parse_record(content)
    kept = [(path, size) for path, size in rows if path.count("\n") < 8]
    if len(kept) == len(rows) and not (rows and rows[0][0].startswith("\ufeff")):
        assert [(row.path, row.size) for row in record.rows] == rows
        assert record.invalid_rows == ()
        assert recorded_paths(content) == [path for path, _ in rows]
        sizes = [size for _, size in rows if size is not None]
        assert "\n" in "".join(p for p, _ in rows) or summarize(content).size == (
            sum(sizes) if sizes else None
        )


@given(st.lists(field, max_size=30).map("".join), st.binary(max_size=20))
def test_any_bytes_are_a_record(text: str, more: bytes) -> None:
    content = text.encode(errors="surrogatepass") + more
    record = parse_record(content)
    assert recorded_paths(content) == [row.path for row in record.rows]
    assert len(record.paths) == len(record.rows)
    summarize(content)


@given(st.lists(field, max_size=10).map("".join).filter(lambda text: '"' not in text))
def test_a_broken_row_costs_no_other_row(broken: str) -> None:
    text = f'before.py,,\n"{broken}\nafter.py,,\n'
    paths = [row.path for row in parse_record(text.encode(errors="surrogatepass")).rows]
    assert paths[0] == "before.py"
    assert paths[-1] == "after.py"


@given(st.lists(header, max_size=20).map("\n".join), st.binary(max_size=30))
def test_any_bytes_are_metadata(text: str, more: bytes) -> None:
    metadata = parse_metadata(text.encode(errors="surrogatepass") + more)
    said = [
        *metadata.names,
        *metadata.requires,
        *metadata.extras,
        *(metadata.import_names or ()),
        *filter(None, [metadata.version, metadata.summary, metadata.license, metadata.home_page]),
    ]
    assert all(item.isprintable() for item in said)


@given(broken_requirement, st.text(max_size=8))
def test_any_text_is_a_requirement_or_none(text: str, version: str) -> None:
    requirement = parse_requirement(text)
    if requirement is None:
        return
    assert requirement.name == canonicalize_name(requirement.name)
    is_satisfied_by(requirement, version)
    is_satisfied_by(requirement, "1.0")
    has_valid_specifier(requirement)
    with contextlib.suppress(InvalidRequirement):
        whole, short = Requirement(text), Requirement(requirement.without_marker)
        whole.marker = None
        assert short == whole
    with contextlib.suppress(ValueError):
        MarkerEnvironment({"python_version": "3.11"}).extras_that_apply(requirement, ["x"])


@given(st.text(max_size=60))
def test_any_text_is_an_entry_name(stem: str) -> None:
    for kind in ("dist-info", "egg-info", "egg", "egg-link"):
        name = parse_entry_name(stem, kind)  # type: ignore[arg-type]
        assert name.canonical_name == canonicalize_name(name.project)
        assert name.project in stem


@given(st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._]*[A-Za-z0-9])?", fullmatch=True), st.data())
def test_what_an_installer_escaped_is_found_again(name: str, data: st.DataObject) -> None:
    version = data.draw(
        st.from_regex(
            r"([1-9]!)?[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|b|rc)[0-9])?(\.post[0-9])?"
            r"(\.dev[0-9])?(\+[a-z0-9]+(\.[a-z0-9]+)?)?",
            fullmatch=True,
        )
    )
    found = parse_entry_name(f"{name}-{version}", "dist-info")
    assert found.project == name
    assert found.version == str(Version(version))


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_version_or_none(one: str, other: str) -> None:
    parse_version(one)
    normal_version(one)
    assert same_version(one, one)
    assert same_version(one, other) == same_version(other, one)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_direct_url_or_none(content: bytes) -> None:
    try:
        parse_direct_url(content)
    except InvalidDirectURL as error:
        assert str(error).isprintable()


@given(st.text(max_size=40))
def test_any_text_is_a_url(url: str) -> None:
    path = DirectURL(url).file_path
    assert path is None or "\0" not in path
    DirectURL(f"file://{url}").file_path  # noqa: B018
    mask_credentials(url)


@given(st.text(max_size=100))
def test_what_is_printable_is_printable(text: str) -> None:
    assert printable(text).isprintable()
    assert printable(printable(text)) == printable(text)


@given(st.text(max_size=100))
def test_any_text_is_requires_txt(text: str) -> None:
    parse_requires_txt(text)


@given(st.lists(st.text(max_size=20), max_size=10))
def test_any_paths_have_import_names(paths: list[str]) -> None:
    for name in import_names_of(paths, (".cpython-311.so", ".so", ".py")):
        assert all(part.isidentifier() for part in name.split("."))

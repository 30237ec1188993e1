"""What is wrong in an environment: a closed list of kinds, each with what to do about it."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from .copies import alias_target
from .entry_names import is_valid_name
from .printable import printable
from .requirements import is_satisfied_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .distribution import InstalledDistribution
    from .packages import InstalledPackages
    from .scanner import DirectoryListing, Oddity

__all__ = [
    "PROBLEM_KINDS",
    "Problem",
    "ProblemKind",
    "Severity",
    "quick_problems",
    "thorough_problems",
]

ProblemKind = Literal[
    "alias",
    "dependency-incompatible",
    "dependency-missing",
    "direct-url-invalid",
    "duplicate",
    "editable-dangling",
    "egg-link-dead",
    "files-missing",
    "files-shared",
    "ghost",
    "invalid-name",
    "invalid-version",
    "leftover",
    "metadata-mismatch",
    "metadata-missing",
    "python-incompatible",
    "record-invalid",
    "record-missing",
    "record-outside",
    "requirement-invalid",
    "shadowed",
    "unreadable",
]
"""Every kind of problem, in alphabetical order.

``alias``: a linked entry that leads to another entry; ``dependency-incompatible``: a requirement
that the installed version does not fulfil; ``dependency-missing``: a requirement that nothing
fulfils; ``direct-url-invalid``: direct_url.json is not what PEP 610 says; ``duplicate``: two
entries of one project in one directory; ``editable-dangling``: the source tree of an editable
installation is gone; ``egg-link-dead``: an ``.egg-link`` that leads nowhere; ``files-missing``:
RECORD names files that are not there; ``files-shared``: two packages record the same file;
``ghost``: an entry without metadata; ``invalid-name`` and ``invalid-version``: not what the
specifications allow; ``leftover``: remains of an interrupted pip; ``metadata-mismatch``: METADATA
and the entry's name disagree; ``metadata-missing``: METADATA or its Name or Version is not there;
``python-incompatible``: Requires-Python excludes this Python; ``record-invalid``: RECORD has rows
that are not readable; ``record-missing``: no RECORD, so nobody knows its files; ``record-outside``:
RECORD names files outside the environment; ``requirement-invalid``: a Requires-Dist that is no
requirement; ``shadowed``: a copy that imports do not get, because an earlier directory has one;
``unreadable``: a directory or file that cannot be read.
"""

PROBLEM_KINDS: tuple[str, ...] = get_args(ProblemKind)

Severity = Literal["error", "warning", "note"]

_ERRORS = frozenset(
    {
        "dependency-incompatible",
        "dependency-missing",
        "editable-dangling",
        "egg-link-dead",
        "files-missing",
        "ghost",
        "python-incompatible",
        "record-outside",
        "unreadable",
    }
)
_NOTES = frozenset({"alias", "shadowed"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong."""

    kind: ProblemKind
    name: str
    """Canonical name of the package; empty where it is nobody's."""
    message: str
    """One printable line that names the package and says what to do."""
    paths: tuple[Path, ...] = ()
    """What it is about; the entry of the package first, where there is one."""

    @property
    def severity(self) -> Severity:
        """``error``: something does not work; ``warning``: it may not; ``note``: good to know."""
        if self.kind in _ERRORS:
            return "error"
        return "note" if self.kind in _NOTES else "warning"


def quick_problems(packages: InstalledPackages) -> tuple[Problem, ...]:
    """Return what entries, metadata and the dependency graph tell."""
    found: list[Problem] = []
    for listing in packages.listings:
        found += _of_directory(listing)
    for distribution in packages:
        found += _of_metadata(distribution)
        found += _of_copies(distribution, packages)
        found += _of_python(distribution, packages.environment.markers)
    found += _of_dependencies(packages)
    return tuple(found)


def thorough_problems(packages: InstalledPackages) -> tuple[Problem, ...]:
    """Return what every RECORD, and the files that it names, tell."""
    found: list[Problem] = []
    owners: dict[str, list[InstalledDistribution]] = defaultdict(list)
    inside = tuple(
        os.path.join(os.path.normpath(path), "")
        for path in {
            str(packages.environment.prefix),
            *map(str, packages.environment.schemes.values()),
            *map(str, packages.environment.user_schemes.values()),
            *(str(site.path) for site in packages.environment.site_directories),
        }
    )
    for distribution in packages:
        found += _of_record(distribution, inside, owners)
    found += _of_sharing(owners)
    return tuple(found)


def _of_directory(listing: DirectoryListing) -> Iterator[Problem]:
    for oddity in listing.oddities:
        path = Path(oddity.path)
        shown = printable(oddity.path)
        if oddity.kind == "unreadable":
            yield Problem(
                "unreadable",
                "",
                f"{shown} cannot be read ({oddity.reason}), so packages in it are not listed; "
                "check its permissions",
                (path,),
            )
        elif oddity.kind == "leftover":
            yield _leftover(oddity)
        else:
            yield Problem(
                "unreadable",
                "",
                f"{shown} should be a directory and is not one; remove it if no tool of yours "
                "put it there",
                (path,),
            )


def _leftover(oddity: Oddity) -> Problem:
    return Problem(
        "leftover",
        "",
        f"{printable(oddity.filename)} ({_tree_size(oddity.path):,} bytes) is what an interrupted "
        "pip left behind; nothing uses it, and it can be removed",
        (Path(oddity.path),),
    )


def _tree_size(path: str) -> int:
    """Bytes of a file or of all files below a directory; links are not followed."""
    try:
        total = os.lstat(path).st_size if not os.path.isdir(path) else 0
    except OSError:
        return 0
    if os.path.islink(path):
        return total
    for directory, _, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(directory, name)).st_size
            except OSError:
                continue
    return total


def _of_metadata(distribution: InstalledDistribution) -> Iterator[Problem]:
    info = distribution.info
    metadata = info.metadata
    name = distribution.canonical_name
    shown = f"{printable(name)} {printable(distribution.version)}".strip()
    where = (distribution.info_path,)
    errors = info.errors
    if distribution.kind == "egg-link" and info.directory is None:
        yield Problem(
            "egg-link-dead",
            name,
            f"{shown} is a development link to {printable(info.target or 'nothing')}, where there "
            "is no such project; install it again or remove the link",
            where,
        )
        return
    metadata_file = "METADATA" if distribution.kind == "dist-info" else "PKG-INFO"
    reason = errors.get(metadata_file)
    if reason == "no such file":
        kind: ProblemKind = "ghost" if not _has_files(distribution) else "metadata-missing"
        yield Problem(
            kind,
            name,
            f"{shown} has no {metadata_file} and cannot be told from a remainder; install it "
            "again, or remove its entry if nothing uses it",
            where,
        )
    elif reason is not None:
        yield Problem(
            "unreadable",
            name,
            f"{metadata_file} of {shown} cannot be read ({reason}); install it again",
            where,
        )
    else:
        yield from _of_headers(distribution, shown)
    if not metadata.decodable:
        yield Problem(
            "unreadable",
            name,
            f"{metadata_file} of {shown} is not UTF-8; what could be read is shown, a newer "
            "release may mend it",
            where,
        )
    if not is_valid_name(distribution.canonical_name):
        yield Problem(
            "invalid-name",
            name,
            f"the entry {printable(distribution.entry_name)} names no valid project; install the "
            "package that it belongs to again",
            where,
        )
    if distribution.version and not _is_version(distribution.version):
        yield Problem(
            "invalid-version",
            name,
            f"{printable(name)} has the version {printable(distribution.version)!r}, which is not "
            "valid (PEP 440); upgrade it",
            where,
        )
    distribution.direct_url  # noqa: B018  # fills errors
    if "direct_url.json" in errors:
        yield Problem(
            "direct-url-invalid",
            name,
            f"direct_url.json of {shown} is not valid ({errors['direct_url.json']}), so where it "
            "came from is unknown; install it again",
            where,
        )
    if distribution.editable and distribution.direct_url is not None:
        yield from _of_editable(distribution, shown)
    if distribution.kind == "dist-info" and reason is None:
        yield from _of_record_file(distribution, shown)


def _has_files(distribution: InstalledDistribution) -> bool:
    try:
        return bool(os.listdir(distribution.info_path))
    except OSError:
        return False


def _of_headers(distribution: InstalledDistribution, shown: str) -> Iterator[Problem]:
    metadata = distribution.info.metadata
    name = distribution.canonical_name
    where = (distribution.info_path,)
    absent = [
        header
        for header, value in (("Name", metadata.names), ("Version", metadata.version))
        if not value
    ]
    if absent:
        yield Problem(
            "metadata-missing",
            name,
            f"the metadata of {shown} has no {' and no '.join(absent)}; install it again",
            where,
        )
    said = {canonicalize_name(given): given for given in metadata.names}
    if said and set(said) != {name} and distribution.kind != "egg-link":
        others = " and ".join(said.values())
        yield Problem(
            "metadata-mismatch",
            name,
            f"the metadata of {shown} calls it {others}; the entry's name counts, install it again",
            where,
        )
    elif len(metadata.names) > 1:
        yield Problem(
            "metadata-mismatch",
            name,
            f"the metadata of {shown} has {len(metadata.names)} Name fields; the entry's name "
            "counts, install it again",
            where,
        )
    entry_version = distribution.entry_version
    if entry_version and metadata.version and not _same_version(entry_version, metadata.version):
        yield Problem(
            "metadata-mismatch",
            name,
            f"the metadata of {shown} says version {metadata.version}; the entry's name counts, "
            "install it again",
            where,
        )


def _of_editable(distribution: InstalledDistribution, shown: str) -> Iterator[Problem]:
    from urllib.parse import unquote, urlsplit

    direct_url = distribution.direct_url
    try:
        parts = urlsplit(direct_url.url if direct_url else "")
    except ValueError:
        return
    path = unquote(parts.path)
    if parts.scheme == "file" and path and not os.path.isdir(path):
        yield Problem(
            "editable-dangling",
            distribution.canonical_name,
            f"{shown} is an editable installation of {printable(path)}, which is not there any "
            "more; install it again or uninstall it",
            (distribution.info_path, Path(path)),
        )


def _of_record_file(distribution: InstalledDistribution, shown: str) -> Iterator[Problem]:
    path = os.path.join(distribution.info_path, "RECORD")
    if not os.path.lexists(path):
        by = f" ({distribution.installer} installed it)" if distribution.installer else ""
        yield Problem(
            "record-missing",
            distribution.canonical_name,
            f"{shown} has no RECORD{by}, so nobody knows its files and it cannot be uninstalled "
            "safely; install it again over itself, or use the tool that installed it",
            (distribution.info_path,),
        )
    elif not os.path.isfile(path):
        yield Problem(
            "unreadable",
            distribution.canonical_name,
            f"RECORD of {shown} is not a regular file; install it again",
            (distribution.info_path,),
        )


def _of_copies(
    distribution: InstalledDistribution, packages: InstalledPackages
) -> Iterator[Problem]:
    if distribution.active and not distribution.linked:
        return
    name = distribution.canonical_name
    copies = packages.copies(name)
    shown = f"{printable(name)} {printable(distribution.version)}"
    target = alias_target(distribution, [copy for copy in packages if copy is not distribution])
    if target is not None:
        yield Problem(
            "alias",
            name,
            f"{printable(distribution.entry_name)} is a link to {printable(target.entry_name)}: "
            f"{shown} is {printable(target.canonical_name)} {printable(target.version)} by "
            "another name",
            (distribution.info_path, target.info_path),
        )
        return
    if distribution.active:
        return
    active = next(copy for copy in copies if copy.active)
    where = (distribution.info_path, active.info_path)
    if active.site_directory == distribution.site_directory:
        yield Problem(
            "duplicate",
            name,
            f"{shown} is a second entry beside {printable(active.version)} in "
            f"{printable(str(active.site_directory))}; imports get {printable(active.version)}, "
            "install it again to be rid of the other",
            where,
        )
    elif not _is_source_of(distribution, active):
        yield Problem(
            "shadowed",
            name,
            f"{shown} in {printable(str(distribution.site_directory))} is hidden by "
            f"{printable(active.version)} in {printable(str(active.site_directory))}, which "
            "imports get; uninstall one of them if that is not meant",
            where,
        )


def _is_source_of(copy: InstalledDistribution, active: InstalledDistribution) -> bool:
    """The ``.egg-info`` in the source tree of an editable installation is no second copy."""
    if not (active.editable and active.direct_url and copy.kind == "egg-info"):
        return False
    source = active.direct_url.url.removeprefix("file://")
    return os.path.realpath(copy.site_directory).startswith(os.path.realpath(source))


def _of_python(distribution: InstalledDistribution, markers: object) -> Iterator[Problem]:
    wanted = distribution.requires_python
    assert hasattr(markers, "get")
    version = markers.get("python_full_version")
    if not wanted or not version:
        return
    try:
        fits = SpecifierSet(wanted).contains(Version(version), prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return
    if not fits:
        name = distribution.canonical_name
        yield Problem(
            "python-incompatible",
            name,
            f"{printable(name)} {printable(distribution.version)} needs Python {wanted}, and this "
            f"is {version}; install a version that is made for it",
            (distribution.info_path,),
        )


def _of_dependencies(packages: InstalledPackages) -> Iterator[Problem]:
    for distribution, text in packages.graph.invalid:
        yield Problem(
            "requirement-invalid",
            distribution.canonical_name,
            f"{printable(distribution.canonical_name)} {printable(distribution.version)} has a "
            f"requirement that is not valid: {text!r}; it is ignored, upgrade the package",
            (distribution.info_path,),
        )
    for dependency in packages.graph.all():
        if not dependency.asked:
            continue
        source, requirement = dependency.source, dependency.requirement
        needs = (
            f"{printable(source.canonical_name)} {printable(source.version)} needs "
            f"{requirement.text.partition(';')[0].strip()}"
        )
        if requirement.name not in packages:
            yield Problem(
                "dependency-missing",
                source.canonical_name,
                f"{needs}, which is not installed; install {requirement.name}",
                (source.info_path,),
            )
            continue
        found = packages[requirement.name]
        if is_satisfied_by(requirement, found.version) is False:
            yield Problem(
                "dependency-incompatible",
                source.canonical_name,
                f"{needs}, and {printable(found.canonical_name)} {printable(found.version)} is "
                f"installed; change one of the two",
                (source.info_path, found.info_path),
            )


def _of_record(
    distribution: InstalledDistribution,
    inside: tuple[str, ...],
    owners: dict[str, list[InstalledDistribution]],
) -> Iterator[Problem]:
    record = distribution.record
    if record is None or distribution.kind != "dist-info":
        return
    name = distribution.canonical_name
    shown = f"{printable(name)} {printable(distribution.version)}"
    where = distribution.info_path
    if record.invalid_rows:
        yield Problem(
            "record-invalid",
            name,
            f"RECORD of {shown} has {len(record.invalid_rows)} unreadable rows, the first is "
            f"{printable(record.invalid_rows[0])[:80]!r}; install it again",
            (where,),
        )
    outside: list[Path] = []
    missing: list[Path] = []
    base = str(distribution.site_directory)
    for row, path in zip(record.rows, distribution.file_paths, strict=True):
        if not row.path.strip("/."):
            continue
        if not path.startswith(inside):
            outside.append(Path(path))
            continue
        owners[path].append(distribution)
        if not row.path.endswith(".pyc") and not os.path.lexists(path):
            missing.append(Path(path))
    if outside:
        yield Problem(
            "record-outside",
            name,
            f"RECORD of {shown} names {len(outside)} files outside the environment, the first is "
            f"{printable(str(outside[0]))}; an uninstall will not touch them, install it again",
            (where, *outside),
        )
    if missing:
        first = os.path.relpath(missing[0], base)
        yield Problem(
            "files-missing",
            name,
            f"{len(missing)} files of {shown} are missing, the first is {printable(first)}; "
            "install it again",
            (where, *missing),
        )


def _of_sharing(owners: dict[str, list[InstalledDistribution]]) -> Iterator[Problem]:
    shared: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path, distributions in owners.items():
        names = tuple(sorted({dist.canonical_name for dist in distributions}))
        if len(names) > 1:
            shared[names].append(path)
    for names, paths in sorted(shared.items()):
        yield Problem(
            "files-shared",
            names[0],
            f"{' and '.join(map(printable, names))} both own {len(paths)} files, the first is "
            f"{printable(paths[0])}; only one of them can work, uninstall the other",
            tuple(map(Path, paths)),
        )


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except InvalidVersion:
        return False
    return True


def _same_version(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other

"""What the dependency graph tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..printable import printable
from ..problems import Problem
from ..requirements import is_satisfied_by
from .wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages
    from ..requirements import ParsedRequirement

__all__ = ["problems_of_dependencies"]


def problems_of_dependencies(packages: InstalledPackages) -> Iterator[Problem]:
    """Requirements that are no requirements, and those that hold here and are not fulfilled."""
    for distribution, text in packages.graph.invalid:
        cut = text if len(text) <= 100 else f"{text[:100]}…"
        yield Problem(
            "requirement-invalid",
            distribution.canonical_name,
            f"{shown(distribution)} has a requirement that is not valid and is ignored, {cut!r}; "
            f"%pip install -U {printable(distribution.canonical_name)} may mend it",
            (distribution.info_path,),
        )
    for dependency in packages.graph.all():
        if not dependency.asked:
            continue
        source, requirement = dependency.source, dependency.requirement
        needed = f"{shown(source)} needs {requirement.text.partition(';')[0].strip()}"
        if requirement.name not in packages:
            way_out = "install it from there" if requirement.url else _install(requirement)
            yield Problem(
                "dependency-missing",
                source.canonical_name,
                f"{needed}, which is not installed; {way_out}",
                (source.info_path,),
            )
            continue
        found = packages[requirement.name]
        if is_satisfied_by(requirement, found.version) is False:
            yield Problem(
                "dependency-incompatible",
                source.canonical_name,
                f"{needed}, and {shown(found)} is installed; {_install(requirement)}, or "
                f"%pip install -U {printable(source.canonical_name)} if a newer one takes "
                f"{shown(found)}",
                (source.info_path, found.info_path),
            )


def _install(requirement: ParsedRequirement) -> str:
    return f'%pip install "{requirement.name}{requirement.specifier}"'

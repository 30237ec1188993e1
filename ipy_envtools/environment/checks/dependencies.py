"""What the dependency graph tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Problem
from ..requirements import is_satisfied_by
from .wording import cut, named, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages
    from ..requirements import ParsedRequirement

__all__ = ["problems_of_dependencies"]


def problems_of_dependencies(packages: InstalledPackages) -> Iterator[Problem]:
    """Requirements that are no requirements, and those that hold here and are not fulfilled."""
    for distribution, text in packages.graph.invalid:
        yield Problem(
            "requirement-invalid",
            distribution.canonical_name,
            f"{shown(distribution)} has a requirement that is not valid and is ignored, "
            f"{cut(text)!r}; %pip install -U {named(distribution)} may mend it",
            (distribution.info_path,),
        )
    for dependency in packages.graph.all():
        if not dependency.asked:
            continue
        source, requirement = dependency.source, dependency.requirement
        found = packages[requirement.name] if requirement.name in packages else None
        if found is not None and is_satisfied_by(requirement, found.version) is not False:
            continue
        needed = f"{shown(source)} needs {cut(requirement.text.partition(';')[0].strip())}"
        if found is None:
            way_out = "install it from there" if requirement.url else _install(requirement)
            yield Problem(
                "dependency-missing",
                source.canonical_name,
                f"{needed}, which is not installed; {way_out}",
                (source.info_path,),
            )
        else:
            yield Problem(
                "dependency-incompatible",
                source.canonical_name,
                f"{needed}, and {shown(found)} is installed; {_install(requirement)}, or "
                f"%pip install -U {named(source)} if a newer one takes {cut(found.version, 20)}",
                (source.info_path, found.info_path),
            )


def _install(requirement: ParsedRequirement) -> str:
    return f'%pip install "{cut(f"{requirement.name}{requirement.specifier}")}"'

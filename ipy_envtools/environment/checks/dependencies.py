"""What the dependency graph tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..problems import Problem
from ..requirements import is_satisfied_by
from .wording import cut, named, shown, way_out, way_out_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..dependencies import Dependency
    from ..packages import InstalledPackages
    from ..requirements import ParsedRequirement

__all__ = ["problems_of_dependencies"]


def problems_of_dependencies(packages: InstalledPackages) -> Iterator[Problem]:
    """Requirements that are no requirements, and those that hold here and are not fulfilled."""
    here = packages.environment
    for distribution, text in packages.graph.invalid:
        yield Problem(
            "requirement-invalid",
            distribution.canonical_name,
            f"{shown(distribution)} has a requirement that is not valid and is ignored, "
            f"{cut(text)!r}; "
            f"{way_out(distribution, here, f'%pkg upgrade {named(distribution)} may mend it')}",
            (distribution.info_path,),
        )
    for dependency in packages.graph.all():
        if not dependency.asked:
            continue
        source, requirement = dependency.source, dependency.requirement
        if requirement.name not in packages:
            install = "install it from there" if requirement.url else _install(requirement)
            yield Problem(
                "dependency-missing",
                source.canonical_name,
                f"{_needed(dependency)}, which is not installed; {way_out_in(here, install)}",
                (source.info_path,),
            )
            continue
        found = packages[requirement.name]
        if is_satisfied_by(requirement, found.version) is False:
            either = (
                f"{_install(requirement)}, or %pkg upgrade {named(source)} if a newer one "
                f"takes {cut(found.version, 20)}"
            )
            yield Problem(
                "dependency-incompatible",
                source.canonical_name,
                f"{_needed(dependency)}, and {shown(found)} is installed; "
                f"{way_out_in(here, either)}",
                (source.info_path, found.info_path),
            )


def _needed(dependency: Dependency) -> str:
    return f"{shown(dependency.source)} needs {cut(dependency.requirement.without_marker)}"


def _install(requirement: ParsedRequirement) -> str:
    return f'%pkg install "{cut(f"{requirement.name}{requirement.specifier}", 44)}"'

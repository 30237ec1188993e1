"""What the tags of WHEEL tell: whether the files were built for this Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..platform_tags import fits, supported_tags
from ..problems import Problem
from .wording import cut, named, shown, way_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packages import InstalledPackages

__all__ = ["problems_of_platform"]


def problems_of_platform(packages: InstalledPackages) -> Iterator[Problem]:
    """Distributions whose wheel was made for another Python, processor or system."""
    supported = supported_tags(packages.environment)
    if supported is None:
        return
    markers = packages.environment.markers
    here = f"{markers.get('python_full_version')} on {markers.get('platform_machine')}"
    for distribution in packages:
        tags = distribution.info.wheel_tags
        if tags and fits(tags, supported) is False:
            name = named(distribution)
            again = (
                f'%pkg uninstall {name}, then %pkg install "{name}=={cut(distribution.version)}"'
            )
            yield Problem(
                "platform-incompatible",
                distribution.canonical_name,
                f"{shown(distribution)} was built for {cut(tags[0])}, which this Python "
                f"({here}) cannot load; {way_out(distribution, packages.environment, again)}",
                (distribution.info_path,),
            )

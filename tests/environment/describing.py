"""Everything that a scan says, as plain data."""

from __future__ import annotations

from typing import Any

from ipy_envtools.environment import scan

__all__ = ["description"]


def description(paths: list[str]) -> dict[str, Any]:
    """Describe every copy, the graph and the problems; readable as JSON without loss."""
    packages = scan(paths=paths)
    return {
        "copies": [
            [
                dist.canonical_name,
                dist.version,
                str(dist.info_path),
                str(dist.site_directory),
                dist.kind,
                dist.active,
                dist.linked,
                dist.name,
                dist.summary,
                dist.license,
                dist.home_page,
                list(dist.requires),
                dist.requires_python,
                dist.installer,
                dist.requested,
                repr(dist.direct_url),
                dist.editable,
                str(dist.location),
                list(dist.import_names),
                dist.size,
                None if dist.files is None else [str(path) for path in dist.files],
            ]
            for dist in packages
        ],
        "needed": {
            dist.canonical_name: [
                source.canonical_name for source in packages.required_by(dist.canonical_name)
            ]
            for dist in packages
        },
        "orphans": [dist.canonical_name for dist in packages.orphans()],
        "problems": [
            [
                problem.kind,
                problem.name,
                problem.message,
                problem.severity,
                *map(str, problem.paths),
            ]
            for problem in packages.problems
        ],
        "shared": sorted(packages.owners.shared),
        "startup": [
            [str(file.path), [owner.canonical_name for owner in file.owners]]
            for file in packages.startup_files
        ],
    }

"""What this kernel runs on: take one of these away and the next start fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..environment import InstalledPackages

__all__ = ["KERNEL_ROOTS", "kernel_closure"]

KERNEL_ROOTS = ("ipykernel", "ipython", "ipywidgets", "ipy-envtools")
_OWN = "ipy-envtools"
_OWN_NEEDS = ("filelock", "ipython", "ipywidgets", "packaging", "rich", "tomli")
"""What this package needs, where it runs without being installed: from a checkout, say."""


def kernel_closure(packages: InstalledPackages, *, any_kernel: bool = False) -> dict[str, str]:
    """Return each package that this kernel runs on, with the one of the roots that needs it.

    What only an extra needs that nobody asked for is not part of it.

    Args:
        packages: an environment; where this process does not run in it, the answer is empty.
        any_kernel: what a kernel of that environment would run on, whether it is this one or not.
    """
    if not (packages.environment.is_running or any_kernel):
        return {}
    closure: dict[str, str] = {}
    for root in KERNEL_ROOTS:
        waiting = [root]
        if root == _OWN and root not in packages and packages.environment.is_running:
            waiting = [*_OWN_NEEDS]
        while waiting:
            name = waiting.pop()
            if name in packages and name not in closure:
                closure[name] = root
                waiting.extend(
                    dependency.requirement.name
                    for dependency in packages.graph.needs(name)
                    if dependency.asked
                )
    return closure

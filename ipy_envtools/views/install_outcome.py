"""What there is to say when packages were installed: ready, or what this kernel still runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..environment.versions import same_version
from .phrase import plain_text, say
from .transaction import can_undo
from .transaction import outcome as plain_outcome
from .wording import counted, listed, seconds_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..environment import InstalledPackages
    from ..plans.install_plan import InstallAction, InstallPlan
    from ..transactions import Transaction
    from .phrase import Tone

__all__ = ["InstallOutcome"]

_MOST_NOTES = 3
_OWN_NAME = "ipy-envtools"
_LAB_EXTENSIONS = ("share", "jupyter", "labextensions")


@dataclass(frozen=True)
class InstallOutcome:
    """A transaction, and what it means for the kernel and the page it was done from."""

    transaction: Transaction
    plan: InstallPlan
    lab_extensions: tuple[str, ...] = ()
    """Names of what was installed and brings an extension of JupyterLab."""
    not_run: tuple[str, ...] = ()
    """Names of what has start-up code in a ``.pth`` file, which this kernel has not run."""
    found_by_code: tuple[str, ...] = ()
    """Those of them that imports find only by that code, as some editable installations."""
    not_found: tuple[str, ...] = ()
    """Names of what imports do not find, because a copy elsewhere is searched first."""

    @classmethod
    def of(
        cls,
        transaction: Transaction,
        plan: InstallPlan,
        packages: InstalledPackages,
        not_run: Iterable[str] = (),
    ) -> InstallOutcome:
        """Look at what is installed now.

        Args:
            transaction: what was done.
            plan: what it carried out.
            packages: scanned since.
            not_run: canonical names of what has start-up code that this kernel has not run.
        """
        names = {action.name for action in plan.actions if action.kind != "remove"}
        bringing = [
            copy.name
            for copy in packages
            if copy.canonical_name in names
            and copy.active
            and any(_is_lab_extension(path.parts) for path in copy.files or ())
        ]
        waiting = [packages[name] for name in not_run if name in packages]
        return cls(
            transaction,
            plan,
            tuple(bringing),
            tuple(copy.name for copy in waiting),
            tuple(copy.name for copy in waiting if copy.editable),
            tuple(_not_found(plan.actions, packages)),
        )

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return can_undo(self.transaction)

    @property
    def needs_restart(self) -> bool:
        """Whether this kernel runs something else than what is installed now."""
        if self.transaction.state != "applied" or not self.plan.environment.is_running:
            return False
        return self._runs_former or bool(self.found_by_code)

    @property
    def _runs_former(self) -> bool:
        own = any(action.name == _OWN_NAME for action in self.plan.actions)
        return own or bool(self.plan.loaded_modules or self.plan.touches_kernel)

    @property
    def tone(self) -> Tone:
        """Good where the next cell can import it, and nothing else is the worse for it."""
        if self.transaction.state != "applied":
            return "error" if self.transaction.state == "interrupted" else "plain"
        is_less = self.needs_restart or self.plan.conflicts or self.not_found
        return "warning" if is_less else "good"

    @property
    def sentence(self) -> str:
        """What was done, and what has to be done now."""
        if self.transaction.state != "applied":
            return plain_outcome(self.transaction)
        running = self.plan.environment.is_running
        said = self._stale() if running and self._runs_former else self._done()
        if running and self.found_by_code:
            names = listed(self.found_by_code, 3)
            said += f" Imports of {names} are set up when a kernel starts."
        waiting = [name for name in self.not_run if name not in self.found_by_code]
        if running and waiting:
            said += f" The start-up file of {listed(waiting, 3)} acts from the next start on."
        if self.plan.conflicts:
            broken = listed([*dict.fromkeys(b.distribution.name for b in self.plan.conflicts)], 3)
            said += f" Broken by it: {broken}."
        # Nobody has seen the plan of what only adds packages.
        notes = self.plan.notes if self.plan.safe else ()
        said += "".join(f" {note}" for note in notes[:_MOST_NOTES])
        if len(notes) > _MOST_NOTES:
            said += f" {counted(len(notes) - _MOST_NOTES, 'more remark')} not shown."
        if self.lab_extensions:
            names = listed(self.lab_extensions, 3)
            extend = "extends" if len(self.lab_extensions) == 1 else "extend"
            said += f" Reload the page: {names} {extend} JupyterLab."
        return plain_text(say(said))

    def _done(self) -> str:
        coming = any(action.kind != "remove" for action in self.plan.actions)
        can_import = coming and self.plan.environment.is_running
        can_import = can_import and not self.found_by_code and not self.not_found
        ready = " Ready to import." if can_import else ""
        return f"{self._summary()}.{ready}"

    def _summary(self) -> str:
        seconds = self.transaction.seconds
        took = f" in {seconds_text(seconds)}" if seconds is not None else ""
        return f"{self.transaction.summary}{took}"

    def _stale(self) -> str:
        modules = listed(self.plan.loaded_modules, 3)
        loaded = [action for action in self.plan.actions if action.loaded]
        replaced = [a for a in loaded if a.kind != "remove" and a.previous_version]
        if not modules:
            names = listed([a.name for a in self.plan.actions if self._is_running(a)], 4)
            return f"{self._summary()}, but this kernel still runs the former {names}."
        if len(replaced) == 1 and len(loaded) == 1 and replaced[0].version:
            only = replaced[0]
            if only.version != only.previous_version:
                return (
                    f"{only.name} {only.version} is installed, but this kernel still runs "
                    f"{only.previous_version} ({modules})."
                )
        versions = [f"{a.name} {a.previous_version or ''}".strip() for a in loaded]
        still = listed(versions, 4) if versions else "what was there before"
        return f"{self._summary()}, but this kernel still runs {still} ({modules})."

    def _is_running(self, action: InstallAction) -> bool:
        return action.name == _OWN_NAME or action.name in self.plan.touches_kernel


def _not_found(actions: Iterable[InstallAction], packages: InstalledPackages) -> Iterator[str]:
    found = {copy.canonical_name: copy.version for copy in packages if copy.active}
    for action in actions:
        if action.kind == "remove" or not action.version:
            continue
        version = found.get(action.name)
        if version is not None and not same_version(version, action.version):
            yield action.name


def _is_lab_extension(parts: tuple[str, ...]) -> bool:
    size = len(_LAB_EXTENSIONS)
    return any(parts[at : at + size] == _LAB_EXTENSIONS for at in range(len(parts) - size))

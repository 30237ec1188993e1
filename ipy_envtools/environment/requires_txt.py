"""``requires.txt`` of an ``.egg-info`` directory, as Requires-Dist texts.

Source: setuptools, "The Internal Structure of Python Eggs"; a section is
``[extra]``, ``[:marker]`` or ``[extra:marker]``.
"""

from __future__ import annotations

__all__ = ["parse_requires_txt"]


def parse_requires_txt(text: str) -> tuple[str, ...]:
    """Return each line of ``requires.txt`` as the Requires-Dist that says the same."""
    requires = []
    extra = marker = ""
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            extra, _, marker = line[1:-1].partition(":")
            continue
        condition = " and ".join(
            [
                *([f"({marker})"] if marker else []),
                *([f'extra == "{extra}"'] if extra else []),
            ]
        )
        # A URL ends at white space, so its marker needs a blank before the semicolon.
        requires.append(f"{line} ; {condition}" if condition else line)
    return tuple(requires)

"""The metadata files of an ``.egg`` that is a zip file."""

from __future__ import annotations

import os

from .regular_files import open_regular_file

__all__ = ["read_from_zipped_egg"]


def read_from_zipped_egg(path: str, filename: str, limit: int) -> bytes:
    """Return at most ``limit`` bytes of one file of ``EGG-INFO``.

    Raises:
        FileNotFoundError: the egg has no such file.
        OSError: it cannot be read, or is no zip file.
    """
    import zipfile

    descriptor, _ = open_regular_file(path)
    with os.fdopen(descriptor, "rb") as file:
        try:
            with zipfile.ZipFile(file) as egg, egg.open(f"EGG-INFO/{filename}") as member:
                return member.read(limit)
        except KeyError:
            raise FileNotFoundError(filename) from None
        except OSError:
            raise
        except Exception as error:  # zipfile and zlib raise a dozen types for broken archives
            raise OSError(f"not a readable zip file: {error}") from None

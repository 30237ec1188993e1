"""What an interpreter knows about its own directories.

Runs in this process, and as a program in another one: it needs nothing but Python 3.6 and its
standard library, and prints one line of JSON behind ``MARK``.
"""

import os
import sys
import sysconfig
from typing import Any, Dict, List, Optional

MARK = "ipy-envtools-interpreter:"


def interpreter_facts() -> Dict[str, Any]:
    """Return what the scan has to know, in types that JSON has."""
    import platform

    paths = sysconfig.get_paths()
    system: List[str] = []
    if "deb_system" in sysconfig.get_scheme_names():
        system = [sysconfig.get_path(key, "deb_system") for key in ("purelib", "platlib")]
    facts = {
        "executable": sys.executable or None,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "schemes": paths,
        "system_directories": system,
        "parent_directories": _parent_directories(),
        "suffixes": _suffixes(),
        "platform": sysconfig.get_platform(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "debug": hasattr(sys, "gettotalrefcount"),
        "markers": {
            "implementation_name": sys.implementation.name,
            "implementation_version": _implementation_version(),
            "os_name": os.name,
            "platform_machine": platform.machine(),
            "platform_release": platform.release(),
            "platform_system": platform.system(),
            "platform_version": platform.version(),
            "python_full_version": platform.python_version(),
            "platform_python_implementation": platform.python_implementation(),
            "python_version": ".".join(platform.python_version_tuple()[:2]),
            "sys_platform": sys.platform,
        },
    }
    facts.update(user_facts())
    return facts


def search_path_facts() -> Dict[str, Any]:
    """Return what a running program may change at any time."""
    return {
        "sys_path": [entry for entry in sys.path if isinstance(entry, str)],
        "pythonpath": _pythonpath(),
        "working_directory": _working_directory(),
    }


def user_facts() -> Dict[str, Any]:
    """Return the user site directory's scheme, and whether this interpreter looks there."""
    import site

    try:
        name = sysconfig.get_preferred_scheme("user")
    except AttributeError:  # Python 3.9 and older
        name = os.name + "_user"
    try:
        schemes = sysconfig.get_paths(name)
        base = site.getuserbase()
    except (AttributeError, KeyError, TypeError):  # no home directory, or no such scheme
        schemes, base = {}, None
    return {
        "user_schemes": schemes,
        "user_base": base,
        "user_site_used": bool(site.ENABLE_USER_SITE),
    }


def _pythonpath() -> List[str]:
    value = "" if sys.flags.ignore_environment else os.environ.get("PYTHONPATH", "")
    # An empty entry means the working directory, as it does for Python.
    return [entry or os.curdir for entry in value.split(os.pathsep)] if value else []


def _parent_directories() -> List[str]:
    """Return where the interpreter that a virtual environment was made from has its packages."""
    import site

    if sys.prefix == sys.base_prefix:
        return []
    try:
        return site.getsitepackages([sys.base_prefix, sys.base_exec_prefix])
    except (AttributeError, TypeError):  # the site module of old virtualenv releases
        return []


def _working_directory() -> Optional[str]:
    try:
        return os.getcwd()
    except OSError:
        return None


def _suffixes() -> List[str]:
    from importlib import machinery

    return machinery.all_suffixes()


def _implementation_version() -> str:
    version = sys.implementation.version
    text = "{0.major}.{0.minor}.{0.micro}".format(version)
    if version.releaselevel != "final":
        text += version.releaselevel[0] + str(version.serial)
    return text


def _answer() -> None:
    import json

    facts = interpreter_facts()
    facts.update(search_path_facts())
    # Neither print() nor sys.stdout: a sitecustomize may have put anything in their place.
    rest = ("\n" + MARK + json.dumps(facts) + "\n").encode("ascii")
    while rest:
        rest = rest[os.write(1, rest) :]


if __name__ == "__main__":
    _answer()

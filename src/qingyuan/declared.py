"""What registers itself: a module a declaration, found in its package, frozen at first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


@cache
def declared(package: str, name: str) -> tuple[Any, ...]:
    """The object called `name` of each module (or folder) in the package that has one, by module name.

    Raises ValueError for a module without it: what lies in such a package is a declaration, or does not belong there.
    """
    found = []
    for module in sorted(iter_modules(import_module(package).__path__), key=lambda m: m.name):
        one = import_module(f"{package}.{module.name}")
        if not hasattr(one, name):
            raise ValueError(f"{one.__name__}: got no {name}, expected the declaration that this package is made of")
        found.append(getattr(one, name))
    return tuple(found)

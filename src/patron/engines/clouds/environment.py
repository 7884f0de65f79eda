"""Where clients find their accounts: patron.yaml for what is no secret, the environment for all of it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from types import ModuleType

from patron.errors import SettingsError


class Account:
    """The values of an account: those given, then variables of the environment, PATRON_<ENGINE>_<NAME>.

    engine: as in patron.yaml. given: name -> value, of patron.yaml. where: what the user reads in messages.
    """

    def __init__(self, engine: str, given: Mapping[str, str | None], where: str) -> None:
        self.engine, self.where = engine, where
        self._given = {name: value for name, value in given.items() if value}

    def name_variable(self, name: str) -> str:
        """Return the variable of a value, such as PATRON_SNOWFLAKE_ACCOUNT."""
        return f"PATRON_{self.engine}_{name}".upper()

    def find(self, name: str, default: str = "") -> str:
        """Find a value that need not be there."""
        return self._given.get(name) or os.environ.get(self.name_variable(name), "").strip() or default

    def need(self, name: str, example: str) -> str:
        """Find a value. Raises SettingsError, with the command that sets it, if there is none."""
        if found := self.find(name):
            return found
        variable = self.name_variable(name)
        what = f"{self.engine} needs {name.replace('_', ' ')}, and the environment variable {variable} is not set."
        raise SettingsError(what, where=self.where, do=f"export {variable}={example}")

    def import_driver(self, module: str) -> ModuleType:
        """Import the driver. Raises SettingsError, with the command that installs it, if it is missing."""
        try:
            return importlib.import_module(module)
        except ImportError as error:
            what = f"The driver of {self.engine} is not installed: {error}."
            raise SettingsError(what, where=self.where, do=f"pip install 'patron[{self.engine}]'") from None

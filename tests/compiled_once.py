"""What dbt made of a project, shared by all processes of a test session: most tests' shops differ in their rows alone."""

from __future__ import annotations

import os
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

from patron.transform.compile_cache import Node


class CompiledOnce(OrderedDict[str, list[Node]]):
    """In the place of patron.transform.compile_cache's own memory. folder: where the nodes of each fingerprint are kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def get(self, rendered: str, default: Any = None) -> Any:
        """The nodes, whichever process had them compiled."""
        if rendered not in self and (self.folder / rendered).exists():
            return pickle.loads((self.folder / rendered).read_bytes())
        return super().get(rendered, default)

    def __setitem__(self, rendered: str, nodes: list[Node]) -> None:
        super().__setitem__(rendered, nodes)
        if not (self.folder / rendered).exists():
            new = self.folder / f"{rendered}.{os.getpid()}"
            new.write_bytes(pickle.dumps(nodes))
            new.replace(self.folder / rendered)

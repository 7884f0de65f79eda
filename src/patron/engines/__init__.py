"""The engines that hold silver and all that follows. `open_warehouse` opens the one that patron.yaml names."""

from patron.engines.registry import open_warehouse

__all__ = ["open_warehouse"]

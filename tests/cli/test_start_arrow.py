"""Commands convert values with Arrow and never import pandas for it."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from patron.cli.start_arrow import start_arrow_without_pandas
start_arrow_without_pandas()
import pyarrow as pa
assert pa.table({"a": [1, None]}).to_pylist() == [{"a": 1}, {"a": None}]
assert "pandas" not in sys.modules
import pandas
assert pandas.DataFrame({"a": [1]}).shape == (1, 1)
"""


def test_arrow_starts_without_pandas_which_can_still_be_imported():
    done = subprocess.run([sys.executable, "-c", CODE], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

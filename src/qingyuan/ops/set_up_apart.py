"""The set-up of a data folder in a process of its own, so that who asks for it loads neither Django nor an engine."""

from __future__ import annotations

import json
import subprocess
import sys

from qingyuan.ops.errors import OpsError


def set_up_apart(*options: str) -> dict[str, str]:
    """Run `_setup` with its options; returns what a person must be told. OpsError if it failed, after its own words."""
    done = subprocess.run([sys.executable, "-m", "qingyuan", "_setup", *options], stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise OpsError("数据库准备失败，原因见上；修正后重新运行")
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told

"""The commands of the command line, one module a theme: arguments in, one call, words out."""

from qingyuan.ops.commands import (
    air,
    data,
    devices,
    hj212,
    limits,
    people,
    readings,
    replay,
    rules,
    running,
    upkeep,
    water,
)

ALL = (
    *running.ALL,
    *data.ALL,
    *air.ALL,
    *water.ALL,
    *rules.ALL,
    *readings.ALL,
    *replay.ALL,
    *devices.ALL,
    *limits.ALL,
    *hj212.ALL,
    *people.ALL,
    *upkeep.ALL,
)

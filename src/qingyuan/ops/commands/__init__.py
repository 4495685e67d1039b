"""The commands of the command line, one module a theme: arguments in, one call, words out."""

from qingyuan.ops.commands import air, data, devices, people, readings, rules, running, upkeep, water

ALL = (*running.ALL, *data.ALL, *air.ALL, *water.ALL, *rules.ALL, *readings.ALL, *devices.ALL, *people.ALL, *upkeep.ALL)

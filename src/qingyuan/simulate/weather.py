"""The weather over the county, the same everywhere: daily and yearly rhythm with smooth noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qingyuan.simulate.calendar import DAY, HOUR, local_hour, year_angle
from qingyuan.simulate.noise import Floats, Seconds, key, smooth


@dataclass(frozen=True)
class Weather:
    """At each instant: wind speed [m/s], direction it comes from [deg], temperature [degC], humidity [%],
    pressure [kPa], sunshine [0-1 of the clear-sky noon], stability [0 = A, very unstable, to 5 = F]."""

    wind_speed: Floats
    wind_from: Floats
    temperature: Floats
    humidity: Floats
    pressure: Floats
    sunshine: Floats
    stability: Floats


def weather(seed: int, seconds: Seconds) -> Weather:
    """The weather of a seed at instants."""

    def wander(name: str, period: int) -> Floats:
        return smooth(key(seed, "weather", name), seconds, period)

    hour, angle = local_hour(seconds), year_angle(seconds)
    summer = -np.cos(angle - 0.35)  # +1 in late July, -1 in late January
    cloud = np.clip(0.45 + 0.35 * wander("cloud", 2 * DAY), 0, 1)
    elevation = np.sin(np.pi * np.clip((hour - 6.2 + 0.8 * summer) / (11.6 + 1.6 * summer), 0, 1))
    sunshine = elevation * (1 - 0.75 * cloud) * (0.78 + 0.22 * summer)
    daily = np.cos((hour - 14.5) / 24 * 2 * np.pi)
    temperature = (
        15.8 + 12.2 * summer + (4.2 - 2.4 * cloud) * daily + 2.6 * wander("t1", 3 * DAY) + 0.6 * wander("t2", 6 * HOUR)
    )
    speed = 2.7 + 0.9 * daily + 1.0 * wander("u1", 2 * DAY) + 0.45 * wander("u2", 3 * HOUR)
    prevailing = 20 - 110 * (summer + 1) / 2  # about NNE in winter, ESE by way of the east in summer
    direction = (-prevailing + 55 * wander("d1", 2 * DAY) + 18 * wander("d2", 4 * HOUR)) % 360
    wind_speed = np.maximum(speed, 0.5)
    humidity = np.clip(74 + 6 * summer - 13 * daily + 9 * wander("rh", DAY), 22, 99)
    pressure = 101.6 - 1.15 * summer + 0.5 * wander("p", 4 * DAY)
    by_wind = np.clip((wind_speed - 1.5) / 4.5, 0, 1)
    stability = np.where(sunshine > 0.05, 3 - 3 * sunshine * (1 - by_wind), 5 - 2 * np.maximum(by_wind, cloud * 0.6))
    return Weather(wind_speed, direction, temperature, humidity, pressure, sunshine, stability)

"""How high the water stands."""

from math import cos, pi

PERIOD = 12.42
"""From one high water to the next, in hours."""


def height(hours: float) -> float:
    """The water over the mean, in metres, some hours after a high water."""
    return 2.1 * cos(2 * pi * hours / PERIOD)

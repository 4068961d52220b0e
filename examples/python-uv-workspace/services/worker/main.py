"""Logs the water each minute, until it is told to stop."""

import signal
import sys
import time

import schedule

from tides import height

BEGAN = time.monotonic()


def log():
    """One line with the height."""
    print(f"{height((time.monotonic() - BEGAN) / 3600):.2f} m")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    schedule.every(1).minutes.do(log)
    log()
    while True:
        schedule.run_pending()
        time.sleep(1)

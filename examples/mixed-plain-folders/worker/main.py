"""Measures the temperature every minute and sends it to the board."""

import json
import os
import random
import signal
import sys
import time
import urllib.request

import schedule

BOARD = os.environ.get("BOARD_URL", "http://api:8080/readings")


def send() -> None:
    reading = {"station": "roof", "celsius": round(random.uniform(-5, 30), 1)}
    request = urllib.request.Request(BOARD, json.dumps(reading).encode())
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except OSError as error:
        print(f"the board cannot be reached: {error}", file=sys.stderr, flush=True)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    schedule.every().minute.do(send)
    while True:
        schedule.run_pending()
        time.sleep(1)


if __name__ == "__main__":
    main()

"""`python -m alphapulse_sim --port P`: run the simulator until SIGTERM or SIGINT.

Prints one JSON line `{"url": "http://127.0.0.1:P"}` when it listens.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web

from alphapulse_sim.context import SimConfig
from alphapulse_sim.server import make_app


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="alphapulse_sim", description="Simulated venues on loopback.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=7, help="which market")
    parser.add_argument("--extra", type=int, default=0, help="made-up coins T000, T001, ... to add")
    parser.add_argument(
        "--follow-stdin", action="store_true", help="end when standard input closes (the parent is gone)"
    )
    parser.add_argument(
        "--replay",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="serve this recorded Binance capture",
    )
    parser.add_argument("--replay-speed", type=float, default=1.0, help="recorded seconds per second")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if arguments.follow_stdin:
        stdin = sys.stdin.fileno()
        loop.add_reader(stdin, lambda: None if os.read(stdin, 4096) else stop.set())
    replay, speed = tuple(arguments.replay), arguments.replay_speed
    app = make_app(SimConfig(arguments.seed, arguments.extra, replay, speed))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", arguments.port)
        await site.start()
        host, port = runner.addresses[0][:2]
        print(json.dumps({"url": f"http://{host}:{port}"}), flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))

"""Runs the product, or one command, with PostgreSQL and Valkey at hand."""

import argparse
import os
import sys
from collections.abc import Sequence

from booking_site.embedded.command import execute, execute_ephemerally
from booking_site.embedded.console import say
from booking_site.embedded.data_directory import data_directory
from booking_site.embedded.errors import EmbeddedError
from booking_site.embedded.plan import PRODUCT
from booking_site.embedded.serve import serve


def main(arguments: Sequence[str]) -> int:
    """Run one of the commands and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        data = data_directory(os.environ.get("DATA_DIR"))
        if options.command == "serve":
            return serve(data, os.environ, PRODUCT)
        if options.ephemeral:
            return execute_ephemerally(options.argv, os.environ)
        return execute(options.argv, data, os.environ)
    except EmbeddedError as error:
        say(f"error: {error}")
    except PermissionError as error:
        say(
            f"error: This account may not use {error.filename}. Set DATA_DIR to a directory it may."
        )
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m booking_site.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the whole product until Ctrl-C")
    run = commands.add_parser("exec", help="run a command with PostgreSQL and Valkey at hand")
    run.add_argument(
        "--ephemeral", action="store_true", help="use fresh servers and delete them afterwards"
    )
    run.add_argument("argv", nargs="+", metavar="COMMAND")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

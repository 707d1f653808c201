#!/usr/bin/env python
"""Chatter's command line: `run` starts everything, the other commands are Django's and our own."""

import sys


def main() -> None:
    from chatter.ops.commandline import execute  # noqa: PLC0415 -- an old Python must reach its own clear line first

    sys.exit(execute(sys.argv))


if __name__ == "__main__":
    if sys.version_info < (3, 12):  # noqa: UP036 -- told in one line instead of a SyntaxError
        sys.exit("Chatter needs Python 3.12 or newer; this is " + sys.version.split()[0] + ".")
    main()

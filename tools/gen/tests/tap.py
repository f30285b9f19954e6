# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP for the generator's tests, as tools/check/tap.sh prints it for those in Bash.

What made a test fail is told in lines that begin with "#". A program that ends before
its plan counts as failed.
"""

import sys


class Tap:
    """Prints a result each, and at the end the plan."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, passed, name, why=""):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}")
        if not passed:
            for line in str(why).splitlines()[:40]:
                print(f"# {line[:400]}")
        return passed

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")

    def end(self):
        """Ends the program."""
        print(f"1..{self.count}")
        sys.exit(self.failed != 0)

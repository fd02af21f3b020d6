# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""Errors, running commands, waiting for conditions."""

import subprocess
import time


class LabError(Exception):
    """Something that the user has to know; printed as one line."""


def run(argv, env=None, stdin=None, check=True, prefix=()):
    """Runs 'argv' and returns what it printed on stdout.

    If it fails and 'check' is true, raises LabError with its stderr.
    'prefix' is a command that runs 'argv' where it belongs."""
    try:
        done = subprocess.run(list(prefix) + list(argv), env=env, text=True,
                              input=stdin or "", capture_output=True)
    except FileNotFoundError:
        raise LabError("%s: no such program" % argv[0])
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise LabError("%s: %s" % (" ".join(argv),
                                   said or "exit %d" % done.returncode))
    return done.stdout


def wait_until(condition, what, timeout=10.0, interval=0.02):
    """Calls 'condition' until it returns something true, and returns that.

    Raises LabError, which says 'what' was waited for, after 'timeout'
    seconds.  'what' may be a function, called only then."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            raise LabError("%s: not within %g seconds"
                           % (what() if callable(what) else what, timeout))
        time.sleep(interval)


def table(headings, rows):
    """Returns 'rows' under 'headings' as aligned text."""
    rows = [headings] + [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    return "\n".join("  ".join(cell.ljust(width)
                               for cell, width in zip(row, widths)).rstrip()
                     for row in rows)

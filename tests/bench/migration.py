#!/usr/bin/env python3
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

"""migration.py [BUILD] [SECONDS] [ROUNDS]

Prints what a stream of 1,000 frames a second to a VM loses when the VM moves
to another host, with the programs in build folder BUILD (default: "build" of
the sources): to one that announces itself on arrival, and to one that is
silent until it is spoken to.  Each line has ROUNDS rounds (default: 9) of
SECONDS (default: 1).

"Paused" is for how long the VM itself heard nothing, which no switch can help;
"after" is how long after its old NIC had gone the first frame came, if it was
not there yet.

Nothing passes or fails; run it on an idle machine.
"""

import statistics
import sys
import time

from throughput import run_in_lab
import traffic


def figures(lab, seconds, rounds):
    lab.create_switch()
    a, b = (lab.vms.add(name, host, "prod/web")
            for name, host in (("a", "host1"), ("b", "host2")))
    nics = [traffic.Nic(lab.vms.machine(name), "eth0") for name in "ba"]
    print("Milliseconds, of %d moves:" % rounds)
    for what, announce in ("it announces itself", True), ("it is silent",
                                                          False):
        lost, paused, after = [], [], []
        for i in range(rounds):
            stream = traffic.Stream(*nics, b["mac"], a["mac"])
            stream.wait_flowing()
            moved = lab.vms.move("a", ("host1", "host3")[lab.vms.get("a")[
                "host"] == "host1"], announce=announce)
            gone = time.time()
            stream.run(seconds)
            stream.stop()
            lost.append(stream.lost)
            paused.append(moved["paused"] * 1000)
            first = min((when for when, _ in stream.arrivals if when > gone),
                        default=gone + seconds)
            # Frames come every millisecond.
            after.append(max((first - gone) * 1000 - 1, 0))
        print("  %-20s %s" % (what, ", ".join(
            "%s median %.0f, worst %.0f" % (name, statistics.median(values),
                                            max(values))
            for name, values in (("lost", lost), ("paused", paused),
                                 ("after", after)))), flush=True)


if __name__ == "__main__":
    sys.exit(run_in_lab(sys.argv[1:], __file__, figures, 2, hosts=3))

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

"""rules.py [BUILD] [SECONDS]

Prints what 1,000 traffic rules on a port cost, with the programs in build
folder BUILD (default: "build" of the sources), on Open vSwitch's userspace
datapath: how long it takes until they are in force, and the processor time of
that, likewise for a change of one; and how many datapath flows, and how much
of ovs-vswitchd's time, packets take that pass all of them.

Nothing passes or fails; run it on an idle machine, and compare.
"""

import os
import subprocess
import sys
import tempfile
import time

from throughput import Side, run, run_in_lab

N_RULES = 1000

# Kinds of rules: a title, and what rule 'i' has.  What the VMs send, UDP to
# ports 10000 to 19999, matches none but a few of the last two kinds.
KINDS = (
    ("by address", lambda i: "src-ip=10.%d.%d.0/24"
     % (100 + i // 256, i % 256)),
    ("by address, protocol and port", lambda i:
     "protocol=tcp dst-ip=10.%d.%d.0/24 dst-port=%d"
     % (100 + i // 256, i % 256, i)),
    ("by UDP ports that nobody uses", lambda i:
     "protocol=udp dst-port=%d" % i),
    ("by UDP ports, some of those in use", lambda i:
     "protocol=udp dst-port=%d" % (65 * i)),
    ("by ranges of UDP ports, likewise", lambda i:
     "protocol=udp dst-port=%d-%d" % (65 * i, 65 * i + 9)),
)

DAEMONS = ("controller", None), ("agent", "host1"), ("vswitchd", "host1")


def cpu(lab):
    """Returns the milliseconds of processor time that each daemon used."""
    result = []
    for what, host in DAEMONS:
        total = 0
        tasks = "/proc/%d/task" % lab.daemon(what, host).pid()
        for task in os.listdir(tasks):
            with open("%s/%s/schedstat" % (tasks, task)) as f:
                total += int(f.read().split()[0])
        result.append(total / 1e6)
    return result


def change(lab, title, *words):
    """Prints what a change costs, until it is in force."""
    before, start = cpu(lab), time.monotonic()
    lab.ctl("--wait=hosts", "--timeout=60", *words)
    elapsed = (time.monotonic() - start) * 1000
    used = [after - b for after, b in zip(cpu(lab), before)]
    print("  %-40s %6.0f ms, of which %s" % (title, elapsed, ", ".join(
        "%s %.0f" % (what, ms) for (what, _), ms in zip(DAEMONS, used))),
        flush=True)


def traffic_figures(side, seconds):
    flows = side.datapath_flows()
    rate, cost = side.udp(side.far, seconds), side.udp_cost(side.far)
    print("  %-40s %6d" % ("datapath flows for 10,000 UDP flows", flows))
    print("  %-40s %6.0f /s, %.1f us of ovs-vswitchd each"
          % ("UDP datagrams", rate, cost), flush=True)


def figures(lab, seconds, _):
    lab.ctl("--wait=hosts", "--timeout=20", "add-switch", "prod", "uplinks=1",
            "datapath=netdev", "--", "add-host", "prod", "host1",
            "uplink1=nic1", "--", "add-host", "prod", "host2", "uplink1=nic1",
            "--", "add-portgroup", "prod", "web", "vlan=10", "--",
            "set-policy", "prod/web", "filter=on")
    side = Side(lab, "ours", lab.vms, "nic1", 0)
    print("Without rules:")
    traffic_figures(side, seconds)
    for title, rule in KINDS:
        print("With %d rules %s:" % (N_RULES, title))
        change(lab, "until all are in force", "set-policy", "prod/web",
               *["rule.%d=action=drop direction=in %s" % (i + 1, rule(i))
                 for i in range(N_RULES)])
        change(lab, "until a change of one is", "set-policy", "prod/web",
               "rule.%d=action=drop direction=in src-ip=10.99.0.0/16"
               % (N_RULES // 2))
        traffic_figures(side, seconds)
        change(lab, "until all are gone", "del-rule", "prod/web")


if __name__ == "__main__":
    sys.exit(run_in_lab(sys.argv[1:], __file__, figures, 1))

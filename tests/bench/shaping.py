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

"""shaping.py [BUILD] [SECONDS]

Prints what shaping leaves of TCP and UDP between two VMs on one host, on Open
vSwitch's userspace datapath, with the programs in build folder BUILD (default:
"build" of the sources), and what the machine carries without: of ordinary
frames, and of large ones, which take a fraction of the processor; then what
TCP makes of bursts of different length.  Each figure is what the receiving
VM's NIC gets in SECONDS (default: 1), after the burst has been spent.

Nothing passes or fails; run it on an idle machine, and compare.
"""

import sys

from throughput import Side, run_in_lab
from test_bandwidth import Flow, pump

# Rates, in Mbit/s.
RATES = 10, 100, 1000

# How long the average takes to earn a burst.  The shortest one is less than
# what passes at once at least.
BURST_S = 0.25
BURSTS_S = 0.001, 0.5, 1

WARM_UP_S = 1

# UDP is sent at so many times the rate, or at so many Mbit/s if nothing is
# shaped.
EXCESS = 1.3
FLOOD = 1300


def measure(pair, pace, seconds):
    """Returns what the second VM of 'pair' gets of the first, in Mbit/s: of
    one TCP connection, or of 'pace' Mbit/s of datagrams."""
    sender, receiver = pair
    flow = Flow("it", sender["machine"], receiver["machine"], "eth0",
                receiver["address"], bool(pace), 1, pace)
    try:
        pump([flow], WARM_UP_S)
        return pump([flow], seconds)["it"]
    finally:
        flow.close()


def shaped(lab, side, key, rate, burst_s, seconds):
    """Returns what TCP and UDP get of 'rate' Mbit/s."""
    lab.ctl("--wait=hosts", "set-policy", "prod/web", "%s=%d,%d,%d" % (
        key, rate * 10**6, rate * 10**6, rate * 10**6 / 8 * burst_s))
    try:
        return [measure(side.near, pace, seconds)
                for pace in (None, rate * EXCESS)]
    finally:
        lab.ctl("--wait=hosts", "clear-policy", "prod/web", key)


def row(title, figures):
    print("  %-36s %10.1f %10.1f" % (title, *figures), flush=True)


def set_mtu(lab, side, mtu):
    lab.ctl("--wait=hosts", "set-switch", "prod", "mtu=%d" % mtu)
    for vm in side.near:
        vm["machine"].ip("link", "set", "eth0", "mtu", str(mtu))
        lab.machine(vm["host"]).ip("link", "set", vm["vnet"], "mtu", str(mtu))


def figures(lab, seconds, _):
    lab.ctl("--wait=hosts", "--timeout=20", "add-switch", "prod", "uplinks=1",
            "datapath=netdev", "--", "add-host", "prod", "host1",
            "uplink1=nic1", "--", "add-host", "prod", "host2", "uplink1=nic1",
            "--", "add-portgroup", "prod", "web", "vlan=10")
    side = Side(lab, "ours", lab.vms, "nic1", 0)
    for mtu in 1500, 9000:
        set_mtu(lab, side, mtu)
        print("With an MTU of %d, in Mbit/s:\n  %-36s %10s %10s"
              % (mtu, "", "TCP", "UDP"))
        row("not shaped", [measure(side.near, pace, seconds)
                           for pace in (None, FLOOD)])
        for key in "shape-in", "shape-out":
            for rate in RATES:
                row("%s, average and peak %d" % (key, rate),
                    shaped(lab, side, key, rate, BURST_S, seconds))
    set_mtu(lab, side, 1500)
    for burst_s in BURSTS_S:
        row("shape-in 100, burst of %g s" % burst_s,
            shaped(lab, side, "shape-in", 100, burst_s, seconds))


if __name__ == "__main__":
    sys.exit(run_in_lab(sys.argv[1:], __file__, figures, 1))

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

"""failover.py [BUILD] [SECONDS] [ROUNDS]

Prints what a stream of 10,000 frames a second between VMs on two hosts loses
when its uplink goes, and when it is back, with the programs in build folder
BUILD (default: "build" of the sources), on Open vSwitch's userspace datapath.
Each line has ROUNDS rounds (default: 9) of SECONDS (default: 1).

A frame is a tenth of a millisecond.  The first line is what is lost without
any failure, where the processors are not enough.

Nothing passes or fails; run it on an idle machine.
"""

import sys
import statistics

from throughput import run_in_lab, wait_until
import traffic

RATE = 10000

# The lab's NICs that are in the LAG.
MEMBERS = "nic2", "nic3"


class Bench:
    """A switch whose two uplinks and LAG of two VM "a" on host1 uses, and VM
    "b" on host2."""

    def __init__(self, lab, seconds, rounds):
        self.lab = lab
        self.seconds = seconds
        self.rounds = rounds
        lab.ctl("--wait=hosts", "--timeout=20", "add-switch", "prod",
                "uplinks=2", "datapath=netdev", "--", "add-host", "prod",
                "host1", "uplink1=nic1", "uplink2=nic2", "--", "add-host",
                "prod", "host2", "uplink1=nic1", "uplink2=nic2", "--",
                "add-portgroup", "prod", "web", "vlan=10")
        self.a, self.b = (lab.vms.add(name, host, "prod/web")
                          for name, host in (("a", "host1"), ("b", "host2")))
        self.nics = [traffic.Nic(lab.vms.machine(vm["name"]), "eth0")
                     for vm in (self.a, self.b)]

    def uplink_nic(self, host):
        """Returns which of the host's NICs its VM's port uses."""
        def uplink():
            row, = self.lab.dvs().rows("Port_State", ["host", "==", host],
                                       ["kind", "==", "vm"])
            return row["uplink"]
        name = wait_until(uplink, "an uplink of " + host)
        return name.replace("uplink", "nic")

    def lost(self, change):
        """Returns how many frames are lost around 'change', a function."""
        stream = traffic.Stream(self.nics[0], self.nics[1], self.a["mac"],
                                self.b["mac"], RATE)
        stream.wait_flowing()
        # The physical switch is to know where the receiver is.
        self.nics[1].send(traffic.frame(traffic.BROADCAST, self.b["mac"]))
        stream.run(0.2)
        # It is an Open vSwitch that learns at once only what is new to its
        # datapath.  Hardware learns anything at once.
        self.lab.tor().daemon.appctl("revalidator/purge")
        change()
        stream.run(self.seconds)
        stream.stop()
        return stream.lost

    def print(self, title, results):
        print("  %-44s median %4.0f, worst %4d: %s" % (
            title, statistics.median(results), max(results),
            " ".join(str(n) for n in sorted(results))), flush=True)

    def measure(self, title, host, set_link):
        """Prints a line about the loss of the NIC of 'host' in use, and about
        its return.  'set_link' takes a NIC and whether it is up."""
        gone, back = [], []
        for _ in range(self.rounds):
            nic = self.uplink_nic(host)
            gone.append(self.lost(lambda: set_link(nic, False)))
            wait_until(lambda: self.uplink_nic(host) != nic,
                       "another uplink than " + nic, 20)
            back.append(self.lost(lambda: set_link(nic, True)))
            wait_until(lambda: self.uplink_nic(host) == nic, nic, 20)
        self.print(title, gone)
        self.print("  and back", back)

    def measure_members(self):
        """Likewise, of a LAG's port in use, by turns."""
        self.lab.ctl("--wait=hosts", "--timeout=20", "add-lag", "prod", "lag1",
                     "timeout=fast", "--", "set-uplinks", "prod", "host1",
                     "uplink1=nic1", "lag1-0=nic2", "lag1-1=nic3", "--",
                     "set-policy", "prod/web", "active=lag1",
                     "standby=uplink1")
        self.lab.tor().lacp(["host1-" + nic for nic in MEMBERS], True)
        self.wait_attached(2)
        gone, back = [], []
        for _ in range(self.rounds):
            nic = self.busy_member()
            gone.append(self.lost(
                lambda: self.lab.cable("host1", nic, False)))
            self.wait_attached(1)
            back.append(self.lost(lambda: self.lab.cable("host1", nic, True)))
            self.wait_attached(2)
        self.print("cable of a LAG's port pulled", gone)
        self.print("  and back", back)

    def wait_attached(self, n):
        def attached():
            states = {}
            for row in self.lab.dvs().rows("Proxy_State",
                                           ["host", "==", "host1"]):
                states.update(row["lags"])
            return sum(state.startswith("attached")
                       for state in states.values()) == n
        wait_until(attached, "%d ports of the LAG are attached" % n, 30)

    def busy_member(self):
        """Returns which of the LAG's NICs the stream takes."""
        def count():
            return [int(self.lab.machine("host1").run(
                "cat", "/sys/class/net/%s/statistics/tx_packets" % nic))
                    for nic in MEMBERS]
        before = count()
        self.lost(lambda: None)
        sent = [b - a for a, b in zip(before, count())]
        return MEMBERS[sent.index(max(sent))]

    def figures(self):
        lab, host1 = self.lab, self.lab.machine("host1")
        bridge = "unix:%s/host1/%s.mgmt" % (lab.directory, lab.bridge("host1"))
        print("Frames lost of %d a second:" % RATE)
        self.print("nothing happens", [self.lost(lambda: None)
                                       for _ in range(self.rounds)])
        self.measure("sender's cable pulled", "host1",
                     lambda nic, up: lab.cable("host1", nic, up))
        self.measure("receiver's cable pulled", "host2",
                     lambda nic, up: lab.cable("host2", nic, up))
        self.measure("sender's NIC down", "host1", lambda nic, up: host1.run(
            "ip", "link", "set", nic, "up" if up else "down"))
        self.measure("sender's OpenFlow port down", "host1",
                     lambda nic, up: host1.run(
                         "ovs-ofctl", "-OOpenFlow15", "mod-port", bridge, nic,
                         "up" if up else "down"))
        self.measure_members()


def figures(lab, seconds, rounds):
    Bench(lab, seconds, rounds).figures()


if __name__ == "__main__":
    sys.exit(run_in_lab(sys.argv[1:], __file__, figures, 3))

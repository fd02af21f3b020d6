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

"""throughput.py [BUILD] [SECONDS]

Prints what our pipeline costs packets on Open vSwitch's userspace datapath,
with the programs in build folder BUILD (default: "build" of the sources),
side by side with bridges that do nothing but NORMAL.  Each figure is the
median of ROUNDS rounds of SECONDS (default: 3), the bridges by turns.

Nothing passes or fails; run it on an idle machine, and compare.
"""

import os
import select
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), "system"),
                os.path.join(TOP, "utilities")]
sys.dont_write_bytecode = True

from dvslab.lab import Lab, Tools                           # noqa: E402
from dvslab.sandbox import Sandbox                          # noqa: E402
from dvslab.util import run, wait_until                     # noqa: E402
from dvslab.vm import VirtualMachines                       # noqa: E402
import traffic                                              # noqa: E402

ROUNDS = 5

# UDP flows, and frames that each set up a datapath flow.
N_FLOWS = 10000
N_SETUPS = 2000

# Frames on their way; the datapath's socket holds more.
WINDOW = 32

TICKS = os.sysconf("SC_CLK_TCK")

# Portgroup's policies, one after the other: a title, and dvsctl's words.
POLICIES = (
    ("default policy", ()),
    ("MAC learning, promiscuous off, forged transmits accepted",
     ("set-policy", "prod/web", "mac-learning=yes",
      "forged-transmits=accept")),
)


# Rates for shaping, in Mbit/s, and the bytes of the datagrams that are to
# exceed them, without and with Ethernet's, IP's and UDP's headers.
SHAPES = 10, 100, 1000
UDP_PAYLOAD = 1472
UDP_HEADERS = 14 + 20 + 8


class PlainMachines(VirtualMachines):
    """VMs that are plugged into a bridge of Open vSwitch's own."""

    def _bridge(self, host, portgroup):
        return "plain"

    def _plug(self, vm, bridge):
        self.lab.machine(vm["host"]).run(
            "ovs-vsctl", "--timeout=5", "add-port", bridge, vm["vnet"],
            "tag=10")


class Side:
    """One of the two kinds of bridge: two VMs on host1, one on host2."""

    n_rounds = 0

    def __init__(self, lab, title, vms, uplink, network):
        self.lab = lab
        self.title = title
        self.uplink = uplink
        self.vms = []
        for i, host in enumerate(("host1", "host1", "host2"), 1):
            vm = vms.add("%s%d" % (title, i), host, "prod/web",
                         ip="10.0.%d.%d/24" % (network, i),
                         wait=vms is lab.vms)
            vm["machine"] = vms.machine(vm["name"])
            vm["address"] = vm["ip"].split("/")[0]
            self.vms.append(vm)
        self.near = self.vms[0], self.vms[1]
        self.far = self.vms[0], self.vms[2]
        for _, vm in self.near, self.far:
            wait_until(lambda: self.ping(vm), title + " pings", 20)

    def ping(self, vm):
        return "1 received" in self.vms[0]["machine"].run(
            "ping", "-c1", "-W1", vm["address"], check=False)

    # What a pair of VMs gets.

    def tcp(self, pair, seconds):
        """Returns Mbit/s of one TCP connection."""
        sender, receiver = pair
        with receiver["machine"].inside():
            listener = socket.create_server((receiver["address"], 5001))
        with sender["machine"].inside():
            out = socket.create_connection((receiver["address"], 5001))
        into = listener.accept()[0]
        done = threading.Event()

        def send():
            data = bytes(1 << 18)
            while not done.is_set():
                try:
                    out.sendall(data)
                except OSError:
                    return

        thread = threading.Thread(target=send)
        thread.start()
        buffer, count, start = bytearray(1 << 20), 0, 0
        while not start or time.monotonic() < start + seconds:
            n = into.recv_into(buffer)
            if start:
                count += n
            else:
                start = time.monotonic()
        elapsed = time.monotonic() - start
        done.set()
        into.close()
        thread.join()
        out.close()
        listener.close()
        return count * 8 / elapsed / 1e6

    def udp(self, pair, seconds, size=18):
        """Returns datagrams of 'size' bytes a second that arrive of as many as
        one process can send, and the microseconds that ovs-vswitchd of host1
        spends on each that passes."""
        sender, receiver = pair
        with receiver["machine"].inside():
            sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sink.bind((receiver["address"], 5002))
        with sender["machine"].inside():
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            out.connect((receiver["address"], 5002))
        before = self.received(receiver), self.cpu()
        start = time.monotonic()
        data = bytes(size)
        while time.monotonic() < start + seconds:
            for _ in range(100):
                try:
                    out.send(data)
                except OSError:
                    pass
        elapsed = time.monotonic() - start
        count = self.received(receiver) - before[0]
        cpu = self.cpu() - before[1]
        sink.close()
        out.close()
        return count / elapsed, cpu * 1e6 / max(count, 1)

    @staticmethod
    def received(vm):
        text = vm["machine"].run("cat",
                                 "/sys/class/net/eth0/statistics/rx_packets")
        return int(text)

    # What the datapath has to do.

    def cpu(self):
        """Returns the processor seconds that ovs-vswitchd of host1 used."""
        with open("/proc/%d/stat"
                  % self.lab.daemon("vswitchd", "host1").pid()) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def datapath_flows(self):
        """Sends a packet of each of N_FLOWS UDP flows to the VM on the other
        host; returns how many datapath flows there are then for packets of
        this VM."""
        sender, receiver = self.far
        with sender["machine"].inside():
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        vswitchd = self.lab.daemon("vswitchd", "host1")
        vswitchd.appctl("revalidator/purge")
        for i in range(N_FLOWS):
            if i % 100 == 0:
                out.close()
                with sender["machine"].inside():
                    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                out.sendto(b"", (receiver["address"], 10000 + i))
            except OSError:
                pass
        flows = vswitchd.appctl("dpctl/dump-flows", "--names").splitlines()
        out.close()
        return sum("in_port(%s)" % sender["vnet"] in flow for flow in flows)

    def setups(self):
        """Sends frames to N_SETUPS unknown destinations; returns flow
        set-ups a second, by the time until the last has left the host."""
        sender = self.vms[0]
        nic = traffic.Nic(self.lab.machine("tor"), "host1-" + self.uplink)
        mark = b"SETUP%d" % time.monotonic_ns()
        with sender["machine"].inside():
            out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            out.bind(("eth0", 0))
        seen, start = 0, time.monotonic()
        for i in range(N_SETUPS):
            out.send(traffic.frame("52:54:ee:%02x:%02x:%02x" % (
                self.n_rounds & 255, i >> 8, i & 255), sender["mac"], mark))
            while seen < i - WINDOW and self.wait(nic):
                seen += sum(mark in data for _, data in nic.received())
        while seen < N_SETUPS and self.wait(nic):
            seen += sum(mark in data for _, data in nic.received())
        elapsed = time.monotonic() - start
        nic.close()
        out.close()
        if seen < N_SETUPS:
            sys.exit("%s: %d of %d frames left the host"
                     % (self.title, seen, N_SETUPS))
        return seen / elapsed

    @staticmethod
    def wait(nic):
        """Waits for a frame; returns whether one came."""
        return select.select([nic.socket], [], [], 1)[0]


def median(function, sides):
    """Runs 'function' of each side by turns; returns the medians."""
    results = [[] for _ in sides]
    for _ in range(ROUNDS):
        Side.n_rounds += 1
        for side, result in zip(sides, results):
            result.append(function(side))
    return [statistics.median(result) for result in results]


def compare(title, unit, function, sides):
    ours, plain = median(function, sides)
    print("  %-46s %10.4g %10.4g %-9s %+6.1f %%" % (
        title, ours, plain, unit, (ours / plain - 1) * 100), flush=True)


def shaping(lab, side, seconds):
    """Prints what shaping leaves of TCP and UDP.  What was earned by silence
    is spent before, but for what is earned anew between two figures."""
    print("With shaping from the NIC, in Mbit/s:\n  %-46s %10s %10s"
          % ("", "TCP", "UDP"))
    for rate in SHAPES:
        lab.ctl("--wait=hosts", "set-policy", "prod/web", "shape-in=%d,%d,%d"
                % (rate * 10**6, rate * 10**6, rate * 10**6 // 32))
        side.udp(side.near, 1, UDP_PAYLOAD)
        tcp = side.tcp(side.near, seconds)
        udp = side.udp(side.near, seconds, UDP_PAYLOAD)[0]
        print("  %-46s %10.1f %10.1f" % (
            "average and peak %d, burst 1/4 s" % rate, tcp,
            udp * (UDP_PAYLOAD + UDP_HEADERS) * 8 / 1e6))
    lab.ctl("--wait=hosts", "clear-policy", "prod/web", "shape-in")


def figures(lab, seconds):
    lab.ctl("--wait=hosts", "--timeout=20", "add-switch", "prod", "uplinks=1",
            "datapath=netdev", "--", "add-host", "prod", "host1",
            "uplink1=nic1", "--", "add-host", "prod", "host2", "uplink1=nic1",
            "--", "add-portgroup", "prod", "web", "vlan=10")
    for host in "host1", "host2":
        lab.machine(host).run(
            "ovs-vsctl", "add-br", "plain", "--", "set", "Bridge", "plain",
            "datapath_type=netdev", "fail_mode=standalone", "--", "add-port",
            "plain", "nic2")
    sides = (Side(lab, "ours", lab.vms, "nic1", 0),
             Side(lab, "plain", PlainMachines(lab), "nic2", 1))
    for title, words in POLICIES:
        if words:
            lab.ctl("--wait=hosts", *words)
        print("With %s:\n  %-46s %10s %10s" % (title, "", "ours", "NORMAL"))
        for where, pair in ("one host", "near"), ("two hosts", "far"):
            compare("TCP, " + where, "Mbit/s",
                    lambda side: side.tcp(getattr(side, pair), seconds),
                    sides)
            compare("UDP datagrams arriving, " + where, "1/s",
                    lambda side: side.udp(getattr(side, pair), seconds)[0],
                    sides)
            compare("ovs-vswitchd per datagram, " + where, "us",
                    lambda side: side.udp(getattr(side, pair), seconds)[1],
                    sides)
        compare("datapath flows for %d UDP flows" % N_FLOWS, "",
                Side.datapath_flows, sides)
        compare("flow set-ups", "1/s", Side.setups, sides)
    shaping(lab, sides[0], 2 * seconds)


def run_in_lab(argv, program, figures, uplinks):
    """Runs 'program', with words 'argv', again inside a lab of two hosts that
    have 'uplinks' uplinks each, to print 'figures'.  Returns its status."""
    if argv[:1] == ["--inside"]:
        build, directory, seconds = argv[1:]
        figures(Lab(directory, Tools(
            [os.path.join(build, folder)
             for folder in ("utilities", "controller", "ovs-bridge")],
            os.path.join(TOP, "schema", "dvs.ovsschema"))), float(seconds))
        return 0
    build = os.path.abspath(argv[0] if argv else os.path.join(TOP, "build"))
    seconds = argv[1] if len(argv) > 1 else "3"
    with tempfile.TemporaryDirectory(prefix="dvs-bench-") as home:
        directory = os.path.join(home, "lab")
        dvs_lab = [os.path.join(build, "utilities", "dvs-lab"),
                   "--dir=" + directory]
        run(dvs_lab + ["up", "--hosts=2", "--uplinks=%d" % uplinks,
                       "--empty"])
        try:
            return subprocess.call(Sandbox(directory).enter_command(
                [sys.executable, os.path.realpath(program), "--inside",
                 build, directory, seconds]))
        finally:
            run(dvs_lab + ["down"])


if __name__ == "__main__":
    sys.exit(run_in_lab(sys.argv[1:], __file__, figures, 2))

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

"""throughput.py [BUILD] [SECONDS] [ROUNDS]

Prints what our pipeline costs packets on Open vSwitch's userspace datapath,
with the programs in build folder BUILD (default: "build" of the sources),
side by side with bridges that do nothing but NORMAL.

The bridges take turns, in ROUNDS rounds (default: 9) of SECONDS (default: 1)
or of a number of packets.  Figures are medians; the difference is the median
of those of each round, with the quartiles, which tell how far to trust it.
Processor time, of ovs-vswitchd on both hosts, tells more than rates do where
others use the processors, too.

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

# UDP flows, and frames that each set up a datapath flow.
N_FLOWS = 10000
N_SETUPS = 2000

# UDP datagrams of which each costs processor time, and how many of them are
# under way at once: all arrive, and the datapath gets them in batches of about
# the same size.
N_DATAGRAMS = 20000
WINDOW = 32

# Datapath flows are for one Ethernet type, whatever the pipeline looks at.
FIRST_TYPE = 0xa000

# The portgroup's policies: a title, dvsctl's words, and what undoes them.
# Shaping is at a rate that nothing comes near, so that only meters cost.
FREE = "forged-transmits=accept", "mac-changes=accept"
MUCH = "100000000000,100000000000,1000000000"
POLICIES = (
    ("default policy (forged transmits and MAC changes rejected)", (), ()),
    ("forged transmits and MAC changes accepted", FREE, ("forged-transmits",
                                                         "mac-changes")),
    ("three traffic rules, two of them for ports of TCP or UDP", (
        "filter=on",
        "rule.1=action=drop direction=both src-ip=10.99.0.0/16",
        "rule.2=action=drop direction=both protocol=tcp dst-port=25",
        "rule.3=action=tag direction=in protocol=udp dst-port=9 dscp=46"),
     ("filter", "rule.1", "rule.2", "rule.3")),
    ("shaping, either way", ("shape-in=" + MUCH, "shape-out=" + MUCH),
     ("shape-in", "shape-out")),
    ("MAC learning, forged transmits accepted",
     ("mac-learning=yes",) + FREE,
     ("mac-learning", "forged-transmits", "mac-changes")),
)


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
        """Returns Mbit/s of one TCP connection, and the microseconds that
        ovs-vswitchd spends on each Mbit."""
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
                start, cpu = time.monotonic(), self.cpu()
        elapsed, cpu = time.monotonic() - start, self.cpu() - cpu
        done.set()
        into.close()
        thread.join()
        out.close()
        listener.close()
        mbit = count * 8 / 1e6
        return mbit / elapsed, cpu * 1e6 / mbit

    def udp_sockets(self, pair):
        """Returns two sockets, to send datagrams and to get them."""
        sender, receiver = pair
        with receiver["machine"].inside():
            sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sink.bind((receiver["address"], 5002))
        with sender["machine"].inside():
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            out.connect((receiver["address"], 5002))
        return out, sink

    def udp(self, pair, seconds):
        """Returns datagrams of 18 bytes a second that arrive of as many as one
        process can send, of which many do not."""
        out, sink = self.udp_sockets(pair)
        before, start = self.received(pair[1]), time.monotonic()
        data = bytes(18)
        while time.monotonic() < start + seconds:
            for _ in range(100):
                try:
                    out.send(data)
                except OSError:
                    pass
        elapsed = time.monotonic() - start
        count = self.received(pair[1]) - before
        sink.close()
        out.close()
        return count / elapsed

    def udp_cost(self, pair):
        """Returns the microseconds that ovs-vswitchd spends on each of
        N_DATAGRAMS, WINDOW at a time."""
        out, sink = self.udp_sockets(pair)
        sink.settimeout(1)
        cpu = self.cpu()
        for _ in range(N_DATAGRAMS // WINDOW):
            for _ in range(WINDOW):
                out.send(b"")
            for _ in range(WINDOW):
                sink.recv(1)
        cpu = self.cpu() - cpu
        sink.close()
        out.close()
        return cpu * 1e6 / N_DATAGRAMS

    @staticmethod
    def received(vm):
        text = vm["machine"].run("cat",
                                 "/sys/class/net/eth0/statistics/rx_packets")
        return int(text)

    # What the datapath has to do.

    def cpu(self):
        """Returns the processor seconds that ovs-vswitchd used on both
        hosts."""
        total = 0
        for host in "host1", "host2":
            tasks = ("/proc/%d/task"
                     % self.lab.daemon("vswitchd", host).pid())
            for task in os.listdir(tasks):
                with open("%s/%s/schedstat" % (tasks, task)) as f:
                    total += int(f.read().split()[0])
        return total / 1e9

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

    def setups_unknown(self):
        """setups() of frames to unknown destinations."""
        sender = self.vms[0]
        return self.setups(
            traffic.Nic(self.lab.machine("tor"), "host1-" + self.uplink),
            lambda i, mark: traffic.frame("52:54:ee:%02x:%02x:%02x" % (
                self.n_rounds & 255, i >> 8, i & 255), sender["mac"], mark))

    def setups_known(self, pair):
        """setups() of frames to a VM, each of another Ethernet type, for which
        the datapath needs another flow."""
        sender, receiver = pair
        for host in "host1", "host2":
            self.lab.daemon("vswitchd", host).appctl("revalidator/purge")
        return self.setups(
            traffic.Nic(receiver["machine"], "eth0"),
            lambda i, mark: traffic.frame(receiver["mac"], sender["mac"], mark,
                                          ethertype=FIRST_TYPE + i))

    def setups(self, nic, make_frame):
        """Sends frames that set up N_SETUPS flows.  Returns flow set-ups a
        second, by the time until the last has come to 'nic', and what each
        costs ovs-vswitchd, in microseconds."""
        mark = b"SETUP%d" % time.monotonic_ns()
        with self.vms[0]["machine"].inside():
            out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            out.bind(("eth0", 0))
        seen, start, cpu = 0, time.monotonic(), self.cpu()
        for i in range(N_SETUPS):
            out.send(make_frame(i, mark))
            while seen < i - WINDOW and self.wait(nic):
                seen += sum(mark in data for _, data in nic.received())
        while seen < N_SETUPS and self.wait(nic):
            seen += sum(mark in data for _, data in nic.received())
        elapsed, cpu = time.monotonic() - start, self.cpu() - cpu
        nic.close()
        out.close()
        if seen < N_SETUPS:
            sys.exit("%s: %d of %d frames arrived"
                     % (self.title, seen, N_SETUPS))
        return seen / elapsed, cpu * 1e6 / seen

    @staticmethod
    def wait(nic):
        """Waits for a frame; returns whether one came."""
        return select.select([nic.socket], [], [], 1)[0]


class Comparison:
    """Figures of 'sides', ours and NORMAL's."""

    def __init__(self, sides, rounds):
        self.sides = sides
        self.rounds = rounds

    def title(self, text):
        print("With %s:\n  %-42s %9s %9s %-7s %7s %17s" % (
            text, "", "ours", "NORMAL", "", "differ", "quartiles"))

    def compare(self, function, *titles):
        """Runs 'function' of the sides by turns, each of them first in every
        other round, and prints a line for each of the figures that it
        returns: 'titles' are (title, unit)."""
        rows = [[[] for _ in self.sides] for _ in titles]
        for n in range(self.rounds):
            Side.n_rounds += 1
            order = list(enumerate(self.sides))
            for i, side in order if n % 2 else reversed(order):
                figures = function(side)
                if not isinstance(figures, tuple):
                    figures = figures,
                for row, figure in zip(rows, figures):
                    row[i].append(figure)
        for (title, unit), (ours, plain) in zip(titles, rows):
            ratios = [(a / b - 1) * 100 for a, b in zip(ours, plain)]
            low, middle, high = statistics.quantiles(ratios, n=4)
            print("  %-42s %9.4g %9.4g %-7s %+5.1f %% %+6.1f to %+6.1f %%" % (
                title, statistics.median(ours), statistics.median(plain),
                unit, middle, low, high), flush=True)

    def all(self, seconds):
        for where, pair in ("one host", "near"), ("two hosts", "far"):
            self.compare(lambda side: side.tcp(getattr(side, pair), seconds),
                         ("TCP, " + where, "Mbit/s"),
                         ("TCP, %s: ovs-vswitchd" % where, "us/Mbit"))
            self.compare(lambda side: side.udp(getattr(side, pair), seconds),
                         ("UDP datagrams that arrive, " + where, "1/s"))
            self.compare(lambda side: side.udp_cost(getattr(side, pair)),
                         ("UDP datagram, %s: ovs-vswitchd" % where, "us"))
            self.compare(lambda side: side.setups_known(getattr(side, pair)),
                         ("flow set-ups, " + where, "1/s"),
                         ("flow set-up, %s: ovs-vswitchd" % where, "us"))
        self.compare(Side.setups_unknown,
                     ("flow set-ups, to nobody known", "1/s"),
                     ("flow set-up, to nobody known: ovs-vswitchd", "us"))
        ours, plain = (side.datapath_flows() for side in self.sides)
        print("  %-42s %9d %9d" % ("datapath flows for %d UDP flows" % N_FLOWS,
                                   ours, plain), flush=True)


def figures(lab, seconds, rounds):
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
    comparison = Comparison(sides, rounds)
    for title, words, undo in POLICIES:
        if words:
            lab.ctl("--wait=hosts", "set-policy", "prod/web", *words)
        comparison.title(title)
        comparison.all(seconds)
        if undo:
            lab.ctl("--wait=hosts", "clear-policy", "prod/web", *undo)


def run_in_lab(argv, program, figures, uplinks, hosts=2):
    """Runs 'program', with words 'argv', again inside a lab of 'hosts' hosts
    that have 'uplinks' uplinks each, to print 'figures'.  Returns its
    status."""
    if argv[:1] == ["--inside"]:
        build, directory, seconds, rounds = argv[1:]
        figures(Lab(directory, Tools(
            [os.path.join(build, folder)
             for folder in ("utilities", "controller", "ovs-bridge")],
            os.path.join(TOP, "schema", "dvs.ovsschema"))),
                float(seconds), int(rounds))
        return 0
    build = os.path.abspath(argv[0] if argv else os.path.join(TOP, "build"))
    seconds = argv[1] if len(argv) > 1 else "1"
    rounds = argv[2] if len(argv) > 2 else "9"
    with tempfile.TemporaryDirectory(prefix="dvs-bench-") as home:
        directory = os.path.join(home, "lab")
        dvs_lab = [os.path.join(build, "utilities", "dvs-lab"),
                   "--dir=" + directory]
        run(dvs_lab + ["up", "--hosts=%d" % hosts,
                       "--uplinks=%d" % uplinks, "--empty"])
        try:
            return subprocess.call(Sandbox(directory).enter_command(
                [sys.executable, os.path.realpath(program), "--inside",
                 build, directory, seconds, rounds]))
        finally:
            run(dvs_lab + ["down"])


if __name__ == "__main__":
    sys.exit(run_in_lab(sys.argv[1:], __file__, figures, 2))

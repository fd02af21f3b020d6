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

"""What a scenario works with: its lab, VMs with their NICs, and checks.

A scenario is a file of this folder with functions test_...(t); the first
line of a function's docstring is the test's name.  'LAB' in the file says
how the lab is built ({"hosts": 3, "uplinks": 2} unless told otherwise).  The
lab has a switch "prod" with portgroups web (VLAN 10) and db (VLAN 20) if
"empty" is not set; hosts reach the database through it if "management" is
set; the closing tests follow if "closing" is not False.  All tests of a file
share the lab, and each finds it as it was at the start.
"""

import contextlib
import os
import re

from dvslab.util import LabError, wait_until
from traffic import BROADCAST, Nic, Stream, Watch, frame

# What may stand in the logs of a lab in good health: tests kill daemons that
# others talk to, and the machine may be slow.
EXPECTED_LOG = re.compile(r"\|(rconn|reconnect)\|WARN\|"
                          r".*connection (failed|dropped)"
                          r"|\|jsonrpc\|WARN\|.*((receive|send) error: "
                          r"Connection reset by peer|send error: Broken pipe)"
                          r"|\|vconn_stream\|ERR\|send: Broken pipe"
                          r"|\|timeval\|WARN\|")

CONFIGURATION = ("Switch", "Portgroup", "Port", "Port_Setting", "Host_Member",
                 "Private_VLAN", "VNIC")
PROXY = ("Proxy_Switch", "Proxy_Portgroup", "Proxy_Host", "Proxy_Port")


class Skip(Exception):
    """Raised by a test that cannot run here; says why."""


class Vm:
    """A VM of a test: 'name', 'mac', 'nic' (a Nic on its eth0)."""

    def __init__(self, t, row):
        self.t = t
        self.row = row
        self.name = row["name"]
        self.mac = row["mac"]
        self.nic = Nic(t.lab.vms.machine(self.name), "eth0")

    @property
    def host(self):
        return self.t.lab.vms.get(self.name)["host"]

    def state(self):
        """Returns its row in Port_State, on the host where it is."""
        rows = self.t.lab.dvs().rows("Port_State",
                                     ["host", "==", self.host],
                                     ["nic", "==", self.row["nic"]])
        assert len(rows) == 1, "%d states of %s" % (len(rows), self.name)
        return rows[0]

    @property
    def key(self):
        """The key of its port."""
        return self.state()["key"]

    def uplink_nic(self):
        """Returns the physical NIC that its traffic leaves by."""
        name = wait_until(lambda: self.state()["uplink"],
                          "%s has an uplink" % self.name)
        return "nic" + re.search(r"\d+$", name).group()

    def announce(self):
        """Lets the physical switch know where it is."""
        self.nic.send(frame(BROADCAST, self.mac, b"hello"))


class T:
    """One test."""

    def __init__(self, lab):
        self.lab = lab
        self.vms = {}
        self.nics = []
        self.streams = []
        self.notes = []         # Figures to print with the result.

    # Making things.

    def ctl(self, *args):
        """dvsctl, waiting for all hosts."""
        return self.lab.ctl("--wait=hosts", "--timeout=20", *args)

    def ctl_fails(self, *args):
        """dvsctl that has to fail; returns what it says."""
        try:
            self.lab.ctl("--timeout=20", *args)
        except LabError as e:
            return str(e)
        raise AssertionError("dvsctl %s: did not fail" % " ".join(args))

    def vm(self, name, host, portgroup="web", **options):
        """Starts a VM."""
        vm = self.adopt(self.lab.vms.add(name, host, portgroup, **options))
        vm.announce()
        return vm

    def unplug(self, name):
        """Switches a VM off, and waits until its host has let go."""
        vm = self.vms.pop(name)
        vm.nic.close()
        self.lab.vms.remove(name)
        self.until(lambda: not self.lab.dvs().rows("Port_State",
                                                   ["nic", "==",
                                                    vm.row["nic"]]),
                   "the state of an unplugged NIC goes")

    def adopt(self, row):
        """Makes a VM that the lab has started one of this test's."""
        self.vms[row["name"]] = Vm(self, row)
        return self.vms[row["name"]]

    def wire(self, machine, device):
        """Returns a Nic on a device of a host or of "tor"."""
        nic = Nic(self.lab.machine(machine), device)
        self.nics.append(nic)
        return nic

    @staticmethod
    def until(condition, what, timeout=10.0):
        """Waits for 'condition', or fails with 'what'."""
        wait_until(condition, what, timeout)

    # Packets.

    def deliver(self, sender, dst=BROADCAST, src=None, vlan=None,
                expected=(), extra=None, settle=0.15):
        """Sends a frame from VM 'sender' to 'dst' (a VM's name or a MAC),
        and returns who got it: see Watch.deliver().  'extra' are more NICs
        to watch, by name."""
        nics = {name: vm.nic for name, vm in self.vms.items()}
        nics.update(extra or {})
        target = self.vms[dst].mac if dst in self.vms else dst
        return Watch(nics).deliver(
            sender, lambda mark: frame(target, src or self.vms[sender].mac,
                                       mark, vlan), expected, settle)

    def expect(self, sender, dst, want, **kwargs):
        """Like deliver(), and checks that exactly 'want' comes of it: a
        dictionary, or a list of names that get one untagged copy each.

        A frame that comes too seldom is sent a second time.  What a command
        has changed stands in the bridges when it returns, but ovs-vswitchd's
        cache of flows follows a moment later, which on a busy machine may be
        later than the first frame."""
        if not isinstance(want, dict):
            want = {name: [None] for name in want}
        got = self.deliver(sender, dst, expected=want, **kwargs)
        if set(got) < set(want):
            self.notes.append("sent twice: %s to %s;" % (sender, dst))
            got = self.deliver(sender, dst, expected=want, **kwargs)
        assert got == want, ("%s to %s: got by %s, not %s"
                             % (sender, dst, got, want))

    def stream(self, sender, receiver, rate=1000):
        """Starts a stream between two VMs, and returns when it flows."""
        stream = Stream(sender.nic, receiver.nic, sender.mac, receiver.mac,
                        rate)
        self.streams.append(stream)
        stream.wait_flowing()
        return stream

    # The switch on a host.

    def flows(self, host, switch="prod"):
        """Returns flows, groups and meters of 'switch' on 'host', sorted and without
        counters, but for flows that the datapath makes, which have a
        timeout."""
        bridge = self.lab.bridge(host, switch)
        target = "unix:%s/%s/%s.mgmt" % (self.lab.directory, host, bridge)
        machine = self.lab.machine(host)
        text = "".join(machine.run("ovs-ofctl", "-OOpenFlow15", *words)
                       for words in (("--no-stats", "dump-flows", target),
                                     ("dump-groups", target),
                                     ("dump-meters", target)))
        return sorted(line.strip() for line in text.splitlines()
                      if "OFPST" not in line and "_timeout=" not in line)

    def appctl(self, what, *command, host=None):
        """ovs-appctl to one daemon."""
        return self.lab.daemon(what, host).appctl(*command)

    def settled(self):
        """Waits until all hosts have carried out all there is."""
        self.ctl("sync")

    def forget_nics(self):
        """Lets the controller forget NICs that no host has any more."""
        self.ctl("set", "DVS_Global", ".", "options:claim_gc_interval=1")
        self.until(lambda: not self.lab.dvs().rows("VNIC"),
                   "all NICs are forgotten")
        self.ctl("remove", "DVS_Global", ".", "options", "claim_gc_interval")

    def rows(self, tables):
        """Returns the rows of 'tables', those of one kind sorted."""
        return {name: sorted(self.lab.dvs().rows(name), key=str)
                for name in tables}

    def restart(self, what, host=None):
        """Crashes a daemon and starts it again."""
        daemon = self.lab.daemon(what, host)
        daemon.kill()
        daemon.start()

    # Around a test.

    def clean(self):
        """Puts the lab back to what it was."""
        for stream in self.streams:
            with contextlib.suppress(OSError, ValueError):
                stream.stop()
        for vm in self.vms.values():
            vm.nic.close()
        for nic in self.nics:
            nic.close()
        for name in ["central", "tor"] + self.lab.hosts:
            for daemon in self.lab.daemons(name).values():
                if not daemon.pid():
                    daemon.start()
        for host in self.lab.hosts:
            self.lab.management(host, True)
            for nic in self.lab.nics:
                if not self.lab.machine(host).is_up(nic):
                    self.lab.cable(host, nic, True)
        for vm in self.lab.vms.list():
            self.lab.vms.remove(vm["name"])


def bad_log_lines(lab):
    """Returns the lines in our daemons' logs that nobody expects."""
    found = []
    for name in ["central"] + lab.hosts:
        for daemon in lab.daemons(name).values():
            if daemon.program not in ("dvs-controller", "dvs-agent"):
                continue
            with open(daemon.path(".log"), errors="replace") as f:
                found += ["%s: %s" % (name, line.strip()) for line in f
                          if re.search(r"\|(WARN|ERR|EMER)\|", line)
                          and not EXPECTED_LOG.search(line)]
    return found


def sanitizer_reports(lab):
    """Returns the sanitizers' reports on programs of the lab."""
    folder = sanitizer_folder(lab.directory)
    return [os.path.join(folder, name) for name in os.listdir(folder)]


def sanitizer_folder(directory):
    """Returns where the sanitizers' reports on the lab in 'directory' go.
    They outlive the lab."""
    return directory + ".sanitizers"

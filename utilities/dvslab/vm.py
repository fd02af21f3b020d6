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

"""Virtual machines: plug, unplug, migrate.

A VM is a machine with one NIC, eth0.  Two cables and a wire make up what a
hypervisor does for it: eth0 ends in the keeper's namespace as "gN", the
host's vnetN ends there as "wN", and a redirection (tc-mirred) in each
direction joins the two.  So a VM can be moved as hypervisors do it: the
destination's vnet stands before the VM arrives, and the guest's own NIC
never changes.
"""

import json
import os
import re
import socket
import time
import uuid

from .machine import Machine, link
from .util import LabError, run, wait_until

# Frames of any size that a guest or a host may send pass the wires.
WIRE_MTU = 9216


class VirtualMachines:
    """The VMs of 'lab'.  Of each a dictionary is kept, in a file: name, pid,
    host, portgroup, mac, ip, nic (the id that ports go by), vm (its UUID),
    guest (device "gN"), wire ("wN"), vnet ("vnetN")."""

    def __init__(self, lab):
        self.lab = lab

    def _path(self, name):
        return os.path.join(self.lab.directory, "vm", name + ".json")

    def _save(self, vm):
        path = self._path(vm["name"])
        with open(path + ".new", "w") as f:
            json.dump(vm, f)
        os.rename(path + ".new", path)

    def list(self):
        """Returns all VMs, by name."""
        folder = os.path.join(self.lab.directory, "vm")
        names = [n[:-5] for n in os.listdir(folder) if n.endswith(".json")]
        return [self.get(name) for name in sorted(names)]

    def get(self, name):
        """Returns VM 'name'."""
        try:
            with open(self._path(name)) as f:
                return json.load(f)
        except OSError:
            known = os.listdir(os.path.join(self.lab.directory, "vm"))
            raise LabError('no VM "%s" (there are %s)' % (
                name, ", ".join(sorted(n[:-5] for n in known)) or "none"))

    def machine(self, name):
        """Returns the machine that is VM 'name'."""
        return Machine(name, self.get(name)["pid"])

    def _next_number(self):
        """Returns a number that no VM of this lab has had."""
        path = os.path.join(self.lab.directory, "vm", "number")
        try:
            with open(path) as f:
                number = int(f.read()) + 1
        except OSError:
            number = 1
        with open(path, "w") as f:
            f.write("%d\n" % number)
        return number

    def add(self, name, host, portgroup, ip=None, mac=None, nic=None,
            wait=True):
        """Starts a VM on 'host' whose NIC asks for 'portgroup' (PG or
        SWITCH/PG).  'ip' is ADDRESS/LENGTH, "none", or None for the next one
        of 10.0.0.0/24.  Returns it when its port works, or at once if 'wait'
        is false."""
        self._check_name(name)
        self.lab.check_host(host)
        bridge = self._bridge(host, portgroup)
        number = self._next_number()
        if mac is None:
            mac = "52:54:00:%02x:%02x:%02x" % (number >> 16, number >> 8 & 255,
                                               number & 255)
        elif not re.fullmatch("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", mac):
            raise LabError("%s: not a MAC address" % mac)
        vm = {"name": name, "host": host, "portgroup": portgroup, "mac": mac,
              "ip": self._next_address() if ip is None else ip,
              "nic": nic or str(uuid.uuid4()), "vm": str(uuid.uuid4()),
              "guest": "g%d" % number, "wire": "w%d" % number,
              "vnet": "vnet%d" % number}
        machine = Machine.create(name, ipv6=True)
        vm["pid"] = machine.pid
        try:
            link(None, vm["guest"], machine, "eth0", mtu=WIRE_MTU)
            run(["tc", "qdisc", "add", "dev", vm["guest"], "clsact"])
            machine.ip("link", "set", "eth0", "address", mac, "mtu", "1500")
            if vm["ip"] != "none":
                machine.ip("addr", "add", vm["ip"], "dev", "eth0")
            self._lay_wire(vm)
            self._save(vm)
            self._plug(vm, bridge)
            self._rewire(None, vm)
        except LabError:
            self._unplug(vm)
            self._destroy(vm)
            raise
        if wait:
            self.wait(vm)
        return vm

    def _check_name(self, name):
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,50}", name):
            raise LabError('"%s" cannot be the name of a VM' % name)
        if os.path.exists(self._path(name)):
            raise LabError('VM "%s" exists already' % name)

    def _next_address(self):
        taken = {vm["ip"] for vm in self.list()}
        free = ["10.0.0.%d/24" % i for i in range(1, 255)]
        free = [address for address in free if address not in taken]
        if not free:
            raise LabError("10.0.0.0/24 is full; say --ip")
        return free[0]

    def _bridge(self, host, portgroup):
        """Returns the bridge on 'host' that a NIC for 'portgroup' has to be
        plugged into."""
        switch, slash, _ = portgroup.rpartition("/")
        if slash:
            return self.lab.bridge(host, switch)
        named = {row["switch"] for row in self.lab.dvs().rows(
            "Portgroup", ["name", "==", portgroup])}
        if len(named) == 1:
            row, = self.lab.dvs().rows("Switch", ["_uuid", "==",
                                                  ["uuid", named.pop()]])
            return self.lab.bridge(host, row["name"])
        return self.lab.bridge(host)

    # As a hypervisor does.

    def _lay_wire(self, vm):
        """Makes the vnet on the VM's host, not joined to the VM yet."""
        link(None, vm["wire"], self.lab.machine(vm["host"]), vm["vnet"],
             mtu=WIRE_MTU)
        self.lab.machine(vm["host"]).ip("link", "set", vm["vnet"], "mtu",
                                        "1500")
        run(["tc", "qdisc", "add", "dev", vm["wire"], "clsact"])

    def _plug(self, vm, bridge):
        """Plugs the vnet in as libvirt does (virNetDevOpenvswitchAddPort in
        src/util/virnetdevopenvswitch.c)."""
        words = ["--may-exist", "add-port", bridge, vm["vnet"]]
        for word in ("attached-mac=\"%s\"" % vm["mac"],
                     "iface-id=\"%s\"" % vm["nic"],
                     "vm-id=\"%s\"" % vm["vm"],
                     "port-profile=\"%s\"" % vm["portgroup"],
                     "iface-status=active"):
            words += ["--", "set", "Interface", vm["vnet"],
                      "external-ids:" + word]
        self.lab.machine(vm["host"]).run("ovs-vsctl", "--timeout=5", "--",
                                         *words)

    @staticmethod
    def _rewire(old, new):
        """Lets packets pass between the VM and its vnet, as 'new' (None for
        neither) says; until now 'old' (likewise) has been true."""
        lines = []
        if old:
            lines += ["filter del dev %s ingress" % device
                      for device in (old["guest"], old["wire"])]
        if new:
            lines += ["filter add dev %s ingress protocol all u32 match u32 "
                      "0 0 action mirred egress redirect dev %s" % pair
                      for pair in ((new["guest"], new["wire"]),
                                   (new["wire"], new["guest"]))]
        run(["tc", "-batch", "-"], stdin="\n".join(lines) + "\n")

    def _unplug(self, vm):
        """Takes the vnet away, from the bridge first."""
        host = self.lab.machine(vm["host"])
        host.run("ovs-vsctl", "--timeout=5", "--", "--if-exists", "del-port",
                 vm["vnet"], check=False)
        run(["ip", "link", "del", vm["wire"]], check=False)

    def _destroy(self, vm):
        Machine(vm["name"], vm["pid"]).destroy()
        run(["ip", "link", "del", vm["guest"]], check=False)
        if os.path.exists(self._path(vm["name"])):
            os.unlink(self._path(vm["name"]))

    def remove(self, name):
        """Switches VM 'name' off and removes it."""
        vm = self.get(name)
        self._unplug(vm)
        self._destroy(vm)

    def move(self, name, host, announce=True, wait=True,
             unplug=True):
        """Migrates VM 'name' to 'host'.  Its NIC keeps its id, MAC and port.
        With 'announce' the arrived VM says where it is, as QEMU does.
        Returns it, with the seconds for which it was paused.  Without
        'unplug' its old NIC stays, as "old" in what is returned."""
        old = self.get(name)
        self.lab.check_host(host)
        if old["host"] == host:
            raise LabError("%s: runs on %s already" % (name, host))
        bridge = self._bridge(host, old["portgroup"])
        number = self._next_number()
        new = dict(old, host=host, wire="w%d" % number,
                   vnet="vnet%d" % number)
        try:
            self._lay_wire(new)
            self._plug(new, bridge)
            if wait:
                self.wait(new)
        except LabError:
            self._unplug(new)
            raise
        paused = time.monotonic()
        self._rewire(old, new)
        if announce:
            self._announce(new)
        paused = time.monotonic() - paused
        self._save(new)
        if unplug:
            self._unplug(old)
        return dict(new, paused=paused, old=old)

    @staticmethod
    def _announce(vm):
        """Sends a RARP request from the VM's MAC, as QEMU does on arrival
        (qemu_announce_self)."""
        mac = bytes.fromhex(vm["mac"].replace(":", ""))
        frame = (b"\xff" * 6 + mac + b"\x80\x35"
                 + b"\0\x01\x08\0\x06\x04\0\x03" + mac + b"\0" * 4 + mac
                 + b"\0" * 4).ljust(60, b"\0")
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
            s.bind((vm["wire"], 0))
            s.send(frame)

    def wait(self, vm, timeout=10.0):
        """Waits until the port of 'vm' on its host works."""
        where = (["host", "==", vm["host"]], ["nic", "==", vm["nic"]],
                 ["kind", "==", "vm"])

        def works():
            return [row for row in self.lab.dvs().rows("Port_State", *where)
                    if row["key"] and row["ofport"] and not row["fault"]]

        wait_until(works, lambda: self._why_not(vm, where), timeout)

    def _why_not(self, vm, where):
        """Returns what keeps the NIC of 'vm' from having a port."""
        reasons = [row["fault"] for row in
                   self.lab.dvs().rows("Port_State", *where) if row["fault"]]
        for row in self.lab.dvs().rows("VNIC", ["id", "==", vm["nic"]]):
            faults = row["faults"]
            reasons += faults if isinstance(faults, list) else [faults]
        return "%s: plugged into %s, but no port of %s (%s)" % (
            vm["name"], vm["vnet"], vm["portgroup"],
            "; ".join(reasons) or "no fault is given")

    def port(self, vm):
        """Returns the key of the port that 'vm' has, or "-"."""
        for row in self.lab.dvs().rows("Port_State",
                                       ["host", "==", vm["host"]],
                                       ["nic", "==", vm["nic"]]):
            return row["key"] or "-"
        return "-"

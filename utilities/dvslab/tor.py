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

"""The physical network: one top-of-rack switch.

It is an ordinary learning switch (a bridge of Open vSwitch without any
controller).  Port "HOST-NIC" is where the cable from HOST's NIC ends.
"""

from .util import LabError, table

BRIDGE = "tor"
MTU = 9216

# A switch made of hardware learns from each frame.  This one learns from the
# first of a kind, and from the others when its ovs-vswitchd looks at what the
# datapath has seen, usually twice a second.  These are the shortest times that
# Open vSwitch allows: after how long it looks, and after how long without a
# frame the next one is the first again, in ms.
LEARNING_MS = 100
IDLE_MS = 500

SLOW_PROTOCOLS = "01:80:c2:00:00:02"     # IEEE 802.3, annex 57B.


def parse_vlans(text):
    """Returns the VLANs of 'text' ("all", "none", "10,20-29"; 0 stands for
    untagged frames) as a list, or None for all."""
    if text == "all":
        return None
    vlans = set()
    for word in [] if text == "none" else text.split(","):
        first, _, last = word.partition("-")
        try:
            first, last = int(first), int(last or first)
        except ValueError:
            first = last = -1
        if not 0 <= first <= last <= 4094:
            raise LabError("%s: VLANs are written as all, none, or like "
                           "10,20-29" % text)
        vlans.update(range(first, last + 1))
    return sorted(vlans)


def show_vlans(vlans):
    """Returns list 'vlans' as parse_vlans() reads it; [] stands for all, as
    in Open vSwitch."""
    if not vlans:
        return "all"
    runs = []
    for vlan in vlans:
        if runs and vlan == runs[-1][1] + 1:
            runs[-1][1] = vlan
        elif vlan < 4095:
            runs.append([vlan, vlan])
    return ",".join("%d" % a if a == b else "%d-%d" % (a, b)
                    for a, b in runs) or "none"


class Tor:
    """The switch; 'machine' runs it, 'database' is its Open_vSwitch, 'daemon'
    its ovs-vswitchd."""

    def __init__(self, machine, database, daemon):
        self.machine = machine
        self.database = database
        self.daemon = daemon

    def vsctl(self, *args):
        return self.machine.run("ovs-vsctl", "--timeout=10", *args)

    def create(self):
        """Makes the switch, without ports."""
        self.vsctl("add-br", BRIDGE, "--", "set", "bridge", BRIDGE,
                   "datapath_type=netdev", "fail_mode=standalone",
                   "other_config:forward-bpdu=true",
                   "other_config:disable-in-band=true",
                   "--", "set", "open_vswitch", ".",
                   "other_config:max-revalidator=%d" % LEARNING_MS,
                   "other_config:max-idle=%d" % IDLE_MS)
        self._drop_slow_protocols()

    def _drop_slow_protocols(self):
        """No switch forwards LACP, unlike what other BPDUs do here."""
        self.machine.run(
            "ovs-ofctl", "add-flow",
            "unix:%s/%s.mgmt" % (self.daemon.directory, BRIDGE),
            "priority=100,dl_dst=%s,actions=drop" % SLOW_PROTOCOLS)

    def add_ports(self, names):
        """Plugs the cables 'names' in, all VLANs allowed."""
        self.vsctl(*[word for name in names
                     for word in ("--", "add-port", BRIDGE, name)])

    def access(self, name, vlan):
        """Puts untagged frames of port 'name' into 'vlan', and carries no
        others."""
        self.vsctl("set", "port", name, "vlan_mode=access", "tag=%d" % vlan)

    def cable(self, name, up):
        """Pulls or plugs the cable at port 'name'."""
        self.machine.ip("link", "set", name, "up" if up else "down")
        if not up:
            # As switches do when the topology changes.
            self.daemon.appctl("fdb/flush", BRIDGE)

    def allow(self, name, vlans):
        """Carries only the VLANs 'vlans' (see parse_vlans()) on the port, or
        port channel, that 'name' belongs to."""
        numbers = parse_vlans(vlans)
        # VLAN 4095 never occurs; alone it means none.
        value = "[]" if numbers is None else str(numbers or [4095])
        self.vsctl("set", "port", self._port_of(name), "vlan_mode=trunk",
                   "trunks=" + value.replace(" ", ""))

    def set_mtu(self, mtu):
        """Frames with more than 'mtu' bytes of payload are dropped."""
        for name in self._numbers():
            if name != BRIDGE:
                self.machine.ip("link", "set", name, "mtu", str(mtu))

    def lacp(self, names, on):
        """Makes one port channel of the ports 'names', or takes it apart."""
        channel = "lag-" + names[0]
        down = [n for n in names if not self.machine.is_enabled(n)]
        rows = [row for row in self.database.rows("Port")
                if row["name"] == channel]
        if on:
            if len(names) < 2:
                raise LabError("a port channel needs two ports or more")
            if any(self._port_of(name) != name for name in names):
                raise LabError("%s: in a port channel already"
                               % ",".join(names))
            self.vsctl(*[word for name in names
                         for word in ("--", "del-port", BRIDGE, name)])
            self.vsctl("add-bond", BRIDGE, channel, *names, "lacp=active",
                       "bond_mode=balance-tcp", "other_config:lacp-time=fast")
        else:
            if not rows:
                raise LabError("%s: no such port channel" % channel)
            self.vsctl("del-port", BRIDGE, channel)
            self.add_ports(names)
        for name in down:
            self.machine.ip("link", "set", name, "down")

    def dump(self):
        """Returns a text: the ports, and what has been learned."""
        interfaces = {row["_uuid"]: row
                      for row in self.database.rows("Interface")}
        ports = []
        for port in self.database.rows("Port"):
            for uuid in _as_list(port["interfaces"]):
                row = interfaces[uuid]
                if row["name"] != BRIDGE:
                    ports.append((row["name"],
                                  row["link_state"] or "unknown",
                                  show_vlans(_as_list(port["trunks"])),
                                  row["mtu"] or "-",
                                  port["name"] if port["lacp"] else "-"))
        names = {v: k for k, v in self._numbers().items()}
        learned = [(vlan, mac, names.get(port, port), age + " s")
                   for port, vlan, mac, age in self._learned()]
        return "%s\n\n%s" % (
            table(("PORT", "LINK", "VLANS", "MTU", "PORT CHANNEL"),
                  sorted(ports)),
            table(("VLAN", "MAC", "PORT", "AGE"), learned))

    def _learned(self):
        lines = self.daemon.appctl("fdb/show", BRIDGE).splitlines()[1:]
        return [line.split() for line in lines if not line.startswith("LOC")]

    def _numbers(self):
        """Returns the OpenFlow port number of each interface."""
        return {row["name"]: str(row["ofport"])
                for row in self.database.rows("Interface")}

    def _port_of(self, name):
        """Returns the port or port channel that interface 'name' is in."""
        wanted = [row["_uuid"] for row in self.database.rows("Interface")
                  if row["name"] == name]
        for row in self.database.rows("Port"):
            if wanted and wanted[0] in _as_list(row["interfaces"]):
                return row["name"]
        raise LabError("%s: no such port" % name)


def _as_list(value):
    return value if isinstance(value, list) else [value]

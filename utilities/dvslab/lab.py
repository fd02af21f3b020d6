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

"""A lab: its directory, its machines, and how they are wired.

      central ---- mgmt-HOST/mgmt0 (the database's network) ---- host1 ...
      tor ------- HOST-nicN/nicN (the physical network) -------- host1 ...
      central ---- lan0/central-lan0 (only with "management") ---- tor
      VM -- eth0/gN ~ wires of the keeper ~ wN/vnetN ----------- host1 ...

Everything in this file runs inside the sandbox.
"""

import json
import os
import shutil

from . import daemons
from .machine import Machine, link
from .ovsdb import Ovsdb
from .tor import Tor
from .util import LabError, run, wait_until
from .vm import VirtualMachines

CENTRAL_ADDRESS = "172.31.0.1"
MAX_HOSTS = 100

# How hosts reach the central database through their own switch.
MANAGEMENT = "management"
MANAGEMENT_VLAN = 99
MANAGEMENT_DEVICE = "vmk0"

SWITCH_MARK = "dvs-switch-name"


class Tools:
    """Where things lie that a lab needs: 'paths' are folders of programs,
    'schema' is dvs.ovsschema."""

    def __init__(self, paths, schema):
        self.paths = paths
        self.schema = schema
        share = os.environ.get("OVS_PKGDATADIR", "/usr/share/openvswitch")
        self.ovs_schema = os.path.join(share, "vswitch.ovsschema")

    def missing(self):
        """Returns what is not installed that a lab needs."""
        path = daemons.environment("", self.paths)["PATH"]
        needed = ["ip", "tc", "nsenter", "ping", "ovsdb-tool", "ovs-vsctl",
                  "ovs-appctl", "dvsctl"]
        for table in (daemons.CENTRAL, daemons.HOST, daemons.TOR):
            needed += table.values()
        return ([name for name in dict.fromkeys(needed)
                 if not shutil.which(name, path=path)]
                + [name for name in (self.schema, self.ovs_schema)
                   if not os.path.exists(name)])

    def check(self):
        """Raises LabError if anything is missing."""
        missing = self.missing()
        if missing:
            raise LabError("not installed: " + ", ".join(missing))
        if not os.path.exists("/dev/net/tun"):
            raise LabError("/dev/net/tun is missing (try: modprobe tun)")
        if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
            raise LabError("/dev/net/tun: may not be opened by this user")


class Lab:
    """The lab in 'directory'.  'config' says what it consists of: "hosts",
    "uplinks" (numbers) and "datapath", and in "management" the hosts whose
    path to the database runs through the switch "prod"."""

    def __init__(self, directory, tools):
        self.directory = directory
        self.tools = tools
        self.config = {}
        self.load()
        self.vms = VirtualMachines(self)

    # What there is.

    def load(self):
        """Reads the configuration of a lab that has been built."""
        try:
            with open(self._path("lab.json")) as f:
                self.config = json.load(f)
        except OSError:
            pass

    def save(self):
        with open(self._path("lab.json"), "w") as f:
            json.dump(self.config, f)

    def _path(self, *names):
        return os.path.join(self.directory, *names)

    @property
    def hosts(self):
        """The names of the hosts."""
        return ["host%d" % (i + 1) for i in range(self.config["hosts"])]

    @property
    def nics(self):
        """The names of the physical NICs of each host."""
        return ["nic%d" % (i + 1) for i in range(self.config["uplinks"])]

    def check_host(self, name):
        if name not in self.hosts:
            raise LabError('no host "%s" (there are %s)'
                           % (name, ", ".join(self.hosts)))

    def check_nic(self, host, name):
        self.check_host(host)
        if name not in self.nics:
            raise LabError('%s: no NIC "%s" (there are %s)'
                           % (host, name, ", ".join(self.nics)))

    def machine(self, name):
        """Returns machine "central", "tor" or a host."""
        try:
            with open(self._path(name, "machine.pid")) as f:
                pid = int(f.read())
        except OSError:
            raise LabError('no machine "%s"' % name)
        return Machine(name, pid, self._environment(name))

    def _environment(self, name):
        env = daemons.environment(self._path(name), self.tools.paths)
        if name == "central":
            env["DVS_DB"] = "unix:" + self._path(name, "dvs_db.sock")
        else:
            env["DVS_DB"] = self.remote
        return env

    @property
    def remote(self):
        """How hosts reach the central database."""
        return "tcp:%s:%d" % (CENTRAL_ADDRESS, daemons.DATABASE_PORT)

    def daemons(self, name):
        """Returns the daemons of machine 'name' by what they are."""
        programs = {"central": daemons.CENTRAL, "tor": daemons.TOR}
        result = daemons.of_machine(self.machine(name), self._path(name),
                                    programs.get(name, daemons.HOST))
        if name in self.config.get(MANAGEMENT, []):
            # In userspace, the host's NIC is a new device then.
            result["vswitchd"].after_start = (
                lambda: self._configure_management(name))
        return result

    def daemon(self, what, host=None):
        """Returns the one daemon that a user means by 'what' and 'host'."""
        if what in daemons.CENTRAL:
            if host:
                raise LabError("there is one %s, on no host" % what)
            return self.daemons("central")[what]
        if what not in daemons.HOST:
            raise LabError('no daemon "%s" (there are %s)' % (what, ", ".join(
                list(daemons.CENTRAL) + list(daemons.HOST))))
        if not host:
            raise LabError("%s: of which host?" % what)
        self.check_host(host)
        return self.daemons(host)[what]

    def dvs(self):
        """Returns the central database."""
        return Ovsdb(self._path("central", "dvs_db.sock"), "DVS")

    def ovs(self, name):
        """Returns the Open_vSwitch database of machine 'name'."""
        return Ovsdb(self._path(name, "db.sock"), "Open_vSwitch")

    def tor(self):
        """Returns the physical switch."""
        return Tor(self.machine("tor"), self.ovs("tor"),
                   self.daemons("tor")["vswitchd"])

    def ctl(self, *args):
        """dvsctl(8) on the central database."""
        return self.machine("central").run("dvsctl", *args)

    # Building it.

    def build(self, hosts, uplinks, datapath):
        """Builds the machines, and starts everything on them."""
        self.config = {"hosts": hosts, "uplinks": uplinks,
                       "datapath": datapath}
        self.save()
        os.mkdir(self._path("vm"))
        for name in ["central", "tor"] + self.hosts:
            self._create_machine(name)
        for name in self.hosts:
            self._wire(name)
        self._create_database("central", "dvs.db", self.tools.schema)
        for daemon in self.daemons("central").values():
            daemon.start()
        self._create_ovs("tor", {})
        self.tor().create()
        self.tor().add_ports(["%s-%s" % (host, nic) for host in self.hosts
                              for nic in self.nics])
        for name in self.hosts:
            self._create_ovs(name, {"system-id": name, "hostname": name,
                                    "dvs-remote": self.remote,
                                    "dvs-pnics": "nic*"})
        wait_until(self._registered, "hosts register themselves")

    def _create_machine(self, name):
        os.mkdir(self._path(name))
        made = Machine.create(name)
        with open(self._path(name, "machine.pid"), "w") as f:
            f.write("%d\n" % made.pid)

    def _address(self, host):
        """Returns the address of 'host' towards the database."""
        return "172.31.1.%d" % (self.hosts.index(host) + 1)

    def _wire_directly(self, name):
        """Lays a cable from host 'name' to the central server."""
        central, host = self.machine("central"), self.machine(name)
        mgmt = "mgmt-" + name
        link(central, mgmt, host, "mgmt0")
        central.ip("addr", "add", CENTRAL_ADDRESS, "peer",
                   self._address(name), "dev", mgmt)
        host.ip("addr", "add", self._address(name), "peer", CENTRAL_ADDRESS,
                "dev", "mgmt0")

    def _wire(self, name):
        """Lays the cables of host 'name'."""
        host, tor = self.machine(name), self.machine("tor")
        self._wire_directly(name)
        for nic in self.nics:
            link(host, nic, tor, "%s-%s" % (name, nic), mtu=9216)
            host.ip("link", "set", nic, "mtu", "1500")

    def _create_database(self, name, file, schema):
        run(["ovsdb-tool", "create", self._path(name, file), schema],
            env=self._environment(name))

    def _create_ovs(self, name, external_ids):
        """Starts Open vSwitch, and on a host the agent, on machine 'name'."""
        self._create_database(name, "conf.db", self.tools.ovs_schema)
        own = self.daemons(name)
        own["ovsdb"].start()
        self.machine(name).run(
            "ovs-vsctl", "--no-wait", "init", "--", "set", "open", ".",
            # A lab has many switches and few processors.
            "other_config:n-revalidator-threads=1",
            *["external-ids:%s=\"%s\"" % item
              for item in external_ids.items()])
        own["vswitchd"].start()
        if "agent" in own:
            own["agent"].start()

    def _registered(self):
        known = {(row["host"], row["name"])
                 for row in self.dvs().rows("Physical_NIC")}
        return known >= {(h, n) for h in self.hosts for n in self.nics}

    def create_switch(self):
        """Makes the switch "prod" of all hosts, and its portgroups."""
        uplinks = ["uplink%d=%s" % (i + 1, nic)
                   for i, nic in enumerate(self.nics)]
        words = ["--wait=hosts", "--timeout=20", "add-switch", "prod",
                 "uplinks=%d" % len(self.nics),
                 "datapath=" + self.config["datapath"]]
        for host in self.hosts:
            words += ["--", "add-host", "prod", host] + uplinks
        for name, vlan in (("web", 10), ("db", 20)):
            words += ["--", "add-portgroup", "prod", name, "vlan=%d" % vlan]
        self.ctl(*words)

    # The path to the database through the switch.

    def create_management(self):
        """Plugs the central server into the physical switch, and lets all
        hosts reach it through the switch "prod"."""
        link(self.machine("central"), "lan0", self.machine("tor"),
             "central-lan0", mtu=9000)
        self.tor().add_ports(["central-lan0"])
        self.tor().access("central-lan0", MANAGEMENT_VLAN)
        self.ctl("--wait=controller", "add-portgroup", "prod", MANAGEMENT,
                 "vlan=%d" % MANAGEMENT_VLAN, "ports=%d" % MAX_HOSTS)
        self.config[MANAGEMENT] = []
        for name in self.hosts:
            self.migrate_management(name)

    def migrate_management(self, name):
        """Moves the address of host 'name' from its cable to the central
        server to a NIC of its own on the switch, as an administrator does
        who joins a host to it.  Connections survive."""
        self.ctl("--wait=hosts", "--timeout=20", "connect",
                 "%s/%s" % (name, MANAGEMENT_DEVICE), "prod/" + MANAGEMENT,
                 "kind=host", "host=" + name)
        central = self.machine("central")
        central.ip("link", "del", "mgmt-" + name)
        central.ip("addr", "add", CENTRAL_ADDRESS, "peer",
                   self._address(name), "dev", "lan0")
        self._configure_management(name)
        self.config[MANAGEMENT].append(name)
        self.save()

    def _configure_management(self, name):
        """What the host's own configuration does when the device is there."""
        host = self.machine(name)
        host.ip("link", "set", MANAGEMENT_DEVICE, "up")
        host.ip("addr", "replace", self._address(name), "peer",
                CENTRAL_ADDRESS, "dev", MANAGEMENT_DEVICE)

    def rescue_management(self, name):
        """Gives host 'name' its cable to the central server back, whatever
        its switch does; migrate_management() takes it away again."""
        central, host = self.machine("central"), self.machine(name)
        for machine, device in ((central, "lan0"), (host, MANAGEMENT_DEVICE)):
            ends = ([CENTRAL_ADDRESS, "peer", self._address(name)]
                    if machine is central
                    else [self._address(name), "peer", CENTRAL_ADDRESS])
            machine.ip("addr", "del", *ends, "dev", device)
        self._wire_directly(name)
        self.config[MANAGEMENT].remove(name)
        self.save()

    # The switch's bridge on a host.

    def bridge(self, host, switch=None):
        """Returns the name of the bridge of 'switch' on 'host'; without
        'switch' the host has to have one only."""
        found = {row["external_ids"][SWITCH_MARK]: row["name"]
                 for row in self.ovs(host).rows("Bridge")
                 if SWITCH_MARK in row["external_ids"]}
        if switch:
            if switch not in found:
                raise LabError('%s: not a member of switch "%s"'
                               % (host, switch))
            return found[switch]
        if len(found) != 1:
            raise LabError("%s: member of %s; name a portgroup as "
                           "SWITCH/PORTGROUP"
                           % (host, "switches " + ", ".join(sorted(found))
                              if found else "no switch"))
        return list(found.values())[0]

    # Breaking and mending.

    def cable(self, host, nic, up):
        """Plugs or pulls the cable of a host's NIC, at the switch's end."""
        self.check_nic(host, nic)
        self.tor().cable("%s-%s" % (host, nic), up)

    def management(self, host, up):
        """Heals or cuts a host's path to the database."""
        self.check_host(host)
        central = self.machine("central")
        if host not in self.config.get(MANAGEMENT, []):
            central.ip("link", "set", "mgmt-" + host, "up" if up else "down")
        elif up:
            central.ip("route", "replace", self._address(host), "dev", "lan0",
                       "scope", "link", "src", CENTRAL_ADDRESS)
        else:
            central.ip("route", "replace", "blackhole", self._address(host))

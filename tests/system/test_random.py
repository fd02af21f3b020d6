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

"""Two hundred NICs, connected, moved and disconnected at random over three
hosts, while policies change and daemons are killed and started again.

Afterwards everything has to agree: what was asked for, the ports, the rows
for the hosts, the hosts' own rows, and the flows; and frames have to come
where they should, and nowhere else.

    run --seconds=120 --seed=7 BUILD random

goes on for two minutes, with the operations that seed 7 stands for.
"""

import collections
import heapq
import itertools
import os
import random
import re
import time

import closing
from dvslab.util import LabError
from harness import CONFIGURATION
from taps import Reach, Tap

TIMEOUT_S = 400                 # Of a test, with --seconds=120.

N_NICS = 200
N_ASKED = 50                    # Of these, known before they are plugged.
PORTGROUPS = ["p%d" % i for i in range(6)]
VLANS = [10, 11, 12, 13]

# How long everything may take to agree when nothing is done any more.  An
# agent that has tried in vain for a while tries again each 8 seconds.
PATIENCE_S = 60

SECONDS = float(os.environ.get("DVS_TEST_SECONDS", 8))
SEED = int(os.environ.get("DVS_TEST_SEED", 1))


class RandomNic:
    """A NIC: what it asks for, and where it is plugged in."""

    def __init__(self, number):
        self.name = "nic-%d" % number
        self.mac = "52:54:01:00:%02x:%02x" % (number >> 8, number & 255)
        self.asked = number < N_ASKED   # By "connect", not by its profile.
        self.portgroup = None
        self.plugs = []         # [Host, Tap] of each place; the last counts.

    @property
    def host(self):
        return self.plugs[-1][0] if self.plugs else None

    @property
    def tap(self):
        return self.plugs[-1][1]


class Chaos:
    """Random operations on the lab of test 't'."""

    def __init__(self, t, seed):
        self.t = t
        self.random = random.Random(seed)
        self.nics = [RandomNic(i) for i in range(N_NICS)]
        self.vlans = {}         # Portgroup -> VLAN.
        self.blocked = {name: False for name in PORTGROUPS}
        self.bridges = {host: t.lab.bridge(host, "prod")
                        for host in t.lab.hosts}
        self.numbers = itertools.count(1)
        self.steps = 0          # Operations so far; the clock of 'later',
                                # so that a seed repeats all of it.
        self.later = []         # Heap of (step, number, function).
        self.down = set()       # Daemons that have been killed.
        self.cut = set()        # Hosts without a path to the database.
        self.counts = collections.Counter()

    # What the test does to hosts, as a hypervisor does.

    def plug(self, nic, host):
        name = "tap%d" % next(self.numbers)
        tap = Tap(self.t.lab.machine(host), name)
        ids = {"iface-id": nic.name, "attached-mac": nic.mac,
               "iface-status": "active"}
        if not nic.asked:
            ids["port-profile"] = "prod/" + nic.portgroup
        self.t.lab.ovs(host).transact(
            {"op": "insert", "table": "Interface", "uuid-name": "i",
             "row": {"name": name,
                     "external_ids": ["map", [list(p) for p in ids.items()]]}},
            {"op": "insert", "table": "Port", "uuid-name": "p",
             "row": {"name": name, "interfaces": ["named-uuid", "i"]}},
            {"op": "mutate", "table": "Bridge",
             "where": [["name", "==", self.bridges[host]]],
             "mutations": [["ports", "insert", ["named-uuid", "p"]]]},
            self.raise_cfg())
        nic.plugs.append([host, tap, name])

    @staticmethod
    def raise_cfg():
        return {"op": "mutate", "table": "Open_vSwitch", "where": [],
                "mutations": [["next_cfg", "+=", 1]]}

    def unplug(self, nic, crash=False):
        """Unplugs 'nic' where it was plugged in first.  If its VM crashes,
        the device goes before its row."""
        host, tap, name = nic.plugs.pop(0)
        if crash:
            tap.close()
        row, = self.t.lab.ovs(host).rows("Port", ["name", "==", name])
        self.t.lab.ovs(host).transact(
            {"op": "mutate", "table": "Bridge",
             "where": [["name", "==", self.bridges[host]]],
             "mutations": [["ports", "delete", ["uuid", row["_uuid"]]]]},
            self.raise_cfg())
        if not crash:
            tap.close()

    def ctl(self, *args):
        self.t.lab.ctl("--wait=none", "--timeout=20", *args)

    def after(self, steps, function):
        """Has 'function' called after so many more operations."""
        heapq.heappush(self.later, (self.steps + steps, next(self.numbers),
                                    function))

    # Operations.  Each returns true if there was something to do.

    def some_nic(self, plugged):
        nics = [nic for nic in self.nics if bool(nic.plugs) == plugged
                and len(nic.plugs) < 2]
        return self.random.choice(nics) if nics else None

    def database_is_up(self):
        return "database" not in self.down

    def do_plug(self):
        nic = self.some_nic(False)
        if nic:
            if not nic.asked:
                nic.portgroup = self.random.choice(PORTGROUPS)
            self.plug(nic, self.random.choice(self.t.lab.hosts))
        return nic

    def do_unplug(self):
        nic = self.some_nic(True)
        if nic:
            self.unplug(nic, crash=self.random.random() < 0.2)
        return nic

    def do_move(self):
        """Migrates a NIC: for a moment it is in two places."""
        nic = self.some_nic(True)
        if nic:
            hosts = [h for h in self.t.lab.hosts if h != nic.host]
            self.plug(nic, self.random.choice(hosts))
            if self.random.random() < 0.7:
                nic.tap.send(b"\xff" * 6 + bytes.fromhex(
                    nic.mac.replace(":", "")) + b"\x80\x35" + b"\0" * 46)
            self.after(self.random.randrange(20), lambda: self.unplug(nic))
        return nic

    def do_portgroup(self):
        """Connects a NIC to another portgroup, or to none for a while."""
        nic = self.some_nic(True)
        if not nic or nic.asked and not self.database_is_up():
            return False
        if nic.asked and nic.portgroup and self.random.random() < 0.4:
            nic.portgroup = None
            self.ctl("disconnect", nic.name)
            return True
        nic.portgroup = self.random.choice(PORTGROUPS)
        if nic.asked:
            self.ctl("connect", nic.name, "prod/" + nic.portgroup,
                     "mac=" + nic.mac)
        else:
            self.t.lab.ovs(nic.host).transact(
                {"op": "mutate", "table": "Interface",
                 "where": [["name", "==", nic.plugs[-1][2]]],
                 "mutations": [["external_ids", "delete",
                                ["set", ["port-profile"]]],
                               ["external_ids", "insert", ["map", [
                                   ["port-profile",
                                    "prod/" + nic.portgroup]]]]]},
                self.raise_cfg())
        return True

    def do_vlan(self):
        if self.database_is_up():
            name = self.random.choice(PORTGROUPS)
            self.vlans[name] = self.random.choice(VLANS)
            self.ctl("set-policy", "prod/" + name,
                     "vlan=%d" % self.vlans[name])
        return self.database_is_up()

    def do_block(self):
        if self.database_is_up():
            name = self.random.choice(PORTGROUPS)
            self.blocked[name] = not self.blocked[name]
            self.ctl("block" if self.blocked[name] else "unblock",
                     "prod/" + name)
        return self.database_is_up()

    def do_teaming(self):
        if self.database_is_up():
            first, second = self.random.sample(["uplink1", "uplink2"], 2)
            self.ctl("set-policy", "prod/" + self.random.choice(PORTGROUPS),
                     "teaming=" + self.random.choice(
                         ["explicit", "originating-port", "source-mac"]),
                     "active=" + first, "standby=" + second)
        return self.database_is_up()

    def do_ports(self):
        """Changes the number of a portgroup's ports.  Too few of them may be
        free."""
        if self.database_is_up():
            try:
                self.ctl("set-portgroup",
                         "prod/" + self.random.choice(PORTGROUPS),
                         "ports=%d" % self.random.choice([0, 8, 30, 60]))
            except LabError as e:
                if "ResourceInUse" not in str(e):
                    raise
                self.counts["refused"] += 1
        return self.database_is_up()

    def do_kill(self):
        """Kills a daemon, which comes back after a while."""
        what, host = self.random.choice(
            [(what, host) for what in ("agent", "agent", "vswitchd")
             for host in self.t.lab.hosts]
            + [("controller", None)] * 4 + [("database", None)] * 2)
        name = " ".join(filter(None, (what, host)))
        if name in self.down:
            return False
        self.t.lab.daemon(what, host).kill()
        self.down.add(name)
        self.counts["kill -9 of " + what] += 1

        def start():
            self.t.lab.daemon(what, host).start()
            self.down.remove(name)
        self.after(self.random.randrange(60), start)
        return True

    def do_cut(self):
        """Cuts a host's path to the database for a while."""
        host = self.random.choice(self.t.lab.hosts)
        if host in self.cut:
            return False
        self.cut.add(host)
        self.t.lab.management(host, False)

        def heal():
            self.t.lab.management(host, True)
            self.cut.remove(host)
        self.after(self.random.randrange(60), heal)
        return True

    OPERATIONS = [("plug", 20), ("unplug", 20), ("move", 20),
                  ("portgroup", 10), ("vlan", 3), ("block", 3),
                  ("teaming", 3), ("ports", 2), ("kill", 3), ("cut", 1)]

    def step(self):
        names, weights = zip(*self.OPERATIONS)
        name, = self.random.choices(names, weights)
        self.steps += 1
        if getattr(self, "do_" + name)():
            self.counts[name] += 1

    def run_later(self, all_of_it=False):
        while self.later and (all_of_it
                              or self.later[0][0] <= self.steps):
            heapq.heappop(self.later)[2]()

    def run(self, seconds):
        """Does something all the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.run_later()
            self.step()
        self.run_later(True)
        assert not self.down, self.down

    # Before and after.

    def setup(self):
        words = []
        for name in PORTGROUPS:
            self.vlans[name] = self.random.choice(VLANS)
            words += ["--", "add-portgroup", "prod", name,
                      "vlan=%d" % self.vlans[name], "auto-expand=yes"]
        for nic in self.nics:
            if nic.asked:
                nic.portgroup = self.random.choice(PORTGROUPS)
                words += ["--", "connect", nic.name, "prod/" + nic.portgroup,
                          "mac=" + nic.mac]
        # NICs that are gone are to be forgotten soon.
        self.t.ctl("set", "DVS_Global", ".", "options:claim_gc_interval=1",
                   *words)
        for nic in self.nics:
            if not nic.asked:
                nic.portgroup = self.random.choice(PORTGROUPS)
            self.plug(nic, self.random.choice(self.t.lab.hosts))

    def plugged(self):
        return [nic for nic in self.nics if nic.plugs]

    def connected(self):
        return [nic for nic in self.plugged() if nic.portgroup]

    def may(self, a, b):
        """True if frames of 'a' should come to 'b'."""
        return (bool(a.portgroup and b.portgroup)
                and self.vlans[a.portgroup] == self.vlans[b.portgroup]
                and not self.blocked[a.portgroup]
                and not self.blocked[b.portgroup])

    def teardown(self):
        for nic in self.nics:
            while nic.plugs:
                self.unplug(nic)
        asked = [nic.name for nic in self.nics
                 if nic.asked and nic.portgroup]
        words = []
        for name in asked:
            words += ["--", "disconnect", name]
        self.t.ctl(*words[1:])
        self.t.until(lambda: not self.t.lab.dvs().rows("VNIC"),
                     "all NICs are forgotten", PATIENCE_S)
        words = []
        for name in PORTGROUPS:
            words += ["--", "del-portgroup", "prod/" + name]
        self.t.ctl("remove", "DVS_Global", ".", "options",
                   "claim_gc_interval", *words)


class Truth:
    """What the lab of 'chaos' should be, against what it is."""

    def __init__(self, chaos):
        self.chaos = chaos
        self.lab = chaos.t.lab
        self.wrong = []

    def compare(self, what, expected, found):
        """Notes what is not in both of two dictionaries."""
        for key in sorted(set(expected) | set(found), key=str):
            if expected.get(key) != found.get(key):
                self.wrong.append("%s: %s: %s, not %s" % (
                    what, key, found.get(key), expected.get(key)))

    def by(self, rows, *columns):
        """Returns 'rows' by the values of 'columns'; there may be one each.
        """
        found = {}
        for row in rows:
            key = tuple(row[column] for column in columns)
            if key in found:
                self.wrong.append("twice: %s" % (key,))
            found[key] = row
        return found

    def check_model(self):
        """NICs, and their ports."""
        dvs = self.lab.dvs()
        switch, = dvs.rows("Switch")
        portgroups = self.by(dvs.rows("Portgroup"), "_uuid")
        ports = self.by(dvs.rows("Port"), "_uuid")
        vnics = self.by(dvs.rows("VNIC"), "id")
        expected, self.keys = {}, {}
        for nic in self.chaos.nics:
            if nic.portgroup and (nic.plugs or nic.asked):
                expected[(nic.name,)] = (nic.portgroup, nic.host or [],
                                         not nic.asked, [], True)
        found = {}
        for (name,), row in vnics.items():
            port = ports.get((row["connection"],), {}) \
                if row["connection"] else {}
            group = portgroups.get((port.get("portgroup"),), {}).get("name")
            self.keys[name] = port.get("key")
            found[(name,)] = (group, row["claimed_by"], row["automatic"],
                              row["faults"],
                              port.get("connectee") == row["_uuid"])
        self.compare("VNIC", expected, found)
        connected = {row["connectee"] for row in ports.values()
                     if row["connectee"]}
        self.compare("Port.connectee", {u: 1 for u in (
            row["_uuid"] for row in vnics.values())},
            {u: 1 for u in connected})
        counts = collections.Counter(row["portgroup"] or None
                                     for row in ports.values())
        for row in portgroups.values():
            if counts[row["_uuid"]] != row["port_count"]:
                self.wrong.append("%s: %d ports, said to be %d" % (
                    row["name"], counts[row["_uuid"]], row["port_count"]))
        for table in CONFIGURATION:
            for row in dvs.rows(table):
                if row.get("faults"):
                    self.wrong.append("%s: %s" % (table, row["faults"]))
        for row in dvs.rows("Host_Member"):
            if row["status"] != "up":
                self.wrong.append("%s: %s" % (row["host"], row["status"]))
        self.switch = switch["_uuid"]

    def check_hosts(self):
        """What hosts are told, and what they report."""
        dvs = self.lab.dvs()
        granted = {key: (row["key"], row["active"], row["mac"])
                   for key, row in self.by(dvs.rows("Proxy_Port"),
                                           "host", "nic").items()}
        reported = {key: (row["key"], row["running"], row["switch"],
                          row["fault"], row["blocked"], row["vlans"],
                          row["link_up"])
                    for key, row in self.by(
                        dvs.rows("Port_State", ["kind", "==", "vm"]),
                        "host", "nic").items()}
        expected, states = {}, {}
        for nic in self.chaos.plugged():
            at, key = (nic.host, nic.name), self.keys.get(nic.name)
            group = nic.portgroup
            if not group:
                states[at] = ([], True, self.switch, "", [], "", True)
                continue
            expected[at] = (key, True, nic.mac)
            states[at] = (key, True, self.switch, "",
                          self.chaos.blocked[group],
                          str(self.chaos.vlans[group]), True)
        self.compare("Proxy_Port", expected, granted)
        self.compare("Port_State", states, reported)
        for row in dvs.rows("Proxy_State"):
            if row["status"] != "up" or row["faults"]:
                self.wrong.append("%s: %s %s" % (row["host"], row["status"],
                                                 row["faults"]))

    def check_ovs(self, host):
        """The rows of a host."""
        ovs = self.lab.ovs(host)
        want = {nic.plugs[0][2]: nic.name for nic in self.chaos.plugged()
                if nic.host == host}
        want.update({name: None for name in self.lab.nics})
        want[self.chaos.bridges[host]] = None
        self.compare("Interface on " + host, want,
                     {row["name"]: row["external_ids"].get("iface-id")
                      for row in ovs.rows("Interface")})
        bridge, = ovs.rows("Bridge")
        ports = self.by(ovs.rows("Port"), "_uuid")
        self.compare("ports of the bridge on " + host,
                     dict.fromkeys(want), {
                         ports[(uuid,)]["name"]: None
                         for uuid in bridge["ports"]})
        for row in ovs.rows("Interface"):
            if row["error"]:
                self.wrong.append("%s: %s" % (row["name"], row["error"]))

    def check(self):
        """Returns what is wrong now."""
        self.wrong = []
        self.check_model()
        self.check_hosts()
        for host in self.lab.hosts:
            self.check_ovs(host)
        return self.wrong

    def wait(self):
        """Waits until nothing is wrong."""
        end = time.monotonic() + PATIENCE_S
        while self.check():
            assert time.monotonic() < end, "\n".join(self.wrong[:40])
            time.sleep(0.2)

    def check_cookies(self):
        """Each flow is somebody's, and each NIC has flows."""
        for host in self.lab.hosts:
            cookies = {word[7:].rstrip(",") for line in
                       self.chaos.t.flows(host) for word in line.split()
                       if word.startswith("cookie=")}
            owners = set()
            for cookie in cookies:
                why = self.chaos.t.appctl("agent", "flows/why", cookie,
                                          host=host)
                assert "unknown" not in why, "%s: %s" % (cookie, why)
                owners.update(re.findall(r"\bnic-\d+\b", why))
            want = {nic.name for nic in self.chaos.connected()
                    if nic.host == host}
            assert owners == want, "%s: flows of %s" % (
                host, sorted(owners ^ want))


def test_random(t):
    """200 NICs, random changes and crashes: everything agrees afterwards"""
    t.notes.append("seed %d," % SEED)
    chaos = Chaos(t, SEED)
    truth = Truth(chaos)
    chaos.setup()
    try:
        truth.wait()
        chaos.run(SECONDS)
        truth.wait()
        t.settled()

        before = closing.recompute(t)
        truth.check_cookies()
        for host in t.lab.hosts:
            t.restart("agent", host)
        t.restart("controller")
        t.settled()
        closing.same(t, before)
        t.restart("database")
        t.settled()
        truth.wait()

        reach = Reach(chaos.plugged(), chaos.may)
        reach.check(None if SECONDS > 60 else 10)
        t.notes.append("%d NICs in the end, %d frames; %s" % (
            len(chaos.plugged()), reach.count, ", ".join(
                "%d %s" % (n, name) for name, n in sorted(
                    chaos.counts.items()))))
        chaos.teardown()
    except BaseException:
        for nic in chaos.nics:
            while nic.plugs:
                chaos.unplug(nic)
        raise

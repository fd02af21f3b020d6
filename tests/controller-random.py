#! /usr/bin/env python3
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

"""Random changes of the DVS database, valid and invalid, under a running
dvs-controller.

After each few changes, checks that the rows are consistent, and that looking
at everything again changes none of them.

usage: controller-random.py SOCKET CONTROLLER-CTL SEED STEPS [merge|limits]

With "merge", switches are merged, too, and they have LAGs.  With "limits",
switches have maximums of ports, and hosts of NICs.
"""

import random
import subprocess
import sys

from dvsdb import Database, insert

CHECK_EACH = 10
HOSTS = ["h1", "h2", "h3"]
NICS = ["eth0", "eth1", "eth2"]
UPLINKS = ["up1", "up2", "up3"]
PVLANS = [100, 101, 102]
VMS = ["vm%d" % i for i in range(12)]
TYPES = ["early_binding", "late_binding", "ephemeral"]
HOST_MADE = 1 << 47             # Keys of ports that hosts make begin here.
TABLES = ["Switch", "Portgroup", "Port", "Port_Setting", "Host_Member", "VNIC",
          "Private_VLAN", "LAG", "Traffic_Class", "Resource_Pool", "Task",
          "Event", "Proxy_Switch", "Proxy_Portgroup", "Proxy_Host",
          "Proxy_Port", "Port_State"]


def uplinks(names):
    return ["map", [[i, name] for i, name in enumerate(names)]]


def is_set(value):
    return value != ["set", []]


class Refused(Exception):
    """The database server has not taken a change, as is its right."""


class Random:
    def __init__(self, sock, ctl, seed, more):
        self.db = Database(sock)
        self.ctl = ctl
        self.random = random.Random(seed)
        self.with_merge = more == "merge"
        self.with_limits = more == "limits"
        self.log = []
        self.keys = {}          # (Switch, key) -> port, of all ports ever.
        self.n_host_made = 0
        for host in HOSTS:
            self.db.transact(insert("Host", name=host, heartbeat=1))
            for nic in NICS:
                self.db.transact(insert("Physical_NIC", host=host, name=nic))

    def rows(self, table):
        return self.db.transact({"op": "select", "table": table, "where": []}
                                )[0]["rows"]

    def pick(self, table):
        rows = self.rows(table)
        if not rows:
            raise Refused()
        return self.random.choice(sorted(rows, key=lambda r: r["_uuid"]))

    def transact(self, *ops):
        self.log.append(ops)
        try:
            self.db.transact(*ops)
        except RuntimeError as e:
            raise Refused(e)

    def update(self, table, row, **columns):
        self.transact({"op": "update", "table": table,
                       "where": [["_uuid", "==", row["_uuid"]]],
                       "row": columns})

    def delete(self, table, row):
        self.transact({"op": "delete", "table": table,
                       "where": [["_uuid", "==", row["_uuid"]]]})

    # What may happen.

    def add_switch(self):
        self.transact(insert(
            "Switch", name=self.random.choice("ab"),
            uplinks=uplinks(UPLINKS[:self.random.randrange(4)])))

    def del_switch(self):
        s = self.pick("Switch")["_uuid"]
        self.transact(*[
            {"op": "delete", "table": table, "where": [["switch", "==", s]]}
            for table in ("Port", "Portgroup", "Host_Member", "LAG",
                          "Private_VLAN", "Traffic_Class",
                          "Resource_Pool")] + [
                {"op": "delete", "table": "Switch",
                 "where": [["_uuid", "==", s]]}])

    def set_switch(self):
        r = self.random
        self.update("Switch", self.pick("Switch"), **r.choice([
            {"uplinks": uplinks(r.sample(UPLINKS, r.randrange(4)))},
            {"uplinks": uplinks(["up1", "up1"])},
            {"bridge_name": r.choice(["x", "y", "a/b"])},
            {"mtu": r.choice([1500, 9000])},
            {"name": r.choice("abc")},
            {"num_standalone_ports": r.randrange(4)}]))

    def add_portgroup(self):
        r = self.random
        s = self.pick("Switch")["_uuid"]
        self.transact(
            insert("Port_Setting", name_="s", vlan_mode="access",
                   vlan_id=r.randrange(1, 4095)),
            insert("Portgroup", name=r.choice(["p", "q", "r"]), switch=s,
                   type=r.choice(TYPES),
                   num_ports=r.randrange(6), auto_expand=r.random() < 0.2,
                   reset_at_disconnect=r.random() < 0.7,
                   setting=["named-uuid", "s"]))

    def del_portgroup(self):
        pg = self.pick("Portgroup")["_uuid"]
        self.transact(
            {"op": "delete", "table": "Port",
             "where": [["portgroup", "==", pg]]},
            {"op": "delete", "table": "Portgroup",
             "where": [["_uuid", "==", pg]]})

    def set_portgroup(self):
        r = self.random
        self.update("Portgroup", self.pick("Portgroup"), **r.choice([
            {"num_ports": r.randrange(8)},
            {"num_ports": r.randrange(8)},
            {"auto_expand": r.random() < 0.5},
            {"type": r.choice(TYPES)},
            {"type": r.choice(TYPES), "auto_expand": False},
            {"reset_at_disconnect": r.random() < 0.5},
            {"name": r.choice(["p", "q", "r"])},
            {"override_allowed": r.choice(["none", "block", "vlan"])},
            {"uplink": r.random() < 0.2}]))

    def set_setting(self):
        r = self.random
        self.update("Port_Setting", self.pick("Port_Setting"), **r.choice([
            {"vlan_id": r.randrange(1, 4095)},
            {"vlan_id": ["set", []]},
            {"vlan_mode": r.choice(["none", "access", "private"])},
            {"vlan_mode": "private", "vlan_id": r.choice(PVLANS)},
            {"vlan_mode": "private", "vlan_id": r.choice(PVLANS)},
            {"active_uplinks": uplinks([r.choice(UPLINKS)])},
            {"active_uplinks": ["map", []]},
            {"blocked": r.random() < 0.5}]))

    def override(self):
        port = self.pick("Port")
        if self.random.random() < 0.3:
            self.update("Port", port, setting=["set", []])
        else:
            self.transact(
                insert("Port_Setting", name_="s",
                       **self.random.choice([{"blocked": True},
                                             {"vlan_mode": "none"}])),
                {"op": "update", "table": "Port",
                 "where": [["_uuid", "==", port["_uuid"]]],
                 "row": {"setting": ["named-uuid", "s"]}})

    def members(self):
        r = self.random
        if r.random() < 0.3:
            self.delete("Host_Member", self.pick("Host_Member"))
            return
        names = r.sample(UPLINKS, r.randrange(4))
        nics = ["map", [[name, r.choice(NICS + ["eth9"])] for name in names]]
        if r.random() < 0.5:
            self.update("Host_Member", self.pick("Host_Member"), uplinks=nics)
        else:
            self.transact(insert("Host_Member", host=r.choice(HOSTS),
                                 switch=self.pick("Switch")["_uuid"],
                                 uplinks=nics))

    def nic_rows(self):
        r = self.random
        action = r.randrange(6)
        if action == 0:
            self.delete("VNIC", self.pick("VNIC"))
        elif action == 1:
            self.update("VNIC", self.pick("VNIC"), **r.choice([
                {"kind": r.choice(["vm", "host"])}, {"mac": "bogus"},
                {"mac": "52:54:00:00:00:01"}, {"automatic": False}]))
        else:
            what = r.choice(["portgroup"] * 3 + ["port"])
            asked = self.pick(what.title())["_uuid"]
            other = "port" if what == "portgroup" else "portgroup"
            if r.random() < 0.1:
                asked = ["set", []]
            if action < 4:
                self.update("VNIC", self.pick("VNIC"),
                            **{what: asked, other: ["set", []]})
            else:
                self.transact(insert("VNIC", id=r.choice(VMS), kind="vm",
                                     **{what: asked}))

    def claim(self):
        r = self.random
        action = r.randrange(4)
        self.n_host_made += 1
        host_made = str(HOST_MADE + self.n_host_made)
        if action == 0:
            self.delete("Port_State", self.pick("Port_State"))
        elif action == 1:
            self.update("Port_State", self.pick("Port_State"), **r.choice([
                {"running": r.random() < 0.5},
                {"key": r.choice([host_made, ["set", []]])},
                {"profile": r.choice(["p", "q", "a/p", "b/q", ""])}]))
        else:
            self.transact(insert(
                "Port_State", host=r.choice(HOSTS), nic=r.choice(VMS),
                kind="vm", switch=self.pick("Switch")["_uuid"], bridge="x",
                profile=r.choice(["p", "q", "a/p", ""]),
                key=r.choice([host_made, ["set", []], ["set", []]]),
                running=r.random() < 0.7))

    def pools(self):
        """What NICs may reserve, and what they ask for."""
        r = self.random
        action = r.randrange(8)
        if action == 0:
            self.transact(
                insert("Traffic_Class", switch=self.pick("Switch")["_uuid"],
                       name="virtual-machine", reservation=100))
        elif action == 1:
            self.update("Traffic_Class", self.pick("Traffic_Class"),
                        reservation=r.choice([0, 50, 100]))
        elif action == 2:
            self.update("Switch", self.pick("Switch"),
                        resource_management=r.random() < 0.8)
        elif action == 3:
            self.transact(insert(
                "Resource_Pool", switch=self.pick("Switch")["_uuid"],
                name=r.choice(["gold", "silver"]),
                reservation=r.randrange(200)))
        elif action == 4:
            pool = self.pick("Resource_Pool")
            if r.random() < 0.3:
                self.delete("Resource_Pool", pool)
            else:
                self.update("Resource_Pool", pool,
                            reservation=r.randrange(200))
        elif action == 5:
            pool = (self.pick("Resource_Pool")["_uuid"]
                    if r.random() < 0.7 else ["set", []])
            self.update("Port_Setting", self.pick("Port_Setting"),
                        resource_pool=pool)
        elif action == 6:
            self.update("Physical_NIC", self.pick("Physical_NIC"),
                        link_up=r.random() < 0.7)
        else:
            self.update("VNIC", self.pick("VNIC"),
                        reservation=r.choice([10, 40, 60, 120,
                                              ["set", []]]))

    def look(self):
        """Lets the controller look at NICs that have gone."""
        subprocess.check_call(["ovs-appctl", "-t", self.ctl, "time/warp",
                               "61000"], stdout=subprocess.DEVNULL)

    def pvlan(self):
        r = self.random
        if r.random() < 0.4:
            self.delete("Private_VLAN", self.pick("Private_VLAN"))
        else:
            secondary = r.choice(PVLANS)
            self.transact(insert(
                "Private_VLAN", switch=self.pick("Switch")["_uuid"],
                primary=r.choice(PVLANS), secondary=secondary,
                type=r.choice(["promiscuous", "community", "isolated"])))

    def rollout(self):
        """A client asks for a rollout, or deletes it; canaries confirm what
        they are told, or refuse it."""
        r = self.random
        tasks = [row for row in self.rows("Task") if row["state"] == "running"]
        canaries = [row for row in self.rows("Proxy_Host") if row["ring"]]
        action = r.randrange(8)
        if action == 0 and tasks:
            self.delete("Task", tasks[0])
        elif action < 4 and canaries:
            for row in canaries:
                refused = r.choice(self.rows("Proxy_Switch"))["version"]
                self.transact(
                    {"op": "delete", "table": "Proxy_State",
                     "where": [["host", "==", row["host"]],
                               ["switch", "==", row["switch"]]]},
                    insert("Proxy_State", host=row["host"],
                           switch=row["switch"], status="up",
                           confirmed=row["confirm"],
                           rolled_back=["map", r.choice([
                               [], [], [["switch", refused]]])]))
            # Hosts follow what is taken back for them.
            self.sync()
            self.transact({"op": "update", "table": "Proxy_State",
                           "where": [], "row": {"rolled_back": ["map", []]}})
        else:
            self.transact(insert(
                "Task", operation="rollout", state="queued",
                arguments=["map", [
                    ["switch", self.pick("Switch")["name"]],
                    ["hosts", self.pick("Host_Member")["host"]]]]))

    def lag(self):
        r = self.random
        if r.random() < 0.3:
            self.delete("LAG", self.pick("LAG"))
        else:
            self.transact(insert(
                "LAG", switch=self.pick("Switch")["_uuid"],
                name=r.choice(["lag1", "lag2"]), mode="active",
                num_ports=r.randrange(1, 4)))

    def state(self):
        """A host reports the state of a port."""
        r = self.random
        state = self.pick("Port_State")
        port = self.pick("Port")
        self.update("Port_State", state, key=port["key"],
                    switch=port["switch"], link_up=r.random() < 0.5,
                    vlans=r.choice(["", "1"]), mtu=1500)

    def merge(self):
        self.transact(insert(
            "Task", operation="merge", state="queued",
            arguments=["map", [["source", self.pick("Switch")["name"]],
                               ["switch", self.pick("Switch")["name"]]]]))

    def limits(self):
        r = self.random
        none = ["set", []]
        if r.random() < 0.4:
            self.update("Switch", self.pick("Switch"),
                        max_ports=r.choice([none, r.randrange(30)]))
        else:
            self.update("Host_Member", self.pick("Host_Member"),
                        max_ports=r.choice([none, r.randrange(5)]))

    def hardware(self):
        r = self.random
        if r.random() < 0.5:
            self.delete("Physical_NIC", self.pick("Physical_NIC"))
        else:
            self.transact(insert("Physical_NIC", host=r.choice(HOSTS),
                                 name=r.choice(NICS)))

    def tamper(self):
        r = self.random
        table = r.choice(["Proxy_Switch", "Proxy_Portgroup", "Proxy_Host",
                          "Proxy_Port", "Port", "VNIC"])
        row = self.pick(table)
        if table == "Port":
            self.update(table, row, **r.choice([
                {"connectee": ["set", []]},
                {"connectee": self.pick("VNIC")["_uuid"]},
                {"proxy_host": "h9"}]))
        elif table == "VNIC":
            self.update(table, row, **r.choice([
                {"connection": ["set", []]},
                {"connection": self.pick("Port")["_uuid"]},
                {"claimed_by": "h9"}]))
        elif r.random() < 0.5:
            self.delete(table, row)
        elif table == "Proxy_Host":
            self.update(table, row, uplinks=["map", []])
        else:
            self.update(table, row, setting=["map", [["vlan", "7"]]])

    def step(self):
        actions = ([self.add_switch, self.set_switch, self.add_portgroup] * 2
                   + [self.set_portgroup, self.set_setting, self.override,
                      self.members, self.tamper, self.pvlan] * 3
                   + [self.rollout] * 4
                   + [self.nic_rows, self.claim] * 6
                   + [self.look] * 2
                   + [self.pools] * 4
                   + [self.del_switch, self.del_portgroup, self.hardware])
        if self.with_merge:
            actions += [self.merge, self.lag, self.state] * 2
        if self.with_limits:
            actions += [self.limits] * 6
        try:
            self.random.choice(actions)()
        except Refused:
            pass

    # What must hold.

    def sync(self):
        self.db.do()

    def dump(self):
        return {table: {row["_uuid"][1]: row for row in self.rows(table)}
                for table in TABLES}

    def check_consistent(self, t):
        ports, vnics = t["Port"], t["VNIC"]
        # What canaries try out is what ports follow.
        types = {row["portgroup"][1]: row["type"]
                 for row in sorted(t["Proxy_Portgroup"].values(),
                                   key=lambda row: row["ring"])}
        asked = [vnic["port"] for vnic in vnics.values()]

        for uuid, port in ports.items():
            if int(port["key"]) < HOST_MADE:
                assert self.keys.setdefault(
                    (port["switch"][1], port["key"]), uuid) == uuid, port
                assert int(port["key"]) < t["Switch"][port["switch"][1]][
                    "next_port_key"]
            if port["conflict"] or (
                    is_set(port["portgroup"])
                    and types.get(port["portgroup"][1]) == "ephemeral"):
                # It is there for one NIC.
                assert (is_set(port["connectee"])
                        or ["uuid", uuid] in asked
                        or is_set(t["Portgroup"][port["portgroup"][1]]
                                  ["faults"])), port
            if is_set(port["connectee"]):
                vnic = vnics[port["connectee"][1]]
                assert vnic["connection"] == ["uuid", uuid], (port, vnic)
        for uuid, vnic in vnics.items():
            if is_set(vnic["connection"]):
                port = ports[vnic["connection"][1]]
                assert port["connectee"] == ["uuid", uuid], (port, vnic)
        for uuid, pg in t["Portgroup"].items():
            n = len([p for p in ports.values()
                     if p["portgroup"] == ["uuid", uuid]
                     and not p["conflict"]])
            assert pg["port_count"] == n, (pg, n)
            assert (pg["uplink"] or pg["type"] == "ephemeral" or is_set(pg["faults"])
                    or is_set(t["Switch"][pg["switch"][1]]["faults"])
                    or n >= pg["num_ports"]), pg
        for uuid, s in t["Switch"].items():
            n = len([p for p in ports.values()
                     if p["switch"] == ["uuid", uuid] and not p["conflict"]])
            assert s["port_count"] == n, (s, n)
        self.check_conflicts(t)
        self.check_rings(t)
        self.check_limits(t)
        grants = [row for row in t["Proxy_Port"].values()
                  if row["kind"] != "none"]
        for row in t["Proxy_Port"].values():
            if row not in grants:
                # A host is told to take back what it has made.
                assert [c for c in t["Port_State"].values()
                        if c["host"] == row["host"] and c["key"] == row["key"]
                        and c["nic"] == row["nic"]], row
        for row in grants:
            port, = [p for p in ports.values()
                     if p["switch"] == row["switch"]
                     and p["key"] == row["key"]]
            assert vnics[port["connectee"][1]]["id"] == row["nic"]
        for row in grants:
            rivals = [r for r in grants if r["nic"] == row["nic"]]
            assert len([r for r in rivals if r["active"]]) == 1, rivals
        used = {}
        for row in t["Proxy_Host"].values():
            for _, nic in row["uplinks"][1]:
                assert used.setdefault((row["host"], nic), row) is row

    def check_rings(self, t):
        """Only during a rollout have canaries rows of their own."""
        tried = {key.split("/")[0] for task in t["Task"].values()
                 if task["state"] == "running"
                 for key, _ in task["awaiting"][1]}
        for table in ("Proxy_Switch", "Proxy_Portgroup", "Proxy_Host"):
            for row in t[table].values():
                assert row["ring"] in (0, 1), row
                assert not row["ring"] or row["switch"][1] in tried, row

    def check_limits(self, t):
        for uuid, s in t["Switch"].items():
            n = len([p for p in t["Port"].values()
                     if p["switch"] == ["uuid", uuid] and not p["conflict"]])
            assert (not is_set(s["max_ports"]) or n <= s["max_ports"]
                    or "LimitExceeded: max_ports: " in str(s["faults"])), s
        for host in t["Proxy_Host"].values():
            nics = {p["nic"] for p in t["Proxy_Port"].values()
                    if p["host"] == host["host"] and p["kind"] != "none"
                    and p["switch"] == host["switch"]}
            assert (not is_set(host["max_ports"])
                    or len(nics) <= host["max_ports"]), (host, nics)

    def check_conflicts(self, t):
        """A NIC on a conflict port has not displaced anybody, and leaves it
        as soon as the port that it asks for is free."""
        for port in t["Port"].values():
            if not port["conflict"] or not is_set(port["connectee"]):
                continue
            vnic = t["VNIC"][port["connectee"][1]]
            if is_set(vnic["port"]) and not is_set(vnic["portgroup"]):
                asked = t["Port"][vnic["port"][1]]
                if (asked["key"] == port["conflict_key"]
                        and asked["switch"] == port["switch"]):
                    assert is_set(asked["connectee"]), (asked, vnic)
                    assert asked["connectee"] != port["connectee"]
                assert is_set(vnic["faults"]), vnic

    def check(self):
        # What the controller writes may come back to it and be looked at
        # again; that must not go on for ever.
        self.sync()
        self.sync()
        before = self.dump()
        self.check_consistent(before)
        subprocess.check_call(["ovs-appctl", "-t", self.ctl, "recompute"])
        self.sync()
        after = self.dump()
        for table in TABLES:
            for uuid in sorted(set(before[table]) | set(after[table])):
                old = before[table].get(uuid)
                new = after[table].get(uuid)
                if old != new:
                    print("%s\n  -%s\n  +%s" % (table, old, new))
        assert before == after, "recompute has changed rows"

    def run(self, steps):
        for i in range(steps):
            self.step()
            if i % CHECK_EACH == CHECK_EACH - 1:
                try:
                    self.check()
                except Exception:
                    for ops in self.log[-30:]:
                        print(ops)
                    print("at step %d" % i)
                    raise


def main():
    more = sys.argv[5] if len(sys.argv) == 6 else None
    if len(sys.argv) not in (5, 6) or more not in (None, "merge", "limits"):
        sys.exit(__doc__)
    Random(sys.argv[1], sys.argv[2], int(sys.argv[3]), more).run(
        int(sys.argv[4]))


if __name__ == "__main__":
    main()

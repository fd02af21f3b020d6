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

"""Rows as no client should write them, under a running dvs-controller.

Each case writes into a datacentre of its own: a switch with two hosts and a
NIC.  After each, the controller must have carried out whatever follows (a
transaction that the database server refuses is tried again and again, and
nothing else gets through), a look at everything must change nothing, and
deleting all of it at once must leave nothing behind.

usage: controller-rows.py SOCKET CONTROLLER-CTL [CASE]...
"""

import subprocess
import sys
import time

from dvsdb import Database, insert

LAST = 2**63 - 1
NONE = ["set", []]
NOBODY = ["uuid", "00000000-0000-0000-0000-000000000005"]
CONFIGURATION = ["VNIC", "Port", "Portgroup", "Host_Member", "LAG", "Switch"]
STATE = ["Port_State", "Proxy_State", "Physical_NIC", "Host"]
PROXY = ["Proxy_Switch", "Proxy_Portgroup", "Proxy_Host", "Proxy_Port"]
TABLES = CONFIGURATION + PROXY + ["Port_Setting", "Task", "Event",
                                  "Checkpoint"]
CASES = []


def case(function):
    CASES.append(function)
    return function


def named(name):
    return ["named-uuid", name]


def smap(**pairs):
    return ["map", list(pairs.items())]


class Rows:
    def __init__(self, sock, ctl):
        self.db = Database(sock)
        self.ctl = ctl

    def sync(self):
        """Waits until the controller has carried out all that there is."""
        cfg = self.db.transact(
            {"op": "mutate", "table": "DVS_Global", "where": [],
             "mutations": [["next_cfg", "+=", 1]]},
            {"op": "select", "table": "DVS_Global", "where": [],
             "columns": ["next_cfg"]})[1]["rows"][0]["next_cfg"]
        end = time.time() + 20
        while self.db.get("DVS_Global", [], "controller_cfg") < cfg:
            assert time.time() < end, "the controller does not get on"
            time.sleep(0.01)

    def rows(self, table, **columns):
        return self.db.transact(
            {"op": "select", "table": table,
             "where": [[c, "==", v] for c, v in columns.items()]})[0]["rows"]

    def row(self, table, **columns):
        rows = self.rows(table, **columns)
        assert len(rows) == 1, (table, columns, rows)
        return rows[0]

    def uuid(self, table, **columns):
        return self.row(table, **columns)["_uuid"]

    def update(self, table, where, **row):
        self.db.transact({"op": "update", "table": table, "row": row,
                          "where": [[c, "==", v] for c, v in where.items()]})

    def insert(self, table, **row):
        self.db.transact(insert(table, **row))

    def change(self):
        """Changes all that has a number that counts changes."""
        self.update("Switch", {}, description="another", mtu=9000)
        self.update("Portgroup", {"uplink": False}, description="another")
        self.update("Port_Setting", {"vlan_id": 10}, vlan_id=11)
        self.update("Port", {"key": "1"}, description="another")

    def dump(self):
        return {(table, row["_uuid"][1]): {k: v for k, v in row.items()
                                           if k != "_version"}
                for table in TABLES for row in self.rows(table)}

    def check(self):
        """Checks that looking at everything finds nothing new."""
        before = self.dump()
        subprocess.check_call(["ovs-appctl", "-t", self.ctl, "recompute"])
        self.sync()
        after = self.dump()
        assert before == after, [(key, before.get(key), after.get(key))
                                 for key in set(before) | set(after)
                                 if before.get(key) != after.get(key)]

    def begin(self):
        self.db.transact(
            *[insert("Host", name=host, heartbeat=1)
              for host in ("h1", "h2")],
            *[insert("Physical_NIC", host=host, name="eth0")
              for host in ("h1", "h2")],
            insert("Switch", name_="s", name="prod",
                   uplinks=["map", [[0, "up1"], [1, "up2"]]]),
            insert("Switch", name="other", uplinks=["map", [[0, "up1"]]]),
            insert("Port_Setting", name_="access", vlan_mode="access",
                   vlan_id=10),
            insert("Portgroup", name_="pg", name="web", switch=named("s"),
                   type="early_binding", num_ports=4,
                   setting=named("access")),
            *[insert("Host_Member", host=host, switch=named("s"),
                     uplinks=smap(up1="eth0")) for host in ("h1", "h2")],
            insert("VNIC", id="vm1", kind="vm", portgroup=named("pg")),
            insert("Port_State", host="h1", kind="vm", nic="vm1",
                   bridge="prod", running=True, switch=named("s")))
        self.sync()
        self.prod = self.uuid("Switch", name="prod")
        self.web = self.uuid("Portgroup", name="web")

    def end(self):
        self.db.transact(*[{"op": "delete", "table": table, "where": []}
                           for table in CONFIGURATION + STATE + ["Task"]])
        self.sync()
        left = [row for table in CONFIGURATION + PROXY
                for row in self.rows(table)]
        assert not left, left


# Numbers after which there are no others.

@case
def last_config_version(r):
    for table in "Switch", "Portgroup", "Port":
        r.update(table, {}, config_version=LAST)
    r.insert("Resource_Pool", name="gold", switch=r.prod, config_version=LAST)
    r.sync()
    r.change()
    r.update("Resource_Pool", {}, description="another")
    r.sync()
    assert r.row("Switch", name="prod")["config_version"] == LAST
    r.db.transact({"op": "delete", "table": "Resource_Pool", "where": []})


@case
def last_version_for_hosts(r):
    for table in PROXY:
        r.update(table, {}, version=LAST)
    r.sync()
    r.change()
    r.sync()
    assert r.row("Proxy_Switch", name="prod")["mtu"] == 9000


@case
def last_signal_to_hosts(r):
    r.update("Proxy_Host", {}, rectify=LAST, refresh=LAST, confirm=LAST)
    for operation in "rectify", "refresh":
        r.insert("Task", operation=operation, state="queued",
                 arguments=smap(switch="prod"))


@case
def last_port_key(r):
    for key in LAST, 1 << 47:
        r.update("Switch", {"name": "prod"}, next_port_key=key)
        r.update("Portgroup", {"name": "web"},
                 num_ports=r.row("Portgroup", name="web")["num_ports"] + 2)
        r.sync()
    assert {"9", "10", "11", "12"} < {row["key"] for row in r.rows("Port")}


@case
def last_event(r):
    r.insert("Event", sequence=LAST, type="Mine", severity="info")
    r.change()
    r.sync()
    assert not r.rows("Event", sequence=LAST)


@case
def endless_history(r):
    r.db.transact({"op": "mutate", "table": "DVS_Global", "where": [],
                   "mutations": [["options", "insert", smap(
                       event_history=str(2**32 - 1))]]})
    n = len(r.rows("Event"))
    r.change()
    r.sync()
    assert len(r.rows("Event")) > n
    r.db.transact({"op": "mutate", "table": "DVS_Global", "where": [],
                   "mutations": [["options", "delete", ["set", [
                       "event_history"]]]]})


@case
def task_from_the_future(r):
    for created in NONE, LAST:
        r.insert("Task", operation="rectify", state="running",
                 arguments=smap(switch="prod"), created=created)
    r.sync()
    assert all(row["created"] not in (NONE, LAST) for row in r.rows("Task"))


# Names.

@case
def names_cut_within_a_character(r):
    name = "a" + 69 * "\u00e9"
    r.db.transact(
        insert("Switch", name_="s", name=name + 10 * "\u00e9"),
        insert("Portgroup", name=name + "-DVUplinks", switch=named("s"),
               type="ephemeral"))
    r.sync()
    assert r.rows("Portgroup", name=name + "-2", uplink=True)


@case
def merge_of_a_long_name(r):
    name = "a" + 79 * "\u00e9"
    for switch in "prod", "other":
        r.insert("Portgroup", name=name, type="ephemeral",
                 switch=r.uuid("Switch", name=switch))
    r.insert("Task", operation="merge", state="queued",
             arguments=smap(source="other", switch="prod"))
    r.sync()
    assert r.row("Task")["state"] == "success"
    assert r.rows("Portgroup", name="Copy of " + name[:60])


@case
def nic_without_a_name_that_can_be(r):
    for nic in "", 129 * "x":
        r.insert("Port_State", host="h1", kind="vm", nic=nic, profile="web",
                 bridge="prod", running=True, switch=r.prod)
        r.sync()
        assert r.row("Event", object=nic)["message"].startswith(
            "InvalidName: host \"h1\" has a NIC whose id ")
    r.insert("Port_State", host="h1", kind="vm", nic=128 * "\u00e9",
             profile="web", bridge="prod", running=True, switch=r.prod)
    r.sync()
    assert r.rows("VNIC", id=128 * "\u00e9")


@case
def long_value(r):
    r.db.transact(
        insert("Traffic_Rule", name_="r", sequence=1, direction="in",
               action="drop", src_ip=100000 * "x"),
        {"op": "update", "table": "Port_Setting",
         "where": [["vlan_id", "==", 10]], "row": {"rules": named("r")}})
    r.sync()
    fault = r.row("Portgroup", name="web")["faults"]
    assert fault.startswith("InvalidArgument: setting: rule 1: src-ip"), fault
    assert len(fault) < 2000, len(fault)


# Rows that are about something else all of a sudden.

@case
def port_with_another_key(r):
    r.update("Port", {"key": "1"}, key="77")
    r.sync()
    assert r.row("Proxy_Port")["key"] == "77"


@case
def port_of_another_switch(r):
    r.update("Port", {"key": "1"}, switch=r.uuid("Switch", name="other"))
    r.sync()
    assert r.row("VNIC", id="vm1")["faults"].startswith("CannotUseNetwork: ")


@case
def port_of_another_portgroup(r):
    r.insert("Portgroup", name="app", type="early_binding", num_ports=1,
             switch=r.prod)
    r.sync()
    app = r.uuid("Portgroup", name="app")
    for pg in app, NONE:
        r.update("Port", {"key": "1"}, portgroup=pg)
        r.sync()
        assert r.row("Portgroup", name="web")["port_count"] == 4
        r.check()
    r.insert("Portgroup", name="far", type="early_binding", num_ports=1,
             switch=r.uuid("Switch", name="other"))
    r.update("Port", {"switch": r.prod, "key": "2"},
             portgroup=r.uuid("Portgroup", name="far"))


@case
def port_that_turns_into_another_kind(r):
    r.update("Port", {"key": "1"}, conflict=True, conflict_key="9")
    r.sync()
    r.check()
    r.update("Port", {"key": "3"}, uplink_host="nobody", uplink_name="up9")
    r.sync()
    assert not r.rows("Port", key="3", switch=r.prod)
    assert r.row("Portgroup", name="web")["port_count"] == 4
    r.check()
    r.update("Port", {"uplink_host": "h1"}, uplink_host=NONE,
             uplink_name=NONE)


@case
def ports_of_a_client(r):
    r.db.transact(
        insert("Port", key="mine", switch=r.prod),
        insert("Port", key="50", switch=r.prod, portgroup=r.web),
        insert("Port", key="51", switch=r.prod, portgroup=r.web,
               conflict=True),
        insert("Port", key="52", switch=r.prod, portgroup=r.web,
               connectee=r.uuid("VNIC", id="vm1"), proxy_host="h1"))
    r.sync()
    assert not r.rows("Port", key="mine")
    assert r.row("Portgroup", name="web")["port_count"] == 4


@case
def portgroup_of_another_switch(r):
    r.update("Portgroup", {"name": "web"},
             switch=r.uuid("Switch", name="other"))
    r.sync()
    r.check()
    r.update("Portgroup", {"name": "prod-DVUplinks"},
             switch=r.uuid("Switch", name="other"))
    r.sync()
    assert r.rows("Portgroup", switch=r.prod, uplink=True)


@case
def member_that_is_another(r):
    r.update("Host_Member", {"host": "h1"}, host="h3")
    r.sync()
    assert sorted(row["host"] for row in r.rows("Proxy_Host")) == ["h2", "h3"]
    r.check()
    r.update("Host_Member", {"host": "h3"},
             switch=r.uuid("Switch", name="other"))


@case
def nic_with_another_id(r):
    r.update("VNIC", {}, id="vm9")
    r.sync()
    assert not r.rows("Proxy_Port")


@case
def host_with_another_name(r):
    r.update("Host", {"name": "h1"}, name="h9")
    r.update("Physical_NIC", {"host": "h1"}, host="h9")
    r.sync()
    r.check()
    r.update("Port_State", {}, nic="vm9")


@case
def proxy_rows_of_others(r):
    r.update("Proxy_Port", {}, key="3")
    r.sync()
    assert r.row("Proxy_Port")["key"] == "1"
    r.check()
    r.update("Proxy_Switch", {"name": "prod"}, switch=NOBODY)
    r.update("Proxy_Portgroup", {"name": "web"}, portgroup=NOBODY)
    r.update("Proxy_Host", {"host": "h1"}, switch=NOBODY)
    r.sync()
    assert not any(r.rows(table, switch=NOBODY) for table in PROXY)
    assert r.rows("Proxy_Portgroup", portgroup=r.web)


# History by hand.

@case
def checkpoints_of_a_client(r):
    r.insert("Checkpoint", switch=r.prod, sequence=500, document="{}")
    r.sync()
    assert r.row("Checkpoint", sequence=500)["change"] == "unknown"
    assert r.rows("Checkpoint", sequence=501)
    r.check()
    r.update("Checkpoint", {"sequence": 501}, document=100000 * "[")
    r.sync()
    r.check()
    r.update("Checkpoint", {"sequence": 500},
             switch=r.uuid("Switch", name="other"))


@case
def last_checkpoint(r):
    r.insert("Checkpoint", sequence=LAST, switch=r.prod, name="mine")
    r.sync()
    r.change()
    r.sync()
    assert not r.rows("Checkpoint", sequence=LAST)


@case
def rules_of_the_same_number(r):
    r.db.transact(
        *[insert("Traffic_Rule", name_=name, sequence=1, direction="in",
                 action="drop", description=name) for name in ("a", "b")],
        {"op": "update", "table": "Port_Setting",
         "where": [["vlan_id", "==", 10]],
         "row": {"rules": ["set", [named("a"), named("b")]]}})


def main():
    sock, ctl, *names = sys.argv[1:]
    r = Rows(sock, ctl)
    for function in CASES:
        if names and function.__name__ not in names:
            continue
        print(function.__name__, flush=True)
        r.begin()
        function(r)
        r.sync()
        r.check()
        r.end()


main()

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

"""Faulty configuration, written straight into the database.

It ends in "faults"; the hosts stay as they were."""

from dvslab.util import LabError
from traffic import BROADCAST


def uuid_of(t, table, name):
    row, = t.lab.dvs().rows(table, ["name", "==", name])
    return ["uuid", row["_uuid"]]


def refused(t, table, where, bad, words, faulty=None):
    """Writes 'bad' (columns and values) into a row, and checks that a fault, with all
    'words' in it, is all that comes of it.  Then writes what was there
    before.  The fault is that row's unless 'faulty' names another one, as
    (table, where)."""
    raw = t.lab.dvs().transact({"op": "select", "table": table,
                                "where": where, "columns": list(bad)})
    good = raw[0]["rows"][0]
    before = {host: t.flows(host) for host in t.lab.hosts}
    fault_table, fault_where = faulty or (table, where)

    def write(row):
        t.lab.dvs().transact({"op": "update", "table": table, "where": where,
                              "row": row})

    def faults():
        row, = t.lab.dvs().rows(fault_table, *fault_where)
        value = row["faults"]
        return [value] if isinstance(value, str) else value

    write(bad)
    try:
        t.until(faults, fault_table + " has a fault")
        said = " ".join(faults())
        assert all(word in said for word in words), said
        t.settled()
        for host in t.lab.hosts:
            assert t.flows(host) == before[host], host
        t.expect("a", BROADCAST, ["c"])
    finally:
        write(good)
    t.until(lambda: not faults(), "the fault goes")


def two_vms(t):
    t.vm("a", "host1")
    t.vm("c", "host2")
    t.settled()


def test_trunk(t):
    """a trunk range that ends before it begins"""
    two_vms(t)
    web, = t.lab.dvs().rows("Portgroup", ["name", "==", "web"])
    refused(t, "Port_Setting", [["_uuid", "==", ["uuid", web["setting"]]]],
            {"vlan_mode": "trunk", "vlan_id": ["set", []],
             "vlan_trunk": ["map", [[9, 1]]]},
            ["vlan", "9"], ("Portgroup", [["name", "==", "web"]]))


def test_unknown_order(t):
    """an uplink order that names an uplink the switch does not have"""
    two_vms(t)
    web, = t.lab.dvs().rows("Portgroup", ["name", "==", "web"])
    refused(t, "Port_Setting", [["_uuid", "==", ["uuid", web["setting"]]]],
            {"active_uplinks": ["map", [[0, "uplink9"]]]},
            ["uplink9"], ("Portgroup", [["name", "==", "web"]]))


def test_missing_nic(t):
    """an uplink that is no NIC of the host"""
    two_vms(t)
    where = [["host", "==", "host1"],
             ["switch", "==", uuid_of(t, "Switch", "prod")]]
    refused(t, "Host_Member", where,
            {"uplinks": ["map", [["uplink1", "nic1"], ["uplink2", "eth7"]]]},
            ["uplinks", "eth7"])


def test_unknown_uplink(t):
    """a member whose NIC is for an uplink that the switch does not have"""
    two_vms(t)
    where = [["host", "==", "host2"],
             ["switch", "==", uuid_of(t, "Switch", "prod")]]
    refused(t, "Host_Member", where,
            {"uplinks": ["map", [["uplink1", "nic1"], ["uplink9", "nic2"]]]},
            ["uplinks", "uplink9"])


def test_used_nic(t):
    """a NIC that is another switch's uplink already"""
    two_vms(t)
    before = {host: t.flows(host) for host in t.lab.hosts}
    t.lab.dvs().transact(
        {"op": "insert", "table": "Switch", "uuid-name": "s",
         "row": {"name": "second", "datapath_type": "netdev",
                 "uplinks": ["map", [[0, "up"]]]}},
        {"op": "insert", "table": "Host_Member",
         "row": {"switch": ["named-uuid", "s"], "host": "host1",
                 "uplinks": ["map", [["up", "nic1"]]]}})
    try:
        second = uuid_of(t, "Switch", "second")
        t.until(lambda: t.lab.dvs().rows(
            "Host_Member", ["switch", "==", second])[0]["faults"],
            "the member has a fault")
        t.settled()
        for host in t.lab.hosts:
            assert t.flows(host) == before[host], host
        t.expect("a", BROADCAST, ["c"])
    finally:
        t.ctl("del-switch", "second")


def test_in_use(t):
    """the database itself refuses to delete a portgroup or switch in use"""
    two_vms(t)
    for table, name in (("Portgroup", "web"), ("Switch", "prod")):
        try:
            t.lab.dvs().transact({"op": "delete", "table": table,
                                  "where": [["name", "==", name]]})
        except LabError as e:
            assert "referential integrity" in str(e), e
        else:
            raise AssertionError("%s %s is gone" % (table, name))
    t.expect("a", BROADCAST, ["c"])


def test_full(t):
    """a static portgroup that is full and may not grow"""
    t.ctl("add-portgroup", "prod", "small", "vlan=30", "ports=1",
          "auto-expand=no")
    t.vm("a", "host1", "small")
    row = t.lab.vms.add("b", "host2", "small", wait=False)
    t.until(lambda: [r for r in t.lab.dvs().rows(
        "VNIC", ["id", "==", row["nic"]]) if r["faults"]], "a fault")
    vnic, = t.lab.dvs().rows("VNIC", ["id", "==", row["nic"]])
    assert "ResourceNotAvailable" in vnic["faults"], vnic
    t.adopt(row)
    t.expect("b", BROADCAST, [])
    t.expect("a", BROADCAST, [])
    # Room for it, and it is connected without any further command.
    t.ctl("set-portgroup", "prod/small", "ports=2")
    t.until(lambda: t.vms["b"].key, "b has a port")
    t.until(lambda: t.deliver("b", BROADCAST, expected=["a"])
            == {"a": [None]}, "b reaches a")

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

"""Switches built by clients that only know OVSDB."""

import json
import os
import subprocess

from harness import CONFIGURATION, PROXY, Skip
from traffic import BROADCAST

LAB = {"hosts": 2, "uplinks": 2, "empty": True}

HERE = os.path.dirname(os.path.realpath(__file__))


def rows(name, hosts):
    """Returns the operations that make switch 'name' of 'hosts', with
    portgroup "pg" in VLAN 12."""
    result = [
        {"op": "insert", "table": "Switch", "uuid-name": "sw",
         "row": {"name": name, "datapath_type": "netdev",
                 "uplinks": ["map", [[0, "up1"], [1, "up2"]]]}},
        {"op": "insert", "table": "Port_Setting", "uuid-name": "setting",
         "row": {"vlan_mode": "access", "vlan_id": 12}},
        {"op": "insert", "table": "Portgroup",
         "row": {"switch": ["named-uuid", "sw"], "name": "pg",
                 "type": "early_binding", "num_ports": 4,
                 "auto_expand": True,
                 "setting": ["named-uuid", "setting"]}}]
    for host in hosts:
        result.append({"op": "insert", "table": "Host_Member",
                       "row": {"switch": ["named-uuid", "sw"], "host": host,
                               "uplinks": ["map", [["up1", "nic1"],
                                                   ["up2", "nic2"]]]}})
    return result


def forwards(t, switch):
    """Checks that 'switch' does what it should."""
    for host in t.lab.hosts:
        t.until(lambda: switch in [
            row["external_ids"].get("dvs-switch-name")
            for row in t.lab.ovs(host).rows("Bridge")],
            "%s has the bridge" % host)
    t.vm("a", "host1", switch + "/pg")
    t.vm("b", "host1", switch + "/pg")
    t.vm("c", "host2", switch + "/pg")
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in t.lab.nics}
    got = t.deliver("a", BROADCAST, expected=["b", "c"], extra=wires)
    assert got == {"b": [None], "c": [None],
                   "nic" + t.vms["a"].state()["uplink"][-1]: [12]}, got
    t.expect("c", "a", ["a"])


def remove(t):
    """Takes all of it away again, as such a client does, and checks that
    nothing is left."""
    for vm in list(t.vms.values()):
        vm.nic.close()
        t.lab.vms.remove(vm.name)
    t.vms.clear()
    t.forget_nics()
    t.lab.dvs().transact(*[{"op": "delete", "table": table, "where": []}
                           for table in ("Port", "Portgroup", "Host_Member",
                                         "Switch")])
    for table in PROXY + CONFIGURATION:
        t.until(lambda: not t.lab.dvs().rows(table), table + " is empty")
    for host in t.lab.hosts:
        t.until(lambda: not t.lab.ovs(host).rows("Bridge"),
                "%s has no bridge" % host)


def test_ovsdb_client(t):
    """"ovsdb-client transact" builds a switch that forwards"""
    t.lab.machine("central").run(
        "ovsdb-client", "transact", "unix:%s/central/dvs_db.sock"
        % t.lab.directory, json.dumps(["DVS"] + rows("plain", t.lab.hosts)))
    forwards(t, "plain")
    remove(t)


def test_python_idl(t):
    """Python's ovs.db.idl builds a switch that forwards"""
    python = "/usr/bin/python3"
    probe = subprocess.run([python, "-c", "import ovs.db.idl"],
                           stderr=subprocess.DEVNULL)
    if probe.returncode:
        raise Skip("python3-openvswitch is not installed")
    t.lab.machine("central").run(
        python, os.path.join(HERE, "idl_client.py"),
        "unix:%s/central/dvs_db.sock" % t.lab.directory, t.lab.tools.schema,
        "pythonic", *t.lab.hosts)
    forwards(t, "pythonic")
    remove(t)

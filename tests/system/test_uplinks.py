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

"""Policy of uplinks: which VLANs they carry, and whether they carry any."""

from test_statistics import begin, of_uplinks
from traffic import BROADCAST

LAB = {"hosts": 2, "uplinks": 1}

UPLINKS = "prod/prod-DVUplinks"


def pairs(t):
    """Starts a VM of each portgroup on each host; hosts' names end theirs."""
    for portgroup in "web", "db":
        for host in "host1", "host2":
            t.vm(portgroup + host[-1], host, "prod/" + portgroup)


def uplink_port(t, host):
    """Returns the name of the uplink port of 'host'."""
    row, = [row for row in t.lab.dvs().rows("Port")
            if row["uplink_host"] == host]
    return "prod:" + row["key"]


def test_vlans(t):
    """an uplink portgroup's VLANs are those that uplinks carry"""
    begin(t)
    pairs(t)
    t.expect("web1", "web2", ["web2"])
    t.expect("db1", "db2", ["db2"])
    assert not of_uplinks(t, "host1", "tx_dropped")
    assert not of_uplinks(t, "host2", "rx_dropped")
    t.ctl("set-policy", UPLINKS, "vlan=trunk:0,15-30")
    try:
        wires = {host: t.wire("tor", host + "-nic1")
                 for host in t.lab.hosts}
        t.expect("web1", "web2", {}, extra=wires)
        t.expect("web2", "web1", {}, extra=wires)
        t.expect("db1", "db2", {"db2": [None], "host1": [20]},
                 extra={"host1": wires["host1"]})
        # From outside, too: the wire to host2 carries VLAN 10 in vain.
        for vlan, want in (10, {}), (20, {"db2": [None]}):
            t.expect("host2", BROADCAST, want, src="52:54:00:99:00:01",
                     vlan=vlan, extra=wires)
        t.until(lambda: of_uplinks(t, "host1", "tx_dropped") >= 1
                and of_uplinks(t, "host2", "rx_dropped") >= 1,
                "what uplinks do not carry is counted")
        # On the host itself all go on.
        t.vm("web3", "host1", "prod/web")
        t.expect("web1", "web3", ["web3"])
    finally:
        t.ctl("set-policy", UPLINKS, "vlan=trunk:0-4094")
    t.expect("web1", "web2", ["web2"])


def test_block(t):
    """a blocked uplink port carries nothing, in neither direction"""
    pairs(t)
    t.expect("web1", "web2", ["web2"])
    port = uplink_port(t, "host1")
    t.ctl("block", port)
    try:
        t.expect("web1", "web2", {})
        t.expect("web2", "web1", {})
        t.until(lambda: [row["blocked"] for row in t.lab.dvs().rows(
            "Port_State", ["kind", "==", "uplink"],
            ["host", "==", "host1"])] == [True], "it is reported")
    finally:
        t.ctl("unblock", port)
    t.expect("web1", "web2", ["web2"])
    t.expect("web2", "web1", ["web1"])
    t.ctl("block", UPLINKS)
    try:
        t.expect("db2", "db1", {})
    finally:
        t.ctl("unblock", UPLINKS)
    t.expect("db2", "db1", ["db1"])


def test_rename(t):
    """renaming an uplink and changing its VLANs lose no frame of others"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    keys = {row["key"] for row in t.lab.dvs().rows("Port")
            if row["uplink_host"]}
    stream = t.stream(a, c)
    try:
        t.ctl("set-policy", UPLINKS, "vlan=trunk:5-15")
        t.ctl("set-switch", "prod", "uplinks=wan")
        stream.run(0.3)
        t.ctl("set-switch", "prod", "uplinks=uplink1")
    finally:
        t.ctl("set-policy", UPLINKS, "vlan=trunk:0-4094")
    stream.run(0.3)
    stream.stop()
    assert stream.lost == 0, "%d lost" % stream.lost
    now = {row["key"] for row in t.lab.dvs().rows("Port")
           if row["uplink_host"]}
    assert now == keys, (now, keys)

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

"""What matters most, in few steps: it also runs where the processor is
emulated, and a hundred times as slow (tests/kernel)."""

from traffic import BROADCAST

LAB = {"hosts": 2, "closing": False}

TIMEOUT_S = 300

# What does not come within this many seconds is taken not to come at all.
SETTLE_S = 0.5


def wires(t, host):
    return {nic: t.wire("tor", "%s-%s" % (host, nic)) for nic in t.lab.nics}


def check_datapath(t, host, sender):
    """Checks that the lab's datapath, and no other, carries what VM 'sender'
    sends."""
    name = {"system": "system@ovs-system",
            "netdev": "netdev@ovs-netdev"}[t.lab.config["datapath"]]
    shown = t.appctl("vswitchd", "dpctl/show", host=host)
    assert shown.startswith(name + ":") and "nic1" in shown, shown
    t.expect(sender.name, "c", ["c"])
    t.expect(sender.name, "c", ["c"])
    flows = t.appctl("vswitchd", "dpctl/dump-flows", name, host=host)
    assert any(sender.mac in line and "packets:0," not in line
               for line in flows.splitlines()), flows


def test_hosts(t):
    """frames reach their portgroup through the right datapath, tagged"""
    a = t.vm("a", "host1")
    t.vm("b", "host1")
    t.vm("c", "host2")
    t.vm("y", "host2", "db")
    tor = wires(t, "host1")
    tag = {a.uplink_nic(): [10]}
    t.expect("a", "b", ["b"], extra=tor, settle=SETTLE_S)
    t.expect("a", "c", {"c": [None], **tag}, extra=tor, settle=SETTLE_S)
    t.expect("a", BROADCAST, {"b": [None], "c": [None], **tag}, extra=tor,
             settle=SETTLE_S)
    t.expect("y", BROADCAST, [], settle=SETTLE_S)
    for host in t.lab.hosts:
        check_datapath(t, host, a)


def test_blocking(t):
    """a blocked port sends and gets nothing, until it is unblocked"""
    t.vm("a", "host1")
    c = t.vm("c", "host2")
    t.ctl("block", "prod:" + c.key)
    t.expect("a", "c", [], settle=SETTLE_S)
    t.expect("c", "a", [], settle=SETTLE_S)
    t.ctl("unblock", "prod:" + c.key)
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])


def test_failover(t):
    """a VM goes on through the other uplink when its own fails"""
    a = t.vm("a", "host1")
    t.vm("c", "host2")
    first = a.uplink_nic()
    t.lab.cable("host1", first, False)
    t.until(lambda: "c" in t.deliver("a", "c", expected=["c"]),
            "c hears a through the other uplink", 30)
    t.until(lambda: a.uplink_nic() != first, "a uses the other uplink", 30)
    t.lab.cable("host1", first, True)
    t.until(lambda: a.uplink_nic() == first, "a is back", 30)
    t.expect("a", "c", ["c"])


def test_agent_away(t):
    """forwarding goes on without agent, and a new one changes nothing"""
    t.vm("a", "host1")
    t.vm("c", "host2")
    t.settled()
    before = t.flows("host1")
    t.lab.daemon("agent", "host1").kill()
    t.expect("a", "c", ["c"])
    t.expect("c", "a", ["a"])
    t.lab.daemon("agent", "host1").start()
    t.settled()
    assert t.flows("host1") == before
    t.expect("a", "c", ["c"])

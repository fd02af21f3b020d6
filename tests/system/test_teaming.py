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

"""Teaming: which uplink frames take, with any of them up or down."""

from traffic import BROADCAST

VLAN = 10


def portgroups(t):
    """Makes portgroups of one VLAN whose uplink orders differ."""
    for name, *policy in (
            ("up12", "teaming=explicit", "active=uplink1,uplink2"),
            ("up21", "teaming=explicit", "active=uplink2",
             "standby=uplink1"),
            ("only1", "teaming=explicit", "active=uplink1"),
            ("stay", "teaming=explicit", "active=uplink1,uplink2",
             "failback=no"),
            ("mac", "teaming=source-mac"),
            ("macs", "teaming=source-mac", "forged-transmits=accept")):
        t.ctl("--may-exist", "add-portgroup", "prod", name, "vlan=%d" % VLAN,
              "--", "set-policy", "prod/" + name, *policy)


def vms(t):
    """Returns who is where: VM -> (host, portgroup)."""
    portgroups(t)
    where = {"a": ("host1", "up12"), "b": ("host1", "up21"),
             "d": ("host1", "mac"), "e": ("host1", "macs"),
             "f": ("host2", "up12"), "g": ("host2", "macs")}
    for name, (host, portgroup) in where.items():
        t.vm(name, host, portgroup)
    return where


def check_broadcasts(t, where):
    """Each broadcast reaches everybody else once, and not its sender."""
    for sender in where:
        t.expect(sender, BROADCAST, [name for name in where
                                     if name != sender])


def link_is_up(t, host, nic):
    """Returns whether Open vSwitch on 'host' sees the link of 'nic'."""
    return t.lab.machine(host).run(
        "ovs-vsctl", "--db=unix:%s/%s/db.sock" % (t.lab.directory, host),
        "get", "interface", nic, "link_state").strip() == "up"


def cable(t, host, nic, up):
    t.lab.cable(host, nic, up)
    t.until(lambda: link_is_up(t, host, nic) == up,
            "%s of %s is %s" % (nic, host, "up" if up else "down"))


def test_orders(t):
    """portgroups of one bridge use their uplinks in different orders"""
    vms(t)
    t.vm("o", "host1", "only1")
    wires = {nic: t.wire("tor", "host1-" + nic) for nic in t.lab.nics}

    def leaves_by(name):
        got = t.deliver(name, "02:99:00:00:00:01", extra=wires)
        return sorted(got)

    assert leaves_by("a") == ["nic1"], leaves_by("a")
    assert leaves_by("b") == ["nic2"], leaves_by("b")
    assert leaves_by("o") == ["nic1"], leaves_by("o")
    cable(t, "host1", "nic1", False)
    assert leaves_by("a") == ["nic2"], leaves_by("a")
    assert leaves_by("b") == ["nic2"], leaves_by("b")
    # Its only uplink is down: another one is unused.
    assert leaves_by("o") == [], leaves_by("o")
    cable(t, "host1", "nic1", True)
    cable(t, "host1", "nic2", False)
    assert leaves_by("a") == ["nic1"], leaves_by("a")
    assert leaves_by("b") == ["nic1"], leaves_by("b")
    cable(t, "host1", "nic2", True)


def test_broadcasts(t):
    """each broadcast arrives once and never at its sender, whatever is up"""
    where = vms(t)
    for host, nic in ((None, None), ("host1", "nic1"), ("host1", "nic2"),
                      ("host2", "nic1")):
        if host:
            cable(t, host, nic, False)
        check_broadcasts(t, where)
        if host:
            cable(t, host, nic, True)
    check_broadcasts(t, where)


def test_without_agent(t):
    """failover and failback need no agent"""
    where = vms(t)
    agent = t.lab.daemon("agent", "host1")
    agent.kill()
    try:
        for nic in t.lab.nics:
            cable(t, "host1", nic, False)
            check_broadcasts(t, where)
            cable(t, "host1", nic, True)
        check_broadcasts(t, where)
    finally:
        agent.start()
    t.settled()
    check_broadcasts(t, where)


def test_no_failback(t):
    """without failback, a recovered uplink waits until the other one fails"""
    portgroups(t)
    t.vm("s", "host1", "stay")
    t.vm("a", "host1", "up12")
    t.vm("f", "host2", "up12")
    vm = t.vms["s"]
    assert vm.uplink_nic() == "nic1"
    for gone, left in (("nic1", "nic2"), ("nic2", "nic1")):
        cable(t, "host1", gone, False)
        t.until(lambda: vm.uplink_nic() == left, "s uses " + left)
        cable(t, "host1", gone, True)
        t.until(lambda: t.vms["a"].uplink_nic() == "nic1", "a is on nic1")
        assert vm.uplink_nic() == left
        got = t.deliver("s", "f", expected=["f"],
                        extra={left: t.wire("tor", "host1-" + left)})
        assert got == {"f": [None], left: [VLAN]}, got
        t.restart("agent", "host1")
        t.settled()
        assert vm.uplink_nic() == left
        t.expect("s", BROADCAST, ["a", "f"])

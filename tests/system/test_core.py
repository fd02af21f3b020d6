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

import json

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


def check_features(t, host):
    """Checks that the host says of the lab's datapath what it can do."""
    dp = t.lab.config["datapath"]
    rows = {"host %s.%s" % (dp, key): value for key, value in (
        ("qos", {"system": "linux-hfsc", "netdev": "none"}[dp]),
        ("recirc", "true"), ("ufid", "true"))}
    t.until(lambda: rows.items() <= {
        row[0]: row[1] for row in json.loads(
            t.ctl("--format=json", "features", host))["data"]}.items(),
        "%s says what its datapath offers" % host)


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
        check_features(t, host)


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


def ping(t, host, ip):
    return ", 0% packet loss" in t.lab.machine(host).run(
        "ping", "-c1", "-W5", ip, check=False)


def test_host_nics(t):
    """hosts talk through NICs of their own"""
    names = [host + "/vmk0" for host in t.lab.hosts]
    for i, (host, name) in enumerate(zip(t.lab.hosts, names), 1):
        t.ctl("connect", name, "db", "kind=host", "host=" + host)
        t.lab.machine(host).ip("addr", "replace", "10.9.0.%d/24" % i, "dev",
                               "vmk0")
    t.until(lambda: ping(t, "host1", "10.9.0.2"), "host1 reaches host2", 60)
    t.ctl("block", "prod/db")
    assert not ping(t, "host1", "10.9.0.2")
    t.ctl("unblock", "prod/db")
    t.until(lambda: ping(t, "host1", "10.9.0.2"), "unblocked", 60)
    for name in names:
        t.ctl("disconnect", name)


def test_load(t):
    """of busy ports on one uplink one moves to the other"""
    t.ctl("add-portgroup", "prod", "load", "vlan=40", "--",
          "set-policy", "prod/load", "teaming=load")
    c = t.vm("c", "host2", "load")
    by_uplink = {}
    for name in "abd":
        vm = t.vm(name, "host1", "load")
        by_uplink.setdefault(vm.uplink_nic(), []).append(vm)
    a, b = next(vms for vms in by_uplink.values() if len(vms) > 1)[:2]
    # 60 kbit/s of the NICs' 10 Gbit/s; a stream has 48 at most.
    t.ctl("set", "DVS_Global", ".", "options:load_balance_interval=2",
          "options:load_balance_threshold=0.0006")
    streams = [t.stream(vm, c, rate=100) for vm in (a, b)]
    try:
        t.until(lambda: a.uplink_nic() != b.uplink_nic(), "a port moves", 60)
    finally:
        for stream in streams:
            stream.stop()
    t.expect(a.name, "c", ["c"])
    t.expect(b.name, "c", ["c"])
    t.ctl("remove", "DVS_Global", ".", "options", "load_balance_interval",
          "--", "remove", "DVS_Global", ".", "options",
          "load_balance_threshold")


def test_lag(t):
    """a LAG uses both its NICs, and the one that is left when one fails"""
    ports = ["host1-" + nic for nic in t.lab.nics]
    attached = ["lag1-0", "lag1-1"]

    def until_attached(*names):
        def now():
            row, = t.lab.dvs().rows("Proxy_State", ["host", "==", "host1"])
            return [name for name in attached
                    if row["lags"].get(name) == "attached"]
        t.until(lambda: now() == list(names), "%s attached" % (names,), 90)

    def used():
        nics = set()
        for i in range(8):
            got = t.deliver("a", "02:99:00:00:00:%02x" % i, extra=tor,
                            settle=SETTLE_S)
            nics |= set(got)
        return nics

    t.ctl("add-lag", "prod", "lag1", "timeout=fast", "hash=dst-mac", "--",
          "set-uplinks", "prod", "host1", "lag1-0=nic1", "lag1-1=nic2")
    t.ctl("add-portgroup", "prod", "agg", "vlan=30", "--",
          "set-policy", "prod/agg", "active=lag1", "standby=uplink1")
    t.lab.tor().lacp(ports, True)
    until_attached(*attached)
    t.vm("a", "host1", "agg")
    t.vm("c", "host2", "agg")
    tor = wires(t, "host1")
    assert used() == set(t.lab.nics), used()
    t.expect("a", "c", ["c"])
    t.expect("c", BROADCAST, ["a"])
    t.lab.cable("host1", "nic1", False)
    until_attached("lag1-1")
    assert used() == {"nic2"}, used()
    t.expect("c", BROADCAST, ["a"])

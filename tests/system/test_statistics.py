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

"""Counters of ports."""

import json
import threading
import time

from traffic import BROADCAST, frame

MULTICAST = "01:00:5e:01:02:03"


def stats(t, target, *options):
    """Returns the rows of "dvsctl stats", as dictionaries."""
    table = json.loads(t.ctl("--format=json", "--all", *options, "stats",
                             target))
    return [dict(zip(table["headings"], row)) for row in table["data"]]


def counters(t, vm):
    """Returns the counters of the VM's port that are not 0."""
    row, = stats(t, "prod:" + vm.key)
    return {key: value for key, value in row.items()
            if key.startswith(("rx_", "tx_")) and value}


def until_counted(t, vm, **expected):
    """Waits until the VM's port has counted 'expected' exactly."""
    t.until(lambda: {key: counters(t, vm).get(key, 0) for key in expected}
            == expected, "%s counts %s" % (vm.name, expected))


def of_uplinks(t, host, counter, nic=None):
    """Returns what the uplinks of 'host', or one NIC, have counted."""
    return sum(row["statistics"].get(counter, 0)
               for row in t.lab.dvs().rows("Port_State", ["host", "==", host],
                                           ["kind", "==", "uplink"])
               if nic in (None, row["nic"]))


def begin(t, interval=200):
    t.ctl("set", "DVS_Global", ".", "options:stats_interval=%d" % interval)


def send(t, sender, dst, n, src=None):
    """Sends 'n' frames of 100 bytes from a VM."""
    dst = t.vms[dst].mac if dst in t.vms else dst
    for _ in range(n):
        sender.nic.send(frame(dst, src or sender.mac).ljust(100, b"\0"))


def since(before, **more):
    """Returns what counters must say when 'more' than 'before' was counted."""
    return {key: before.get(key, 0) + n for key, n in more.items()}


def until_rises(t, vm, key, sender=None):
    """Sends frames to "b", from 'vm' or 'sender', until ovs-vswitchd's cache
    has followed a change, so that they count as 'key' of 'vm'; returns its
    counters when they have come to rest."""
    was = counters(t, vm)

    def rises():
        send(t, sender or vm, "b", 1)
        return counters(t, vm).get(key, 0) > was.get(key, 0)
    t.until(rises, "%s rises" % key)
    time.sleep(1.5)
    return counters(t, vm)


def test_classes(t):
    """frames are counted by class, and what is dropped"""
    begin(t)
    a, b, c = (t.vm("a", "host1"), t.vm("b", "host1"), t.vm("c", "host2"))
    t.expect("a", BROADCAST, ["b", "c"])
    for vm in (b, c):
        t.until(lambda: "tx_broadcast_packets" in counters(t, vm), "it began")
    time.sleep(1)
    was_a, was_b, was_c = [counters(t, vm) for vm in (a, b, c)]
    was_out, was_in = [of_uplinks(t, *what) for what in (
        ("host1", "tx_unicast_packets"), ("host2", "rx_unicast_packets"))]
    send(t, a, "b", 7)
    send(t, a, "c", 2)
    send(t, a, BROADCAST, 5)
    send(t, a, MULTICAST, 3)
    send(t, a, "b", 4, src="02:00:00:00:99:99")
    until_counted(t, a, **since(was_a, rx_unicast_packets=9,
                                rx_unicast_bytes=900, rx_dropped=4,
                                rx_broadcast_packets=5,
                                rx_broadcast_bytes=500,
                                tx_broadcast_packets=0))
    until_counted(t, b, **since(was_b, tx_unicast_packets=7,
                                tx_unicast_bytes=700,
                                tx_broadcast_packets=5))
    until_counted(t, c, **since(was_c, tx_unicast_packets=2,
                                tx_broadcast_packets=5))
    for vm in (b, c):
        row = counters(t, vm)
        assert row["tx_multicast_packets"] >= 3, row
    for key in ("packets", "bytes"):
        assert row["tx_" + key] == sum(
            row.get("tx_%s_%s" % (kind, key), 0)
            for kind in ("unicast", "multicast", "broadcast")), row

    # What went to the wire is all but a's unicast to b; c is alone on its
    # host.  (Machines send multicast by themselves.)
    def of_pnics():
        a_, b_, c_ = [counters(t, vm) for vm in (a, b, c)]
        return (a_["rx_to_pnic_bytes"] == a_["rx_bytes"] - 700
                and b_.get("tx_from_pnic_bytes", 0) <= (
                    b_["tx_bytes"] - b_["tx_unicast_bytes"])
                and c_["tx_from_pnic_bytes"] == c_["tx_bytes"])
    t.until(of_pnics, "bytes to and from the wire")

    # Uplinks count by class, too; the physical switch may flood.
    t.until(lambda: of_uplinks(t, "host1", "tx_unicast_packets") == was_out + 2,
            "uplinks count what leaves")
    t.until(lambda: of_uplinks(t, "host2", "rx_unicast_packets") >= was_in + 2,
            "uplinks count what comes in")
    assert of_uplinks(t, "host1", "tx_broadcast_packets") >= 5

    # A blocked port counts what it drops, and loses nothing.
    t.ctl("block", "prod:" + a.key)
    was = until_rises(t, a, "rx_dropped")
    send(t, a, "b", 6)
    send(t, b, a.mac, 3)
    send(t, c, a.mac, 2)

    def refused():
        """Returns what the blocked port has dropped, of either direction.
        (Machines send a little multicast by themselves.)"""
        row = counters(t, a)
        return (row["rx_dropped"] - was["rx_dropped"],
                row.get("tx_dropped", 0) - was.get("tx_dropped", 0))
    t.until(lambda: refused()[0] >= 6 and refused()[1] >= 5,
            "what a blocked port drops is counted")
    assert max(refused()) <= 14, refused()
    until_counted(t, a, **since(was, rx_unicast_packets=0,
                                tx_unicast_packets=0))
    t.ctl("unblock", "prod:" + a.key)
    was = until_rises(t, a, "rx_unicast_packets")
    send(t, a, "b", 1)
    until_counted(t, a, **since(was, rx_unicast_packets=1, rx_dropped=0))

    # Rates, of frames of 100 bytes, and of nothing.
    done = threading.Event()

    def keep_sending():
        while not done.wait(0.02):
            send(t, a, "b", 1)
    thread = threading.Thread(target=keep_sending)
    thread.start()
    try:
        rates = {str(row["key"]): row for row in stats(t, "web", "--rates")}
    finally:
        done.set()
        thread.join()
    for vm, way in (a, "rx"), (b, "tx"):
        row = {key: float(value) for key, value in rates[vm.key].items()
               if key.startswith(way + "_unicast")}
        assert 1 <= row[way + "_unicast_packets/s"] <= 60, rates
        assert abs(row[way + "_unicast_bit/s"]
                   - row[way + "_unicast_packets/s"] * 800) < 100, rates
    assert float(rates[c.key]["rx_unicast_bit/s"]) == 0, rates
    total, = stats(t, "prod", "--by=switch", "--interval=1")
    assert float(total["rx_unicast_packets/s"]) >= 0, total

    # So do those whose frames a rule drops, or the limit of MAC learning.
    t.ctl("set-policy", "web", "filter=on", "--",
          "add-rule", "web", "10", "action=drop", "direction=in",
          "src-mac=" + a.mac, "dst-mac=" + b.mac)
    was = until_rises(t, a, "rx_dropped")
    send(t, a, "b", 6)
    until_counted(t, a, **since(was, rx_unicast_packets=6, rx_dropped=6,
                                tx_dropped=0))
    t.ctl("set-policy", "web", "rule.10=action=drop direction=out dst-mac="
          + b.mac)
    was = until_rises(t, b, "tx_dropped", a)
    send(t, a, "b", 3)
    until_counted(t, b, **since(was, tx_unicast_packets=0, tx_dropped=3,
                                rx_dropped=0))
    t.ctl("clear-policy", "web", "filter", "rules", "--", "set-policy", "web",
          "mac-learning=yes", "forged-transmits=accept", "mac-limit=1",
          "mac-limit-policy=drop")
    until_rises(t, b, "tx_unicast_packets", a)
    was = counters(t, a).get("rx_dropped", 0)

    def limited():
        for i in range(1, 4):
            send(t, a, "b", 1, src="02:00:00:00:88:0%d" % i)
        return counters(t, a).get("rx_dropped", 0) > was
    t.until(limited, "MACs beyond the limit are counted")
    t.ctl("clear-policy", "web", "mac-learning", "forged-transmits")

    # Sums.
    by_pg = {row["portgroup"]: row
             for row in stats(t, "prod", "--by=portgroup")}
    assert (by_pg["web"]["rx_unicast_packets"]
            >= sum(counters(t, vm).get("rx_unicast_packets", 0)
                   for vm in (a, b, c))), by_pg
    whole, = stats(t, "prod", "--by=switch")
    assert whole["tx_packets"] >= by_pg["web"]["tx_packets"], whole


def test_rates(t):
    """what is too much for a rate is counted as dropped, whatever comes"""
    begin(t)
    a, b = t.vm("a", "host1"), t.vm("b", "host1")
    t.expect("a", b.mac, ["b"])

    def dropped(vm, key, n):
        """Has frames sent from a to b until 'vm' has dropped 'n' more."""
        was = counters(t, vm).get(key, 0)

        def enough():
            for _ in range(200):
                a.nic.send(frame(b.mac, a.mac).ljust(1000, b"\0"))
            return counters(t, vm).get(key, 0) >= was + n
        t.until(enough, "%s has dropped" % vm.name)
        time.sleep(1.5)
        return counters(t, vm)

    t.ctl("set-portgroup", "web", "override=block,shaping,traffic-filter",
          "--", "set-policy", "prod:" + a.key, "shape-in=400k,400k,1k")
    was = dropped(a, "rx_dropped", 300)
    # A meter that changes or goes begins again, the counter does not.
    t.ctl("set-policy", "prod:" + a.key, "shape-in=200k,400k,1k")
    until_counted(t, a, rx_dropped=was["rx_dropped"])
    was = dropped(a, "rx_dropped", 300)
    t.restart("agent", "host1")
    until_counted(t, a, rx_dropped=was["rx_dropped"])
    was = dropped(a, "rx_dropped", 300)
    t.ctl("clear-policy", "prod:" + a.key, "shape-in")
    until_counted(t, a, rx_dropped=was["rx_dropped"])
    assert "tx_dropped" not in counters(t, b), counters(t, b)

    t.ctl("set-policy", "prod:" + b.key, "shape-out=400k,800k,1k")
    was_b = dropped(b, "tx_dropped", 300)
    t.ctl("set-policy", "prod:" + b.key, "filter=on",
          "rule.10=action=rate-limit rate=10 direction=out")
    was_b = dropped(b, "tx_dropped", 300)
    assert counters(t, a)["rx_dropped"] == was["rx_dropped"]
    t.lab.vms.move("b", "host2")
    until_counted(t, b, tx_dropped=was_b["tx_dropped"])


def test_migration(t):
    """counters go on where a VM goes, and never go back"""
    begin(t, 1000)
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    target = "prod:" + a.key
    seen, done = [], threading.Event()

    def watch():
        while not done.is_set():
            row, = json.loads(t.lab.ctl("--format=json", "stats", target))[
                "data"]
            seen.append(row[4:])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        for n, host in enumerate(("host2", "host3", "host1"), 1):
            send(t, a, "c", 20)
            time.sleep(1)   # The datapath tells of them twice a second.
            t.lab.vms.move("a", host)
            send(t, a, "c", 5)
            until_counted(t, a, rx_unicast_packets=25 * n)
    finally:
        done.set()
        thread.join()
    for one, two in zip(seen, seen[1:]):
        assert all(x <= y for x, y in zip(one, two)), (one, two)
    t.notes.append("looked %d times" % len(seen))
    assert c.host == "host2"


def test_daemons(t):
    """counters go on when the agent or ovs-vswitchd is started again"""
    begin(t)
    a = t.vm("a", "host1")
    t.vm("b", "host1")
    send(t, a, "b", 10)
    until_counted(t, a, rx_unicast_packets=10)
    t.restart("agent", "host1")
    send(t, a, "b", 10)
    until_counted(t, a, rx_unicast_packets=20)
    t.restart("vswitchd", "host1")
    t.expect("a", BROADCAST, ["b"])
    send(t, a, "b", 10)
    until_counted(t, a, rx_unicast_packets=30)
    t.restart("agent", "host1")
    send(t, a, "b", 10)
    until_counted(t, a, rx_unicast_packets=40)


def test_powered_off(t):
    """counters stay when a VM is switched off, and are read only if asked"""
    begin(t, 0)
    a = t.vm("a", "host1")
    t.vm("b", "host1")
    target = "prod:" + a.key
    asked = "agent", "coverage/read-counter", "of_conn_poll"
    polls = t.appctl(*asked, host="host1")
    send(t, a, "b", 10)
    time.sleep(1)
    t.lab.vms.remove("a")
    t.until(lambda: stats(t, target)[0]["rx_unicast_packets"] == 10,
            "what it counted is left")
    assert t.appctl(*asked, host="host1") == polls

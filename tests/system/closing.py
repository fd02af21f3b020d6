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

"""What has to hold at the end of every scenario, whatever went before.

Run in the scenario's lab after its own tests.
"""

from harness import (CONFIGURATION, PROXY, bad_log_lines, sanitizer_reports)
from traffic import BROADCAST


def populate(t):
    """Starts a few VMs, so that there is something that could change."""
    t.vm("a", "host1", "prod/web")
    t.vm("x", "host1", "prod/db")
    t.vm("c", "host2", "prod/web")
    t.settled()


def everything(t):
    """Returns the flows of all hosts, and the rows they follow from."""
    result = {host: t.flows(host) for host in t.lab.hosts}
    result.update(t.rows(CONFIGURATION + PROXY))
    return result


def same(t, before):
    """Checks that all is as in 'before'."""
    after = everything(t)
    for name, value in before.items():
        lost = [row for row in value if row not in after[name]]
        new = [row for row in after[name] if row not in value]
        assert not lost and not new, ("%s: lost %s, got %s"
                                      % (name, lost, new))


def recompute(t):
    """Has everything worked out anew, and checks that nothing changes by
    that.  Returns everything()."""
    before = everything(t)
    t.appctl("controller", "recompute")
    for host in t.lab.hosts:
        t.appctl("agent", "recompute", host=host)
    t.settled()
    same(t, before)
    return before


def test_recompute(t):
    """a full recompute changes neither rows nor flows"""
    populate(t)
    recompute(t)


def test_restarts(t):
    """restarted daemons change neither rows nor flows"""
    populate(t)
    before = everything(t)
    for what, host in [("agent", host) for host in t.lab.hosts] + [
            ("controller", None)]:
        t.restart(what, host)
    t.settled()
    same(t, before)
    t.expect("a", BROADCAST, ["c"])


def test_removal(t):
    """a deleted switch leaves nothing, neither rows nor bridges"""
    populate(t)
    bridges = {host: t.lab.bridge(host, "prod") for host in t.lab.hosts}
    for vm in list(t.vms.values()):
        vm.nic.close()
        t.lab.vms.remove(vm.name)
    t.vms.clear()
    t.forget_nics()
    t.ctl("del-switch", "prod")
    for host, bridge in bridges.items():
        for table in ("Bridge", "Port", "Interface", "QoS", "Queue"):
            rows = t.lab.ovs(host).rows(table)
            ours = [row for row in rows if row.get("name") == bridge
                    or any(key.startswith("dvs-") for key in
                           row["external_ids"])]
            assert not ours, "%s: %s: %s" % (host, table, ours)
        # The bridge's device goes a moment later than its row.
        t.until(lambda: set(t.lab.machine(host).devices())
                <= {"lo", "mgmt0", "ovs-netdev", *t.lab.nics},
                "%s has only its own devices" % host)
    for table in CONFIGURATION + PROXY + ("Port_State", "Proxy_State", "Rule_State"):
        t.until(lambda: not t.lab.dvs().rows(table), table + " is empty")


def test_logs(t):
    """no warning that nobody expects, and no sanitizer's report"""
    for what, host in [("agent", host) for host in t.lab.hosts] + [
            ("controller", None)]:
        # A daemon that ends by itself is asked for its leaks.
        daemon = t.lab.daemon(what, host)
        pid = daemon.pid()
        daemon.appctl("exit")
        t.until(lambda: daemon.pid() != pid, "%s ends" % daemon)
    bad = bad_log_lines(t.lab) + sanitizer_reports(t.lab)
    assert not bad, "\n".join(bad)

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

"""Hosts that reach the database through the switch that it controls."""

from dvslab.lab import CENTRAL_ADDRESS
from dvslab.util import LabError

LAB = {"hosts": 2, "uplinks": 2, "management": True, "closing": False}


def reaches(t, host):
    """Returns true if 'host' can talk to the central server."""
    try:
        t.lab.machine(host).run("ping", "-c1", "-W1", CENTRAL_ADDRESS)
    except LabError:
        return False
    return True


def test_path(t):
    """the path to the database runs through the switch"""
    tor = t.wire("tor", "central-lan0")
    for host in t.lab.hosts:
        assert "mgmt0" not in t.lab.machine(host).devices()
        assert reaches(t, host)
    assert tor.received(), "nothing of it comes by the physical switch"

    # It follows the teaming, and outlives the agent and ovs-vswitchd.
    t.lab.cable("host1", "nic1", False)
    t.until(lambda: reaches(t, "host1"), "the other uplink serves")
    t.settled()
    t.restart("agent", "host1")
    t.settled()
    t.restart("vswitchd", "host1")
    t.until(lambda: reaches(t, "host1"), "flows are there again")
    t.settled()


def test_cut_by_a_block(t):
    """who blocks the portgroup cuts the hosts off"""
    t.ctl("set", "DVS_Global", ".", "options:auto_rollback=false")
    t.lab.ctl("--wait=controller", "block", "prod/management")
    for host in t.lab.hosts:
        t.until(lambda: not reaches(t, host), host + " is cut off")
    t.lab.ctl("--wait=controller", "unblock", "prod/management")
    for host in t.lab.hosts:
        assert not reaches(t, host)

    # The way out, and back in again.
    for host in t.lab.hosts:
        t.lab.rescue_management(host)
    t.settled()
    for host in t.lab.hosts:
        t.lab.migrate_management(host)
    t.settled()
    assert all(reaches(t, host) for host in t.lab.hosts)


def test_cut_and_heal(t):
    """"dvs-lab cut" and "heal" do what they say"""
    t.lab.management("host1", False)
    assert not reaches(t, "host1") and reaches(t, "host2")
    t.lab.management("host1", True)
    assert reaches(t, "host1")
    t.settled()

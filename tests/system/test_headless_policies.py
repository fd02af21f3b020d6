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

"""Hosts without database and controller hold their ports to their policies."""

from test_bandwidth import near
from test_headless import from_cache, headless, reboot
from test_rules import Rules
from test_shaping import BURST_S, MEGA, TRIES, WINDOW_S, four, measure
from traffic import BROADCAST

ALONE = True

# Of the ports that are shaped.
RATE_MBPS = 10

# An EtherType that a rule drops (IEEE 802's other one for experiments).
FORBIDDEN = 0x88b6

# A nested VM's MAC address.
NESTED = "0a:00:00:00:00:01"


def is_shaped(t):
    """Checks that what a sends, and what d gets, is held to the rate."""
    for _ in range(TRIES):
        rates = measure(t, False, "ab", "cd")
        for rate in rates.values():
            assert rate < 1.1 * RATE_MBPS * (1 + BURST_S / WINDOW_S), rates
        if all(near(rate, RATE_MBPS) for rate in rates.values()):
            return
    raise AssertionError(rates)


def meters(t):
    """Returns the meters of host1."""
    return [line for line in t.flows("host1") if "meter" in line.split("=")[0]
            or "rate=" in line]


def keeps_policy(t):
    """Checks everything that the ports of host1 are held to."""
    is_shaped(t)
    rules = Rules(t, "a")
    rules.expect("", ethertype=FORBIDDEN)
    rules.expect("b c d e n")
    # The port of n learns whom it has behind it; nobody else is disturbed.
    t.expect("n", BROADCAST, ["a", "b", "c", "d", "e"], src=NESTED)
    for sender in "a", "e":
        t.until(lambda: t.deliver(sender, NESTED, expected=["n"])
                == {"n": [None]}, "only n gets it")
    # A NIC that may not lie does not.
    t.expect("a", BROADCAST, [], src=NESTED)


def test_policies(t):
    """rates, rules and MAC learning hold without the database, also when \
ovs-vswitchd or the whole host has restarted"""
    four(t)
    t.vm("e", "host2")
    t.ctl("add-portgroup", "prod", "nest", "vlan=10", "mac-learning=yes",
          "forged-transmits=accept")
    t.vm("n", "host1", "nest")
    policy = "%d,%d,%d" % (RATE_MBPS * MEGA, RATE_MBPS * MEGA,
                           RATE_MBPS * MEGA / 8 * BURST_S)
    t.ctl("set-portgroup", "web", "override=block,shaping", "--",
          "set-policy", "prod:" + t.vms["a"].key, "shape-in=" + policy, "--",
          "set-policy", "prod:" + t.vms["d"].key, "shape-out=" + policy, "--",
          "add-rule", "web", "10", "action=drop", "direction=in",
          "ethertype=%d" % FORBIDDEN, "--", "set-policy", "web", "filter=on")
    keeps_policy(t)
    with headless(t):
        before = meters(t)
        assert before, t.flows("host1")
        keeps_policy(t)
        t.lab.daemon("agent", "host1").kill()
        t.restart("vswitchd", "host1")
        t.lab.daemon("agent", "host1").start()
        t.until(lambda: meters(t) == before, "the meters are back")
        t.until(lambda: from_cache(t, "host1"), "host1 is in step")
        keeps_policy(t)
        reboot(t, "host1")
        t.until(lambda: len(meters(t)) == len(before), "the meters are back")
        keeps_policy(t)
    keeps_policy(t)

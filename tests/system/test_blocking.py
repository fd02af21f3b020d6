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

"""Blocked ports."""

import time

from traffic import BROADCAST

# How long after the command's return a frame may still get through.
DEADLINE_S = 0.1


def blocked_at(t, stream, *command):
    """Runs a command that blocks 'stream', and checks that it does in time.
    """
    t.lab.ctl(*command)
    returned = time.time()
    stream.run(1)
    stream.stop()
    late = [when - returned for when, _ in stream.arrivals
            if when > returned + DEADLINE_S]
    last = max(when for when, _ in stream.arrivals) - returned
    t.notes.append("last frame %+.1f ms after the command" % (last * 1000))
    assert not late, "%d frames later than %g s" % (len(late), DEADLINE_S)


def test_block_sender(t):
    """blocking the sender's port stops it within 100 ms"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    blocked_at(t, stream, "block", "prod:" + a.key)
    t.ctl("unblock", "prod:" + a.key)
    t.expect("a", "c", ["c"])


def test_block_receiver(t):
    """blocking the receiver's port stops it within 100 ms"""
    a, c = t.vm("a", "host1"), t.vm("c", "host2")
    stream = t.stream(a, c)
    blocked_at(t, stream, "block", "prod:" + c.key)
    t.ctl("unblock", "prod:" + c.key)
    t.expect("a", "c", ["c"])


def test_block_local(t):
    """a blocked port is silent on its own host too, and others are not"""
    a, b = t.vm("a", "host1"), t.vm("b", "host1")
    t.vm("c", "host2")
    t.ctl("block", "prod:" + b.key)
    t.expect("a", BROADCAST, ["c"])
    t.expect("b", BROADCAST, [])
    t.expect("a", "b", [])
    assert b.state()["blocked"] is True
    t.ctl("unblock", "prod:" + b.key)
    t.expect("a", BROADCAST, ["b", "c"])
    assert a.state()["blocked"] is False


def test_block_portgroup(t):
    """blocking a portgroup blocks all its ports, and no others"""
    t.vm("a", "host1")
    t.vm("c", "host2")
    t.vm("x", "host1", "db")
    t.vm("y", "host2", "db")
    t.ctl("block", "prod/web")
    t.expect("a", BROADCAST, [])
    t.expect("x", BROADCAST, ["y"])
    t.ctl("unblock", "prod/web")
    t.expect("a", BROADCAST, ["c"])

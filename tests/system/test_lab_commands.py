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

"""dvs-lab itself: its commands as a user gives them."""

import os
import signal
import subprocess
import sys

LAB = {"hosts": 2, "uplinks": 2}


def call(t, *words, status=0):
    """Runs dvs-lab on the test's own lab, and returns what it printed.  The
    test is inside already, so the command is told that it is."""
    script = os.path.join(t.lab.tools.paths[0], "dvs-lab")
    done = subprocess.run([sys.executable, script, "--dir",
                           t.lab.directory, "--inside=/"] + list(words),
                          text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == status, (words, done.returncode, done.stdout)
    return done.stdout


def test_errors(t):
    """an unknown name is one line and status 1, bad usage status 2"""
    for words in (["exec", "nobody", "--", "true"],
                  ["host", "exec", "host9", "--", "true"],
                  ["vm", "add", "v", "--host=host9", "--portgroup=web"],
                  ["vm", "add", "/", "--host=host1", "--portgroup=web"],
                  ["vm", "del", "nobody"], ["vm", "move", "nobody", "host1"],
                  ["cable", "down", "host1", "nic9"], ["cut", "host9"],
                  ["kill", "nothing"], ["kill", "agent"],
                  ["kill", "agent", "host9"], ["kill", "database", "host1"],
                  ["start", "agent", "host1"], ["tor", "mtu", "10"],
                  ["tor", "allow", "host1", "nic1", "9-1"],
                  ["tor", "allow", "host1", "nic1", "5000"],
                  ["tor", "lacp", "host1", "nic1", "on"], ["logs", "nobody"]):
        said = call(t, *words, status=1)
        assert said.startswith("dvs-lab: ") and said.count("\n") == 1, said
    for words in ([], ["fly"], ["vm", "add"], ["up", "--datapath=none"],
                  ["cable", "sideways", "host1", "nic1"]):
        call(t, *words, status=2)


def test_vm(t):
    """VMs are added, listed, moved, entered and removed"""
    call(t, "vm", "add", "v", "--host=host1", "--portgroup=web",
         "--ip=10.9.0.1/24", "--mac=52:54:00:99:00:01", "--nic=nic-of-v")
    line, = [line for line in call(t, "vm", "list").splitlines()
             if line.startswith("v ")]
    for word in ("host1", "web", "52:54:00:99:00:01", "10.9.0.1/24",
                 "nic-of-v"):
        assert word in line.split(), line
    call(t, "vm", "add", "v", "--host=host1", "--portgroup=web", status=1)
    said = call(t, "exec", "v", "--", "ip", "-o", "addr", "show", "eth0")
    assert "10.9.0.1/24" in said, said
    call(t, "exec", "v", "--", "sh", "-c", "exit 7", status=7)
    call(t, "vm", "move", "v", "host1", status=1)
    call(t, "vm", "move", "v", "host2")
    assert "host2" in call(t, "vm", "list")
    call(t, "vm", "del", "v")
    call(t, "exec", "v", "--", "true", status=1)


def test_ping(t):
    """ping, a newcomer's first command, works across hosts"""
    for name, host in (("v1", "host1"), ("v2", "host2")):
        call(t, "vm", "add", name, "--host=" + host, "--portgroup=web")
    address = t.lab.vms.get("v2")["ip"].split("/")[0]
    said = call(t, "exec", "v1", "--", "ping", "-c", "3", "-i", "0.2", "-W",
                "2", address)
    assert " 3 received" in said, said


def test_host(t):
    """on a host the tools of Open vSwitch talk to that host"""
    for host in t.lab.hosts:
        said = call(t, "host", "exec", host, "--", "ovs-vsctl", "get", "open",
                    ".", "external-ids:hostname")
        assert host in said, said
        assert "mgmt0" in call(t, "host", "exec", host, "--", "ls",
                               "/sys/class/net")


def test_tor(t):
    """the physical switch: VLANs, MTU, port channels, learned addresses"""
    def ports():
        return {line.split()[0]: line.split() for line in
                call(t, "tor", "dump").split("\n\n")[0].splitlines()}

    call(t, "tor", "allow", "host1", "nic1", "10,20-29")
    assert ports()["host1-nic1"][2] == "10,20-29", ports()
    call(t, "tor", "allow", "host1", "nic1", "none")
    assert ports()["host1-nic1"][2] == "none", ports()
    call(t, "tor", "allow", "host1", "nic1", "all")
    assert ports()["host1-nic1"][2] == "all", ports()
    call(t, "tor", "lacp", "host1", "nic1,nic2", "on")
    assert ports()["host1-nic2"][4] == "lag-host1-nic1", ports()
    call(t, "tor", "lacp", "host1", "nic1,nic2", "off")
    assert ports()["host1-nic2"][4] == "-", ports()
    call(t, "tor", "mtu", "1500")
    t.until(lambda: ports()["host2-nic1"][3] == "1500", "MTU 1500")
    call(t, "tor", "mtu", "9216")
    a = t.vm("a", "host1")
    assert a.mac in call(t, "tor", "dump")


def test_cable(t):
    """a pulled cable takes the carrier from both ends"""
    call(t, "cable", "down", "host1", "nic1")
    assert not t.lab.machine("host1").is_up("nic1")
    assert "nic1 DOWN" in call(t, "status")
    call(t, "cable", "up", "host1", "nic1")
    assert t.lab.machine("host1").is_up("nic1")


def test_daemons(t):
    """daemons are killed and started; status and logs tell of them"""
    for words in (["controller"], ["database"], ["agent", "host1"],
                  ["vswitchd", "host2"], ["ovsdb", "host2"]):
        call(t, "kill", *words)
        assert words[0] + " DEAD" in call(t, "status")
        call(t, "kill", *words, status=1)
        call(t, "start", *words)
        assert "DEAD" not in call(t, "status")
    assert "dvs-agent.log" in call(t, "logs", "agent")
    assert "ovs-vswitchd.log" in call(t, "logs", "tor")


def test_up_twice(t):
    """a lab that is there is not built again"""
    script = os.path.join(t.lab.tools.paths[0], "dvs-lab")
    lab = os.path.join(t.lab.directory, "inner")
    words = [sys.executable, script, "--dir", lab]
    try:
        subprocess.run(words + ["up", "--hosts=1", "--empty"], check=True,
                       stdout=subprocess.DEVNULL)
        done = subprocess.run(words + ["up"], text=True,
                              stderr=subprocess.PIPE)
        assert done.returncode == 1 and "already" in done.stderr, done
    finally:
        subprocess.run(words + ["down"], check=True)
    assert not os.path.exists(lab)


def test_killed_halfway(t):
    """what an interrupted up has left goes with down"""
    script = os.path.join(t.lab.tools.paths[0], "dvs-lab")
    lab = os.path.join(t.lab.directory, "inner")
    words = [sys.executable, script, "--dir", lab]
    child = subprocess.Popen(words + ["up"], start_new_session=True,
                             stdout=subprocess.DEVNULL)
    t.until(lambda: os.path.exists(os.path.join(lab, "host1")), "it begins")
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    subprocess.run(words + ["down"], check=True)
    assert not os.path.exists(lab)
    lines = [process_line(pid) for pid in os.listdir("/proc")
             if pid.isdigit()]
    assert not [line for line in lines if lab in line], lines


def process_line(pid):
    """Returns the command line of a process, "" if it is gone."""
    try:
        with open("/proc/%s/cmdline" % pid) as f:
            return f.read().replace("\0", " ")
    except OSError:
        return ""

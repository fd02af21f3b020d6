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

"""The guided tour: commands that a reader can repeat, and what they print.

The tour has a lab of its own, which is gone at its end.  Each command states
what has to come of it; the tour succeeds only if all of them did.
"""

import os
import re
import subprocess
import sys
import time

from .sandbox import Sandbox
from .util import LabError

# Of a stream of 100 packets a second: lost in a failover, and too much.
STREAM_PACKETS = 300
STREAM_LOSS = 10

# DVS_Global.options:rollback_timeout in the tour, and how much later all has
# to work again, in seconds.
ROLLBACK_TIMEOUT = 6
ROLLBACK_PATIENCE = 5

# Of a host's pings while another tries a change out, which takes the timeout
# and a little more: the interval in seconds, and their number.
CANARY_INTERVAL = "0.05"
CANARY_PACKETS = 160


class Demo:
    """One tour by 'program' (a cli.Program)."""

    def __init__(self, program):
        self.program = program
        self.sandbox = Sandbox(program.sandbox.directory + "-demo")
        self.failures = []
        self.steps = 0

    def run(self):
        """Gives the tour; returns the exit status."""
        self.program.tools.check()
        self.sandbox.lock()
        if self.sandbox.keeper():
            raise LabError("%s: another tour goes on there"
                           % self.sandbox.directory)
        # "up" takes the lock for itself.
        self.sandbox.unlock()
        try:
            for chapter in (self.build, self.define, self.connect,
                            self.isolate, self.move, self.fail_over,
                            self.block, self.restore, self.crash,
                            self.roll_back, self.try_out):
                chapter()
        finally:
            self.sandbox.lock()
            self.sandbox.destroy()
        if self.failures:
            print("\nOf %d commands these did not do what they should:"
                  % self.steps)
            for command in self.failures:
                print("    " + command)
            return 1
        print("\nEverything shown worked (%d commands).  The tour's lab is "
              "gone.\nMake one to play with: dvs-lab up" % self.steps)
        return 0

    # The tour.

    def build(self):
        self.say("A lab: three hosts, each with Open vSwitch, dvs-agent and "
                 "two NICs that are\ncabled to one physical switch; the "
                 "central database; dvs-controller.")
        self.do("up --hosts=3 --uplinks=2 --empty")
        self.do("ctl list-hosts", prints="host1(.*\n)*.*host2(.*\n)*.*host3")

    def define(self):
        self.say("One switch over all three hosts, defined once: two uplinks, "
                 "one port group for\neach of two VLANs.")
        self.do("ctl add-switch prod uplinks=2 datapath=netdev")
        for host in ("host1", "host2", "host3"):
            self.do("ctl add-host prod %s uplink1=nic1 uplink2=nic2" % host)
        self.do("ctl add-portgroup prod web vlan=10")
        self.do("ctl --wait=hosts add-portgroup prod db vlan=20")

    def connect(self):
        self.say("Virtual machines.  Each is plugged in the way libvirt does "
                 "it; the port group's\nname is all that the host is told.")
        self.do("vm add web1 --host=host1 --portgroup=web --ip=10.0.0.1/24")
        self.do("vm add web2 --host=host2 --portgroup=web --ip=10.0.0.2/24")
        self.do("vm add db1 --host=host2 --portgroup=db --ip=10.0.0.3/24")
        self.do("ctl show", prints=r'(?s)(?=.*"web")(?=.*"db")')
        self.say("web1 on host1 reaches web2 on host2.")
        self.ping("web1", "10.0.0.2")

    def isolate(self):
        self.say("db1 is in another port group, hence in another VLAN: web1 "
                 "cannot reach it, though\nits address is of the same "
                 "subnet.")
        self.ping("web1", "10.0.0.3", answered=False)

    def move(self):
        self.say("web2 migrates to host3.  It keeps its port, with its policy "
                 "and its counters.")
        before = self.port_of("web2")
        self.do("vm move web2 host3")
        self.do("vm list", prints=r"web2 +host3 ")
        self.check("vm move web2 host3",
                   before and before == self.port_of("web2"))
        self.ping("web1", "10.0.0.2")

    def fail_over(self):
        self.say("Somebody pulls a cable of host1 while web1 talks to web2, a "
                 "hundred times a\nsecond.")
        end = self.start("exec web1 -- ping -q -i 0.01 -W 1 -c %d 10.0.0.2"
                         % STREAM_PACKETS)
        self.do("cable down host1 nic1")
        self.do("cable up host1 nic1")
        self.do("cable down host1 nic2")
        end(lambda received: received >= STREAM_PACKETS - 2 * STREAM_LOSS)
        self.do("cable up host1 nic2")

    def block(self):
        self.say("An administrator blocks the port of web2, and lets it back "
                 "in.")
        port = self.port_of("web2")
        self.do("ctl --wait=hosts block prod:%s" % port)
        self.ping("web1", "10.0.0.2", answered=False)
        self.do("ctl --wait=hosts unblock prod:%s" % port)
        self.ping("web1", "10.0.0.2")

    def restore(self):
        self.say("The configuration goes into a file, and everything is "
                 "deleted, under the feet of the\nvirtual machines.")
        saved, again = (os.path.join(self.sandbox.directory, name)
                        for name in ("prod.json", "again.json"))
        self.do("ctl export prod --out=" + saved)
        nics = self.do("ctl --bare --columns=nic list-nics").split()
        self.do("ctl --wait=hosts "
                + " -- ".join(["disconnect " + nic for nic in nics]
                              + ["del-host prod " + host for host
                                 in ("host1", "host2", "host3")]
                              + ["del-portgroup web", "del-portgroup db",
                                 "del-switch prod"]))
        self.ping("web1", "10.0.0.2", answered=False)
        self.say("It comes back as it was: the same ports, keys, policies and "
                 "connections.")
        self.do("ctl --wait=hosts import " + saved)
        command = "ctl export prod --out=" + again
        self.do(command)
        with open(saved) as first, open(again) as second:
            self.check(command, first.read() == second.read())
        self.ping("web1", "10.0.0.2")

    def crash(self):
        self.say("The whole control plane crashes.  Packets do not notice.")
        for what in ("controller", "database", "agent host1", "agent host3"):
            self.do("kill " + what)
        self.ping("web1", "10.0.0.2")
        self.say("Hosts start without it: with what they keep on disk.")
        self.do("kill vswitchd host1")
        for what in ("vswitchd host1", "agent host1", "agent host3"):
            self.do("start " + what)
        self.wait("exec web1 -- ping -c 1 -W 1 10.0.0.2", " 1 received", 10)
        for what in ("database", "controller"):
            self.do("start " + what)
        self.ping("web1", "10.0.0.2")

    def roll_back(self):
        self.say("Another lab: here the hosts reach the database through the "
                 "switch that it\ncontrols, by NICs of their own in portgroup "
                 "management.")
        self.do("down")
        self.do("up --hosts=3 --no-vms --management")
        self.do("ctl --wait=hosts set DVS_Global . "
                "options:rollback_timeout=%d" % ROLLBACK_TIMEOUT)
        self.do("ctl --wait=hosts set-policy prod/management active=uplink1 "
                "standby=uplink2")
        self.say("A wrong VLAN cuts all hosts off, and so from what would take "
                 "it back.  They go\nback by themselves.")
        self.cut_off("set-policy prod/management vlan=666", "becomes 666")
        self.say("A wrong teaming order: behind uplink2 that VLAN is not "
                 "there.")
        for host in ("host1", "host2", "host3"):
            self.do("tor allow %s nic2 10,20" % host)
        self.cut_off("set-policy prod/management active=uplink2 standby=",
                     "active_uplinks")
        self.say("An MTU that the physical network drops.")
        self.do("tor mtu 1500")
        self.cut_off("set-switch prod mtu=9000", "becomes 9000")

    def try_out(self):
        self.say("Better to cut one host off than all: host1, the canary, "
                 "tries the change out.\nMeanwhile host2 talks to the "
                 "database's machine.")
        end = self.start("host exec host2 -- ping -q -i %s -W 2 -c %d "
                         "172.31.0.1" % (CANARY_INTERVAL, CANARY_PACKETS))
        self.do("ctl --wait=hosts --canary=host1 set-policy prod/management "
                "vlan=666", prints="cut canary .*host1.* off", status=1)
        self.say("It was cut off, went back, and the change was taken back.  "
                 "No other host has\nbeen told of it.")
        end(lambda received: received == CANARY_PACKETS)
        self.do("ctl get-policy prod/management", prints=r"vlan +99\b")
        for host in ("host1", "host2", "host3"):
            self.do("host exec %s -- ping -c 1 -W 2 172.31.0.1" % host,
                    prints=" 1 received")
        self.say("A good change goes from the canary to all.")
        self.do("ctl --wait=hosts --canary=host1 set-policy prod/management "
                "forged-transmits=accept")
        self.do("ctl --columns=operation,arguments,state,fault find Task "
                "operation=rollout",
                prints=r"(?s)(?=.*: error.*host1)(?=.*: success)")
        self.do("ctl --columns=host,status,rolled_back list Proxy_State",
                prints="(: up(.*\n)*.*){3}")

    def cut_off(self, change, words):
        """Makes a change that cuts the hosts off, and waits until they are
        back, and until it has been taken back for all: 'words' are in the
        event that says so."""
        self.do("ctl --wait=none " + change)
        self.wait("ctl --columns=object,host,message find Event "
                  "type=RollbackEvent", words,
                  ROLLBACK_TIMEOUT + ROLLBACK_PATIENCE)
        self.wait("ctl --columns=host,status,rolled_back list Proxy_State",
                  "(: up(.*\n)*.*){3}", ROLLBACK_PATIENCE)
        # Each host goes back by its own clock, and what the database knows of
        # one that has not yet is as old as the cut.
        for host in ("host1", "host2", "host3"):
            self.wait("host exec %s -- ping -c 1 -W 1 172.31.0.1" % host,
                      " 1 received", ROLLBACK_PATIENCE)

    # How it is given.

    @staticmethod
    def say(text):
        print("\n" + "\n".join("# " + line for line in text.split("\n")),
              flush=True)

    def command(self, words):
        return [sys.executable, self.program.script,
                "--dir=" + self.sandbox.directory] + words

    def do(self, command, prints="", status=0):
        """Runs a dvs-lab command, shows it, and returns what it printed."""
        self.steps += 1
        print("\n$ dvs-lab " + command, flush=True)
        done = subprocess.run(self.command(command.split()), text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.stdout:
            print(done.stdout.rstrip(), flush=True)
        self.check(command, done.returncode == status
                   and re.search(prints, done.stdout))
        return done.stdout

    def start(self, command):
        """Starts a dvs-lab command that pings, and shows it.  Returns what
        waits for its end, shows what it printed, and checks by its argument
        how many answers were received."""
        self.steps += 1
        print("\n$ dvs-lab %s &" % command, flush=True)
        process = subprocess.Popen(self.command(command.split()), text=True,
                                   stdout=subprocess.PIPE)

        def end(enough):
            said = process.communicate()[0]
            print(said.strip(), flush=True)
            received = re.search(r"(\d+) received", said)
            self.check(command, received and enough(int(received.group(1))))

        return end

    def wait(self, command, prints, seconds):
        """Runs a dvs-lab command again and again, until it prints what it
        should; shows that time only."""
        self.steps += 1
        start = time.monotonic()
        while True:
            said = subprocess.run(self.command(command.split()), text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT).stdout
            took = time.monotonic() - start
            if re.search(prints, said) or took > seconds:
                break
            time.sleep(0.2)
        print("\n$ dvs-lab %s   # after %.1f s" % (command, took), flush=True)
        print(said.rstrip(), flush=True)
        self.check(command, re.search(prints, said))

    def ping(self, vm, address, answered=True):
        if answered:
            self.do("exec %s -- ping -c 3 -i 0.2 -W 2 %s" % (vm, address),
                    prints=" 3 received")
        else:
            self.do("exec %s -- ping -c 3 -i 0.2 -W 1 %s" % (vm, address),
                    prints=" 0 received", status=1)

    def port_of(self, vm):
        """Returns the key of a VM's port, without showing how."""
        said = subprocess.run(self.command(["vm", "list"]), text=True,
                              stdout=subprocess.PIPE).stdout
        found = re.search(r"^%s +\S+ +\S+ +(\d+) " % vm, said, re.M)
        return found.group(1) if found else ""

    def check(self, command, good):
        """Remembers 'command' as one that did not work unless 'good'."""
        if not good:
            print("!!! This is not what should have come of it.", flush=True)
            self.failures.append("dvs-lab " + command)

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

"""The commands of dvs-lab(1).

A command that deals with the inside of a lab runs there: the program starts
itself once more in the lab's namespaces (option --inside).
"""

import argparse
import contextlib
import os
import subprocess
import sys

from . import daemons
from .demo import Demo
from .lab import (MANAGEMENT, MANAGEMENT_DEVICE, MANAGEMENT_VLAN, MAX_HOSTS,
                  Lab, Tools)
from .sandbox import Sandbox
from .util import LabError, table

DEFAULT_VMS = (("web1", "web"), ("web2", "web"), ("db1", "db"))


class Program:
    """One run of dvs-lab.  'script' is the file it was started as."""

    def __init__(self, script, version, tools):
        self.script = script
        self.version = version
        self.tools = tools
        self.args = None
        self.raw = None
        self.sandbox = None

    def main(self, argv):
        """Returns the exit status."""
        self.raw = argv
        self.args = parser(self.version).parse_args(argv)
        self.sandbox = Sandbox(self.args.dir)
        os.environ.setdefault("TERM", "dumb")
        try:
            if self.args.inside:
                # The way in has led through the root directory.
                with contextlib.suppress(OSError):
                    os.chdir(self.args.inside)
            if self.args.outside or self.args.inside:
                return self.args.function(self) or 0
            return self._go_inside()
        except LabError as e:
            print("dvs-lab: %s" % e, file=sys.stderr)
            return 1
        except BrokenPipeError:
            os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
            return 1
        except KeyboardInterrupt:
            return 130

    def self_command(self, *argv):
        """Returns the command that runs this program on the same lab."""
        return [sys.executable, self.script,
                "--dir=" + self.sandbox.directory, *argv]

    def _inner_command(self):
        """Returns the command that runs this same command inside."""
        # Inside, everybody is root and would have root's default.
        os.environ["DVS_LAB_DIR"] = default_directory()
        return self.sandbox.enter_command(
            self.self_command("--inside=" + os.getcwd(), *self.raw))

    def _go_inside(self):
        command = self._inner_command()
        sys.stdout.flush()
        os.execvp(command[0], command)

    def lab(self):
        """Returns the lab, which has to be there."""
        lab = Lab(self.sandbox.directory, self.tools)
        if "ready" not in lab.config:
            raise LabError("%s: the lab is not ready yet" % lab.directory)
        return lab

    # Building and removing.

    def up(self):
        if self.args.inside:
            return self._up_inside()
        if not 1 <= self.args.hosts <= MAX_HOSTS:
            raise LabError("--hosts: 1 to %d" % MAX_HOSTS)
        if not 1 <= self.args.uplinks <= 32:
            raise LabError("--uplinks: 1 to 32")
        if self.args.management and self.args.empty:
            raise LabError("--management: needs the switch that --empty "
                           "leaves out")
        self.tools.check()
        self.sandbox.lock()
        if (self.sandbox.keeper()
                and "ready" in Lab(self.sandbox.directory,
                                   self.tools).config):
            raise LabError("there is a lab in %s already (end it with: "
                           "dvs-lab down)" % self.sandbox.directory)
        # Whatever an "up" has left that was killed halfway.
        self.sandbox.destroy()
        self.sandbox.lock()
        status = 1
        try:
            self.sandbox.create(self.self_command("keeper"))
            status = subprocess.call(self._inner_command())
        finally:
            if status:
                self.sandbox.destroy()
        return status

    def _up_inside(self):
        lab = Lab(self.sandbox.directory, self.tools)
        say("Building %d hosts with %d uplinks each ..."
            % (self.args.hosts, self.args.uplinks))
        try:
            lab.build(self.args.hosts, self.args.uplinks, self.args.datapath)
            if not self.args.empty:
                say('Making switch "prod" of all hosts, with portgroups "web" '
                    '(VLAN 10) and "db" (VLAN 20) ...')
                lab.create_switch()
            if self.args.management:
                say('Moving the hosts\' path to the database onto the switch, '
                    'into portgroup "%s" (VLAN %d) ...'
                    % (MANAGEMENT, MANAGEMENT_VLAN))
                lab.create_management()
            if not (self.args.empty or self.args.no_vms):
                self._start_vms(lab)
        except LabError:
            tails(lab, "", 5)
            raise
        lab.config["ready"] = True
        lab.save()
        self._advise(lab)

    def _start_vms(self, lab):
        """Starts the VMs of a new lab, and sees whether they are connected.
        """
        say("Starting VMs ...")
        for i, (name, portgroup) in enumerate(DEFAULT_VMS):
            host = lab.hosts[min(i, len(lab.hosts) - 1)]
            say("  " + self._about(lab.vms.add(name, host, portgroup)))
        address = lab.vms.get("web2")["ip"].split("/")[0]
        say("$ ping -c 3 -i 0.2 %s   # in web1" % address)
        say(lab.vms.machine("web1").run("ping", "-c", "3", "-i", "0.2", "-W",
                                        "2", address).strip())

    @staticmethod
    def _about(vm):
        return "%s on %s, portgroup %s, %s, %s" % (
            vm["name"], vm["host"], vm["portgroup"], vm["mac"], vm["ip"])

    def _advise(self, lab):
        me = "dvs-lab"
        if self.args.dir != default_directory():
            me += " --dir=" + self.args.dir
        if self.args.empty:
            lines = ["ctl add-switch prod uplinks=%d datapath=%s"
                     % (len(lab.nics), lab.config["datapath"]), "ctl show"]
        elif self.args.no_vms:
            lines = ["ctl show", "vm add web1 --host host1 --portgroup web"]
        else:
            lines = ["ctl show", "exec web1 -- ping -c 3 10.0.0.2",
                     "exec web1 -- ping -c 3 -W 1 10.0.0.3   # VLAN 20: no "
                     "answer",
                     "vm move web2 " + lab.hosts[-1],
                     "cable down host1 nic1                  # and ping "
                     "again"]
        say("Ready.  Try:")
        for line in lines + ["status", "down"]:
            say("  %s %s" % (me, line))

    def down(self):
        if not os.path.isdir(self.sandbox.directory):
            raise LabError("no lab in %s" % self.sandbox.directory)
        self.sandbox.lock()
        self.sandbox.destroy()

    def keeper(self):
        self.sandbox.keep(self.args.report)

    def demo(self):
        return Demo(self).run()

    # Looking.

    def status(self):
        lab = self.lab()
        print("%s: %d hosts with %d uplinks each, datapath %s" % (
            lab.directory, lab.config["hosts"], lab.config["uplinks"],
            lab.config["datapath"]))
        rows = []
        for name in ["central", "tor"] + lab.hosts:
            running = ["%s %s" % (what, daemon.pid() or "DEAD")
                       for what, daemon in lab.daemons(name).items()]
            rows.append((name, "  ".join(running), self._links(lab, name)))
        print("\n" + table(("MACHINE", "DAEMONS (PID)", "LINKS"), rows))
        self.vm_list()

    @staticmethod
    def _links(lab, name):
        """Returns which links of host 'name' are up."""
        if name not in lab.hosts:
            return ""
        machine = lab.machine(name)
        path = (MANAGEMENT_DEVICE if name in lab.config.get(MANAGEMENT, [])
                else "mgmt0")
        return "  ".join("%s %s" % (nic,
                                    "up" if machine.is_up(nic) else "DOWN")
                         for nic in lab.nics + [path])

    def logs(self):
        what = self.args.what or ""
        if not tails(self.lab(), what, None if what else 5):
            raise LabError('no log of "%s"' % what)

    # Machines.

    def execute(self):
        lab = self.lab()
        return on_machine(lab.vms.machine(self.args.vm), self.args.command)

    def host_execute(self):
        lab = self.lab()
        lab.check_host(self.args.host)
        return on_machine(lab.machine(self.args.host), self.args.command)

    def ctl(self):
        return on_machine(self.lab().machine("central"),
                          ["dvsctl"] + self.args.arguments)

    def vm_add(self):
        a = self.args
        vm = self.lab().vms.add(a.vm, a.host, a.portgroup, a.ip, a.mac, a.nic,
                                not a.no_wait)
        print(self._about(vm))

    def vm_del(self):
        self.lab().vms.remove(self.args.vm)

    def vm_move(self):
        self.lab().vms.move(self.args.vm, self.args.host,
                            not self.args.silent, not self.args.no_wait)

    def vm_list(self):
        vms = self.lab().vms
        print("\n" * (self.args.function == Program.status)
              + table(("VM", "HOST", "PORTGROUP", "PORT", "MAC", "ADDRESS",
                       "NIC"),
                      [(vm["name"], vm["host"], vm["portgroup"],
                        vms.port(vm), vm["mac"], vm["ip"], vm["nic"])
                       for vm in vms.list()]))

    # The physical network.

    def cable(self):
        self.lab().cable(self.args.host, self.args.nic,
                         self.args.state == "up")

    def tor_allow(self):
        lab = self.lab()
        lab.check_nic(self.args.host, self.args.nic)
        lab.tor().allow("%s-%s" % (self.args.host, self.args.nic),
                        self.args.vlans)

    def tor_mtu(self):
        if not 68 <= self.args.mtu <= 9216:
            raise LabError("MTU: 68 to 9216")
        self.lab().tor().set_mtu(self.args.mtu)

    def tor_lacp(self):
        lab = self.lab()
        nics = self.args.nics.split(",")
        for nic in nics:
            lab.check_nic(self.args.host, nic)
        lab.tor().lacp(["%s-%s" % (self.args.host, nic) for nic in nics],
                       self.args.state == "on")

    def tor_dump(self):
        print(self.lab().tor().dump())

    # Breaking and mending.

    def kill(self):
        self.lab().daemon(self.args.what, self.args.host).kill()

    def start(self):
        self.lab().daemon(self.args.what, self.args.host).start()

    def cut(self):
        self.lab().management(self.args.host, False)

    def heal(self):
        self.lab().management(self.args.host, True)


def say(text):
    print(text, flush=True)


def on_machine(machine, command):
    """Becomes 'command' on 'machine'."""
    if command[:1] == ["--"]:
        command = command[1:]
    command = command or ["bash"]
    here = os.getcwd()
    machine.enter()
    with contextlib.suppress(OSError):
        os.chdir(here)
    sys.stdout.flush()
    try:
        os.execvpe(command[0], command, machine.env or os.environ)
    except OSError as e:
        raise LabError("%s: %s" % (command[0], e.strerror))


def tails(lab, what, lines):
    """Prints the last 'lines' (None for all) of each log of a machine or
    program whose name contains 'what'; returns how many."""
    count = 0
    for name in ["central", "tor"] + lab.hosts:
        folder = os.path.join(lab.directory, name)
        if not os.path.isdir(folder):
            continue
        for file in sorted(os.listdir(folder)):
            program, extension = os.path.splitext(file)
            called = [name, program, "%s/%s" % (name, program)]
            called += [w for t in (daemons.CENTRAL, daemons.HOST)
                       for w, p in t.items() if p == program
                       and (t is daemons.CENTRAL) == (name == "central")]
            if extension == ".log" and (not what or what in called):
                path = os.path.join(folder, file)
                print("==> %s <==" % path)
                with open(path, errors="replace") as f:
                    text = f.readlines()
                print("".join(text if lines is None else text[-lines:]))
                count += 1
    return count


def default_directory():
    """Returns where the lab lies unless --dir says otherwise."""
    if "DVS_LAB_DIR" in os.environ:
        return os.environ["DVS_LAB_DIR"]
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and os.path.isdir(runtime):
        return os.path.join(runtime, "dvs-lab")
    return "/tmp/dvs-lab-%d" % os.geteuid()


def parser(version):
    """Returns the description of the command line."""
    top = argparse.ArgumentParser(
        prog="dvs-lab", allow_abbrev=False,
        description="A datacentre on one machine: hosts with their switches, "
        "VMs, a physical network and the central database, all in namespaces "
        "of their own.  See dvs-lab(1).")
    top.add_argument("--dir", default=default_directory(),
                     help="where the lab's state and logs lie "
                     "(default: %(default)s)")
    top.add_argument("--inside", metavar="CWD", help=argparse.SUPPRESS)
    top.add_argument("-V", "--version", action="version",
                     version="dvs-lab " + version)
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _main_commands(commands)
    _machine_commands(commands)
    _network_commands(commands)
    return top


def _add(commands, name, function, help=None, outside=False, verbatim=False,
         **positionals):
    """Adds command 'name'; 'outside' ones run outside the sandbox first.  The
    arguments of 'verbatim' ones are for another program."""
    options = {"help": help} if help else {}
    if verbatim:
        options.update(prefix_chars="\0", add_help=False)
    p = commands.add_parser(name, description=help, allow_abbrev=False,
                            **options)
    p.set_defaults(function=function, outside=outside)
    for positional, settings in positionals.items():
        p.add_argument(positional, **settings)
    return p


def _group(commands, name, help):
    group = commands.add_parser(name, help=help, description=help)
    return group.add_subparsers(metavar="COMMAND", required=True)


def _main_commands(commands):
    p = _add(commands, "up", Program.up, "build a lab", outside=True)
    p.add_argument("--hosts", type=int, default=3, metavar="N",
                   help="hosts host1..hostN (default: 3)")
    p.add_argument("--uplinks", type=int, default=2, metavar="N",
                   help="NICs nic1..nicN of each (default: 2)")
    p.add_argument("--datapath", choices=("netdev", "system"),
                   default="netdev", help="Open vSwitch's datapath: in "
                   "userspace (the default) or in the kernel")
    p.add_argument("--no-vms", action="store_true",
                   help="a switch with portgroups, but no VMs")
    p.add_argument("--empty", action="store_true",
                   help="no switch and no VMs")
    p.add_argument("--management", action="store_true",
                   help="hosts reach the database through the switch")
    _add(commands, "down", Program.down, "remove the lab, every trace of it",
         outside=True)
    _add(commands, "status", Program.status, "what there is, what runs")
    _add(commands, "logs", Program.logs, "the ends of all logs, or the whole "
         "logs of WHAT (a host, central, tor; agent, controller ...)",
         what=dict(nargs="?", metavar="WHAT"))
    _add(commands, "demo", Program.demo, "a guided tour, in a lab of its own",
         outside=True)
    _add(commands, "keeper", Program.keeper, outside=True,
         report=dict(type=int))


def _machine_commands(commands):
    rest = dict(nargs=argparse.REMAINDER)
    host = dict(metavar="HOST")
    vm = dict(metavar="VM")
    vms = _group(commands, "vm", "virtual machines")
    p = _add(vms, "add", Program.vm_add, "start a VM with one NIC", vm=vm)
    p.add_argument("--host", required=True)
    p.add_argument("--portgroup", required=True,
                   help="PORTGROUP or SWITCH/PORTGROUP")
    p.add_argument("--ip", metavar="A/LEN", help="its address, or none "
                   "(default: the next one of 10.0.0.0/24)")
    p.add_argument("--mac", help="its MAC address")
    p.add_argument("--nic", metavar="ID",
                   help="what its NIC is known by (default: a new UUID)")
    p.add_argument("--no-wait", action="store_true",
                   help="return before its port works")
    _add(vms, "del", Program.vm_del, "switch a VM off and remove it", vm=vm)
    _add(vms, "list", Program.vm_list, "all VMs")
    p = _add(vms, "move", Program.vm_move, "migrate a VM", vm=vm, host=host)
    p.add_argument("--silent", action="store_true",
                   help="the VM does not announce its arrival by RARP")
    p.add_argument("--no-wait", action="store_true",
                   help="move it even before its port at the destination "
                   "works")
    _add(commands, "exec", Program.execute, "run a command in a VM", vm=vm,
         command=rest)
    hosts = _group(commands, "host", "hosts")
    _add(hosts, "exec", Program.host_execute, "run a command on a host",
         host=host, command=rest)
    _add(commands, "ctl", Program.ctl, "dvsctl on this lab's database",
         verbatim=True, arguments=rest)


def _network_commands(commands):
    host = dict(metavar="HOST")
    nic = dict(metavar="NIC")
    p = _add(commands, "cable", Program.cable, "pull or plug a host's cable",
             state=dict(choices=("down", "up")), host=host, nic=nic)
    tor = _group(commands, "tor", "the physical switch")
    _add(tor, "allow", Program.tor_allow, "which VLANs it carries for a NIC",
         host=host, nic=nic,
         vlans=dict(metavar="VLANS", help="all, none, or like 0,10,20-29"))
    _add(tor, "mtu", Program.tor_mtu, "the largest payload it carries",
         mtu=dict(type=int, metavar="BYTES"))
    _add(tor, "lacp", Program.tor_lacp, "make or unmake a port channel",
         host=host, nics=dict(metavar="NIC,NIC"),
         state=dict(choices=("on", "off")))
    _add(tor, "dump", Program.tor_dump, "its ports, and what it has learned")
    whats = ", ".join(list(daemons.CENTRAL) + list(daemons.HOST))
    for name, function, help in (
            ("kill", Program.kill, "end a daemon as a crash would"),
            ("start", Program.start, "start it again")):
        _add(commands, name, function, help,
             what=dict(metavar="WHAT", help=whats),
             host=dict(nargs="?", metavar="HOST"))
    for name, function, help in (
            ("cut", Program.cut, "cut a host's path to the database"),
            ("heal", Program.heal, "mend it")):
        _add(commands, name, function, help, host=host)

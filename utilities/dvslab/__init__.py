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

"""dvs-lab: a datacentre on one machine, in namespaces of its own.

From the bottom up:

  util       errors, running commands, waiting
  sandbox    the namespaces that hold a lab, and how to get in and out
  machine    one network stack in there (a host, the switch, a VM), devices
  ovsdb      a few lines of OVSDB client
  daemons    which daemon runs where: start, kill, see
  tor        the physical network, a top-of-rack switch
  lab        the whole: its directory, its hosts, building it
  vm         virtual machines: plug, unplug, migrate
  demo       the guided tour
  cli        the commands of dvs-lab(1)

The system tests use 'lab' and what lies below as a library.
"""

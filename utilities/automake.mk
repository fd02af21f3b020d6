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

bin_PROGRAMS += utilities/dvsctl
utilities_dvsctl_SOURCES = utilities/dvsctl.c
utilities_dvsctl_LDADD = schema/libdvs.la $(OVS_LIBS)

# dvs-lab, a Python program: a script that finds its modules.
bin_SCRIPTS += utilities/dvs-lab
EXTRA_DIST += utilities/dvs-lab.in
CLEANFILES += utilities/dvs-lab
dvslabdir = $(pkgdatadir)/dvslab
dist_dvslab_DATA = \
	utilities/dvslab/__init__.py \
	utilities/dvslab/cli.py \
	utilities/dvslab/daemons.py \
	utilities/dvslab/demo.py \
	utilities/dvslab/lab.py \
	utilities/dvslab/machine.py \
	utilities/dvslab/ovsdb.py \
	utilities/dvslab/sandbox.py \
	utilities/dvslab/tor.py \
	utilities/dvslab/util.py \
	utilities/dvslab/vm.py

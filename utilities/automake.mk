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
utilities_dvsctl_SOURCES = \
	utilities/ctl-canary.c \
	utilities/ctl-canary.h \
	utilities/ctl-check.c \
	utilities/ctl-check.h \
	utilities/ctl-client.c \
	utilities/ctl-command.h \
	utilities/ctl-connection.c \
	utilities/ctl-context.c \
	utilities/ctl-context.h \
	utilities/ctl-daemon.c \
	utilities/ctl-document.c \
	utilities/ctl-daemon.h \
	utilities/ctl-feature.c \
	utilities/ctl-feature.h \
	utilities/ctl-host.c \
	utilities/ctl-key.c \
	utilities/ctl-key.h \
	utilities/ctl-class.c \
	utilities/ctl-lag.c \
	utilities/ctl-nic.c \
	utilities/ctl-options.c \
	utilities/ctl-options.h \
	utilities/ctl-plan-admit.c \
	utilities/ctl-plan-admit.h \
	utilities/ctl-plan-host.c \
	utilities/ctl-plan-host.h \
	utilities/ctl-plan-read.c \
	utilities/ctl-plan-read.h \
	utilities/ctl-plan-task.c \
	utilities/ctl-plan-task.h \
	utilities/ctl-plan.c \
	utilities/ctl-plan.h \
	utilities/ctl-policy.c \
	utilities/ctl-policy.h \
	utilities/ctl-pool.c \
	utilities/ctl-port-state.c \
	utilities/ctl-port-state.h \
	utilities/ctl-port.c \
	utilities/ctl-portgroup.c \
	utilities/ctl-portgroup.h \
	utilities/ctl-prepare.c \
	utilities/ctl-prepare.h \
	utilities/ctl-room.c \
	utilities/ctl-room.h \
	utilities/ctl-pvlan.c \
	utilities/ctl-rates.c \
	utilities/ctl-rates.h \
	utilities/ctl-rule.c \
	utilities/ctl-run.c \
	utilities/ctl-run.h \
	utilities/ctl-show.c \
	utilities/ctl-state.c \
	utilities/ctl-switch.c \
	utilities/ctl-sync.c \
	utilities/ctl-sync.h \
	utilities/ctl-table.c \
	utilities/ctl-table.h \
	utilities/ctl-task.c \
	utilities/ctl-task.h \
	utilities/ctl-uplink.c \
	utilities/ctl-uplink.h \
	utilities/ctl-view.c \
	utilities/ctl-view.h \
	utilities/dvsctl.c
utilities_dvsctl_LDADD = schema/libdvs.la $(OVS_LIBS)
man_MANS += utilities/dvsctl.8
EXTRA_DIST += utilities/dvsctl.8.in
CLEANFILES += utilities/dvsctl.8
bashcompletiondir = $(sysconfdir)/bash_completion.d
dist_bashcompletion_DATA = utilities/dvsctl-bashcomp.bash

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

# What a system runs: units, their settings, rotation of logs.
UNITS = \
	utilities/systemd/dvs-agent.service \
	utilities/systemd/dvs-controller.service \
	utilities/systemd/dvs-ovsdb-server.service
systemddir = $(prefix)/lib/systemd/system
systemd_DATA = $(UNITS)
pkgdata_SCRIPTS = utilities/dvs-db-setup
EXTRA_DIST += \
	utilities/dvs-db-setup.in \
	utilities/systemd/dvs-agent.default \
	utilities/systemd/dvs-agent.service.in \
	utilities/systemd/dvs-controller.default \
	utilities/systemd/dvs-controller.service.in \
	utilities/systemd/dvs-ovsdb-server.default \
	utilities/systemd/dvs-ovsdb-server.service.in \
	utilities/systemd/dvs.logrotate.in
CLEANFILES += \
	$(UNITS) \
	utilities/dvs-db-setup \
	utilities/systemd/dvs.logrotate
ALL_LOCAL += utilities/systemd/dvs.logrotate

# Files that an administrator edits are installed once and never replaced,
# and removed only as long as they are as they were.
ETC_FILES = \
	$(srcdir)/utilities/systemd/dvs-agent.default:default/dvs-agent \
	$(srcdir)/utilities/systemd/dvs-controller.default:default/dvs-controller \
	$(srcdir)/utilities/systemd/dvs-ovsdb-server.default:default/dvs-ovsdb-server \
	utilities/systemd/dvs.logrotate:logrotate.d/dvs
INSTALL_DATA_LOCAL += install-etc
install-etc: utilities/systemd/dvs.logrotate
	@for pair in $(ETC_FILES); do \
	  target="$(DESTDIR)$(sysconfdir)/$${pair#*:}"; \
	  test -e "$$target" || \
	    { $(MKDIR_P) "$${target%/*}" && \
	      $(INSTALL_DATA) "$${pair%%:*}" "$$target"; } || exit 1; \
	done
UNINSTALL_LOCAL += uninstall-etc
uninstall-etc: utilities/systemd/dvs.logrotate
	@for pair in $(ETC_FILES); do \
	  target="$(DESTDIR)$(sysconfdir)/$${pair#*:}"; \
	  if cmp -s "$${pair%%:*}" "$$target"; then rm -f "$$target"; fi; \
	done

man_MANS += utilities/dvs-lab.1
EXTRA_DIST += utilities/dvs-lab.1.in
CLEANFILES += utilities/dvs-lab.1

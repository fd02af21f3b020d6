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

# libcontroller: all of dvs-controller but its main(), so that tests can link it.
noinst_LTLIBRARIES += controller/libcontroller.la
controller_libcontroller_la_SOURCES = \
	controller/binder.c \
	controller/binding.c \
	controller/binding.h \
	controller/budgets.c \
	controller/budgets.h \
	controller/classes.c \
	controller/checkpoints.c \
	controller/checkpoints.h \
	controller/claims.c \
	controller/claims.h \
	controller/compile-host.c \
	controller/compile-port.c \
	controller/compile-switch.c \
	controller/compile.h \
	controller/concerns.h \
	controller/controller.c \
	controller/controller.h \
	controller/debug.c \
	controller/dirty.c \
	controller/dirty.h \
	controller/event-list.c \
	controller/event-list.h \
	controller/events.c \
	controller/events.h \
	controller/faults.c \
	controller/faults.h \
	controller/global.c \
	controller/host-budget.c \
	controller/host-budget.h \
	controller/hosts.c \
	controller/indexes-collect.c \
	controller/indexes.c \
	controller/indexes.h \
	controller/inputs-identity.c \
	controller/inputs-state.c \
	controller/inputs.c \
	controller/inputs.h \
	controller/lags.c \
	controller/liveness.c \
	controller/liveness.h \
	controller/monitor.c \
	controller/monitor.h \
	controller/pass.c \
	controller/pass.h \
	controller/plugged.c \
	controller/pnics.c \
	controller/pnics.h \
	controller/pools.c \
	controller/portgroups.c \
	controller/pvlans.c \
	controller/ports.c \
	controller/rbac.c \
	controller/seen.c \
	controller/seen.h \
	controller/slots.c \
	controller/statistics.c \
	controller/switches.c \
	controller/rollback-parts.c \
	controller/rollback-parts.h \
	controller/rollbacks.c \
	controller/rollouts.c \
	controller/rollouts.h \
	controller/room.c \
	controller/sync.c \
	controller/sync.h \
	controller/task-hosts.c \
	controller/task-document.c \
	controller/task-import.c \
	controller/task-lookup.c \
	controller/task-merge.c \
	controller/task-move.c \
	controller/task-rollout.c \
	controller/task-upgrade.c \
	controller/tasks.c \
	controller/tasks.h \
	controller/uplink-ports.c \
	controller/unsupported.c \
	controller/view.c \
	controller/view.h \
	controller/vnics.c
controller_libcontroller_la_LIBADD = schema/libdvs.la

sbin_PROGRAMS += controller/dvs-controller
controller_dvs_controller_SOURCES = controller/dvs-controller.c
controller_dvs_controller_LDADD = controller/libcontroller.la $(OVS_LIBS)

man_MANS += controller/dvs-controller.8
EXTRA_DIST += controller/dvs-controller.8.in
CLEANFILES += controller/dvs-controller.8

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

# libovs-bridge: all of dvs-agent but its main(), so that tests can link it.
noinst_LTLIBRARIES += ovs-bridge/libovs-bridge.la
ovs_bridge_libovs_bridge_la_SOURCES = \
	ovs-bridge/agent-adopt.c \
	ovs-bridge/agent-config.c \
	ovs-bridge/agent-debug.c \
	ovs-bridge/agent-flows.c \
	ovs-bridge/agent.c \
	ovs-bridge/agent.h \
	ovs-bridge/balance.c \
	ovs-bridge/balance.h \
	ovs-bridge/beacon.c \
	ovs-bridge/beacon.h \
	ovs-bridge/bridge-config.c \
	ovs-bridge/bridge-config.h \
	ovs-bridge/confirm.c \
	ovs-bridge/confirm.h \
	ovs-bridge/desired-format.c \
	ovs-bridge/desired-private.h \
	ovs-bridge/counters.c \
	ovs-bridge/counters.h \
	ovs-bridge/desired.c \
	ovs-bridge/desired.h \
	ovs-bridge/features.c \
	ovs-bridge/features.h \
	ovs-bridge/host-cache-file.c \
	ovs-bridge/host-cache.c \
	ovs-bridge/host-cache.h \
	ovs-bridge/host-made.c \
	ovs-bridge/host-made.h \
	ovs-bridge/host-view-db.c \
	ovs-bridge/host-view-beacon.c \
	ovs-bridge/host-view-place.c \
	ovs-bridge/host-view-db.h \
	ovs-bridge/host-view-rows.c \
	ovs-bridge/host-view-take.c \
	ovs-bridge/host-view-lag.c \
	ovs-bridge/host-view-port.c \
	ovs-bridge/host-view-private.h \
	ovs-bridge/host-view-switch.c \
	ovs-bridge/host-view-team.c \
	ovs-bridge/host-view.c \
	ovs-bridge/host-view-rules.c \
	ovs-bridge/host-view.h \
	ovs-bridge/installed.c \
	ovs-bridge/installed.h \
	ovs-bridge/local-view-rows.c \
	ovs-bridge/local-view.c \
	ovs-bridge/local-view.h \
	ovs-bridge/lacp-partners.c \
	ovs-bridge/lacp-partners.h \
	ovs-bridge/lacp-show.c \
	ovs-bridge/lacp-show.h \
	ovs-bridge/learned.c \
	ovs-bridge/learned.h \
	ovs-bridge/load.c \
	ovs-bridge/load.h \
	ovs-bridge/multicast.c \
	ovs-bridge/multicast.h \
	ovs-bridge/notify.c \
	ovs-bridge/notify.h \
	ovs-bridge/of-batch.c \
	ovs-bridge/of-batch.h \
	ovs-bridge/of-read.c \
	ovs-bridge/of-read.h \
	ovs-bridge/of-count.c \
	ovs-bridge/of-count.h \
	ovs-bridge/of-conn-change.c \
	ovs-bridge/of-conn-private.h \
	ovs-bridge/of-conn.c \
	ovs-bridge/of-conn.h \
	ovs-bridge/ovs-sync-datapath.c \
	ovs-bridge/ovs-sync-host-nic.c \
	ovs-bridge/ovs-sync-private.h \
	ovs-bridge/ovs-sync-qos.c \
	ovs-bridge/ovs-sync-uplink.c \
	ovs-bridge/ovs-sync.c \
	ovs-bridge/ovs-sync.h \
	ovs-bridge/pnic.c \
	ovs-bridge/pnic.h \
	ovs-bridge/probing.c \
	ovs-bridge/probing.h \
	ovs-bridge/proxy-rows-text.c \
	ovs-bridge/proxy-rows.c \
	ovs-bridge/proxy-rows.h \
	ovs-bridge/proxy.c \
	ovs-bridge/proxy.h \
	ovs-bridge/report-learned.c \
	ovs-bridge/report-port.c \
	ovs-bridge/report-rules.c \
	ovs-bridge/report-statistics.c \
	ovs-bridge/report-switch.c \
	ovs-bridge/report.c \
	ovs-bridge/report.h \
	ovs-bridge/row-copy.c \
	ovs-bridge/row-copy.h \
	ovs-bridge/rule-hits.c \
	ovs-bridge/rule-hits.h \
	ovs-bridge/rule-log.c \
	ovs-bridge/rule-log.h \
	ovs-bridge/snoop.c \
	ovs-bridge/snoop.h \
	ovs-bridge/pipeline/actions.c \
	ovs-bridge/pipeline/actions.h \
	ovs-bridge/pipeline/pipeline.c \
	ovs-bridge/pipeline/pipeline.h \
	ovs-bridge/pipeline/port-vlans.c \
	ovs-bridge/pipeline/port-vlans.h \
	ovs-bridge/pipeline/rule-match.c \
	ovs-bridge/pipeline/rule-match.h \
	ovs-bridge/pipeline/stage-arrival.c \
	ovs-bridge/pipeline/stage-beacon.c \
	ovs-bridge/pipeline/stage-count.c \
	ovs-bridge/pipeline/stage-flood.c \
	ovs-bridge/pipeline/stage-in.c \
	ovs-bridge/pipeline/stage-lag.c \
	ovs-bridge/pipeline/stage-limit.c \
	ovs-bridge/pipeline/stage-l2.c \
	ovs-bridge/pipeline/stage-learn.c \
	ovs-bridge/pipeline/stage-mark.c \
	ovs-bridge/pipeline/stage-mcast.c \
	ovs-bridge/pipeline/stage-out.c \
	ovs-bridge/pipeline/stage-pass.c \
	ovs-bridge/pipeline/stage-prom.c \
	ovs-bridge/pipeline/stage-rules.c \
	ovs-bridge/pipeline/stage-sec.c \
	ovs-bridge/pipeline/stage-shape.c \
	ovs-bridge/pipeline/stage-team.c \
	ovs-bridge/pipeline/stage-tell.c \
	ovs-bridge/pipeline/stage-tx-uplink.c \
	ovs-bridge/pipeline/stage-unknown.c \
	ovs-bridge/pipeline/stage-uplink.c
ovs_bridge_libovs_bridge_la_LIBADD = \
	ovs-bridge/libovs-idl.la \
	schema/libdvs.la

# libovs-idl: the local database.  It goes without the sanitizers, as
# libdvs-idl does.
noinst_LTLIBRARIES += ovs-bridge/libovs-idl.la
nodist_ovs_bridge_libovs_idl_la_SOURCES = \
	ovs-bridge/ovs-idl.c \
	ovs-bridge/ovs-idl.h
ovs_bridge_libovs_idl_la_CFLAGS = $(WARNING_FLAGS)

EXTRA_DIST += ovs-bridge/ovs-idl.ann
BUILT_SOURCES += ovs-bridge/ovs-idl.c ovs-bridge/ovs-idl.h
CLEANFILES += \
	ovs-bridge/ovs-idl.c \
	ovs-bridge/ovs-idl.h \
	ovs-bridge/ovs-idl.ovsidl
ovs-bridge/ovs-idl.ovsidl: $(OVS_BUILD)/vswitchd/vswitch.ovsschema \
		ovs-bridge/ovs-idl.ann schema/ovsdb-idlc
	$(AM_V_GEN)$(MKDIR_P) ovs-bridge && $(OVSDB_IDLC) annotate \
		$(OVS_BUILD)/vswitchd/vswitch.ovsschema \
		$(srcdir)/ovs-bridge/ovs-idl.ann > $@.tmp
	$(AM_V_at)mv $@.tmp $@
ovs-bridge/ovs-idl.c: ovs-bridge/ovs-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $< > $@.tmp && mv $@.tmp $@
ovs-bridge/ovs-idl.h: ovs-bridge/ovs-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $< > $@.tmp && mv $@.tmp $@
$(ovs_bridge_libovs_bridge_la_OBJECTS): | ovs-bridge/ovs-idl.h

sbin_PROGRAMS += ovs-bridge/dvs-agent
ovs_bridge_dvs_agent_SOURCES = ovs-bridge/dvs-agent.c
ovs_bridge_dvs_agent_LDADD = ovs-bridge/libovs-bridge.la $(OVS_LIBS)

man_MANS += ovs-bridge/dvs-agent.8
EXTRA_DIST += ovs-bridge/dvs-agent.8.in
CLEANFILES += ovs-bridge/dvs-agent.8

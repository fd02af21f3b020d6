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

# libdvs: the model library, linked by all programs.
noinst_LTLIBRARIES += schema/libdvs.la
schema_libdvs_la_SOURCES = \
	schema/dvs-checkpoint.c \
	schema/dvs-checkpoint.h \
	schema/dvs-class.c \
	schema/dvs-class.h \
	schema/dvs-columns.c \
	schema/dvs-columns.h \
	schema/dvs-daemon.c \
	schema/dvs-daemon.h \
	schema/dvs-document-check.c \
	schema/dvs-document-check.h \
	schema/dvs-document-class.c \
	schema/dvs-document-diff.c \
	schema/dvs-document-diff.h \
	schema/dvs-document-model.c \
	schema/dvs-document-model.h \
	schema/dvs-document-position.c \
	schema/dvs-document-restore.c \
	schema/dvs-document-restore.h \
	schema/dvs-document-rows.c \
	schema/dvs-document-rows.h \
	schema/dvs-document-tree.c \
	schema/dvs-fault.c \
	schema/dvs-host-feature.c \
	schema/dvs-host-feature.h \
	schema/dvs-host-nic.c \
	schema/dvs-host-nic.h \
	schema/dvs-impact.c \
	schema/dvs-impact.h \
	schema/dvs-import.c \
	schema/dvs-lag.c \
	schema/dvs-lag.h \
	schema/dvs-level.c \
	schema/dvs-level.h \
	schema/dvs-limits.h \
	schema/dvs-merge-hosts.c \
	schema/dvs-merge-pools.c \
	schema/dvs-merge.c \
	schema/dvs-merge.h \
	schema/dvs-model.c \
	schema/dvs-model.h \
	schema/dvs-move.c \
	schema/dvs-number.c \
	schema/dvs-number.h \
	schema/dvs-operation-document.c \
	schema/dvs-operation-document.h \
	schema/dvs-operation.c \
	schema/dvs-operation.h \
	schema/dvs-place.c \
	schema/dvs-place.h \
	schema/dvs-pool.c \
	schema/dvs-pool.h \
	schema/dvs-port-key.c \
	schema/dvs-port-key.h \
	schema/dvs-property.c \
	schema/dvs-property.h \
	schema/dvs-pvlan.c \
	schema/dvs-pvlan.h \
	schema/dvs-read.c \
	schema/dvs-read.h \
	schema/dvs-reservation.c \
	schema/dvs-reservation.h \
	schema/dvs-rollout.c \
	schema/dvs-rule.c \
	schema/dvs-rule.h \
	schema/dvs-setting-text.c \
	schema/dvs-setting.c \
	schema/dvs-setting.h \
	schema/dvs-statistics.c \
	schema/dvs-statistics.h \
	schema/dvs-user.c \
	schema/dvs-user.h \
	schema/dvs-validate.c \
	schema/dvs-write.c \
	schema/dvs-write.h
schema_libdvs_la_LIBADD = schema/libdvs-document.la schema/libdvs-idl.la

# libdvs-document: the part of libdvs that uses jansson.  Its source may not
# include openvswitch/json.h (see build-aux/ovs-json-names.h).
noinst_LTLIBRARIES += schema/libdvs-document.la
schema_libdvs_document_la_SOURCES = \
	schema/dvs-document.c \
	schema/dvs-document.h
schema_libdvs_document_la_CPPFLAGS = $(BASE_CPPFLAGS) $(JANSSON_CFLAGS)
schema_libdvs_document_la_LIBADD = $(JANSSON_LIBS)

# libdvs-idl: what is generated from the schema.  It goes without the
# sanitizers, which would make its compilation by far the longest.
noinst_LTLIBRARIES += schema/libdvs-idl.la
nodist_schema_libdvs_idl_la_SOURCES = \
	schema/dvs-idl.c \
	schema/dvs-idl.h
schema_libdvs_idl_la_CFLAGS = $(WARNING_FLAGS)

# The database schema.
pkgdata_DATA += schema/dvs.ovsschema
EXTRA_DIST += schema/dvs.ovsschema

ALL_LOCAL += schema/dvs.ovsschema.stamp
schema/dvs.ovsschema.stamp: schema/dvs.ovsschema
	$(AM_V_GEN)$(srcdir)/build-aux/cksum-schema-check $< $@
CLEANFILES += schema/dvs.ovsschema.stamp

# The schema's documentation, dvs(5).  ovsdb-doc refuses a table or column that
# is not documented.  It writes for Open vSwitch's own manual, so its title is
# put right, and the quotes in examples are kept as a shell wants them.
man_MANS += schema/dvs.5
EXTRA_DIST += schema/dvs.xml
CLEANFILES += schema/dvs.5
schema/dvs.5: schema/dvs.xml schema/dvs.ovsschema
	$(AM_V_GEN)$(OVSDB_DOC) --version=$(VERSION) \
		$(srcdir)/schema/dvs.ovsschema $(srcdir)/schema/dvs.xml > $@.tmp
	$(AM_V_at)$(SED) \
		-e '/^\.TH/s/"Open vSwitch /"dvs /' \
		-e '/^\.TH/s/"Open vSwitch Manual"/"DVS Manual"/' \
		-e '/^\\fL/s/\\(cq/\\(aq/g' $@.tmp > $@.tmp2
	$(AM_V_at)rm -f $@.tmp && mv $@.tmp2 $@

# The IDL compiler is Open vSwitch's, but for one thing: in the code that it
# generates for a column "key", the argument of that name collides with a
# local variable.
schema/ovsdb-idlc: $(OVS_BUILD)/ovsdb/ovsdb-idlc.in
	$(AM_V_GEN)$(MKDIR_P) schema && \
	$(SED) -e 's/union ovsdb_atom \*key\>/union ovsdb_atom *key_/' \
	    -e 's/\<key = xmalloc(/key_ = xmalloc(/' \
	    -e 's/sizeof \*key)/sizeof *key_)/' \
	    -e 's/datum\.keys = key;/datum.keys = key_;/' \
	    -e 's/"key->%s"/"key_->%s"/' $< > $@.tmp && mv $@.tmp $@

# The IDL.
EXTRA_DIST += schema/dvs-idl.ann
BUILT_SOURCES += schema/dvs-idl.c schema/dvs-idl.h
CLEANFILES += \
	schema/dvs-idl.c \
	schema/dvs-idl.h \
	schema/dvs-idl.ovsidl \
	schema/ovsdb-idlc
schema/dvs-idl.ovsidl: schema/dvs.ovsschema schema/dvs-idl.ann \
		schema/ovsdb-idlc
	$(AM_V_GEN)$(OVSDB_IDLC) annotate $(srcdir)/schema/dvs.ovsschema \
		$(srcdir)/schema/dvs-idl.ann > $@.tmp
	$(AM_V_at)mv $@.tmp $@
schema/dvs-idl.c: schema/dvs-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $< > $@.tmp && mv $@.tmp $@
schema/dvs-idl.h: schema/dvs-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $< > $@.tmp && mv $@.tmp $@

# BUILT_SOURCES come first only for the goals "all" and "check".  This is for
# goals like "schema/libdvs.la", before the first build has recorded the real
# dependencies.
$(schema_libdvs_la_OBJECTS) \
$(controller_libcontroller_la_OBJECTS) \
$(controller_dvs_controller_OBJECTS) \
$(ovs_bridge_libovs_bridge_la_OBJECTS) \
$(ovs_bridge_dvs_agent_OBJECTS) \
$(utilities_dvsctl_OBJECTS): | schema/dvs-idl.h

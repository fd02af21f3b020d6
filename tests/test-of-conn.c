/* Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* Brings a bridge in step with each FILE in turn, through the agent's own
 * OpenFlow connection, and prints what that took:
 *
 *     test-of-conn BRIDGE TARGET FILE...
 *
 * A line of a FILE is "flow FLOW", "group GROUP" or "meter METER" in the
 * syntax of ovs-ofctl(8), "resync", which has the bridge read back once more,
 * or "shell COMMAND", which is carried out. */

#include <config.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-flow.h"
#include "openvswitch/ofp-group.h"
#include "openvswitch/ofp-meter.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge/desired.h"
#include "ovs-bridge/of-conn.h"
#include "util.h"

#define OWNER DESIRED_COOKIE(DC_SWITCH, 0)

static void
check(char *error, const char *line)
{
    if (error) {
        ovs_fatal(0, "%s: %s", line, error);
    }
}

static void
put_flow(struct desired *desired, const char *text)
{
    enum ofputil_protocol protocols;
    struct ofputil_flow_mod fm;
    struct ofpbuf ofpacts;
    struct match match;

    check(parse_ofp_flow_mod_str(&fm, text, NULL, NULL, OFPFC_ADD,
                                 &protocols), text);
    minimatch_expand(&fm.match, &match);
    ofpbuf_use_const(&ofpacts, fm.ofpacts, fm.ofpacts_len);
    desired_flow(desired, fm.table_id == 0xff ? 0 : fm.table_id, fm.priority,
                 ntohll(fm.new_cookie), &match, &ofpacts);
    minimatch_destroy(&fm.match);
    free(fm.ofpacts);
}

static void
put_group(struct desired *desired, const char *text)
{
    enum ofputil_protocol protocols;
    struct ofputil_group_mod gm;

    check(parse_ofp_group_mod_str(&gm, OFPGC15_ADD, text, NULL, NULL,
                                  &protocols), text);
    if (gm.type == OFPGT11_ALL) {
        struct ofputil_bucket *bucket;

        LIST_FOR_EACH (bucket, list_node, &gm.buckets) {
            struct ofpbuf ofpacts;

            ofpbuf_use_const(&ofpacts, bucket->ofpacts, bucket->ofpacts_len);
            desired_bucket(desired, gm.group_id, bucket->bucket_id, &ofpacts);
        }
    } else {
        desired_group(desired, gm.group_id, gm.type, &gm.buckets, &gm.props);
    }
    ofputil_uninit_group_mod(&gm);
}

static void
put_meter(struct desired *desired, const char *text)
{
    enum ofputil_protocol protocols;
    struct ofputil_meter_mod mm;

    check(parse_ofp_meter_mod_str(&mm, text, OFPMC13_ADD, &protocols), text);
    desired_meter(desired, mm.meter.meter_id, (&(struct desired_meter) {
        .packets = (mm.meter.flags & OFPMF13_PKTPS) != 0,
        .rate = mm.meter.bands[0].rate,
        .burst = mm.meter.bands[0].burst_size,
    }));
    free(mm.meter.bands);
}

static void
run_shell(char *command)
{
    char *argv[] = { (char *) "sh", (char *) "-c", command, NULL };
    int status = 0;
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

    if (error) {
        ovs_fatal(error, "sh: cannot run");
    }
    if (waitpid(pid, &status, 0) != pid || status) {
        ovs_fatal(0, "%s: failed", command);
    }
}

/* Makes what 'file_name' holds the content of 'desired'. */
static void
load(const char *file_name, struct desired *desired, struct of_conn *conn)
{
    FILE *file = fopen(file_name, "r");
    struct ds line = DS_EMPTY_INITIALIZER;

    if (!file) {
        ovs_fatal(errno, "%s: open failed", file_name);
    }
    desired_begin(desired, OWNER);
    while (!ds_get_preprocessed_line(&line, file, NULL)) {
        char *text = ds_cstr(&line) + strspn(ds_cstr(&line), " ");

        if (!strncmp(text, "flow ", 5)) {
            put_flow(desired, text + 5);
        } else if (!strncmp(text, "group ", 6)) {
            put_group(desired, text + 6);
        } else if (!strncmp(text, "meter ", 6)) {
            put_meter(desired, text + 6);
        } else if (!strcmp(text, "resync")) {
            of_conn_resync(conn);
        } else if (!strncmp(text, "shell ", 6)) {
            run_shell(text + 6);
        } else {
            ovs_fatal(0, "%s: bad line: %s", file_name, text);
        }
    }
    desired_end(desired);
    ds_destroy(&line);
    fclose(file);
}

static void
settle(struct of_conn *conn)
{
    uint64_t mark = of_conn_mark(conn);

    while (!of_conn_in_step(conn, mark)) {
        of_conn_run(conn);
        if (!of_conn_in_step(conn, mark)) {
            of_conn_wait(conn);
            poll_block();
        }
    }
}

int
main(int argc, char *argv[])
{
    struct of_conn_stats before, after;
    struct desired desired;
    struct of_conn *conn;

    ovs_set_program_name(argv[0], VERSION);
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    if (argc < 4) {
        ovs_fatal(0, "usage: %s BRIDGE TARGET FILE...", program_name);
    }

    desired_init(&desired);
    conn = of_conn_create(argv[1], argv[2], &desired);
    of_conn_set_ready(conn);
    of_conn_get_stats(conn, &before);
    for (int i = 3; i < argc; i++) {
        struct ds error = DS_EMPTY_INITIALIZER;

        load(argv[i], &desired, conn);
        settle(conn);
        of_conn_get_stats(conn, &after);
        printf("%s: %llu flow mods, %llu group mods, ", argv[i],
               after.flow_mods - before.flow_mods,
               after.group_mods - before.group_mods);
        if (after.meter_mods != before.meter_mods) {
            printf("%llu meter mods, ", after.meter_mods - before.meter_mods);
        }
        printf("%llu bundles, %llu refused\n",
               after.bundles - before.bundles,
               after.refused - before.refused);
        if (desired_owner_error(&desired, OWNER, &error)) {
            printf("%s\n", ds_cstr(&error));
        }
        ds_destroy(&error);
        before = after;
    }
    of_conn_destroy(conn);
    desired_destroy(&desired);
    return 0;
}

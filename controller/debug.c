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

/* Control commands of dvs-controller that look inside it.
 *
 * Those of all daemons (exit, version, coverage ...) are in the model
 * library. */

#include <config.h>

#include "controller/controller.h"

#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "schema/dvs-idl.h"
#include "smap.h"
#include "svec.h"
#include "unixctl.h"
#include "util.h"

static void
debug_connection_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
                        const char *argv[] OVS_UNUSED, void *c_)
{
    struct controller *c = c_;

    unixctl_command_reply(conn, ovsdb_idl_is_connected(c->loop.idl)
                          ? "connected" : "not connected");
}

static void
debug_status(struct unixctl_conn *conn, int argc OVS_UNUSED,
             const char *argv[] OVS_UNUSED, void *c_)
{
    struct controller *c = c_;

    unixctl_command_reply(conn, c->active ? "active" : "standby");
}

static void
debug_recompute(struct unixctl_conn *conn, int argc OVS_UNUSED,
                const char *argv[] OVS_UNUSED, void *c_)
{
    struct controller *c = c_;

    if (c->active) {
        c->pending.full = true;
        unixctl_command_reply(conn, NULL);
    } else {
        unixctl_command_reply_error(conn, "this controller stands by");
    }
}

/* Adds to 'lines' the formatted text, followed by 'setting'. */
static void OVS_PRINTF_FORMAT(3, 4)
add_line(struct svec *lines, const struct smap *setting, const char *format,
         ...)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    const struct smap_node **nodes = smap_sort(setting);
    size_t n = smap_count(setting);
    va_list args;

    va_start(args, format);
    ds_put_format_valist(&line, format, args);
    va_end(args);
    for (size_t i = 0; i < n; i++) {
        ds_put_format(&line, " %s=%s", nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
    svec_add_nocopy(lines, ds_steal_cstr(&line));
}

/* Prints what hosts are to realise, one row a line, sorted, without the UUIDs
 * and versions of the rows: the same content gives the same text. */
static void
debug_proxy_dump(struct unixctl_conn *conn, int argc OVS_UNUSED,
                 const char *argv[] OVS_UNUSED, void *c_)
{
    struct controller *c = c_;
    struct ovsdb_idl *idl = c->loop.idl;
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    const struct dvsrec_proxy_switch *s;
    DVSREC_PROXY_SWITCH_FOR_EACH (s, idl) {
        struct ds uplinks = DS_EMPTY_INITIALIZER;
        for (size_t i = 0; i < s->n_uplinks; i++) {
            ds_put_format(&uplinks, "%s%s", i ? "," : "",
                          s->value_uplinks[i]);
        }
        add_line(&lines, &s->setting, "switch "UUID_FMT" %s bridge=%s "
                 "datapath=%s mtu=%"PRId64" uplinks=%s",
                 UUID_ARGS(&s->switch_), s->name, s->bridge,
                 s->datapath_type, s->mtu, ds_cstr(&uplinks));
        ds_destroy(&uplinks);
    }

    const struct dvsrec_proxy_portgroup *pg;
    DVSREC_PROXY_PORTGROUP_FOR_EACH (pg, idl) {
        add_line(&lines, &pg->setting, "portgroup "UUID_FMT" %s type=%s%s",
                 UUID_ARGS(&pg->portgroup), pg->name, pg->type,
                 pg->uplink ? " uplink" : "");
    }

    const struct dvsrec_proxy_host *host;
    DVSREC_PROXY_HOST_FOR_EACH (host, idl) {
        add_line(&lines, &host->uplinks, "host %s switch="UUID_FMT,
                 host->host, UUID_ARGS(&host->switch_));
    }

    const struct dvsrec_proxy_port *port;
    DVSREC_PROXY_PORT_FOR_EACH (port, idl) {
        add_line(&lines, &port->setting, "port %s switch="UUID_FMT" key=%s "
                 "nic=%s kind=%s mac=%s%s", port->host,
                 UUID_ARGS(&port->switch_), port->key, port->nic, port->kind,
                 port->mac, port->active ? " active" : "");
    }

    svec_sort(&lines);
    char *text = svec_join(&lines, "\n", lines.n ? "\n" : "");
    unixctl_command_reply(conn, text);
    free(text);
    svec_destroy(&lines);
}

static void
debug_task_operations(struct unixctl_conn *conn, int argc OVS_UNUSED,
                      const char *argv[] OVS_UNUSED, void *c_ OVS_UNUSED)
{
    struct ds text = DS_EMPTY_INITIALIZER;

    tasks_print_operations(&text);
    unixctl_command_reply(conn, ds_cstr(&text));
    ds_destroy(&text);
}

/* Registers the commands for 'c'. */
void
debug_register(struct controller *c)
{
    unixctl_command_register("connection-status", "", 0, 0,
                             debug_connection_status, c);
    unixctl_command_register("status", "", 0, 0, debug_status, c);
    unixctl_command_register("recompute", "", 0, 0, debug_recompute, c);
    unixctl_command_register("task/operations", "", 0, 0,
                             debug_task_operations, c);
    unixctl_command_register("proxy/dump", "", 0, 0, debug_proxy_dump, c);
}

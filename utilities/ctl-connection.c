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

/* dvsctl's commands for the database server's own connections, as ovs-vsctl
 * and ovn-sbctl have them: get-connection, set-connection, del-connection,
 * get-ssl, set-ssl, del-ssl. */

#include <config.h>

#include <limits.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "schema/dvs-limits.h"
#include "stream.h"
#include "svec.h"
#include "util.h"
#include "utilities/ctl-command.h"
#include "utilities/ctl-context.h"
#include "utilities/ctl-key.h"
#include "utilities/ctl-view.h"

VLOG_DEFINE_THIS_MODULE(dvsctl_connection);

/* Connections. */

static void
pre_connection(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &dvsrec_dvs_global_col_connections);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_connection_col_target);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_connection_col_read_only);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_connection_col_role);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_connection_col_inactivity_probe);
    ovsdb_idl_add_column(ctx->idl, &dvsrec_rbac_role_col_name);
}

static void
cmd_get_connection(struct ctl_context *ctx)
{
    const struct dvsrec_dvs_global *global = dvsctl_context_cast(ctx)->global;
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; global && i < global->n_connections; i++) {
        const struct dvsrec_connection *c = global->connections[i];

        svec_add_nocopy(&lines, xasprintf("%s role=\"%s\" %s",
                                          (c->read_only ? "read-only"
                                           : "read-write"),
                                          c->role, c->target));
    }
    svec_sort_unique(&lines);
    for (size_t i = 0; i < lines.n; i++) {
        ds_put_format(&ctx->output, "%s\n", lines.names[i]);
    }
    svec_destroy(&lines);
}

static void
cmd_del_connection(struct ctl_context *ctx)
{
    const struct dvsrec_dvs_global *global = dvsctl_context_cast(ctx)->global;

    dvsrec_dvs_global_verify_connections(global);
    dvsrec_dvs_global_set_connections(global, NULL, 0);
}

/* Returns true if there is a role named 'name', or the controller makes it. */
static bool
is_role(struct ctl_context *ctx, const char *name)
{
    const struct dvsrec_rbac_role *role;

    DVSREC_RBAC_ROLE_FOR_EACH (role, ctx->idl) {
        if (!strcmp(role->name, name)) {
            return true;
        }
    }
    return !name[0] || !strcmp(name, DVS_AGENT_ROLE);
}

/* Warns of a 'target' that is probably not what is meant with 'role'. */
static void
check_target(const char *target, const char *role)
{
    if (stream_verify_name(target) && pstream_verify_name(target)) {
        VLOG_WARN("target type \"%s\" is possibly erroneous", target);
    } else if (role[0] && strncmp(target, "pssl:", 5)
               && strncmp(target, "ssl:", 4)) {
        VLOG_WARN("%s: without TLS nobody has a role, and so nobody can write "
                  "anything", target);
    }
}

/* Words before a target hold for it and for those that follow. */
static void
cmd_set_connection(struct ctl_context *ctx)
{
    const struct dvsrec_dvs_global *global = dvsctl_context_cast(ctx)->global;
    const char *probe = shash_find_data(&ctx->options, "--inactivity-probe");
    const char *role = "";
    bool read_only = false;
    int64_t probe_msec = 0;

    if (probe) {
        char *fault = ctl_parse_integer("inactivity-probe", probe, 0, INT_MAX,
                                        &probe_msec);
        if (fault) {
            ctl_error(ctx, "%s", fault);
            free(fault);
            return;
        }
    }

    struct dvsrec_connection **rows = xmalloc(ctx->argc * sizeof *rows);
    size_t n = 0;
    for (int i = 1; i < ctx->argc; i++) {
        const char *arg = ctx->argv[i];

        if (!strcmp(arg, "read-only") || !strcmp(arg, "read-write")) {
            read_only = !strcmp(arg, "read-only");
        } else if (!strncmp(arg, "role=", 5)) {
            role = arg + 5;
            if (!is_role(ctx, role)) {
                ctl_error(ctx, "NotFound: no role \"%s\"", role);
                break;
            }
        } else {
            check_target(arg, role);
            rows[n] = dvsrec_connection_insert(ctx->txn);
            dvsrec_connection_set_target(rows[n], arg);
            dvsrec_connection_set_read_only(rows[n], read_only);
            dvsrec_connection_set_role(rows[n], role);
            dvsrec_connection_set_inactivity_probe(rows[n], &probe_msec,
                                                   probe != NULL);
            n++;
        }
    }

    /* What is no longer in the column, the database server deletes. */
    dvsrec_dvs_global_verify_connections(global);
    dvsrec_dvs_global_set_connections(global, rows, n);
    free(rows);
}

/* TLS. */

static void
pre_ssl(struct ctl_context *ctx)
{
    ovsdb_idl_add_column(ctx->idl, &dvsrec_dvs_global_col_ssl);
    ctl_need_table(ctx, &dvsrec_table_ssl);
}

static void
cmd_get_ssl(struct ctl_context *ctx)
{
    const struct dvsrec_dvs_global *global = dvsctl_context_cast(ctx)->global;

    if (global && global->ssl) {
        const struct dvsrec_ssl *ssl = global->ssl;

        ds_put_format(&ctx->output, "Private key: %s\n", ssl->private_key);
        ds_put_format(&ctx->output, "Certificate: %s\n", ssl->certificate);
        ds_put_format(&ctx->output, "CA Certificate: %s\n", ssl->ca_cert);
        ds_put_format(&ctx->output, "Bootstrap: %s\n",
                      ssl->bootstrap_ca_cert ? "true" : "false");
        if (ssl->ssl_protocols[0]) {
            ds_put_format(&ctx->output, "Protocols: %s\n",
                          ssl->ssl_protocols);
        }
        if (ssl->ssl_ciphers[0]) {
            ds_put_format(&ctx->output, "Ciphers: %s\n", ssl->ssl_ciphers);
        }
    }
}

static void
cmd_del_ssl(struct ctl_context *ctx)
{
    const struct dvsrec_dvs_global *global = dvsctl_context_cast(ctx)->global;

    dvsrec_dvs_global_verify_ssl(global);
    dvsrec_dvs_global_set_ssl(global, NULL);
}

static void
cmd_set_ssl(struct ctl_context *ctx)
{
    const struct dvsrec_dvs_global *global = dvsctl_context_cast(ctx)->global;
    struct dvsrec_ssl *ssl = dvsrec_ssl_insert(ctx->txn);

    dvsrec_ssl_set_private_key(ssl, ctx->argv[1]);
    dvsrec_ssl_set_certificate(ssl, ctx->argv[2]);
    dvsrec_ssl_set_ca_cert(ssl, ctx->argv[3]);
    dvsrec_ssl_set_bootstrap_ca_cert(ssl, ctl_has_option(ctx, "--bootstrap"));
    if (ctx->argc > 4) {
        dvsrec_ssl_set_ssl_protocols(ssl, ctx->argv[4]);
    }
    if (ctx->argc > 5) {
        dvsrec_ssl_set_ssl_ciphers(ssl, ctx->argv[5]);
    }
    dvsrec_dvs_global_verify_ssl(global);
    dvsrec_dvs_global_set_ssl(global, ssl);
}

const struct dvsctl_command dvsctl_connection_commands[] = {
    { { "get-connection", 0, 0, "", pre_connection, cmd_get_connection, NULL,
        "", RO },
      "print the connections" },
    { { "del-connection", 0, 0, "", pre_connection, cmd_del_connection, NULL,
        "", RW },
      "delete the connections" },
    { { "set-connection", 1, INT_MAX, "[role=ROLE] [read-only|read-write] "
        "TARGET...", pre_connection, cmd_set_connection, NULL,
        "--inactivity-probe=", RW },
      "replace the connections" },
    { { "get-ssl", 0, 0, "", pre_ssl, cmd_get_ssl, NULL, "", RO },
      "print the SSL configuration" },
    { { "del-ssl", 0, 0, "", pre_ssl, cmd_del_ssl, NULL, "", RW },
      "delete the SSL configuration" },
    { { "set-ssl", 3, 5, "PRIVATE-KEY CERTIFICATE CA-CERT [PROTOCOLS] "
        "[CIPHERS]", pre_ssl, cmd_set_ssl, NULL, "--bootstrap", RW },
      "set the SSL configuration" },
    { { NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO }, NULL },
};

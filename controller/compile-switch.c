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

/* PURE: Proxy_Switch and Proxy_Portgroup, compiled; see compile.h. */

#include <config.h>

#include "controller/compile.h"

#include <stdlib.h>

#include "util.h"

/* Sets '*effective' to the text form of the setting that holds for the ports
 * of 'pg', or for standalone ports if 'pg' is NULL, apart from what a port
 * sets for itself. */
static void
compile_setting(const struct dvs_switch *s, const struct dvs_portgroup *pg,
                struct smap *effective)
{
    struct dvs_setting setting;

    dvs_setting_effective(&setting, &s->uplinks, &s->setting,
                          pg && pg->uplink ? DVS_UPLINK_INHERITS
                          : DVS_ALL_PROPERTIES,
                          pg ? &pg->setting : NULL, 0, NULL, NULL);
    /* Pools are for admission; hosts have no use for them. */
    free(setting.pool);
    setting.pool = NULL;
    smap_init(effective);
    dvs_setting_to_smap(&setting, effective);
    dvs_setting_destroy(&setting);
}

/* Compiles what all hosts must realise of 's' into '*p', which the caller
 * must destroy. */
void
compile_switch(const struct dvs_switch *s, struct proxy_switch *p)
{
    p->name = xstrdup(s->name);
    p->bridge = xstrdup(s->bridge_name);
    p->datapath_type = xstrdup(s->datapath_type);
    p->mtu = s->mtu;
    svec_clone(&p->uplinks, &s->uplinks);
    compile_setting(s, NULL, &p->setting);
    smap_init(&p->config);
    dvs_pvlans_to_smap(&s->pvlans, &p->config);
    dvs_lags_to_smap(&s->lags, &p->config);
    if (s->merged.n) {
        smap_add_nocopy(&p->config, xstrdup("merged"),
                        svec_join(&s->merged, ",", ""));
    }
    if (s->version) {
        smap_add(&p->config, "version", s->version);
    }
    dvs_classes_to_smap(&s->classes, &p->config);
    if (s->resource_management) {
        smap_add(&p->config, "resource-management", "on");
    }
    if (s->snooping) {
        smap_add(&p->config, "multicast", "snooping");
    }
}

void
proxy_switch_destroy(struct proxy_switch *p)
{
    if (p) {
        free(p->name);
        free(p->bridge);
        free(p->datapath_type);
        svec_destroy(&p->uplinks);
        smap_destroy(&p->setting);
        smap_destroy(&p->config);
    }
}

/* Compiles what all hosts must realise of 'pg', a portgroup of 's', into
 * '*p', which the caller must destroy. */
void
compile_portgroup(const struct dvs_switch *s, const struct dvs_portgroup *pg,
                  struct proxy_portgroup *p)
{
    p->name = xstrdup(pg->name);
    p->type = dvs_portgroup_type_to_string(pg->type);
    p->uplink = pg->uplink;
    compile_setting(s, pg, &p->setting);
}

void
proxy_portgroup_destroy(struct proxy_portgroup *p)
{
    if (p) {
        free(p->name);
        smap_destroy(&p->setting);
    }
}

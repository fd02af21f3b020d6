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

/* Link aggregation groups: are they valid?
 *
 * What hosts must realise of them is part of their switch, and their ports on
 * a host are part of its membership. */

#include <config.h>

#include "controller/concerns.h"

#include <stdlib.h>
#include <string.h>

#include "controller/pass.h"
#include "schema/dvs-model.h"
#include "schema/dvs-read.h"
#include "util.h"

/* Looks at all LAGs of switch 'row', whose uplinks are 'uplinks': whether one
 * is valid depends on the others. */
void
lags_check(struct pass *pass, const struct dvsrec_switch *row,
           const struct svec *uplinks)
{
    const struct dvsrec_lag *lr;
    struct dvs_lags lags;

    dvs_lags_init(&lags);
    dvs_read_lags(pass->idl, row, &lags);
    DVSREC_LAG_FOR_EACH (lr, pass->idl) {
        if (lr->switch_ == row) {
            struct dvs_lag lag;

            dvs_read_lag(lr, &lag);
            dvs_lags_validate(&lags, uplinks, &lag,
                              faults_open(pass->faults, FAULTS_LAG,
                                          &lr->header_.uuid));
        }
    }
    dvs_lags_destroy(&lags);
}

/* Returns true if 'row', which has come to be for us, is news: hosts have not
 * been told of it, and it has not been found at fault before.  Of a switch at
 * fault they are told nothing, so that is not known. */
bool
lag_is_news(const struct indexes *ix, const struct dvsrec_lag *row)
{
    const struct dvsrec_proxy_switch *proxy
        = find_proxy_switch(ix, &row->switch_->header_.uuid);
    struct dvs_lags told;

    dvs_lags_init(&told);
    if (proxy) {
        free(dvs_lags_from_smap(&told, &proxy->config));
    }
    bool news = (!row->n_faults && !row->switch_->n_faults
                 && !dvs_lags_find(&told, row->name));
    dvs_lags_destroy(&told);
    return news;
}

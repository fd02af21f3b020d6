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

/* Task "import": what follows from it for others than schema/dvs-import.c
 * knows. */

#include <config.h>

#include "controller/tasks.h"

#include <stdlib.h>

#include "controller/checkpoints.h"
#include "controller/pass.h"
#include "schema/dvs-document-check.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document.h"
#include "schema/dvs-operation-document.h"
#include "util.h"

/* Tells that 'object' has been imported into 's', with its portgroups. */
static void
tell(const struct dvs_import *im, const struct dvs_doc_object *object,
     const struct dvsrec_switch *s, int flags)
{
    struct pass *pass = im->aux;

    checkpoint_restored(pass, s);
    event_list_add(pass->events, "DvsImportEvent", "info", &s->header_.uuid,
                   s->name, NULL, "configuration imported (as=%s)", im->as);
    for (size_t i = 0; i < object->n_children; i++) {
        const struct dvs_doc_object *child = object->children[i];

        if (child->class == &dvs_doc_portgroup
            && !dvs_doc_is_left_out(im->doc, flags, child)) {
            char *name = dvs_doc_object_name(child);
            char *path = xasprintf("%s/%s", s->name, name);

            event_list_add(pass->events, "DvpgImportEvent", "info",
                           &s->header_.uuid, path, NULL,
                           "portgroup imported (as=%s)", im->as);
            free(path);
            free(name);
        }
    }
}

/* Operation "import". */
enum task_outcome
task_import(struct task *task)
{
    return (dvs_import_run(&task->op, tell, task->pass)
            ? TASK_SUCCESS : TASK_ERROR);
}

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

/* PURE: lists of faults.
 *
 * Who finds faults is dvs-validate.c and the controller; who publishes them
 * is the controller (columns "faults") and dvsctl (standard error). */

#include <config.h>

#include "schema/dvs-model.h"

#include <stdarg.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "sset.h"
#include "util.h"

/* Characters of a sentence. */
#define MESSAGE_MAX 1000

/* Initializes 'faults' as an empty list. */
void
dvs_faults_init(struct dvs_faults *faults)
{
    *faults = (struct dvs_faults) { .n = 0 };
}

/* Frees the faults in 'faults', but not 'faults' itself. */
void
dvs_faults_destroy(struct dvs_faults *faults)
{
    if (faults) {
        for (size_t i = 0; i < faults->n; i++) {
            free(faults->faults[i].column);
            free(faults->faults[i].message);
        }
        free(faults->faults);
    }
}

/* Returns 'message', which may quote whatever somebody has written, cut to
 * what people can be expected to read. */
static char *
shorten(char *message)
{
    char *start = dvs_name_shorten(message, MESSAGE_MAX);

    if (strlen(start) < strlen(message)) {
        free(message);
        message = xasprintf("%s...", start);
    }
    free(start);
    return message;
}

/* Adds a fault.  'name' is vSphere's fault name, a string that lives forever;
 * 'column' is the column or policy key at fault; 'format' makes a sentence
 * that can be understood without the other two, with no full stop. */
void
dvs_faults_add(struct dvs_faults *faults, const char *name,
               const char *column, const char *format, ...)
{
    if (faults->n >= faults->allocated) {
        faults->faults = x2nrealloc(faults->faults, &faults->allocated,
                                    sizeof *faults->faults);
    }

    struct dvs_fault *fault = &faults->faults[faults->n++];
    va_list args;

    fault->name = name;
    fault->column = xstrdup(column);
    va_start(args, format);
    fault->message = shorten(xvasprintf(format, args));
    va_end(args);
}

/* Adds each fault to 'sset', which the caller must have initialized, as the
 * columns "faults" have it: "Name: column: sentence". */
void
dvs_faults_to_sset(const struct dvs_faults *faults, struct sset *sset)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct dvs_fault *f = &faults->faults[i];

        sset_add_and_free(sset, xasprintf("%s: %s: %s", f->name, f->column,
                                          f->message));
    }
}

/* If there is a fault, appends the first one to 'ds' as a command reports it,
 * "Name: sentence", and returns the text of 'ds'; otherwise returns NULL. */
const char *
dvs_faults_first(const struct dvs_faults *faults, struct ds *ds)
{
    if (!faults->n) {
        return NULL;
    }
    ds_put_format(ds, "%s: %s", faults->faults[0].name,
                  faults->faults[0].message);
    return ds_cstr(ds);
}

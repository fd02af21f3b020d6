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

/* Fuzz target: configuration documents.
 *
 * However wrong a text is, it is refused as a whole, or taken; and what was
 * taken has a canonical text, which is taken as well and comes back as it
 * was.  Whether it could be restored has an answer, for each of the ways.
 * (The fuzzer gets past the checksum by leaving it out.) */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "schema/dvs-document-check.h"
#include "schema/dvs-document-restore.h"
#include "schema/dvs-document.h"
#include "util.h"

/* Returns the text of 'doc', which the caller must free. */
static char *
to_text(struct dvs_document *doc)
{
    char *text;
    char *error = dvs_document_to_text(doc, &text);

    ovs_assert(!error);
    return text;
}

/* Looks at whether each switch of the document in 'text' could be restored
 * onto the next one of 'now', or from nothing if that is NULL, in one of the
 * ways.  Returns true if all could, with all that they have. */
static bool
check(const char *text, const struct dvs_document *now, int flags)
{
    struct dvs_document doc;
    char *error = dvs_document_from_text(&doc, text, strlen(text));
    bool valid = !doc.portgroups_only;

    ovs_assert(!error);
    for (size_t i = 0; i < doc.n_switches; i++) {
        struct dvs_doc_object *sw = doc.switches[i];

        if (now || !doc.portgroups_only) {
            char *fault = dvs_document_check(
                &doc, flags, sw,
                now ? now->switches[(i + 1) % now->n_switches] : NULL);

            ovs_assert(!fault || strstr(fault, ": "));
            valid = valid && !fault && !dvs_doc_first_fault(sw);
            free(fault);
        }
    }
    dvs_document_destroy(&doc);
    return valid;
}

/* Does so in all ways. */
static void
check_all(const char *text, const struct dvs_document *now)
{
    bool valid = check(text, NULL, DVS_RESTORE_SAME);

    check(text, NULL, DVS_RESTORE_NEW);
    if (valid && now->n_switches) {
        /* Only what is valid could stand in a database. */
        check(text, now, DVS_RESTORE_INTO);
        check(text, now, DVS_RESTORE_ROLLBACK);
        check(text, now, DVS_RESTORE_SAME);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvs_document doc;
    char *error = dvs_document_from_text(&doc, (const char *) data, size);

    if (error) {
        ovs_assert(!doc.n_switches && smap_is_empty(&doc.info));
        free(error);
    } else {
        struct dvs_document doc2;
        char *text = to_text(&doc);

        error = dvs_document_from_text(&doc2, text, strlen(text));
        ovs_assert(!error);

        char *text2 = to_text(&doc2);
        ovs_assert(!strcmp(text, text2));
        check_all(text, &doc2);
        free(text2);
        free(text);
        dvs_document_destroy(&doc2);
    }
    dvs_document_destroy(&doc);
    return 0;
}

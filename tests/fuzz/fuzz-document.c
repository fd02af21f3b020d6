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
 * was.  (The fuzzer gets past the checksum by leaving it out.) */

#include <config.h>

#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

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
        free(text2);
        free(text);
        dvs_document_destroy(&doc2);
    }
    dvs_document_destroy(&doc);
    return 0;
}

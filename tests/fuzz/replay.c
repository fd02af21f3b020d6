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

/* The main() of replay-NAME: feeds files to a fuzz target as libFuzzer would,
 * and reports each in the Test Anything Protocol.
 *
 * Without arguments these are the files of the target's corpus in the source
 * tree; otherwise, those named (to look into a file that libFuzzer left).  A
 * target that finds something wrong aborts, which ends the report early: the
 * test harness takes that for the failure it is. */

#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/util.h"
#include "svec.h"
#include "tests/fuzz/fuzz.h"
#include "util.h"

/* Appends the names of the files in 'directory' to 'files', sorted. */
static void
list_directory(const char *directory, struct svec *files)
{
    DIR *dir = opendir(directory);
    if (!dir) {
        ovs_fatal(errno, "%s: open failed", directory);
    }
    for (struct dirent *de = readdir(dir); de; de = readdir(dir)) {
        if (de->d_name[0] != '.') {
            svec_add_nocopy(files, xasprintf("%s/%s", directory, de->d_name));
        }
    }
    closedir(dir);
    svec_sort(files);
}

/* Runs the target on the content of 'name'. */
static void
replay(const char *name)
{
    FILE *stream = fopen(name, "rb");
    if (!stream) {
        ovs_fatal(errno, "%s: open failed", name);
    }

    /* Of exactly its size, so that AddressSanitizer sees a read past it. */
    size_t size = 0;
    uint8_t *data = NULL;
    for (int c = getc(stream); c != EOF; c = getc(stream)) {
        data = xrealloc(data, size + 1);
        data[size++] = c;
    }
    fclose(stream);

    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

int
main(int argc, char *argv[])
{
    struct svec files = SVEC_EMPTY_INITIALIZER;

    ovs_set_program_name(argv[0], VERSION);
    if (argc > 1) {
        for (int i = 1; i < argc; i++) {
            svec_add(&files, argv[i]);
        }
    } else {
        if (strncmp(program_name, "replay-", 7)) {
            ovs_fatal(0, "%s: this program's name should be replay-TARGET",
                      program_name);
        }
        const char *srcdir = getenv("srcdir");
        char *directory = xasprintf("%s/tests/fuzz/corpus/%s",
                                    srcdir ? srcdir : ".", program_name + 7);
        list_directory(directory, &files);
        free(directory);
    }

    if (!files.n) {
        ovs_fatal(0, "there is nothing to replay");
    }
    printf("1..%"PRIuSIZE"\n", files.n);
    for (size_t i = 0; i < files.n; i++) {
        fflush(stdout);
        replay(files.names[i]);
        printf("ok %"PRIuSIZE" - %s\n", i + 1, files.names[i]);
    }
    svec_destroy(&files);
    return EXIT_SUCCESS;
}

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

/* dvs-agent: the daemon of each host. */

#include <config.h>

#include <getopt.h>
#include <stdlib.h>

#include "command-line.h"
#include "schema/dvs-idl.h"
#include "util.h"

int
main(int argc, char *argv[])
{
    static const struct option long_options[] = {
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0},
    };

    ovs_set_program_name(argv[0], VERSION);
    for (;;) {
        switch (getopt_long(argc, argv, "V", long_options, NULL)) {
        case -1:
            return EXIT_SUCCESS;
        case 'V':
            ovs_print_version(0, 0);
            return EXIT_SUCCESS;
        default:
            return 2;
        }
    }
}

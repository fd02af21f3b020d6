# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at:
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

# Completion of dvsctl(8) for bash: options, commands, keys, and the names of
# what is in the database.
#
# Commands and keys come from dvsctl itself ("--commands", "--help"), once for
# each shell; names come from the database each time.

# Asks the database that the command line names.  Never waits for long.
_dvsctl_ask () {
    dvsctl "${_dvsctl_db[@]}" --no-wait --timeout=2 --no-headings --bare \
        "$@" 2>/dev/null | sed '/^$/d'
}

# Prints "COMMAND ARGUMENT..." for each command.  "dvsctl --commands" prefixes
# each argument with ! (once), ? (optional), + or * (repeated).
_dvsctl_load () {
    _DVSCTL_COMMANDS=$(dvsctl --commands | cut -d, -f2- | tr ',' ' ')
    _DVSCTL_LOCAL_OPTIONS=$(dvsctl --commands | cut -d, -f1 |
                            tr -d '[]' | tr ' ' '\n' | sort -u)
    _DVSCTL_OPTIONS=$(dvsctl --options | sed -n 's/=ARG$/=/; /^--/p')
    _DVSCTL_KEYS=$(dvsctl --help | awk '
        /^Keys of / { keys = $0; sub(/:$/, "", keys); next }
        /^$/ { keys = "" }
        keys != "" && /^  [a-z]/ {
            sub(/=.*/, "=", $1); print keys ": " $1 }')
}

# Prints the keys that command $1 takes.
_dvsctl_keys () {
    local titles='^Keys of [^:]*\b'"$1"'\b'

    case $1 in
        set-policy) titles='^Keys of a policy' ;;
        clear-policy | get-policy)
            printf '%s\n' "$_DVSCTL_KEYS" |
                sed -n 's/^Keys of a policy: \(.*\)=$/\1/p'
            return ;;
        add-portgroup | set-portgroup | set-port)
            titles="$titles|^Keys of a policy" ;;
    esac
    printf '%s\n' "$_DVSCTL_KEYS" | grep -E "$titles" | sed 's/.*: //'
}

_dvsctl_switches () {
    _dvsctl_ask --columns=name list-switches
}

_dvsctl_portgroups () {
    dvsctl "${_dvsctl_db[@]}" --no-wait --timeout=2 --no-headings \
        --format=csv --columns=switch,name list-portgroups 2>/dev/null |
        tr ',' '/'
}

# Prints "UPLINK=" for each uplink of switch $1 and each port of its LAGs.
_dvsctl_uplinks () {
    _dvsctl_ask get Switch "$1" uplinks |
        tr -d '"{}' | tr ',' '\n' | sed 's/.*[= ]//; s/$/=/'
    dvsctl "${_dvsctl_db[@]}" --no-wait --timeout=2 --no-headings \
        --format=csv --columns=name,ports list-lags "$1" 2>/dev/null |
        awk -F, '{ for (i = 0; i < $2; i++) { print $1 "-" i "=" } }'
}

# Prints what option $1, which ends in =, may be.  $2 is what is typed so far.
_dvsctl_option () {
    local by hosts

    case $1 in
        --by=) for by in port portgroup switch; do echo "--by=$by"; done ;;
        --canary=)
            # Behind the hosts that are there already.
            hosts=${2#"$1"}
            _dvsctl_argument HOST | sed "s/^/$1${hosts%"${hosts##*,}"}/" ;;
    esac
}

# Prints what argument $1 of the command may be, of which $2 is typed so far.
# $3 is the command, $4 and $5 its first arguments.
_dvsctl_argument () {
    local sw

    case $3:$1 in
        add-switch:SWITCH | add-portgroup:PORTGROUP | add-lag:LAG | \
            add-pool:POOL) return ;;
    esac
    case $1 in
        SWITCH) _dvsctl_switches ;;
        PORTGROUP) _dvsctl_portgroups ;;
        TARGET)
            if [ "$3" != set-connection ]; then
                _dvsctl_switches
                _dvsctl_portgroups
            fi ;;
        SWITCH:KEY | PORTGROUP\|SWITCH:KEY | SWITCH\|SWITCH:KEY)
            case $2 in
                *:*)
                    sw=${2%%:*}
                    _dvsctl_ask --columns=key list-ports "$sw" |
                        sed "s/^/$sw:/" ;;
                *)
                    _dvsctl_switches | sed 's/$/:/'
                    if [ "$1" != SWITCH:KEY ]; then _dvsctl_portgroups; fi ;;
            esac ;;
        SWITCH\|PORTGROUP) _dvsctl_switches; _dvsctl_portgroups ;;
        FILE) compgen -f -- "$2" ;;
        HOST) _dvsctl_ask --columns=host list-hosts | sort -u ;;
        TASK) _dvsctl_ask --columns=task list-tasks ;;
        LAG) _dvsctl_ask --columns=name list-lags "$4" ;;
        POOL) _dvsctl_ask --columns=pool list-pools "$4" ;;
        CLASS) _dvsctl_ask --columns=class list-traffic-classes "$4" ;;
        NIC) _dvsctl_ask --columns=nic list-nics ;;
        UPLINK=PNIC)
            case $2 in
                *=*)
                    _dvsctl_ask --columns=name find Physical_NIC "host=$5" |
                        sed "s/^/${2%%=*}=/" ;;
                *) _dvsctl_uplinks "$4" ;;
            esac ;;
        RULE)
            _dvsctl_ask --columns=rule list-rules "$4"
            if [ "$3" = add-rule ]; then _dvsctl_keys "$3"; fi ;;
        KEY | KEY=VALUE) _dvsctl_keys "$3" ;;
        CRITERION)
            printf '%s\n' portgroup= inside= key= host= nic= vlan= \
                connected= active= blocked= uplink= nsx= ;;
    esac
}

# Prints the name of argument number $2, counted from 0, of command $1.
_dvsctl_argument_name () {
    printf '%s\n' "$_DVSCTL_COMMANDS" | awk -v command="$1" -v n="$2" '
        $1 == command {
            i = n + 2 <= NF ? n + 2 : NF
            if (i < 2 || (n + 2 > NF && $i !~ /^[+*]/)) { exit }
            print substr($i, 2)
        }'
}

_dvsctl () {
    local -a words _dvsctl_db=()
    local word cur command= first= second= n=0 candidates

    if [ -z "$_DVSCTL_COMMANDS" ]; then _dvsctl_load; fi

    # Readline splits words at = and : too; we do not.
    read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
    case ${COMP_LINE:0:COMP_POINT} in
        *[[:space:]]) cur= ;;
        *) cur=${words[-1]}; unset 'words[-1]' ;;
    esac

    for word in "${words[@]:1}"; do
        case $word in
            --) command= first= second= n=0 ;;
            --db=* | --unixctl=*) _dvsctl_db=("$word") ;;
            -*) ;;
            *)
                if [ -z "$command" ]; then
                    command=$word
                else
                    case $((n++)) in
                        0) first=$word ;;
                        1) second=$word ;;
                    esac
                fi ;;
        esac
    done

    if [ -n "$command" ]; then
        candidates=$(_dvsctl_argument \
            "$(_dvsctl_argument_name "$command" "$n")" \
            "$cur" "$command" "$first" "$second")
        candidates="$candidates
--"
    elif [[ $cur == -*=* ]]; then
        candidates=$(_dvsctl_option "${cur%%=*}=" "$cur")
    elif [[ $cur == -* ]]; then
        candidates="$_DVSCTL_OPTIONS
$_DVSCTL_LOCAL_OPTIONS"
    else
        candidates=$(printf '%s\n' "$_DVSCTL_COMMANDS" | cut -d' ' -f1)
    fi

    # What readline replaces begins behind the last = or : that it splits at.
    local prefix=${cur%"${cur##*[=:]}"}
    COMPREPLY=()
    while read -r word; do
        if [[ -n $word && $word == "$cur"* ]]; then
            COMPREPLY+=("${word#"$prefix"}")
        fi
    done <<< "$candidates"
    if [ "${#COMPREPLY[@]}" = 1 ] && [[ ${COMPREPLY[0]} == *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _dvsctl dvsctl

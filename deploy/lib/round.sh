# The yearly round: enrolment, and one function for each hop of the chain. Sourced; needs say.sh.
#
# Every unit has a home directory of its own, HOMES/UNIT, with its own keys and outbox, and does what
# that unit does with the command line: nothing is done in anyone's name from above.

PROVINCIAL_ADMIN=000000000000:3

home_of() { printf '%s/%s' "$HOMES" "${1/:/.}"; }

# units FIELD=VALUE...: the codes of the units of all demonstrated plans with that role and form.
units() {
    local role=$1 plan
    for plan in "${DEMO_PLANS[@]}"; do
        tail -n +2 "$FIGURES/$plan/units.tsv" | grep -P "^[^\t]+\t$role\t" | cut -f 1
    done
}

# each TITLE: runs `zhibao` once for every line of arguments on stdin, two at a time. Arguments are
# in double quotes where needed. The output goes to LOGS/TITLE.log.
each() {
    local title=$1
    logged "$LOGS/$title.log" xargs -P "$(nproc)" -L 1 "$BIN/zhibao" --lang "$language" ||
        die "“$title”没有全部办成，见 $LOGS/$title.log" "not all of \"$title\" went through, see $LOGS/$title.log"
}

enrol_units() {
    local plan place
    for plan in "${DEMO_PLANS[@]}"; do
        place=$(place_of "$plan")
        as_unit "$PROVINCIAL_ADMIN" admin codes --subtree "$place" --hours 24 -o "$CODES" >>"$LOGS/codes.log" ||
            die "没有发出登记码，见 $LOGS/codes.log" "could not issue codes, see $LOGS/codes.log"
    done
    find "$CODES" -name '*.code' -printf '%f\n' | sort | while read -r file; do
        printf -- '--home "%s/%s" enrol --code-file "%s/%s"\n' "$HOMES" "${file%.code}" "$CODES" "$file"
    done | each enrol
}

place_of() { tail -n 1 "$ROOT/deploy/plans/$1/plan.csv" | cut -d , -f 2; }

as_unit() {
    local unit=$1
    shift
    "$BIN/zhibao" --home "$(home_of "$unit")" --lang "$language" "$@"
}

# files FORM YEAR ENDING: units and files, tab between, of all plans: "" the right ones, "first" the
# first reports where there was a slip and the right ones elsewhere, "amended" the right ones of
# those.
form_files() {
    local form=$1 year=$2 which=$3 plan file unit
    for plan in "${DEMO_PLANS[@]}"; do
        for file in "$FIGURES/$plan/$year/$form"/*.csv; do
            unit=${file##*/}
            unit=${unit%.csv}
            case "$unit" in *.first) continue ;; esac
            if [ -e "${file%.csv}.first.csv" ]; then
                if [ "$which" = first ]; then file=${file%.csv}.first.csv; fi
            elif [ "$which" = amended ]; then
                continue
            fi
            printf '%s\t%s\n' "$unit" "$file"
        done
    done
}

submit_lines() {
    local form=$1 year=$2 unit file
    while IFS=$'\t' read -r unit file; do
        printf -- '--home "%s" submit "%s" --year %s --form %s --demo\n' \
            "$(home_of "$unit")" "$file" "$year" "$form"
    done
}

villages_submit() { form_files village "$1" first | submit_lines village "$1" | each "villages-$1"; }
villages_amend() { form_files village "$1" amended | submit_lines village "$1" | each "amended-$1"; }
townships_submit() { form_files township "$1" "" | submit_lines township "$1" | each "townships-$1"; }

departments_submit() {
    local plan form
    for plan in "${DEMO_PLANS[@]}"; do
        tail -n +2 "$FIGURES/$plan/units.tsv" | grep -P '^[^\t]+\tdepartment\t[^-]' | cut -f 3
    done | sort -u | while read -r form; do
        form_files "$form" "$1" "" | submit_lines "$form" "$1"
    done | each "departments-$1"
}

# Each township returns the report with a slip, saying what is wrong.
townships_return() {
    local plan year form unit cell wrong reason
    for plan in "${DEMO_PLANS[@]}"; do
        tail -n +2 "$FIGURES/$plan/returns.tsv" | while IFS=$'\t' read -r year form unit cell wrong reason; do
            if [ "$year" = "$1" ]; then printf '"%s" %s "%s"\n' "$unit" "$year" "$reason"; fi
        done
    done | logged "$LOGS/returned-$1.log" xargs -P "$(nproc)" -L 1 "$ROOT/deploy/lib/return-one" \
        "$BIN/zhibao" "$HOMES" "$language" ||
        die "没有全部退回，见 $LOGS/returned-$1.log" "not all were returned, see $LOGS/returned-$1.log"
}

townships_accept() {
    local unit
    units township | while read -r unit; do
        printf -- '--home "%s" accept --all --form village --year %s\n' "$(home_of "$unit")" "$1"
    done | each "accepted-$1"
}

townships_confirm() {
    local unit
    units township | while read -r unit; do
        printf -- '--home "%s" confirm --form village --year %s\n' "$(home_of "$unit")" "$1"
    done | each "confirmed-$1"
}

statistics_accept() {
    local unit
    units statistics | while read -r unit; do
        printf -- '--home "%s" accept --all --year %s\n' "$(home_of "$unit")" "$1"
    done | each "statistics-$1"
}

# The districts' statistics close a year that is over.
statistics_lock() {
    local unit
    units statistics | while read -r unit; do
        case "$(district_level "$unit")" in
        yes) printf -- '--home "%s" lock --place %s --year %s\n' "$(home_of "$unit")" "${unit%:*}" "$1" ;;
        esac
    done | each "locked-$1"
}

# A district's code ends in six zeros, but not in eight.
district_level() {
    case "$1" in
    ????00000000*) echo no ;;
    *) echo yes ;;
    esac
}

offices_pull() {
    local unit
    units office | while read -r unit; do
        printf -- '--home "%s" pull --place %s --year %s --format json\n' \
            "$(home_of "$unit")" "${unit%:*}" "$1"
    done | each "pulled-$1"
}

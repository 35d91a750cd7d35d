# What the round came to: the county's results, and every receipt verified. Sourced; needs say.sh.

SHOWN_PLACE=450223000000
SHOWN_YEAR=2025

show_results() {
    as_unit "$SHOWN_PLACE:2" pull --place "$SHOWN_PLACE" --year "$SHOWN_YEAR" ||
        die "没有取得汇总结果" "could not pull the results"
}

make_yearbook() {
    as_unit "$SHOWN_PLACE:2" yearbook --place "$SHOWN_PLACE" --year "$SHOWN_YEAR" -o "$RUN/yearbook.html" \
        >"$LOGS/yearbook.log" 2>&1 ||
        die "资料汇编没有编成，见 $LOGS/yearbook.log" "the yearbook was not made, see $LOGS/yearbook.log"
}

export_receipts() {
    find "$HOMES" -mindepth 1 -maxdepth 1 -type d | sort | while read -r home; do
        printf -- '--home "%s" receipts export "%s"\n' "$home" "$RUN/receipts"
    done | each receipts
}

# verify_kinds KIND...: verifies the exported receipts of these kinds against the keys that the
# office pinned when it was enrolled; sets `verified` and `total`.
verify_kinds() {
    local kind log="$LOGS/verified.log" names=() line
    for kind in "$@"; do names+=(-o -name "*-$kind-*.zbr"); done
    verified=0 total=0
    find "$RUN/receipts" -type f \( "${names[@]:1}" \) -print0 |
        xargs -0 -r -n 4000 "$BIN/zhibao" --home "$(home_of "$SHOWN_PLACE:2")" --lang en \
            verify --quiet >"$log" 2>&1 || true
    while read -r line; do
        verified=$((verified + ${line% of *}))
        total=$((total + ${line#* of }))
    done < <(grep -o '[0-9]* of [0-9]*$' "$log")
}

# Every report, review, confirmation and lock that the database holds must have its receipt in some
# unit's hands, and every receipt must verify.
check_receipts() {
    local stored
    stored=$(database_ask "select (select count(*) from zhibao.report) +
        (select count(*) from zhibao.report_event where kind in (2, 3, 4))") ||
        die "没有读到库中件数" "could not count the stored records"
    verify_kinds key plan
    local others="$verified/$total"
    verify_kinds report review confirmation lock
    say "        登记密钥、导入规划的回执 $others；报送、审核、确认、锁定：库中 $stored 件" \
        "        receipts of keys and plans $others; reports, reviews, confirmations, locks: $stored stored"
    echo "receipts verified: $verified of $total"
    if [ "$verified" -ne "$total" ] || [ "$total" -ne "$stored" ] || [ "$total" -eq 0 ]; then
        grep -v ' of ' "$LOGS/verified.log" | head -n 10 >&2
        die "库中 $stored 件，回执 $total 份，核验通过 $verified 份" \
            "$stored records stored, $total receipts, $verified of them verify"
    fi
}

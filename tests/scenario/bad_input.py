"""Every line of "Bad input gets": a clear error, nothing stored, nobody else harmed.

The figures are 演示数据. CSV files have their own scenario, bad_csv.py.
"""

import time

import bad_messages
import bad_reports
import harness
import layout
import plandata
from client import pb
from stage import Stage

STATE_WITHIN_S = 60


def check_bad_signature(stage):
    """A receipt says "stored", not "checked": a wrong signature never counts, and says so."""
    unit = stage.village.unit
    payload = harness.report(unit, period=bad_reports.YEAR - 1)
    record = unit.record(layout.REPORT, payload)
    record.signature = bytes([record.signature[0] ^ 1]) + record.signature[1:]
    answer = stage.village.submit(record)
    stage.checks.equal("report with a wrong signature: stored", answer.kind, "KIND_RECEIPT")
    question = pb().Track(form="village", period=payload.period)
    state, end = None, time.monotonic() + STATE_WITHIN_S
    while state in (None, pb().STATE_STORED) and time.monotonic() < end:
        found = stage.village.must("KIND_TRACKED", stage.village.ask(pb().KIND_TRACK, question))
        state = next(row.state for row in found.reports if row.id == payload.head.id)
    stage.checks.equal("and found bad afterwards", state, pb().STATE_BAD_SIGNATURE)


def check_forged_by_township(stage):
    """A township's forgery in a village's name costs the village nothing, not even a revision."""
    township = stage.district.client(plandata.own_unit(plandata.TOWNSHIP))
    unit, year = stage.village.unit, bad_reports.YEAR - 3
    record = unit.record(layout.REPORT, harness.report(unit, period=year))
    record.signature = bytes([record.signature[0] ^ 1]) + record.signature[1:]
    stage.refused("a report forged by the township", "E_SIGNATURE",
                  lambda client: client.submit(record), client=township,
                  kinds=("KIND_REFUSAL",))
    good = unit.record(layout.REPORT, harness.report(unit, period=year))
    answer = township.submit(good)
    stage.checks.equal("the village's own, carried by it, is revision 1", answer.kind,
                       "KIND_RECEIPT")
    township.close()


def scenario(checks, workplace):
    stage = Stage(checks, workplace)
    try:
        stage.prove_figures_good()
        stage.lock(2022)
        memory_kb = stage.server.memory_kb()
        bad_reports.check_reports(stage)
        bad_reports.check_records(stage)
        bad_reports.check_truncated_payload(stage)
        bad_reports.check_other_records(stage)
        bad_messages.check_versions_and_kinds(stage)
        bad_messages.check_truncated(stage)
        bad_messages.check_oversized(stage)
        bad_messages.check_frames(stage)
        bad_messages.check_garbage(stage)
        bad_messages.check_strangers(stage)
        bad_messages.check_many_questions(stage)
        bad_messages.check_memory(stage, workplace, memory_kb)
        check_bad_signature(stage)
        check_forged_by_township(stage)
    finally:
        stage.close()
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)

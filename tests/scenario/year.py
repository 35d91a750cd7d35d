"""A whole year of 鹿寨县 under a moved clock: on time, late, never, returned twice, an exception, amended
after confirmation, a merged village, locking, unlocking. After every step a separate checker works
out states, completeness, timeliness and totals from a dump and the clients' log (year_check.py).
"""

from datetime import datetime, timedelta

import harness
import layout
import plandata
from client import pb
from year_stage import CHINA, YEAR, Year, township_of, us

OPENS = datetime(2026, 1, 10, 8, 0, tzinfo=CHINA)
DUE = datetime(2026, 2, 10, 18, 0, tzinfo=CHINA)
EXCEPTION = datetime(2026, 2, 20, 12, 0, tzinfo=CHINA)
TOTAL_DUE = datetime(2026, 2, 25, 18, 0, tzinfo=CHINA)
DAY = timedelta(days=1)


class Cast:
    """Who does what, village by village. `part`: who takes part; the rest never reports."""

    def __init__(self, villages, part=None):
        self.never = [villages[5], villages[40]]
        self.late = [villages[7], villages[41], villages[90]]
        self.excepted = villages[12]
        self.twice = villages[20]
        self.amender = villages[30]
        self.ended, self.grown = villages[60], villages[61]  # one township
        special = {*self.never, *self.late, self.excepted, self.ended}
        self.punctual = [place for place in part or villages if place not in special]

    @staticmethod
    def slice(villages):
        """The few who have a part of their own, and one other."""
        return [villages[i] for i in (0, 5, 7, 12, 20, 30, 40, 41, 60, 61, 90)]


def before_opening(year, cast):
    year.must(layout.CALENDAR, year.statistics, pb().Calendar(
        head=year.clients[year.statistics].unit.head(), plan=plandata.PLAN,
        place=plandata.DISTRICT, period=YEAR, entries=[
            pb().CalendarEntry(form="village", level=pb().CUTOFF_UNIT, opens_us=us(OPENS),
                               due_us=us(DUE)),
            pb().CalendarEntry(form="village", level=pb().CUTOFF_TOTAL, opens_us=us(OPENS),
                               due_us=us(TOTAL_DUE))]))
    year.must(layout.PLACE_CHANGE, year.admin, pb().PlaceChange(
        head=year.clients[year.admin].unit.head(), change=pb().PLACE_MERGE,
        valid_from=f"{YEAR}-09-01", **{"from": [cast.ended, cast.grown]}, to=[cast.grown],
        reason="演示：撤并"))
    unit = plandata.own_unit(cast.punctual[0])
    year.refused("a report before its opening", "E_NOT_OPEN", layout.REPORT, unit,
                 harness.report(year.clients[unit].unit, period=YEAR))
    year.compare("before the opening")


def villages_report(year, cast):
    year.move(OPENS + 2 * DAY)
    year.each(cast.punctual, year.village)
    unit = plandata.own_unit(cast.ended)
    year.refused("a village that was merged away", "E_FORM_NOT_OWED", layout.REPORT, unit,
                 harness.report(year.clients[unit].unit, period=YEAR))
    year.must(layout.EXTENSION, year.statistics, pb().Extension(
        head=year.clients[year.statistics].unit.head(), plan=plandata.PLAN,
        place=plandata.DISTRICT, period=YEAR, form="village", level=pb().CUTOFF_UNIT,
        units=[plandata.own_unit(cast.excepted)], until_us=us(EXCEPTION), reason="演示：道路中断"))
    year.compare("most have reported")
    year.move(DUE + DAY)
    year.each(cast.late, year.village)
    year.village(cast.excepted)
    year.compare("after the cut-off")


def townships_review(year, cast):
    def review(place):
        payload = year.payloads[plandata.own_unit(place), "village"]
        if place == cast.twice:
            year.give_back(township_of(place), payload, "演示：第一次退回")
        else:
            year.accept(township_of(place), payload)

    year.each(cast.punctual + cast.late + [cast.excepted], review)
    for revision, reason in ((2, "演示：第二次退回"), (3, "")):
        payload = year.village(cast.twice, revision, households=900 + revision)
        year.wait_checked()
        if reason:
            year.give_back(township_of(cast.twice), payload, reason)
        else:
            year.accept(township_of(cast.twice), payload)
    year.compare("reviewed, one returned twice")


def others_report(year):
    for township in year.townships:
        year.report(township, "township", plandata.TOWNSHIP_FIGURES)
    for code, unit in year.departments.items():
        year.report(unit, code, plandata.DEPARTMENT_FIGURES[code])
    year.wait_checked()
    for (unit, form), payload in list(year.payloads.items()):
        if form != "village":
            year.accept(year.statistics, payload)
    year.compare("townships' and departments' own forms")


def townships_confirm(year):
    *punctual, late = year.townships
    year.each(punctual, year.confirm)
    year.compare("totals confirmed")
    year.move(TOTAL_DUE + DAY)
    year.confirm(late)
    for township in year.townships:
        year.accept(year.statistics, year.totals[township], layout.CONFIRMATION)
    year.compare("totals accepted, one late")


def amended_after_confirmation(year, cast):
    township = township_of(cast.amender)
    payload = year.village(cast.amender, 2, left_behind_children=0, left_behind_on_file=0)
    year.compare("amended after confirmation")
    stale = year.review_of(year.statistics, layout.CONFIRMATION, year.totals[township],
                           pb().VERDICT_RETURN, "演示")
    year.refused("a review of the reopened total", "E_STALE", layout.REVIEW, year.statistics, stale)
    year.accept(township, payload)
    year.compare("the amendment is accepted")
    year.confirm(township)
    year.accept(year.statistics, year.totals[township], layout.CONFIRMATION)
    year.compare("confirmed anew")


def lock(year, unlock=False):
    year.must(layout.LOCK, year.statistics, pb().Lock(
        head=year.clients[year.statistics].unit.head(), plan=plandata.PLAN,
        place=plandata.DISTRICT, period=YEAR, unlock=unlock, reason="演示：补报" if unlock else ""))


def locked_and_unlocked(year, cast):
    lock(year)
    place = cast.never[0]
    unit, township = plandata.own_unit(place), township_of(place)
    year.refused("a report in a locked period", "E_PERIOD_LOCKED", layout.REPORT, unit,
                 harness.report(year.clients[unit].unit, period=YEAR))
    accepted = year.payloads[plandata.own_unit(cast.punctual[0]), "village"]
    year.refused("a review in a locked period", "E_PERIOD_LOCKED", layout.REVIEW,
                 township_of(cast.punctual[0]), year.review_of(
                     township_of(cast.punctual[0]), layout.REPORT, accepted, pb().VERDICT_RETURN,
                     "演示"))
    year.compare("locked")
    lock(year, unlock=True)
    payload = year.village(place)
    year.wait_checked()
    year.accept(township, payload)
    year.confirm(township)
    year.accept(year.statistics, year.totals[township], layout.CONFIRMATION)
    year.compare("unlocked, one more report")
    lock(year)
    return year.compare("locked again")


def play(year, cast):
    """The whole year; returns the checker's last view."""
    before_opening(year, cast)
    villages_report(year, cast)
    townships_review(year, cast)
    others_report(year)
    townships_confirm(year)
    amended_after_confirmation(year, cast)
    end = locked_and_unlocked(year, cast)
    district = end["timeliness"][f"village:1:{plandata.DISTRICT}"]
    late = len(cast.late) + 1         # and the one that came when the year was unlocked
    on_time = len(cast.punctual) + 1  # and the one with an exception
    year.checks.equal("villages expected, received, on time, late", [district[name] for name in (
        "expected", "received", "on_time", "late")], [119, on_time + late, on_time, late])
    year.calm_down()
    audited = year.server.audit()
    year.checks.check("the audit finds nothing to object to", audited.returncode == 0,
                      audited.stdout[-2000:] + audited.stderr)
    year.checks.equal("zhibaod stops cleanly", year.server.stop(), 0)
    return end


def scenario(checks, workplace):
    year = Year(checks, workplace, OPENS - 3 * DAY)
    play(year, Cast(year.villages))


if __name__ == "__main__":
    harness.run(scenario)

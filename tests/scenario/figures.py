"""Consolidation computed anew from the rules that deploy/plans/README.md states, to compare with.

Reports are what was submitted: (form, place, {cell number: value, or None for "not applicable"}).
"""

import re
from functools import lru_cache

import plandata

TERM = re.compile(r"([+-]?)\s*([a-z0-9_]+)(?:\{([^}]*)\})?")
OWN_FORMS = ("village", "township")


@lru_cache
def indicators():
    return {row["indicator"]: row for row in plandata.catalogue("indicators")}


def terms(expression):
    """[(sign, element, tags)] of "a+b{area=rural}"."""
    return [(-1 if sign == "-" else 1, element, set(filter(None, tags.split(";"))))
            for sign, element, tags in TERM.findall(expression)]


def form_of(element, owner):
    """The owner's form if it asks for the element, else the first that does, else None."""
    having = [form for form, cells in plandata.forms().items()
              if any(cell.element == element for cell in cells)]
    return owner if owner in having else having[0] if having else None


def wanted_cells(form, element, tags):
    """A cell without stratum is the total; without one, the parts that carry every tag add up."""
    cells = [cell for cell in plandata.forms()[form] if cell.element == element]
    exact = [cell for cell in cells if set(filter(None, cell.stratum.split(";"))) == tags]
    return exact or [cell for cell in cells if tags <= set(cell.stratum.split(";"))]


def term_value(report, element, tags):
    """A report's figure for one term; None when it has none or is of another area."""
    form, place, values = report
    if form == "village":
        areas = {tag for tag in tags if tag.startswith("area=")}
        if areas and areas != {f"area={plandata.area(place)}"}:
            return None
        tags = tags - areas
    found = [values.get(cell.number) for cell in wanted_cells(form, element, tags)]
    found = [value for value in found if value is not None]
    return sum(found) if found else None


def side(report, expression, tags, owner):
    """A report's sum over an expression's terms; None unless it has them all."""
    total = 0.0
    for sign, element, own in terms(expression):
        if form_of(element, owner) != report[0]:
            return None
        value = term_value(report, element, own | tags)
        if value is None:
            return None
        total += sign * value
    return total


def sides(row, tags, reports):
    """[(numerator, denominator)]: one pair a report, or of the sums where forms differ."""
    pairs = []
    for report in reports:
        up = side(report, row["numerator"], tags, row["owner"])
        down = side(report, row["denominator"], tags, row["owner"]) if row["denominator"] else 1.0
        pairs.append((up, down))
    both = [(up, down) for up, down in pairs if up is not None and down is not None]
    ups, downs = ([pair[i] for pair in pairs if pair[i] is not None] for i in (0, 1))
    if not both and ups and downs:
        return [(sum(ups), sum(downs))]
    return both


def consolidate(code, stratum, reports):
    """(value, numerator, denominator) of an indicator; None without any value."""
    row = indicators()[code]
    pairs = sides(row, set(filter(None, stratum.split(";"))), reports)
    if not pairs:
        return None
    factor = float(row["factor"] or 1)
    up, down = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    kind, count = row["kind"], len(pairs)
    if kind in ("ratio", "mean"):
        return (up / down * factor, up, down) if down else None
    if kind == "share_of_units":
        return up / count * factor, up, float(count)
    if kind == "each_unit":
        each = [pair[0] / pair[1] * factor for pair in pairs if pair[1]]
        return (max if row["polarity"] == "lower" else min)(each), None, None
    if kind == "existence":
        return float(up > 0), None, None
    return up, None, None


def is_covered(code, forms):
    """Whether every element of the indicator is asked for by one of these forms."""
    row = indicators()[code]
    elements = [element for _, element, _ in terms(row["numerator"] + "+" + row["denominator"])]
    return bool(elements) and all(form_of(element, row["owner"]) in forms for element in elements)

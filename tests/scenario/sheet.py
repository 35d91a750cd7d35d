"""Filling in the sheet of `zhibao form --template csv`, as a person's spreadsheet would."""

import csv
import io

import plandata


def template_rows(text):
    """Header and rows of a template; `text` is as the file holds it, BOM included.

    The mark of year and unit above them is left out: the scenarios fill one in for many.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if rows[0][0].startswith("zhibao "):
        del rows[0]
    return rows[0], rows[1:]


def as_text(presence, value):
    if presence == plandata.NOT_APPLICABLE:
        return "不适用"
    if presence == plandata.NOT_COLLECTED:
        return "未采集"
    return repr(value).removesuffix(".0")


def filled(template, form, figures, changes=None):
    """CSV text of the template with figures; changes: cell -> text for its value column."""
    header, rows = template_rows(template)
    number = next(i for i, name in enumerate(header) if name in ("项号", "cell"))
    value = next(i for i, name in enumerate(header) if name in ("数值", "value"))
    columns = {cell: as_text(presence, figure)
               for cell, presence, figure in plandata.columns(form, figures)}
    columns.update(changes or {})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        row[value] = columns.get(int(row[number]), "")
        writer.writerow(row)
    return out.getvalue()


def parse(text):
    """Rows of `--format csv` output as dictionaries."""
    return list(csv.DictReader(io.StringIO(text)))

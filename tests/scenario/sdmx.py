"""Reads SDMX-CSV 2.0, SDMX-JSON 2.0 and ADX back into figures, from the standards' rules alone.

A figure is keyed by what it is of and says what became of it; nothing here knows how they were written.
"""

import csv
import io
import json
import re
import xml.etree.ElementTree as xml
from pathlib import Path

SCHEMAS = Path(__file__).resolve().parents[3] / "shared" / "schemas"
IDENTIFIER = re.compile(r"[A-Za-z0-9_@$-]+\Z")
PRESENCE = {"A": "value", "P": "value", "M": "not_applicable", "L": "not_collected",
            "O": "not_reported", "Q": "suppressed"}
OWN = {"SEX": ("sex", {"M": "m", "F": "f"}), "RESIDENCE": ("area", {"U": "urban", "R": "rural"})}
DIMENSIONS = ("FREQ", "REF_AREA", "FORM", "INDICATOR", "ELEMENT", "SEX", "AGE", "RESIDENCE",
              "BREAKDOWN", "TIME_PERIOD")


def plain(code):
    """An id's $XX are bytes that no id may hold."""
    return re.sub(r"\$([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), code)


def stratum(row):
    """The tags of a row, as a set: their order means nothing."""
    tags = set()
    for dimension, (key, words) in OWN.items():
        if row[dimension] != "_T":
            tags.add(f"{key}={words.get(row[dimension], plain(row[dimension]))}")
    if row["AGE"] != "_T":
        tags.add("age=" + re.sub(r"\AY(\d+)T(\d+)\Z", r"\1-\2", plain(row["AGE"])))
    if row["BREAKDOWN"] != "_T":
        parts = re.sub(r"\$([0-9A-F]{2})", lambda found: f"\0{found[1]}", row["BREAKDOWN"])
        for tag in parts.split("$"):
            tag = re.sub("\0(..)", lambda found: chr(int(found[1], 16)), tag)
            tags.add(tag.replace("@", "=", 1))
    return frozenset(tags)


def figure(row):
    """(key, what is said of it) of a row of components by id, all texts or None."""
    key = (int(row["REF_AREA"]), int(row["TIME_PERIOD"]), row.get("FORM", ""),
           row.get("INDICATOR") or row["ELEMENT"], stratum(row))
    status = PRESENCE[row["OBS_STATUS"]]
    value = None if row["OBS_VALUE"] in ("", None) else float(row["OBS_VALUE"])
    assert (status == "value") == (value is not None), row
    fraction = tuple(None if row.get(name) in ("", None) else float(row[name])
                     for name in ("NUMERATOR", "DENOMINATOR"))
    return key, {"status": status, "value": value, "fraction": fraction,
                 "conf": row["OBS_CONF"], "provenance": row["PROVENANCE"],
                 "unit": plain(row["UNIT_MEASURE"]), "attainment": row.get("ATTAINMENT") or "",
                 "target": row.get("TARGET_ID") or "", "locked": row["OBS_STATUS"] != "P"}


def collect(rows):
    figures = dict(figure(row) for row in rows)
    assert len(figures) == len(rows), "a key is there twice"
    return figures


def read_csv(text, flow):
    """SDMX-CSV 2.0 (statistics.md section 3): header, structure, action, then components by id."""
    assert "\n" not in text.replace("\r\n", ""), "RFC 4180 ends lines with CRLF"
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = rows[0]
    assert header[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"], header
    assert len(set(header)) == len(header)
    dimensions = [name for name in header if name in DIMENSIONS]
    assert header[3:3 + len(dimensions)] == dimensions, "dimensions, measures, then attributes"
    assert header[3 + len(dimensions)] == "OBS_VALUE"
    found = []
    for row in rows[1:]:
        assert len(row) == len(header), row
        assert row[:3] == ["dataflow", f"ZHIBAO:{flow}(1.0.0)", "I"], row
        cells = dict(zip(header, row))
        for name in (*dimensions, "OBS_STATUS", "OBS_CONF", "UNIT_MEASURE", "PROVENANCE"):
            assert IDENTIFIER.match(cells[name]), (name, cells[name])
        assert re.fullmatch(r"\d{4}", cells["TIME_PERIOD"])
        found.append(cells)
    return collect(found)


def component_value(component, index):
    if index is None:
        return None
    values = component.get("values")
    if values is None:
        return index if isinstance(index, str) else repr(index)
    return values[index].get("id") or values[index]["value"]


def read_json(message):
    """SDMX-JSON 2.0: keys and values that count the lists of the structure."""
    data = message["data"]
    found = []
    for data_set in data["dataSets"]:
        structure = data["structures"][data_set["structure"]]
        dimensions = structure["dimensions"]["observation"]
        rest = structure["measures"]["observation"] + structure["attributes"]["observation"]
        assert [part["keyPosition"] for part in dimensions] == list(range(len(dimensions)))
        for key, values in data_set["observations"].items():
            indexes = [int(part) for part in key.split(":")]
            assert len(indexes) == len(dimensions) and len(values) == len(rest), key
            row = {part["id"]: component_value(part, at) for part, at in zip(dimensions, indexes)}
            row |= {part["id"]: component_value(part, at) for part, at in zip(rest, values)}
            found.append(row)
    return collect(found)


def read_adx(text):
    """(place, year, data set, element, tags) -> value."""
    space = "{urn:ihe:qrph:adx:2015}"
    root = xml.fromstring(text)
    assert root.tag == space + "adx" and root.attrib["exported"]
    found = {}
    for group in root.iter(space + "group"):
        year = re.fullmatch(r"(\d{4})-01-01/P1Y", group.attrib["period"])[1]
        for value in group.iter(space + "dataValue"):
            tags = frozenset(f"{name}={text}" for name, text in value.attrib.items()
                             if name not in ("dataElement", "value"))
            key = (int(group.attrib["orgUnit"]), int(year), group.attrib["dataSet"],
                   value.attrib["dataElement"], tags)
            assert key not in found, key
            found[key] = float(value.attrib["value"])
    return found


def schema_problems(message, name):
    """What the official schema finds wrong; None without schema or validator, and why is printed."""
    try:
        import jsonschema
        schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    except (ImportError, FileNotFoundError) as missing:
        print(f"skipped: not validated against {name}: {missing}")
        return None
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    checker = kind(schema, format_checker=jsonschema.FormatChecker())
    return [f"{list(error.absolute_path)}: {error.message[:200]}"
            for error in list(checker.iter_errors(message))[:5]]


def definition_problems(structure, message):
    """Whether the data message is what the data structure definition says."""
    data = structure["data"]
    definition = data["dataStructures"][0]["dataStructureComponents"]
    lists = {codelist["id"]: {code["id"] for code in codelist.get("codes", [])}
             for codelist in data["codelists"]}
    concepts = {concept["id"] for concept in data["conceptSchemes"][0]["concepts"]}
    told = message["data"]["structures"][0]
    problems = []
    groups = (
        ([*definition["dimensionList"]["dimensions"], definition["dimensionList"]["timeDimension"]],
         told["dimensions"]["observation"]),
        (definition["measureList"]["measures"], told["measures"]["observation"]),
        (definition["attributeList"]["attributes"], told["attributes"]["observation"]))
    for defined, used in groups:
        if [part["id"] for part in defined] != [part["id"] for part in used]:
            problems.append(f"components differ: {defined} {used}")
        for part, values in zip(defined, used):
            if part["conceptIdentity"].rsplit(").", 1)[1] not in concepts:
                problems.append(f"no concept: {part}")
            codelist = part["localRepresentation"].get("enumeration")
            if codelist is None:
                continue
            known = lists.get(re.search(r":(\w+)\(", codelist)[1])
            unknown = {value["id"] for value in values.get("values", [])} - (known or set())
            if known is None or unknown:
                problems.append(f"{part['id']}: codes not in {codelist}: {unknown}")
    return problems

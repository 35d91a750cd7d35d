"""The dependencies of what is installed, as an SPDX 2.3 document (JSON), made from what is there: the
libraries that the programs are linked with, the programs that they start (packages.txt, [run]), the
packages that the portal's pages are bundled from (package-lock.json).

    deploy/supply/spdx.py BUILD_DIRECTORY [-o FILE]

Exit code 1 with a line for each dependency that licences.csv does not know, that it knows and nothing
needs, or whose licence is not one of those below. SOURCE_DATE_EPOCH is the document's time."""

import argparse
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("zhibaod", "zhibao", "zhibao-web")
# What may be linked with, started by, or bundled into something under Apache-2.0.
LINKED = {"Apache-2.0", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Unlicense", "curl",
          "blessing", "PostgreSQL", "Zlib", "LGPL-2.1-or-later",
          "LGPL-3.0-or-later WITH LGPL-3.0-linking-exception"}
STARTED = LINKED | {"GPL-2.0-or-later", "MPL-2.0", "OFL-1.1"}  # a program of its own, or data
BUNDLED = LINKED - {"LGPL-2.1-or-later", "LGPL-3.0-or-later WITH LGPL-3.0-linking-exception"}


def version_of(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          text=True, check=False)
    return done.stdout.strip() or "NOASSERTION"


def linked(build):
    """The libraries that the programs name, those of the loader left out."""
    found = set()
    for program in PROGRAMS:
        text = subprocess.run(["readelf", "-dW", build / "bin" / program], capture_output=True,
                              text=True, check=True).stdout
        found |= set(re.findall(r"\(NEEDED\).*\[(.+?)\]", text))
    return {name for name in found if not name.startswith("ld-")}


def started():
    """The packages of [run] in deploy/packages.txt."""
    text = (ROOT / "deploy" / "packages.txt").read_text(encoding="utf-8")
    section = re.search(r"^\[run\]$(.*?)^\[", text, re.M | re.S)[1]
    return set(re.findall(r"^[a-z][a-z0-9.+-]*$", section, re.M))


def bundled():
    """name, version, licence of what is served; tools of the build are not."""
    lock = json.loads((ROOT / "client/web/pages/package-lock.json").read_text(encoding="utf-8"))
    return [(path.split("node_modules/")[-1], entry["version"], entry.get("license", "NONE"))
            for path, entry in sorted(lock["packages"].items()) if path and not entry.get("dev")]


def element(name, version, licence, purl):
    return {"SPDXID": "SPDXRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", name).strip("-"), "name": name,
            "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": licence, "licenseDeclared": licence,
            "copyrightText": "NOASSERTION", "externalRefs": [
                {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                 "referenceLocator": purl}]}


def gather(build):
    """The elements, and what is wrong."""
    with open(Path(__file__).parent / "licences.csv", encoding="utf-8", newline="") as file:
        known = {(row["kind"], row["name"]): row for row in csv.DictReader(file)}
    needed = {("library", name) for name in linked(build)} | \
        {("program", name) for name in started()}
    wrong = [f"{kind} {name} is not in licences.csv" for kind, name in sorted(needed - set(known))]
    wrong += [f"{kind} {name} of licences.csv is needed by nothing"
              for kind, name in sorted(set(known) - needed)]
    elements = {}
    for kind, name in sorted(needed & set(known)):
        row = known[kind, name]
        if row["licence"] not in (LINKED if kind == "library" else STARTED):
            wrong.append(f"{name}: {row['licence']} is not a licence to {kind}")
        version = version_of(row["package"])
        elements[row["package"]] = (kind, element(
            row["package"], version, row["licence"], f"pkg:deb/debian/{row['package']}@{version}"))
    for name, version, licence in bundled():
        if licence not in BUNDLED:
            wrong.append(f"npm {name}: {licence} is not a licence to bundle")
        elements["npm-" + name] = ("bundled", element(
            name, version, licence, f"pkg:npm/{name.replace('@', '%40')}@{version}"))
    return elements, wrong


def document(elements):
    version = re.search(r"project\(zhibao VERSION ([0-9.]+)",
                        (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), timezone.utc)
    digest = hashlib.sha256(json.dumps(sorted(elements), sort_keys=True).encode()).hexdigest()
    own = element("zhibao", version, "Apache-2.0", f"pkg:generic/zhibao@{version}")
    relation = {"library": "DYNAMIC_LINK", "program": "RUNTIME_DEPENDENCY_OF", "bundled": "CONTAINS"}
    relations = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES",
                  "relatedSpdxElement": own["SPDXID"]}]
    for kind, each in elements.values():
        ends = (each["SPDXID"], own["SPDXID"]) if kind == "program" else \
            (own["SPDXID"], each["SPDXID"])
        relations.append({"spdxElementId": ends[0], "relationshipType": relation[kind],
                          "relatedSpdxElement": ends[1]})
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"zhibao-{version}",
            "documentNamespace": f"https://zhibao.invalid/spdx/{version}/{digest[:32]}",
            "creationInfo": {"created": made.strftime("%Y-%m-%dT%H:%M:%SZ"),
                             "creators": ["Tool: deploy/supply/spdx.py"]},
            "packages": [own] + [each for _, each in elements.values()],
            "relationships": relations}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("-o", "--output", type=Path)
    given = parser.parse_args()
    elements, wrong = gather(given.build)
    text = json.dumps(document(elements), indent=1, ensure_ascii=False) + "\n"
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    ids = [each["SPDXID"] for _, each in elements.values()]
    wrong += [f"{each} names two" for each in sorted(set(ids)) if ids.count(each) > 1]
    print(f"{len(elements)} dependencies: "
          + ", ".join(f"{name} {each['versionInfo']} {each['licenseDeclared']}"
                      for name, (_, each) in elements.items()))
    for line in wrong:
        print(line)
    return 1 if wrong or len(elements) < 30 else 0


sys.exit(main())

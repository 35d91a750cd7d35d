"""The manual and the completion against what the programs say of themselves: every command and every
option is in both, in both languages. BUILD_DIRECTORY is the argument."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

BUILD = Path(sys.argv[1])


def printed(program, *arguments):
    done = subprocess.run([BUILD / "bin" / program, *arguments], capture_output=True, text=True,
                          check=False)
    return done.stdout


def page(name, chinese):
    folder = BUILD / "manual" / "man" / ("zh_CN" if chinese else ".")
    return (folder / f"man{name[-1]}" / name).read_text(encoding="utf-8").replace("\\-", "-")


def commands():
    """The names that `zhibao --help` lists."""
    names = re.findall(r"^  ([a-z][a-z-]*(?: [a-z][a-z-]*)?)  +\S",
                       printed("zhibao", "--help", "--lang", "en"), re.M)
    return names + [name for name in re.findall(
        r"^  ([a-z][a-z-]* [a-z][a-z-]*) \S", printed("zhibao", "--help", "--lang", "en"), re.M)
        if name not in names and printed("zhibao", "help", *name.split()).strip()]


def options_of(text):
    return set(re.findall(r"^ +(?:-\w, )?--([a-z][a-z_-]*)", text, re.M))


def completed(line):
    """What bash offers after `line`."""
    script = (f"source {BUILD}/manual/completions/zhibao; COMP_WORDS=({line} ''); "
              "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _zhibao; printf '%s\\n' \"${COMPREPLY[@]}\"")
    return set(subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                              check=True).stdout.split())


def main():
    missing = []
    names = commands()
    completion = (BUILD / "manual" / "completions" / "zhibao").read_text(encoding="utf-8")
    pages = {chinese: page("zhibao.1", chinese) for chinese in (False, True)}
    for name in names:
        section = {}
        for chinese, text in pages.items():
            match = re.search(rf'^\.SS "zhibao {name}[ "].*?(?=^\.S[SH] )', text, re.M | re.S)
            if match is None:
                missing.append(f"zhibao.1 {name} {'zh' if chinese else 'en'}")
            section[chinese] = match[0] if match else ""
        general = options_of(printed("zhibao", "--help", "--lang", "en"))
        own = options_of(printed("zhibao", *name.split(), "--help", "--lang", "en")) - general
        for option in own:
            missing += [f"zhibao.1 {name} --{option}" for text in section.values()
                        if not re.search(rf"--{option}\\f", text) and f"--{option}\\f" not in
                        pages[False]]
            if f"--{option}" not in completion:
                missing.append(f"completion {name} --{option}")
        if f"'{name}'" not in completion:
            missing.append(f"completion {name}")
    server = options_of(printed("zhibaod", "--help", "--lang", "en"))
    config = set(re.findall(r"^#([a-z_]+) =", printed("zhibaod", "--print-config"), re.M))
    words = (BUILD / "manual" / "completions" / "zhibaod").read_text(encoding="utf-8")
    for chinese in (False, True):
        missing += [f"zhibaod.8 --{name}" for name in server
                    if f"--{name}" not in page("zhibaod.8", chinese)]
        missing += [f"zhibaod.conf.5 {name}" for name in config
                    if f"\n\\fB{name}\\fR\n" not in page("zhibaod.conf.5", chinese)]
        missing += [f"zhibao-web.8 --{name}" for name in options_of(printed("zhibao-web", "--help"))
                    if f"--{name}" not in page("zhibao-web.8", chinese)]
    missing += [f"completion zhibaod --{name}" for name in server if f"--{name} " not in words]
    if not {"submit", "outbox", "verify"} <= completed("zhibao"):
        missing.append("bash offers no commands")
    if completed("zhibao outbox") < {"send", "show"}:
        missing.append("bash offers no second words")
    if shutil.which("man"):
        for path in (BUILD / "manual" / "man").glob("man?/*"):
            done = subprocess.run(["man", "--warnings", "-l", "-Tutf8", path], capture_output=True,
                                  text=True, check=False, env={"MANWIDTH": "100", "PATH": "/usr/bin:/bin"})
            if done.returncode != 0 or not done.stdout.strip():
                missing.append(f"man cannot show {path.name}: {done.stderr[:200]}")
    print(f"{len(names)} commands of zhibao, {len(server)} options of zhibaod, {len(config)} of its file")
    for what in missing:
        print(f"missing: {what}")
    return 1 if missing or len(names) < 60 or len(config) < 40 else 0


sys.exit(main())

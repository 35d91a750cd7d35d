"""Where the microseconds of a report go: perf samples of zhibaod and of its writer's PostgreSQL while
reports come in, sorted into the steps of a report's path, and a flame graph of both.
"""

import html
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

HERTZ = 199
STACK_BYTES = 8192
# The first rule that a frame matches, from the leaf outward, tells the step.
STEPS = (
    ("verify_later", r"^verifier_|sign_verify|ed25519_verify|ed25519_ref10_open"),
    ("commit", r"CommitTransaction|XLogFlush|RecordTransactionCommit|^store_commit|issue_xlog_fsync"),
    ("sign", r"batch_header_sign|^sign_bytes|crypto_sign_(ed25519_)?detached"),
    ("decrypt", r"crypto_(secret)?box_(curve25519xsalsa20poly1305_)?open|crypto_secretbox.*_open"),
    ("encrypt", r"crypto_(secret)?box(?!.*open)"),
    ("hash", r"^hash_|^leaf_hash|^merkle_|crypto_hash_sha256|SHA256"),
    ("check", r"^validate_|^form_|^soft_|^registry_|^run_decide|^suspicion|^explanation|^period_|^lookup_|^limits_"),
    ("decode", r"^message_read|^envelope_read|protobuf_c_message_unpack|^wire_scan|^scan_"),
    ("reply", r"^receipts_make|^receipt_|^reply_|^envelope_w|protobuf_c_message_pack|zmq_msg_send"),
    ("write", r"^store_|^copy_|^run_reports_store|^run_events_store|^db_|^PQ|CopyFrom|heap_multi_insert|"
              r"ExecInsertIndexTuples|PostgresMain|exec_simple_query"),
    ("receive", r"^router_|zmq_msg_recv|zmq_poll|recv|tcp_|epoll|libzmq"),
)


def usable():
    return shutil.which("perf") is not None


def record(pids, seconds, path):
    """Samples of these processes for so long; not awaited."""
    return subprocess.Popen(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(HERTZ), "--call-graph",
         f"dwarf,{STACK_BYTES}", "-p", ",".join(map(str, pids)), "-o", str(path), "--", "sleep",
         str(seconds)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def stacks(path):
    """(process, frames from the leaf outward) of every sample."""
    text = subprocess.run(["perf", "script", "-i", str(path), "-F", "comm,ip,sym,dso"],
                          capture_output=True, text=True, errors="replace", check=False).stdout
    for block in text.split("\n\n"):
        lines = block.strip().splitlines()
        if len(lines) > 1:
            yield lines[0].strip(), [frame(line) for line in lines[1:]]


def frame(line):
    match = re.match(r"\s*[0-9a-f]+ (.*) \((.*)\)$", line)
    if match is None:
        return line.strip()
    name, dso = match.group(1), Path(match.group(2)).name
    return f"[{dso}]" if name == "[unknown]" else re.sub(r"\+0x[0-9a-f]+$|@.*$", "", name)


def step_of(frames):
    for name in frames:
        for step, rule in STEPS:
            if re.search(rule, name):
                return step
    return "other"


def steps(samples):
    return Counter(step_of(frames) for _, frames in samples)


class Node:
    def __init__(self):
        self.count, self.below = 0, {}


def flame_graph(samples, path, title):
    """An SVG of boxes: as wide as the share of samples that have it, callers below."""
    root = Node()
    for process, frames in samples:
        node = root
        node.count += 1
        for name in [process, *reversed(frames)]:
            node = node.below.setdefault(name, Node())
            node.count += 1
    width, row, boxes, deepest = 1600, 16, [], 0
    todo = [(root, "", 0.0, 0)]
    while todo:
        node, name, left, depth = todo.pop()
        share = width * node.count / max(1, root.count)
        if share < 0.7 or depth > 90:
            continue
        deepest = max(deepest, depth)
        boxes.append((name or title, left, share, depth, node.count))
        for child_name, child in sorted(node.below.items()):
            todo.append((child, child_name, left, depth + 1))
            left += width * child.count / max(1, root.count)
    height = (deepest + 1) * row
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
           ' font-family="monospace" font-size="11">']
    for name, left, share, depth, count in boxes:
        top = height - (depth + 1) * row
        shown = html.escape(name[:int(share / 6.7)]) if share > 20 else ""
        out.append(f'<g><title>{html.escape(name)}: {count} ({100 * count / max(1, root.count):.1f}%)</title>'
                   f'<rect x="{left:.1f}" y="{top}" width="{share:.1f}" height="{row - 1}"'
                   f' fill="hsl({25 + sum(name.encode()) % 30},80%,65%)"/>'
                   f'<text x="{left + 2:.1f}" y="{top + 12}">{shown}</text></g>')
    path.write_text("\n".join([*out, "</svg>"]), encoding="utf-8")

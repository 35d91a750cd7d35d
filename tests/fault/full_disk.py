#!/usr/bin/python3
"""The disk of the server is full for a while under load: nothing is receipted that is not stored,
nobody is refused, and when there is room again everything goes on by itself.

    full_disk.py BUILD_DIRECTORY

Skipped (77) where a tmpfs cannot be mounted, which needs root."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile

import faults
import harness
import judge

SKIPPED = 77
VILLAGES = 20
DISK_BYTES = 320 * 1024 * 1024  # a new cluster takes about 50 MiB, its log 16 MiB a file
LEFT_BYTES = 1024 * 1024
LOAD_SHARE = 0.5
STUCK = 300  # reports that wait


def can_mount():
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=False,
                              capture_output=True)
        if done.returncode == 0:
            subprocess.run(["umount", place], check=True)
        return done.returncode == 0


class Disk:
    """A small file system under the server's data directory."""

    def __init__(self, workplace):
        self.workplace, self.place, self.filler = workplace, None, None

    def mount(self, server):
        self.place = server.data
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs",
                        str(self.place)], check=True)
        self.workplace.stoppers.insert(0, self.unmount)  # stoppers run last to first
        if self.workplace.user:
            shutil.chown(self.place, self.workplace.user)

    def unmount(self):
        subprocess.run(["umount", "--lazy", str(self.place)], check=False)

    def fill(self):
        self.filler = self.place / "filler"
        taken = 0
        with open(self.filler, "wb") as file:
            while (more := shutil.disk_usage(self.place).free - LEFT_BYTES) > 0:
                try:
                    os.posix_fallocate(file.fileno(), taken, more)
                except OSError as error:  # PostgreSQL took some of it meanwhile: what is left now
                    if error.errno != errno.ENOSPC:
                        raise
                else:
                    taken += more

    def free(self):
        self.filler.unlink()


def is_named(server):
    return "No space left" in server.log_tail(100000)


def scenario(checks, workplace):
    disk = Disk(workplace)
    fixture = faults.Fixture(workplace, VILLAGES, prepare=disk.mount)
    process = fixture.server.process
    load = fixture.load(share=LOAD_SHARE).start()
    load.wait_for(lambda c: c["receipted"] > STUCK, "report")
    disk.fill()
    load.wait_for(lambda c: c["waiting"] > STUCK and is_named(fixture.server), "wait for room")
    stuck = load.counters()
    fixture.phase("full")
    disk.free()
    load.wait_for(lambda c: c["receipted"] > stuck["receipted"] + STUCK, "go on")
    fixture.phase("room again")
    code = load.finish()
    checks.check("zhibaod never went down",
                 fixture.server.process is process and fixture.server.is_running(),
                 fixture.server.log_tail())
    judge.drained(checks, load, code)
    checks.check("the log names the full disk", is_named(fixture.server), fixture.server.log_tail())
    judge.store(checks, fixture, fixture.dump())
    fixture.server.stop()
    judge.receipts(checks, fixture)


if __name__ == "__main__":
    if not can_mount():
        print("skipped: a tmpfs cannot be mounted here", flush=True)
        sys.exit(SKIPPED)
    harness.run(scenario)

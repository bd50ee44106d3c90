#!/usr/bin/env python3
"""run-unit UNIT PIDFILE: starts what a systemd unit starts, as it would, where no
systemd runs: its user, limits, capabilities and system calls. Becomes the program,
in a session of its own."""
import ctypes
import os
import pwd
import resource
import shlex
import socket
import subprocess
import sys

import seccomp

PR_SET_NO_NEW_PRIVS = 38
PR_CAPBSET_DROP = 24


def read(path):
    """Every value of each key, in order."""
    found = {}
    for line in open(path, encoding="utf-8"):
        key, equals, value = line.strip().partition("=")
        if equals and not key.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def expand(name):
    """The system calls of a group, as systemd knows them."""
    if not name.startswith("@"):
        return {name}
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True,
                          capture_output=True, text=True).stdout
    words = [line.strip() for line in text.splitlines()[1:]]
    return set().union(*(expand(word) for word in words if word and not word.startswith("#")))


def allowed(filters):
    calls = set()
    for line in filters:
        words = set().union(*(expand(word) for word in line.lstrip("~").split()))
        calls = calls - words if line.startswith("~") else calls | words
    return calls


def make_filter(unit):
    rules = seccomp.SyscallFilter(seccomp.ERRNO(1))
    families = unit["RestrictAddressFamilies"][-1].split()
    for call in sorted(allowed(unit["SystemCallFilter"]) - {"socket"}):
        try:
            rules.add_rule(seccomp.ALLOW, call)
        except RuntimeError:
            pass  # none of this architecture's
    for family in families:
        rules.add_rule(seccomp.ALLOW, "socket",
                       seccomp.Arg(0, seccomp.EQ, int(getattr(socket, family))))
    return rules


def amount(text):
    """Of bytes, or of whatever."""
    return int(text.rstrip("KMG")) << {"K": 10, "M": 20, "G": 30}.get(text[-1], 0)


def limit(kind, most):
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(kind, (most, most))


def main():
    unit = read(f"/lib/systemd/system/{sys.argv[1]}.service")
    os.setsid()
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    user = pwd.getpwnam(unit["User"][-1])
    for command in unit.get("ExecStartPre", []):
        subprocess.run(shlex.split(command.lstrip("+")), check=True)
    for name in unit.get("StateDirectory", []):
        path = f"/var/lib/{name}"
        os.makedirs(path, exist_ok=True)
        os.chown(path, user.pw_uid, user.pw_gid)
        os.chmod(path, int(unit["StateDirectoryMode"][-1], 8))

    limit(resource.RLIMIT_NOFILE, int(unit["LimitNOFILE"][-1]))
    # Each process, and each user, has what systemd lets all of the unit have:
    # less memory than that, and other programs of the user count.
    limit(resource.RLIMIT_AS, amount(unit["MemoryMax"][-1]))
    limit(resource.RLIMIT_NPROC, amount(unit["TasksMax"][-1]))
    rules = make_filter(unit)
    libc = ctypes.CDLL(None)
    assert unit["CapabilityBoundingSet"] == [""] and unit["NoNewPrivileges"] == ["yes"]
    for capability in range(int(open("/proc/sys/kernel/cap_last_cap", encoding="ascii").read()) + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.umask(int(unit["UMask"][-1], 8))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    words = shlex.split(unit["ExecStart"][-1])
    rules.load()
    os.execv(words[0], words)


main()

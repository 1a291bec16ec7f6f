"""What a process that parses strangers' files may not do: take much memory, reach the network."""

import ctypes
import errno
import os
import platform
import resource
import struct
import sys

_SOCKET = {"x86_64": (0xC000003E, 41, 53), "aarch64": (0xC00000B7, 198, 199)}
"""By machine: how audit names it, and the numbers of socket(2) and socketpair(2)."""
_IO_URING_SETUP = 425
"""Everywhere the same. Through a ring one could open sockets too."""
_X32 = 0x40000000
"""On x86_64 the same calls under other numbers."""

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2  # prctl(2)
_LOAD, _EQUALS, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # linux/bpf_common.h
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_NUMBER_AT, _MACHINE_AT = 0, 4  # struct seccomp_data


def confine(memory_bytes: int) -> None:
    """For this process and all that it starts, for ever. Raises `OSError` where that is refused.

    Elsewhere than on Linux only the memory is bounded.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(10)  # The hub answers first.
    if sys.platform == "linux":
        _refuse_sockets()


def _refuse_sockets() -> None:
    machine = platform.machine()
    if machine not in _SOCKET:
        raise OSError(f"no filter for {machine}")
    program = _program(*_SOCKET[machine], has_x32=machine == "x86_64")
    buffer = ctypes.create_string_buffer(program, len(program))
    told = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    header = ctypes.create_string_buffer(told, len(told))
    library = ctypes.CDLL(None, use_errno=True)
    _demand(library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _demand(library.prctl(_SECCOMP, _FILTER, ctypes.byref(header), 0, 0))


def _program(machine: int, *sockets: int, has_x32: bool) -> bytes:
    """In classic BPF: another machine's call kills, these calls are refused, all others allowed."""
    refused = [*sockets, _IO_URING_SETUP]
    tests = [(_EQUALS, number) for number in refused]
    if has_x32:
        tests.append((_AT_LEAST, _X32))
    left = len(tests)
    steps = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_EQUALS, 1, 0, machine),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        *((code, left - at, 0, number) for at, (code, number) in enumerate(tests)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _demand(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

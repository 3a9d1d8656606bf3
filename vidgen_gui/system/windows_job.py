"""The Windows job object that ends our children with us, by its kernel handle's closing."""

import ctypes
from typing import Any

_KILL_ON_JOB_CLOSE = 0x2000
_EXTENDED_LIMIT_INFORMATION = 9
_PROCESS_SET_QUOTA_AND_TERMINATE = 0x0100 | 0x0001


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("per_process_user_time", ctypes.c_int64),
        ("per_job_user_time", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_process_limit", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class KillOnCloseJob:
    """One job object for the life of the app; Windows closes it, and kills, when we end."""

    def __init__(self) -> None:
        # Reached by name: these exist in ctypes on Windows only.
        windows: Any = ctypes
        self._windows = windows
        self._kernel = windows.WinDLL("kernel32", use_last_error=True)
        self._kernel.CreateJobObjectW.restype = ctypes.c_void_p
        self._kernel.OpenProcess.restype = ctypes.c_void_p
        self._handle = ctypes.c_void_p(self._kernel.CreateJobObjectW(None, None))
        limits = _ExtendedLimits()
        limits.basic.limit_flags = _KILL_ON_JOB_CLOSE
        if not self._kernel.SetInformationJobObject(
            self._handle, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), ctypes.sizeof(limits)
        ):
            raise windows.WinError(windows.get_last_error())

    def add(self, pid: int) -> None:
        """Put a just started process, and all it will start, into the job."""
        process = ctypes.c_void_p(
            self._kernel.OpenProcess(_PROCESS_SET_QUOTA_AND_TERMINATE, 0, pid)
        )
        try:
            if not self._kernel.AssignProcessToJobObject(self._handle, process):
                raise self._windows.WinError(self._windows.get_last_error())
        finally:
            self._kernel.CloseHandle(process)

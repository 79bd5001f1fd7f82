"""Follows a pickle stream opcode by opcode, for all protocols."""

from __future__ import annotations

import pickle
import struct

from audit.artifact import pickle_acts, pickle_data
from audit.artifact.pickle_machine import Machine, Step
from audit.artifact.pickle_values import Value
from audit.artifact.report import Unreadable

STOP = pickle.STOP[0]
STEPS: dict[bytes, Step] = {**pickle_data.STEPS, **pickle_acts.STEPS}
_TABLE: list[Step | None] = [STEPS.get(bytes([code])) for code in range(256)]


def follow(machine: Machine) -> Value:
    """Run one stream to its STOP; the machine's `position` is then the first byte after it.

    Returns:
        The object that the stream would load, symbolically.

    Raises:
        Unreadable: the stream is damaged, or readers would not agree on it.
    """
    data, end, steps = machine.data, len(machine.data), 0
    try:
        while machine.position < end and steps <= machine.findings.operations:
            if machine.frame_end is not None:
                machine.check_frame()
            code = data[machine.position]
            machine.position += 1
            steps += 1
            if code == STOP:
                return _stop(machine)
            step = _TABLE[code]
            if step is None:
                raise Unreadable(f"byte {code:#04x} of {machine.place} at {machine.position - 1} is no pickle opcode")
            step(machine)
    except (IndexError, KeyError, struct.error, ValueError, OverflowError) as problem:
        raise Unreadable(
            f"the pickle in {machine.place} is damaged at byte {machine.position} ({type(problem).__name__})"
        ) from problem
    finally:
        machine.close()
        machine.findings.spend(operations=steps)
    raise Unreadable(f"the pickle in {machine.place} ends before its STOP")


def _stop(machine: Machine) -> Value:
    if machine.frame_end not in (None, machine.position):
        raise Unreadable(f"the pickle in {machine.place} stops inside a frame at byte {machine.position}")
    if machine.marks or len(machine.stack) != 1:
        raise Unreadable(f"the pickle in {machine.place} leaves objects behind at byte {machine.position}")
    return machine.stack.pop()

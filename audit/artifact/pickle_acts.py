"""Opcodes that make Python import or call something, or that change how the rest of the stream is read."""

from __future__ import annotations

import importlib.util
import pickle
import sys

from audit.artifact import pickle_calls
from audit.artifact.pickle_machine import Machine, Step
from audit.artifact.pickle_values import Made, Pairs, Value
from audit.artifact.report import Unreadable


def _protocol(machine: Machine) -> None:
    machine.protocol = machine.number("<B")
    if machine.protocol > pickle.HIGHEST_PROTOCOL:
        raise Unreadable(f"{machine.place} has the unknown pickle protocol {machine.protocol}")


def _frame(machine: Machine) -> None:
    size = machine.number("<Q")
    if machine.on_array is None:
        return
    if machine.frame_end not in (None, machine.position) or machine.position + size > len(machine.data):
        raise Unreadable(f"a frame of {machine.place} is damaged at byte {machine.position}")
    machine.frame_end = machine.position + size


def _global(machine: Machine) -> None:
    module = machine.line().decode("utf-8")
    machine.refer(module, machine.line().decode("utf-8"))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    if not isinstance(name, str) or not isinstance(module, str):
        raise Unreadable(f"a name in {machine.place} is built from something that is not text")
    if machine.mixed and not _importable(module):
        raise Unreadable(f"{machine.place} names a module that is not there")
    machine.refer(module, name)


def _importable(module: str) -> bool:
    """Whether the top of a module's name can be found; nothing is imported to find out."""
    top = module.partition(".")[0]
    try:
        return top in sys.builtin_module_names or importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return True


def _reduce(machine: Machine) -> None:
    args = machine.stack.pop()
    machine.stack[-1] = pickle_calls.call(machine, machine.stack[-1], args)


def _build(machine: Machine) -> None:
    state = machine.stack.pop()
    pickle_calls.build(machine, machine.stack[-1], state)


def _inst(machine: Machine) -> None:
    module, name = machine.line().decode("ascii"), machine.line().decode("ascii")
    args = tuple(machine.since_mark())
    machine.refer(module, name)
    machine.stack.append(pickle_calls.call(machine, machine.stack.pop(), args))


def _obj(machine: Machine) -> None:
    cls, *args = machine.since_mark()
    machine.stack.append(pickle_calls.call(machine, cls, tuple(args)))


def _new_object(machine: Machine) -> None:
    args = machine.stack.pop()
    machine.stack[-1] = pickle_calls.create(machine, machine.stack[-1], args)


def _new_object_keywords(machine: Machine) -> None:
    keywords, args, cls = machine.stack.pop(), machine.stack.pop(), machine.stack.pop()
    if not isinstance(args, tuple) or not isinstance(keywords, Pairs):
        raise Unreadable(f"an object in {machine.place} is created from something unusual")
    machine.stack.append(pickle_calls.create(machine, cls, (*args, *keywords.items)))


def _extension(layout: str) -> Step:
    def step(machine: Machine) -> None:
        # the registry belongs to the program that loads the file, so any name may stand behind the number
        machine.refer("copyreg.extension", str(machine.number(layout)))

    return step


def _persistent(machine: Machine, identifier: Value) -> None:
    if machine.persistent is None:
        raise Unreadable(f"{machine.place} refers to an object outside the file, which only its own program can find")
    machine.persistent.append(identifier)
    if isinstance(identifier, tuple) and len(identifier) == 4 and identifier[0] == "module":
        # torch before 1.6 wraps each class that it saves, to keep its source beside it
        machine.stack.append(identifier[1])
    else:
        machine.stack.append(Made("torch.storage"))


def _out_of_band(machine: Machine) -> None:
    raise Unreadable(f"{machine.place} needs buffers that are not in the file")


STEPS: dict[bytes, Step] = {
    pickle.PROTO: _protocol,
    pickle.FRAME: _frame,
    pickle.GLOBAL: _global,
    pickle.STACK_GLOBAL: _stack_global,
    pickle.REDUCE: _reduce,
    pickle.BUILD: _build,
    pickle.INST: _inst,
    pickle.OBJ: _obj,
    pickle.NEWOBJ: _new_object,
    pickle.NEWOBJ_EX: _new_object_keywords,
    pickle.EXT1: _extension("<B"),
    pickle.EXT2: _extension("<H"),
    pickle.EXT4: _extension("<i"),
    pickle.PERSID: lambda machine: _persistent(machine, machine.line().decode("ascii")),
    pickle.BINPERSID: lambda machine: _persistent(machine, machine.stack.pop()),
    pickle.NEXT_BUFFER: _out_of_band,
    pickle.READONLY_BUFFER: _out_of_band,
}

"""What a pickle calls, creates, fills or gives a state: here it is compared with the list of names."""

from __future__ import annotations

from audit.artifact import allow_list, array_layout, pickle_tethered
from audit.artifact.pickle_machine import Machine
from audit.artifact.pickle_values import Global, Long, Made, Pairs, Value
from audit.artifact.report import Part, Unreadable
from audit.artifact.view import View

PLAIN_BASES = frozenset(
    f"builtins.{name}"
    for name in ("object", "dict", "list", "tuple", "set", "frozenset", "int", "float", "str", "bytes", "complex")
)
CALL_THEIR_ARGUMENTS = {
    "numpy.random._pickle.__bit_generator_ctor": 1,
    "numpy.random._pickle.__generator_ctor": 1,
    "numpy.random._pickle.__randomstate_ctor": 1,
    "pandas.core.indexes.base._new_Index": 0,
    "pandas.core.indexes.datetimes._new_DatetimeIndex": 0,
    "pandas.core.indexes.interval._new_IntervalIndex": 0,
    "pandas.core.indexes.period._new_PeriodIndex": 0,
    "pandas.core.indexes.timedeltas._new_TimedeltaIndex": 0,
    "array._array_reconstructor": 0,
}
"""Functions that call a class or function which they are given, by its position; it has to be callable itself."""

WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"


def call(machine: Machine, target: Value, args: Value) -> Value:
    """The file calls something; what comes back stands for the result."""
    if isinstance(target, Global) and target.name == pickle_tethered.GETATTR:
        return _attribute(machine, args)
    if isinstance(target, Made):
        machine.findings.called(f"{target.name}.__call__", machine.where())
        return Made(f"{target.name}.__call__")
    if not isinstance(target, Global) or not isinstance(args, tuple):
        raise Unreadable(f"something that cannot be called is called at byte {machine.position}")
    if target.name == "copyreg._reconstructor" and len(args) == 3:
        return _reconstruct(machine, args[0], args[1])
    if target.name == "_codecs.encode" and not (len(args) == 2 and args[1] in ("latin1", "latin-1")):
        raise Unreadable(f"an unusual text encoding is asked for at byte {machine.position}")
    if target.name == pickle_tethered.NESTED:
        return _nested(machine, args)
    if target.name == pickle_tethered.REBUILD:
        return _rebuild(machine, args)
    machine.findings.called(target.name, machine.where())
    position = CALL_THEIR_ARGUMENTS.get(target.name)
    for number, inner in enumerate(args if position is not None else ()):
        if isinstance(inner, Global):
            machine.findings.called(inner.name, machine.where())
        elif number == position:
            raise Unreadable(f"an object would be called at byte {machine.position}")
    return Made(target.name, args)


def _attribute(machine: Machine, args: Value) -> Value:
    """`getattr` of a class and a word is a name like any other; of anything else it is unknown."""
    if isinstance(args, tuple) and len(args) == 2 and isinstance(args[0], Global) and isinstance(args[1], str):
        machine.tethered[pickle_tethered.GETATTR] -= 1
        name = f"{args[0].name}.{args[1]}"
        machine.refer_again(name)
        return machine.stack.pop()
    return Made(pickle_tethered.GETATTR)


def _nested(machine: Machine, args: Value) -> Made:
    """torch keeps a tensor in a plain pickle as a file of its own, which is put aside to be read as one."""
    if not isinstance(args, tuple) or len(args) != 1 or not isinstance(args[0], bytes | Long):
        raise Unreadable(f"a tensor is kept in an unusual way at byte {machine.position}")
    if isinstance(args[0], bytes):
        content = View(args[0])
    else:
        content = View(machine.data) if isinstance(machine.data, bytes) else machine.data
        content = content.part(args[0].start, args[0].start + args[0].size)
    machine.findings.spend(members=1)
    machine.findings.nested.append(Part(content, f"{machine.where()}, a tensor"))
    machine.tethered[pickle_tethered.NESTED] -= 1
    return Made(pickle_tethered.NESTED)


def _rebuild(machine: Machine, args: Value) -> Made:
    """torch rebuilds a tensor with attributes by calling the function that it is given."""
    if not isinstance(args, tuple) or len(args) != 4 or not isinstance(args[0], Global):
        raise Unreadable(f"a tensor is rebuilt in an unusual way at byte {machine.position}")
    if pickle_tethered.is_tethered(args[0].name):
        raise Unreadable(f"a tensor is rebuilt in an unusual way at byte {machine.position}")
    call(machine, args[0], args[2])
    _check_slots(args[3], machine.position)
    machine.tethered[pickle_tethered.REBUILD] -= 1
    return Made(pickle_tethered.REBUILD)


def create(machine: Machine, target: Value, args: Value = (), *, on_stack: bool = True) -> Made:
    """The file creates an object without running its constructor."""
    if not isinstance(target, Global) or not isinstance(args, tuple):
        raise Unreadable(f"an object of something that is no class is created at byte {machine.position}")
    if args:
        machine.findings.called(target.name, machine.where())
    elif on_stack and pickle_tethered.is_distribution(target.name):
        machine.tethered[target.name] -= 1
    return Made(target.name, args)


def fill(machine: Machine, target: Value, kind: str, items: list[tuple[Value, Value]] | None = None) -> None:
    """The file adds items to an object that is no plain list, dict or set.

    Args:
        kind: `sequence` calls `append` or `extend`, `mapping` sets items, `set` calls `add`; a mapping may find
            the methods of the others among its own items, which the file chose.
    """
    if not isinstance(target, Made) or target.built:
        raise Unreadable(f"items are added to something unusual at byte {machine.position}")
    if kind != "mapping" and target.name in allow_list.mappings():
        raise Unreadable(f"items are added to a mapping as if it were a {kind} at byte {machine.position}")
    if not target.name.startswith("collections.") and any(_dunder(key) for key, _ in items or ()):
        # such a type may find its methods among its items
        raise Unreadable(f"an object gets an item of an unusual name at byte {machine.position}")
    machine.findings.filled(target.name, machine.where())


def build(machine: Machine, target: Value, state: Value) -> None:
    """The file sets the state of an object."""
    if isinstance(target, Global):
        # on a class this overwrites attributes that every user of the class shares
        machine.findings.called(f"{target.name}.__setattr__", machine.where())
        return
    if not isinstance(target, Made) or target.built:
        # a second BUILD could call a __setstate__ that the first one put there
        raise Unreadable(f"the state of something unusual is set at byte {machine.position}")
    _check_slots(state, machine.position)
    target.state, target.built = state, True
    if target.name == "numpy.dtype":
        array_layout.pickled(target)
    elif pickle_tethered.is_distribution(target.name) and not pickle_tethered.harmless(state):
        machine.findings.called(f"{target.name}.__setstate__", machine.where())
    if target.name == WRAPPER and machine.on_array is None:
        # what follows was written for a memo of its own, so names put together here may be accidents
        machine.mixed = True
    elif target.name == WRAPPER and machine.on_array is not None:
        if machine.frame_end not in (None, machine.position):
            raise Unreadable(f"an array begins inside a frame at byte {machine.position}")
        machine.frame_end = None
        machine.position = machine.on_array(target, machine.position)
        machine.stack[-1] = Made("numpy.ndarray")


def _reconstruct(machine: Machine, cls: Value, base: Value) -> Made:
    if not isinstance(base, Global):
        raise Unreadable(f"an object is rebuilt from no class at byte {machine.position}")
    if base.name not in PLAIN_BASES:
        machine.findings.called(base.name, machine.where())
    return create(machine, cls, on_stack=False)


def _check_slots(state: Value, position: int) -> None:
    """The second part of a state is set attribute by attribute: `__class__` there would change what the object is."""
    if not isinstance(state, tuple) or len(state) != 2 or not isinstance(state[1], Pairs):
        return
    if state[1].cut or any(_dunder(key) for key, _ in state[1].items):
        raise Unreadable(f"an object gets attributes of an unusual name at byte {position}")


def _dunder(key: Value) -> bool:
    return isinstance(key, str) and key.startswith("__")

"""The lineage of a model as inline SVG: what was made from what, left to right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from audit.records import FileRecord, Step

_MOST_STEPS, _MOST_NODES = 500, 40
_LONGEST = 22
_ROLES = {"": "not part of the subject", "provenance": "beside the subject", "training": "recipe"}
_WIDTH, _HEIGHT, _GAP, _ROW, _TOP = 178, 40, 58, 54, 6


@dataclass(frozen=True)
class _Node:
    """One box, by its place in the picture: the upper left corner."""

    name: str
    x: int
    y: int


def lineage_figure(steps: Sequence[Step], files: Sequence[FileRecord]) -> str:
    """A graph from raw data to model; empty where no step is known.

    Args:
        steps: of a bundle that anybody may have written, so they may also go in a circle.
        files: of the subject; their roles tell model and data from the rest.
    """
    steps = steps[:_MOST_STEPS]
    if not steps:
        return ""
    roles = {file.path: file.role for file in files}
    layers = _layers(steps)
    shown = _folded(layers, roles)
    nodes = _placed(layers, shown, steps)
    made_by = {shown[step.target]: step.how for step in reversed(steps) if step.how}
    lines: dict[tuple[str, str], bool] = {}
    for step in steps:
        ends = (shown[step.source], shown[step.target])
        lines[ends] = lines.get(ends, True) and step.verified
    width = max(node.x for node in nodes.values()) + _WIDTH + _GAP
    height = max(node.y for node in nodes.values()) + _ROW
    told = "; ".join(f"{step.target} from {step.source}" for step in steps[:_MOST_NODES])
    parts = [
        f'<svg viewBox="0 0 {max(width, 720)} {height}" role="img" aria-label="{escape(f"Lineage: {told}")}">',
        *(_line(nodes[source], nodes[target], sure) for (source, target), sure in lines.items() if source != target),
        *(_box(node, roles.get(node.name, ""), made_by.get(node.name, "")) for node in nodes.values()),
        "</svg>",
    ]
    legend = "full lines: both ends were compared with files on disk; broken lines: only a record says so"
    head = f'<p class="name">lineage <span class="soft">({legend})</span></p>'
    return f'<div class="figure">{head}{"".join(parts)}</div>'


def _layers(steps: Sequence[Step]) -> dict[str, int]:
    """The column of each node: how many steps lead to it at most; what lies on a circle comes last."""
    onward, waiting = defaultdict[str, list[str]](list), Counter[str]()
    for step in steps:
        onward[step.source].append(step.target)
        waiting[step.target] += 1
    every = dict.fromkeys(name for step in steps for name in (step.source, step.target))
    ready = [name for name in every if not waiting[name]]
    layers = dict.fromkeys(ready, 0)
    while ready:
        source = ready.pop()
        for target in onward[source]:
            layers[target] = max(layers.get(target, 0), layers[source] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    last = max((layers[name] for name in every if not waiting[name]), default=-1) + 1
    layers = {name: last if waiting[name] else layers[name] for name in every}
    made = {step.target for step in steps}
    # what nothing was made from stands next to what it went into, so that no line crosses a box
    return {
        name: layer if name in made else max(0, min(layers[target] for target in onward[name]) - 1)
        for name, layer in layers.items()
    }


def _folded(layers: Mapping[str, int], roles: Collection[str]) -> dict[str, str]:
    """The box of each node: its own, or where there are too many one for the rest of its layer."""
    if len(layers) <= _MOST_NODES:
        return {name: name for name in layers}
    most = max(1, _MOST_NODES // len(set(layers.values())) - 1)
    kept, rest = Counter[int](), defaultdict[int, list[str]](list)
    shown = {}
    for name in sorted(layers, key=lambda name: (name not in roles, name)):
        if kept[layers[name]] < most:
            kept[layers[name]] += 1
            shown[name] = name
        else:
            rest[layers[name]].append(name)
    for layer, names in rest.items():
        shown |= dict.fromkeys(names, f"{len(names)} more" + " " * layer)
    return shown


def _placed(layers: Mapping[str, int], shown: Mapping[str, str], steps: Sequence[Step]) -> dict[str, _Node]:
    """A place for each box; within a layer they stand in the order of what they were made from."""
    sources = defaultdict[str, list[str]](list)
    for step in steps:
        sources[shown[step.target]].append(shown[step.source])
    by_layer = defaultdict[int, dict[str, None]](dict)
    for name, layer in layers.items():
        by_layer[layer][shown[name]] = None
    nodes: dict[str, _Node] = {}
    for column, layer in enumerate(sorted(by_layer)):

        def height(name: str) -> tuple[float, str]:
            known = [nodes[source].y for source in sources[name] if source in nodes]
            return (sum(known) / len(known) if known else 0.0, name)

        for row, name in enumerate(sorted(by_layer[layer], key=height)):
            nodes[name] = _Node(name, column * (_WIDTH + _GAP), _TOP + row * _ROW)
    return nodes


def _line(source: _Node, target: _Node, sure: bool) -> str:
    x1, y1 = source.x + _WIDTH, source.y + _HEIGHT // 2
    x2, y2 = target.x - 7, target.y + _HEIGHT // 2
    bend = (x1 + x2) // 2
    css = "flow" if sure else "flow told"
    return (
        f'<path class="{css}" d="M{x1} {y1}C{bend} {y1} {bend} {y2} {x2} {y2}"/>'
        f'<path class="tip" d="M{x2} {y2 - 4}l7 4l-7 4z"/>'
    )


def _box(node: _Node, role: str, how: str) -> str:
    css = "model" if role == "model" else "data" if role.startswith("data.") else "other"
    title = f"{node.name.strip()}{f', made by {how}' if how else ''}"
    lower = f"by {_last_part(how)}" if how else _ROLES.get(role, role.replace(".", ": "))
    left, size = node.x + 9, f'width="{_WIDTH - 2}" height="{_HEIGHT}"'
    return (
        f"<g><title>{escape(title)}</title>"
        f'<rect class="node {css}" x="{node.x + 1}" y="{node.y}" {size} rx="4"/>'
        f'<text class="name" x="{left}" y="{node.y + 17}">{escape(_short(node.name))}</text>'
        f'<text x="{left}" y="{node.y + 33}">{escape(_short(lower))}</text></g>'
    )


def _short(text: str) -> str:
    """The end of a long text: of a path or an address it tells most."""
    text = text.strip()
    return text if len(text) <= _LONGEST else f"… {text[2 - _LONGEST :]}"


def _last_part(how: str) -> str:
    """What tells one builder from another: the last part of its address."""
    return how.rstrip("/").rpartition("/")[2] or how

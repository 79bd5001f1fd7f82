"""in-toto links v0.3: the subjects are what a step made, the materials what went into it.

Source: in-toto attestation framework, predicate link v0.3.
"""

from __future__ import annotations

from audit.provenance.json_text import optional_object, text
from audit.provenance.record import Malformed
from audit.provenance.resources import resources
from audit.provenance.statement import Statement, Told, inputs_of, texts

KIND = "link"
TYPES = ("https://in-toto.io/attestation/link/v0.3",)


def read(statement: Statement) -> Told:
    """What went in.

    Raises:
        Malformed: a required field is absent, or a field is of the wrong type.
    """
    at, given = f"{statement.where}: predicate", statement.predicate
    step = text(given.get("name"), f"{at}.name")
    texts(given.get("command"), f"{at}.command")
    optional_object(given.get("byproducts"), f"{at}.byproducts")
    optional_object(given.get("environment"), f"{at}.environment")
    materials = resources(given.get("materials"), f"{at}.materials")
    names = [one.name for one in materials]
    if not all(names) or len(set(names)) < len(names):
        raise Malformed(f"{at}.materials: a name of its own is expected of each")
    if not all(one.digests or one.others for one in materials):
        raise Malformed(f"{at}.materials: a digest is expected of each")
    return Told(inputs=inputs_of(statement, materials), how=step, facts={"step": step})

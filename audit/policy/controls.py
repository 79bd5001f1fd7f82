"""Controls of public frameworks that a rule can name as evidence: `NIST-AI-RMF/MEASURE 2.7` and others.

A reference says that a result is evidence relevant to a control, never that a system complies with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from audit import plugins
from audit.errors import AuditError
from audit.yaml_file import read

FILE = "controls.yaml"


@dataclass(frozen=True)
class Control:
    """One control.

    Attributes:
        framework: short name, such as `NIST-AI-RMF`.
        id: as the framework writes it.
        title: what it asks for, in a few words of ours.
    """

    framework: str
    id: str
    title: str

    @property
    def reference(self) -> str:
        """How a policy names it."""
        return f"{self.framework}/{self.id}"


@cache
def known() -> dict[str, dict[str, Control]]:
    """All controls by framework and id."""
    document = read(FILE, files("audit.policy").joinpath(FILE).read_bytes())
    return {
        framework["framework"]: {
            str(control["id"]): Control(framework["framework"], str(control["id"]), control["title"])
            for control in framework["controls"]
        }
        for framework in document.value["frameworks"]
    }


def find(reference: str) -> Control:
    """The control that a reference such as `GDPR/Article 5` names.

    Raises:
        UnknownName: no such framework, or no such control in it.
        AuditError: it is not `FRAMEWORK/ID`.
    """
    framework, slash, name = reference.partition("/")
    if not slash:
        raise AuditError(
            f'control "{reference}" names no framework; write FRAMEWORK/ID, such as NIST-AI-RMF/MEASURE 2.7'
        )
    if framework not in known():
        raise plugins.unknown("control framework", framework, known())
    if name not in known()[framework]:
        raise plugins.unknown(f"{framework} control", name, known()[framework])
    return known()[framework][name]

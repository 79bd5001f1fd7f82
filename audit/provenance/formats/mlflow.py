"""MLflow: the `MLmodel` beside a saved model, and the SQLite store of its runs.

Neither holds a digest of whole files, so neither ties a file to its bytes; both tell where a model comes from.

Source: MLflow documentation, "MLflow Models" and "Backend Stores".
"""

from __future__ import annotations

from audit.provenance.formats._mlflow_model import read_model
from audit.provenance.formats._mlflow_store import MAGIC, read_store
from audit.provenance.record import Record
from audit.provenance.record_file import RecordFile

KIND = "mlflow"


def recognises(file: RecordFile) -> bool:
    """Whether the file is named `MLmodel`, or begins as SQLite databases do."""
    return file.name == "MLmodel" or file.content.startswith(MAGIC)


def read(file: RecordFile) -> tuple[Record, ...]:
    """What the file tells of a model and its runs.

    Raises:
        Malformed: it is damaged, or not what MLflow writes.
    """
    if file.content.startswith(MAGIC):
        return (read_store(file.path, file.content, KIND),)
    return (read_model(file.path, file.content, KIND),)

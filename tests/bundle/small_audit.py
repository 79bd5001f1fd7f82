"""One small real audit: data on disk, a policy in two files, a lock, waivers, evidence, two signatures."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from audit import api, bundle, policy
from audit.dsse import PrivateKey, new_private_key
from audit.policy.lock import lock

SUBJECT = """subject: applicants
version: "3"
task: classification
target: bad
data:
  train: {path: train.csv}
  test: {path: test.csv}
provenance: [SHA256SUMS]
"""
PARENT = """policy: house
version: 1.0.0
owner: risk@example.org
params: {most: 0.02}
seed: 11
rules:
  - id: no-leak
    check: leakage
    require: {duplicate_share: {max: "${most}"}}
    severity: high
    why: A model that has seen the questions looks better than it is.
    controls: [NIST-AI-RMF/MEASURE 2.5]
  - id: no-copies
    check: leakage
    require: {duplicate_share: {max: 0.4}}
    why: Half of the questions are new.
"""
CHILD = """policy: applicants
version: 2.1.0
owner: risk@example.org
extends: [house.yaml]
max_waiver_days: 90
rules:
  - id: origin
    check: provenance
    require: {level: {min: bound}, unverified_files: {max: 0}}
    severity: critical
    waivable: false
    why: What is judged must be what is shipped.
  - id: one-of-many
    check: reidentification
    with: {quasi_identifiers: [age, district]}
    require: {unique_share: {max: 0.9}}
    severity: low
    blocking: false
    why: Nobody should be singled out.
"""
WAIVERS = """waivers:
  - rule: no-leak
    reason: The test data are being drawn anew.
    owner: ann@example.org
    approved_by: board
    created: {created}
    expires: {expires}
  - rule: no-copies
    reason: Not needed any more.
    owner: bob@example.org
    approved_by: board
    created: {created}
    expires: {expires}
  - rule: one-of-many
    reason: Long ago.
    owner: bob@example.org
    approved_by: board
    created: 2025-01-01
    expires: 2025-02-01
"""


@dataclass(frozen=True)
class SmallAudit:
    """Where everything lies.

    Attributes:
        folder: the bundle.
        subject: its `audit.yaml`.
        auditor: the key that signed it; `reviewer` countersigned.
    """

    folder: Path
    subject: Path
    policy: Path
    waivers: Path
    lock: Path
    auditor: PrivateKey
    reviewer: PrivateKey


def small_audit(place: Path) -> SmallAudit:
    """Run it in an empty folder."""
    subject, rules, waivers, locked = (
        place / name for name in ("subject/audit.yaml", "policy/applicants.yaml", "waivers.yaml", "policy.lock")
    )
    write_subject(subject)
    rules.parent.mkdir()
    rules.with_name("house.yaml").write_text(PARENT)
    rules.write_text(CHILD)
    today = datetime.datetime.now(datetime.UTC)
    days = {"created": today.date(), "expires": today.date() + datetime.timedelta(days=60)}
    waivers.write_text(WAIVERS.format(**days))
    locked.write_text(json.dumps(lock(policy.load(rules), now=today - datetime.timedelta(hours=1)), indent=2))
    auditor, reviewer = new_private_key(), new_private_key("ecdsa-p256")
    options = api.Options(out=place / "bundle", engine="inline", waivers=waivers, lock=locked, sign_key=auditor.pem())
    api.run(subject, rules, options)
    bundle.countersign(place / "bundle", reviewer.pem(), "reviewer")
    return SmallAudit(place / "bundle", subject, rules, waivers, locked, auditor, reviewer)


def write_subject(path: Path) -> None:
    """Two tables that share some rows, and a list of their digests."""
    path.parent.mkdir()
    rows = [
        f"{20 + number % 50},{'abcdefgh'[number % 7]}{number % 11},{number},{number % 3 % 2}" for number in range(320)
    ]
    tables = {"train.csv": rows[:200], "test.csv": rows[180:320]}
    for name, lines in tables.items():
        path.with_name(name).write_text("\n".join(["age,district,amount,bad", *lines]) + "\n")
    digests = {name: hashlib.sha256(path.with_name(name).read_bytes()).hexdigest() for name in tables}
    path.with_name("SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()))
    path.write_text(SUBJECT)

"""Whether records tie the model and its data to their bytes, who signed them, and from what the model was made.

Why: a model that was swapped after its tests, or data that was edited after its review, looks like the real one; only
a digest in a record that is kept with it, signed by somebody whom the policy trusts, shows the difference.
Blind to: whether what a record says beside its digests is true, such as the builder, which every trusted signer may
claim to be; whether a trusted signer looked at what was signed; keys that were stolen or withdrawn; a rollback to an
older release with records of its own; below the level trusted also records and files that were changed together.
Source: SHA256SUMS, OpenSSF Model Signing, in-toto statements (DSSE) with SLSA provenance, CycloneDX, Croissant, DVC and
others, a file each in audit/provenance; digests compared with the bytes that the audit reads, signatures verified
offline.
"""

from __future__ import annotations

from typing import Literal

from audit import provenance
from audit.checks._provenance import content, planting, reading, report
from audit.checks._provenance.content import OnDisk
from audit.checks._provenance.reading import Wanted
from audit.provenance import trusted_keys
from audit.provenance import trusted_root as trusted_root_file
from audit.provenance.trusted_keys import TrustedKeys
from audit.records import CheckResult, Measure, Power
from audit.subject import Subject

NEEDS = ("model|data.train|data.test|data.reference|data.current|data.trusted",)
MEASURES = {
    "level": "how far the records carry, a word; bound: every model and data file has a strong digest that fits it; "
    "signed: in a record with a valid signature; trusted: by a signer of the policy; fresh: within max_age_days",
    "unverified_files": "number of model and data files that no strong digest ties to their bytes, 0 upwards",
    "lineage_steps": "number of steps, told by records that carry as far as those of the model and with both ends "
    "compared with the bytes on disk, that lead to the model, or to the data where there is no model, 0 upwards",
}
SCALES = {"level": provenance.LEVELS}
FILES = {"keys": trusted_keys, "trusted_root": trusted_root_file}
VOLATILE = True  # records of whole folders speak of files that nobody declared, and max_age_days looks at the day
_MOST_STEPS = 200
"""Steps of a lineage that the bundle keeps to be drawn; the table has all."""


def run(
    subject: Subject,
    *,
    today: str = "",
    keys: TrustedKeys | None = None,
    signers: tuple[str, ...] = (),
    trusted_root: bytes | None = None,
    max_age_days: int | None = None,
    weak_digests: Literal["deny", "allow"] = "deny",
    kinds: tuple[str, ...] = (),
    builders: tuple[str, ...] = (),
) -> CheckResult:
    """Compare every digest of every record with the files of the subject, and verify every signature.

    Args:
        keys: PEM file beside the policy with public keys that are trusted, and certificates of authorities whose
            certificates are; keys that come with the subject make a record signed, never trusted.
        signers: whom to trust beside those: SHA-256 of a public key, or NAME <ISSUER> of a certificate.
        trusted_root: trusted_root.json beside the policy of the Sigstore whose certificates count; without it the
            public one. Anybody gets a certificate there, so only those whom signers names are trusted.
        max_age_days: how many days before the audit a record may have been made to be fresh.
        weak_digests: whether md5 and sha1 may tie a file to its bytes; DVC gives no other.
        kinds: kinds of records, such as slsa or model_signing, that must be there, be believable and tie a file, or
            be tied themselves where they hold no digests; the level is no higher than that of the best of each.
        builders: ids of SLSA builders; where one is given, only their records tie a file. Every key that the policy
            trusts may claim every builder: pin the builder's own key alone, or signers by the identity of the builder.

    Raises:
        NotMeasurable: the subject has no files.
        SubjectError: a file cannot be read.
        AuditError: a parameter is none.
    """
    return _result(subject, Wanted(today, keys, signers, trusted_root, max_age_days, weak_digests, kinds, builders))


def plant(
    subject: Subject,
    *,
    seed: int,
    confidence: float,
    today: str = "",
    keys: TrustedKeys | None = None,
    signers: tuple[str, ...] = (),
    trusted_root: bytes | None = None,
    max_age_days: int | None = None,
    weak_digests: Literal["deny", "allow"] = "deny",
    kinds: tuple[str, ...] = (),
    builders: tuple[str, ...] = (),
) -> Power:
    """Plant faults in copies of files, records and folders, at least 20, and count how many are noticed.

    A byte of a bound file is changed, a record removed, a file put into a folder that is signed as a whole; where a
    record is signed, file and digest are changed together; where its signer is trusted, a stranger signs that; where it
    is fresh, it is read after its time.

    Raises:
        NotMeasurable: no file is bound, so there is nothing to break.
    """
    given = reading.read(subject)
    wanted = Wanted(today, keys, signers, trusted_root, max_age_days, weak_digests, kinds, builders)
    return planting.power(subject, given, wanted.demands(given.keys), seed=seed, confidence=confidence)


def _result(subject: Subject, wanted: Wanted) -> CheckResult:
    around = OnDisk(subject)
    files = [around.audited(file) for file in content.model_and_data(subject)]
    given = reading.read(subject)
    demands = wanted.demands(given.keys)
    found = provenance.assess(given.records, files, unreadable=given.unreadable, demands=demands, around=around)
    ends = [file.path for file in files if file.is_model] or [file.path for file in files]
    reached = [state.state for state in found.files if state.path in ends and state.state in provenance.FIRM]
    least = min(reached, key=provenance.LEVELS.index, default="bound")
    drawn = provenance.lineage(found.records, files, around.digest, least=least)
    leading = drawn.leading_to(ends)
    return CheckResult(
        {
            "level": Measure(found.level, "level", len(files), scale=provenance.LEVELS),
            "unverified_files": Measure(float(found.unverified), "files", len(files)),
            "lineage_steps": Measure(float(leading), "steps", len(drawn.steps)),
        },
        evidence=report.tables(found, given, drawn.steps),
        notes=report.notes(found, given, demands, drawn.notes),
        doubts=report.doubts(found, given, remote=subject.remote),
        sentence=report.sentence(found, given, demands),
        lineage=tuple(map(report.told_step, drawn.steps[:_MOST_STEPS])),
    )

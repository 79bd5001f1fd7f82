"""Levels above bound, end to end: real files, real signatures, trust from the policy alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from audit import api, dsse
from audit.checks import provenance
from audit.dsse import PrivateKey
from audit.errors import AuditError
from audit.provenance import trusted_keys
from audit.provenance.signing import sign_model
from audit.records import CheckResult, Power
from audit.subject import Subject

from .signed_records import BUILDER, descriptors, signed, slsa, write

FRAME = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "target": [0, 0, 1, 1]})
NAMES = ("model.skops", "train.csv", "test.csv")
TODAY = "2026-11-23"
OWNER, STRANGER = dsse.new_private_key("ed25519"), dsse.new_private_key("ecdsa-p256")
PINNED = {"signers": (OWNER.public.fingerprint,)}


@pytest.fixture
def folder(write_subject: Callable[..., Path]) -> Path:
    """A subject whose raw data, model and tables are in one statement; files under provenance are written by tests."""
    model = LogisticRegression().fit(FRAME[["a"]], FRAME["target"])
    path = write_subject(model, FRAME, FRAME.iloc[::-1])
    (path.parent / "raw.csv").write_bytes(b"raw\n")
    return path.parent


def name(folder: Path, *records: str) -> Path:
    path = folder / "audit.yaml"
    path.write_text(f"{path.read_text()}provenance: {json.dumps(records)}\n")
    return path


def built(folder: Path, *keys: PrivateKey, finished: str = "2026-11-20T10:00:00Z", builder: str = BUILDER) -> Path:
    """The subject with one signed file of records: tables from raw data, the model from a table."""
    first = slsa(descriptors(folder, NAMES[1:]), descriptors(folder, ["raw.csv"]), finished=finished, builder=builder)
    second = slsa(
        descriptors(folder, NAMES[:1]), descriptors(folder, ["train.csv"]), finished=finished, builder=builder
    )
    write(folder / "build.jsonl", *(signed(one, *keys) if keys else one for one in (first, second)))
    return name(folder, "build.jsonl")


def measured(path: Path, **params: Any) -> CheckResult:
    return provenance.run(Subject.load(path), **params)


def level(path: Path, **params: Any) -> str | float:
    return measured(path, **params).measures["level"].value


def test_every_level_from_absent_to_fresh(folder: Path) -> None:
    subject = folder / "audit.yaml"
    declared = subject.read_text()
    assert level(subject) == "absent"
    built(folder)
    assert level(subject) == "bound"
    subject.write_text(declared)
    built(folder, OWNER)
    assert level(subject) == "bound", "a signature that no key at hand verifies"
    (folder / "owner.pem").write_bytes(OWNER.public.pem)
    subject.write_text(declared)
    name(folder, "build.jsonl", "owner.pem")
    assert level(subject) == "signed"
    assert level(subject, **PINNED) == "trusted"
    assert level(subject, **PINNED, max_age_days=5, today=TODAY) == "fresh"
    assert level(subject, **PINNED, max_age_days=2, today=TODAY) == "trusted"
    assert level(subject, **PINNED, max_age_days=5, today="2027-01-01") == "trusted"
    (folder / "train.csv").write_bytes((folder / "test.csv").read_bytes())
    assert level(subject, **PINNED, max_age_days=5, today=TODAY) == "present"


@pytest.mark.slow
def test_a_file_of_keys_beside_the_policy_makes_trusted(folder: Path, write_policy: Callable[..., Path]) -> None:
    subject = built(folder, OWNER)
    policy = write_policy("provenance", "level: {min: fresh}", "keys: owner.pem, max_age_days: 36500")
    (policy.parent / "owner.pem").write_bytes(OWNER.public.pem)
    found = api.run(subject, policy).entries[0]
    assert (found.verdict, found.measures["level"].value) == ("PASS", "fresh")
    assert found.power is not None
    assert (found.power.value, found.power.n >= 20) == (1.0, True)
    (policy.parent / "owner.pem").write_bytes(STRANGER.public.pem)
    assert api.run(subject, policy).entries[0].verdict == "FAIL"


@pytest.mark.slow
def test_measure_on_the_command_line_takes_keys_and_signers(folder: Path, command: Callable[..., Any]) -> None:
    subject = built(folder, OWNER)
    pem = folder.parent / "owner.pem"
    pem.write_bytes(OWNER.public.pem)
    for given in (f"keys={pem}", f"signers={OWNER.public.fingerprint}"):
        ended = command("measure", "provenance", subject, given, "--json")
        # a fingerprint alone verifies nothing: the key has to come from somewhere
        expected = "trusted" if "keys" in given else "bound"
        assert json.loads(ended.output)["measures"]["level"]["value"] == expected
    ended = command("measure", "provenance", subject, "signers=abcdef0123456789")
    assert "64" in ended.output + ended.error


class TestTrustComesFromThePolicyAlone:
    """What a stranger can put into the folder of the subject, and how far that gets him."""

    def test_keys_and_certificates_of_his_own(self, folder: Path) -> None:
        built(folder, STRANGER)
        (folder / "keys").write_bytes(STRANGER.public.pem)
        (folder / "chain.pem").write_bytes(self_signed(STRANGER))
        subject = name_again(folder, "build.jsonl", "keys", "chain.pem")
        assert level(subject, **PINNED, max_age_days=9, today=TODAY) == "signed"

    def test_the_keyid_of_a_trusted_signer(self, folder: Path) -> None:
        subject = built(folder, STRANGER)
        (folder / "stranger.pem").write_bytes(STRANGER.public.pem)
        lines = [json.loads(line) for line in (folder / "build.jsonl").read_text().splitlines()]
        for line in lines:
            line["signatures"][0]["keyid"] = OWNER.public.fingerprint
        write(folder / "build.jsonl", *lines)
        subject = name_again(folder, "build.jsonl", "stranger.pem")
        assert level(subject, **PINNED) == "signed"

    def test_a_trusted_key_as_a_file_of_his_folder(self, folder: Path) -> None:
        """Handing over the trusted key helps to verify its signatures, and only those."""
        built(folder, STRANGER)
        (folder / "owner.pem").write_bytes(OWNER.public.pem)
        subject = name_again(folder, "build.jsonl", "owner.pem")
        assert level(subject, **PINNED) == "present", "no key given made the signature"

    def test_a_trusted_record_of_another_model(self, folder: Path) -> None:
        subject = built(folder, OWNER)
        model = folder / "model.skops"
        model.write_bytes(model.read_bytes() + b"!")
        assert level(subject, keys=pinned(OWNER)) == "present"

    def test_a_file_that_no_trusted_record_ties(self, folder: Path) -> None:
        write(folder / "build.jsonl", signed(slsa(descriptors(folder, NAMES[1:]), []), OWNER))
        digest = hashlib.sha256((folder / "model.skops").read_bytes()).hexdigest()
        (folder / "SHA256SUMS").write_text(f"{digest}  model.skops\n")
        subject = name(folder, "build.jsonl", "SHA256SUMS")
        assert level(subject, keys=pinned(OWNER)) == "bound", "the weakest file decides"

    def test_a_second_signature_beside_the_trusted_one(self, folder: Path) -> None:
        subject = built(folder, OWNER, STRANGER)
        assert level(subject, keys=pinned(OWNER)) == "trusted"


def test_a_stripped_or_swapped_signature_is_noticed(folder: Path) -> None:
    subject = built(folder, OWNER)
    lines = [json.loads(line) for line in (folder / "build.jsonl").read_text().splitlines()]
    lines[0]["signatures"], lines[1]["signatures"] = lines[1]["signatures"], lines[0]["signatures"]
    write(folder / "build.jsonl", *lines)
    assert level(subject, keys=pinned(OWNER)) in ("present", "bound")
    for line in lines:
        line["signatures"] = []
    write(folder / "build.jsonl", *lines)
    assert level(subject, keys=pinned(OWNER)) == "present"


def test_keys_are_no_records(folder: Path) -> None:
    (folder / "owner.pem").write_bytes(OWNER.public.pem)
    result = measured(name(folder, "owner.pem"))
    assert result.measures["level"].value == "absent"
    (folder / "owner.pem").write_bytes(b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert measured(folder / "audit.yaml").measures["level"].value == "absent"


def test_a_private_key_in_the_folder_is_no_pass(folder: Path) -> None:
    built(folder, OWNER)
    (folder / "owner.pem").write_bytes(OWNER.pem())
    result = measured(name_again(folder, "build.jsonl", "owner.pem"), keys=pinned(OWNER))
    assert result.measures["level"].value == "present"
    assert any("private key" in doubt.text for doubt in result.doubts)


def test_a_builder_that_the_policy_does_not_name_ties_nothing(folder: Path) -> None:
    subject = built(folder, OWNER)
    assert level(subject, keys=pinned(OWNER), builders=(BUILDER,)) == "trusted"
    other = measured(subject, keys=pinned(OWNER), builders=("https://builder.example.org/other",))
    assert (other.measures["level"].value, other.measures["unverified_files"].value) == ("well_formed", 3)
    assert "builder" in other.sentence


def test_kinds_that_a_policy_demands(folder: Path) -> None:
    subject = built(folder, OWNER)
    assert level(subject, kinds=("slsa",)) == "bound"
    missing = measured(subject, kinds=("slsa", "cyclonedx"))
    assert missing.measures["level"].value == "present"
    assert "cyclonedx" in missing.sentence
    with pytest.raises(AuditError, match="slsa"):
        measured(subject, kinds=("slsaa",))


def test_a_demanded_kind_has_to_speak_of_this_subject(folder: Path) -> None:
    stranger = {"name": "other.bin", "digest": {"sha256": "a" * 64}}
    write(folder / "other.json", slsa([stranger], []))
    lines = [f"{one['digest']['sha256']}  {one['name']}\n" for one in descriptors(folder, NAMES)]
    (folder / "SHA256SUMS").write_text("".join(lines))
    subject = name(folder, "SHA256SUMS", "other.json")
    assert level(subject) == "bound"
    assert level(subject, kinds=("slsa",)) == "present"


def test_an_unsigned_record_serves_no_demand_for_a_signed_one(folder: Path) -> None:
    inputs = slsa(descriptors(folder, NAMES), [])
    link = "https://in-toto.io/attestation/link/v0.3"
    stranger = {**inputs, "predicateType": link, "predicate": {"name": "fit"}}
    write(folder / "signed.json", signed(stranger, OWNER))
    write(folder / "build.json", inputs)
    subject = name(folder, "signed.json", "build.json")
    assert level(subject, keys=pinned(OWNER)) == "trusted"
    found = measured(subject, keys=pinned(OWNER), kinds=("slsa",))
    assert found.measures["level"].value == "bound"
    assert any("slsa" in note and "to reach signed" in note for note in found.notes)


def test_a_record_without_digests_serves_a_demand_as_far_as_its_own_bytes_are_tied(folder: Path) -> None:
    (folder / "MLmodel").write_text("flavors:\n  python_function: {data: other.bin}\n")
    write(folder / "build.json", signed(slsa(descriptors(folder, NAMES), []), OWNER))
    subject = name(folder, "build.json", "MLmodel")
    wanted = {"keys": pinned(OWNER), "kinds": ("mlflow",)}
    assert level(subject, **wanted) == "present", "anybody may add an MLmodel of anything"
    write(folder / "build.json", signed(slsa(descriptors(folder, [*NAMES, "MLmodel"]), []), OWNER))
    assert level(subject, **wanted) == "trusted"
    write(folder / "build.json", signed(slsa(descriptors(folder, NAMES), []), OWNER))
    write(folder / "MLmodel.json", slsa(descriptors(folder, ["MLmodel"]), []))
    assert level(name_again(folder, "build.json", "MLmodel", "MLmodel.json"), **wanted) == "bound"


def test_an_unsigned_record_adds_no_step_to_a_trusted_model(folder: Path) -> None:
    outputs = descriptors(folder, NAMES)
    write(folder / "signed.json", signed(slsa(outputs, []), OWNER))
    write(folder / "build.json", slsa(outputs[:1], descriptors(folder, ["train.csv"])))
    subject = name(folder, "signed.json", "build.json")
    assert measured(subject).measures["lineage_steps"].value == 1
    found = measured(subject, keys=pinned(OWNER))
    assert (found.measures["level"].value, found.measures["lineage_steps"].value) == ("trusted", 0)


def test_an_input_of_the_build_does_not_stand_in_for_the_model(folder: Path) -> None:
    (folder / "base.skops").write_bytes((folder / "model.skops").read_bytes())
    (folder / "model.skops").write_bytes(b"another model")
    tables, model = descriptors(folder, NAMES[1:]), descriptors(folder, ["model.skops"])
    write(folder / "build.json", signed(slsa([*model, *tables], descriptors(folder, ["base.skops"])), OWNER))
    subject = name(folder, "build.json")
    subject.write_text(subject.read_text().replace("model.skops", "base.skops"))
    found = measured(subject, keys=pinned(OWNER))
    assert found.measures["level"].value == "well_formed"
    assert found.measures["unverified_files"].value == 1


def test_a_record_without_a_time_is_not_fresh(folder: Path) -> None:
    result = measured(built(folder, OWNER, finished=""), keys=pinned(OWNER), max_age_days=9, today=TODAY)
    assert result.measures["level"].value == "trusted"
    assert any("to reach fresh" in note and "when it was made" in note for note in result.notes)


def test_the_lineage_leads_from_raw_data_to_the_model(folder: Path) -> None:
    result = measured(built(folder, OWNER), keys=pinned(OWNER))
    assert [(step.source, step.target, step.verified) for step in result.lineage] == [
        ("raw.csv", "test.csv", True),
        ("raw.csv", "train.csv", True),
        ("train.csv", "model.skops", True),
    ]
    assert result.measures["lineage_steps"].value == 2, "the test data does not lead to the model"
    (folder / "raw.csv").write_bytes(b"other\n")
    changed = measured(folder / "audit.yaml", keys=pinned(OWNER))
    assert changed.measures["lineage_steps"].value == 1
    assert any("raw.csv" in note for note in changed.notes)


@pytest.mark.parametrize(("reached", "params"), [
    ("bound", {}),
    ("signed", {"offered": True}),
    ("trusted", {"pin": True}),
    ("fresh", {"pin": True, "max_age_days": 9, "today": TODAY}),
])  # fmt: skip
def test_planted_faults_of_each_level_are_noticed(folder: Path, reached: str, params: dict[str, Any]) -> None:
    given = dict(params)
    built(folder, OWNER)
    records = ["build.jsonl"]
    if given.pop("offered", False):
        (folder / "owner.pem").write_bytes(OWNER.public.pem)
        records.append("owner.pem")
    if given.pop("pin", False):
        given["keys"] = pinned(OWNER)
    subject = name_again(folder, *records)
    assert level(subject, **given) == reached
    power: Power = provenance.plant(Subject.load(subject), seed=0, confidence=0.95, **given)
    assert (power.share.value, power.share.n >= 20) == (1.0, True)
    told = " ".join(power.notes)
    assert ("signed record" in told) == (reached != "bound")
    assert ("stranger" in told) == (reached in ("trusted", "fresh"))
    assert ("after its time" in told) == (reached == "fresh")


@pytest.mark.parametrize("signer", ["abcd" * 8, "", "*@example.org", "name <issuer", "a <b> c", "\u202ename"])
def test_a_signer_that_is_none_is_an_error(folder: Path, signer: str) -> None:
    with pytest.raises(AuditError, match="signers"):
        measured(built(folder, OWNER), signers=(signer,))


def test_a_negative_age_and_an_unknown_day_are_errors(folder: Path) -> None:
    subject = built(folder)
    with pytest.raises(AuditError, match="max_age_days"):
        measured(subject, max_age_days=-1, today=TODAY)
    with pytest.raises(AuditError, match="day"):
        measured(subject, max_age_days=1)


class TestAFolderThatIsSignedAsAWhole:
    """A model signature over the folder of the subject."""

    KEY = dsse.new_private_key("ecdsa-p384")

    @pytest.fixture
    def subject(self, folder: Path) -> Path:
        path = name(folder, "model.sig")
        (folder / "model.sig").write_bytes(sign_model(folder, self.KEY, ignore=["model.sig"]))
        return path

    def test_its_files_are_trusted_and_read(self, subject: Path) -> None:
        opened = Subject.load(subject)
        found = provenance.run(opened, keys=pinned(self.KEY), kinds=("model_signing",))
        assert found.measures["level"].value == "trusted"
        assert ("raw.csv", "provenance") in {(file.path, file.role) for file in opened.files}

    def test_one_more_file_a_link_or_a_missing_file_is_a_fault(self, subject: Path) -> None:
        extra = subject.parent / "extra.txt"
        extra.write_text("x")
        assert level(subject, keys=pinned(self.KEY)) == "present"
        extra.unlink()
        extra.symlink_to(subject.parent / "raw.csv")
        assert level(subject, keys=pinned(self.KEY)) == "present"
        extra.unlink()
        assert level(subject, keys=pinned(self.KEY)) == "trusted"
        (subject.parent / "raw.csv").unlink()
        assert level(subject, keys=pinned(self.KEY)) == "present"

    def test_a_file_added_to_it_is_planted_and_noticed(self, subject: Path) -> None:
        power = provenance.plant(Subject.load(subject), seed=0, confidence=0.95, keys=pinned(self.KEY))
        assert power.share.value == 1.0
        assert "a file added to a listed folder 1 of 1" in power.notes[0]


@pytest.mark.parametrize("place", ["../outside.csv", "/etc/hostname", "link.csv", "\ud800.csv", "a\0b", "x" * 5000])
def test_a_record_leads_to_no_file_outside(folder: Path, place: str) -> None:
    """A name in a record may not make the audit open a file that the subject does not hold."""
    (folder.parent / "outside.csv").write_bytes(b"outside")
    (folder / "link.csv").symlink_to(folder.parent / "outside.csv")
    source = {"name": place, "digest": {"sha256": hashlib.sha256(b"outside").hexdigest()}}
    write(folder / "build.jsonl", slsa(descriptors(folder, NAMES), [source]))
    opened = Subject.load(name(folder, "build.jsonl"), allow_outside=True)
    found = provenance.run(opened)
    assert found.measures["lineage_steps"].value == 0
    assert {file.path for file in opened.files} <= {*NAMES, "build.jsonl", "audit.yaml"}


def test_each_level_says_how_to_reach_the_next(folder: Path) -> None:
    def told(**params: Any) -> str:
        return " ".join(note for note in measured(folder / "audit.yaml", **params).notes if note.startswith("to reach"))

    assert "to reach present" in told()
    assert "SHA256SUMS" in told()
    built(folder, OWNER)
    assert "to reach signed" in told()
    assert "to reach fresh" in told(keys=pinned(OWNER))
    (folder / "owner.pem").write_bytes(OWNER.public.pem)
    name_again(folder, "build.jsonl", "owner.pem")
    assert OWNER.public.fingerprint in told(), "what a policy would have to pin"


def pinned(*keys: PrivateKey) -> trusted_keys.TrustedKeys:
    """What a policy's file of keys is read to."""
    return trusted_keys.read("keys.pem", b"".join(key.public.pem for key in keys))


def name_again(folder: Path, *records: str) -> Path:
    path = folder / "audit.yaml"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith("provenance:")))
    return name(folder, *records)


def self_signed(key: PrivateKey) -> bytes:
    """A certificate in which a key vouches for itself as an authority."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    from cryptography.x509.oid import NameOID

    private: Any = load_pem_private_key(key.pem(), None)
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    built = x509.CertificateBuilder(who, who, private.public_key(), 1, start, start.replace(year=2036))
    built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return built.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)

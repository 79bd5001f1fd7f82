"""What a policy says is what the rules hold, and whatever it gets wrong is named, all at once, with its place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from audit import policy
from audit.errors import PolicyError
from audit.records import Limit

RULE = "  - id: r\n    check: performance\n    require: {accuracy: {min: 0.6}}\n"


def test_a_full_policy_is_read(write: Callable[..., Path], trust: str) -> None:
    path = write("""policy: credit-release
version: 1.10
owner: model-risk@example.org
params: {eps: 8/255}
seed: 1234
confidence: 0.99
on_inconclusive: warn
max_waiver_days: 30
rules:
  - id: robust
    check: evasion
    with: {norm: l2, epsilon: "${eps}"}
    require: {robust_accuracy: {min: 60/100}, queries: {max: 1e3}}
    severity: critical
    waivable: false
    min_power: 0.8
    timeout_seconds: 30
    why: A customer can change income by 5 % without notice.
    controls: [NIST-AI-RMF/MEASURE 2.7, OWASP-ML-TOP10/ML01:2023, MITRE-ATLAS/AML.T0043]
  - id: origin
    check: trust
    with: {label: 1.10, words: [no, 007], count: 1e1, share: null}
    require: {level: {min: present}}
""")
    loaded = policy.load(path)
    assert (loaded.name, loaded.version, loaded.owner) == ("credit-release", "1.10", "model-risk@example.org")
    assert (loaded.seed, loaded.confidence, loaded.on_inconclusive, loaded.max_waiver_days) == (1234, 0.99, "warn", 30)
    assert loaded.params == {"eps": "8/255"}
    robust, origin = loaded.rules
    assert robust.params["epsilon"] == 8 / 255
    assert robust.params["norm"] == "l2"
    assert robust.params["max_rows"] > 0  # completed with the default of the check
    assert robust.limits == (Limit("robust_accuracy", min=0.6), Limit("queries", max=1000.0))
    assert (robust.severity, robust.blocking, robust.waivable, robust.min_power) == ("critical", True, False, 0.8)
    assert robust.timeout_seconds == 30
    assert robust.location == "p.yaml:10:5"
    assert robust.controls == ("NIST-AI-RMF/MEASURE 2.7", "OWASP-ML-TOP10/ML01:2023", "MITRE-ATLAS/AML.T0043")
    assert origin.params == {"label": "1.10", "words": ("no", "007"), "count": 10, "strict": False, "share": None}
    assert origin.limits == (Limit("level", min="present"),)
    content = path.read_bytes()
    assert [(s.name, s.content, s.sha256) for s in loaded.sources] == [
        ("p.yaml", content, hashlib.sha256(content).hexdigest())
    ]


def test_defaults(write: Callable[..., Path], trust: str) -> None:
    loaded = policy.load(write(rules=RULE + "  - {id: t, check: trust, require: {files: {max: 3}}}\n"))
    performance, trusted = loaded.rules
    assert (loaded.seed, loaded.confidence, loaded.on_inconclusive, loaded.max_waiver_days) == (0, 0.95, "fail", 90)
    assert (performance.severity, performance.blocking, performance.waivable) == ("medium", True, True)
    assert (performance.min_power, performance.timeout_seconds) == (0.9, 600)
    assert trusted.min_power is None  # it plants no fault


LISTING = """polcy: credit
version: 1.2
seed: 1.5
confidence: 2
on_inconclusive: fial
rules:
  - id: robust
    check: evasoin
    require: {robust_accuracy: {min: 0.6}}
    severity: hihg
    blocking: no
    controls: [NIST-AI-RMF/MEASURE 2.77, GDRP/Article 5, ISO 42001]
  - id: skill
    check: performance
    wiht: {metric: f1}
    require: {acuracy: {min: 0.5}, f1: {min: 0.9, max: 0.1}, auc: 0.5, recall: {}, mae: {max: none}}
  - id: Skill
    check: performance
    require: {accuracy: {min: 0.5}}
  - id: change
    check: evasion
    with: {epsilon: "${esp}", norm: l3, max_row: 5, queries: 2.5}
    require: {robust_accuracy: {fail_undr: 0.5}}
    timeout_seconds: 0
    min_power: 90
  - id: empty
    check: drift
  - check: pii
  - text
"""


def test_every_mistake_of_a_file_is_reported_at_once(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    assert mistakes(write(LISTING)) == [
        'p.yaml:1:1: no key "polcy"; did you mean "policy"?',
        'p.yaml:1:1: key "policy" is missing; it names the policy',
        'p.yaml:3:7: "seed" is 1.5; expected a whole number',
        'p.yaml:4:13: "confidence" is 2; expected a number above 0.5 and below 1',
        'p.yaml:5:18: "on_inconclusive" is "fial"; expected one of fail, warn; did you mean "fail"?',
        'p.yaml:8:12: rule "robust": no check "evasoin"; did you mean "evasion"?',
        'p.yaml:10:15: rule "robust": "severity" is "hihg"; expected one of low, medium, high, critical; '
        'did you mean "high"?',
        'p.yaml:11:15: rule "robust": "blocking" is "no"; expected true or false',
        'p.yaml:12:16: rule "robust": no NIST-AI-RMF control "MEASURE 2.77"; did you mean "MEASURE 2.7"?',
        'p.yaml:12:42: rule "robust": no control framework "GDRP"; did you mean "GDPR"?',
        'p.yaml:12:58: rule "robust": control "ISO 42001" names no framework; write FRAMEWORK/ID, such as '
        "NIST-AI-RMF/MEASURE 2.7",
        'p.yaml:15:5: rule "skill": no key "wiht"; did you mean "with"?',
        'p.yaml:16:15: rule "skill": no performance measure "acuracy"; did you mean "accuracy"?',
        'p.yaml:16:36: rule "skill": f1 has min 0.9 above max 0.1; no value can satisfy it',
        'p.yaml:16:67: rule "skill": "auc" is 0.5; expected min or max, such as {min: 0.6}',
        'p.yaml:16:72: rule "skill": recall needs min or max, such as {min: 0.6}',
        'p.yaml:16:95: rule "skill": limit of mae is "none"; expected a finite number',
        'p.yaml:17:9: rule "Skill": this id is taken by the rule at p.yaml:13:9; rename one',
        'p.yaml:22:21: rule "change": no param "esp"; known: none',
        'p.yaml:22:37: rule "change": "norm" is \'l3\'; expected one of linf, l2',
        'p.yaml:22:41: rule "change": no parameter of check "evasion" "max_row"; did you mean "max_rows"?',
        'p.yaml:22:62: rule "change": "queries" is 2.5; expected a whole number',
        'p.yaml:23:33: rule "change": no key "fail_undr"; known: min, max',
        'p.yaml:24:22: rule "change": "timeout_seconds" is 0; expected a number of seconds above 0',
        'p.yaml:25:16: rule "change": "min_power" is 90; expected a number from 0 to 1',
        'p.yaml:26:5: rule "empty": requires nothing, so it can never fail; give it a measure under require',
        'p.yaml:28:5: key "id" is missing',
        'p.yaml:29:5: "rules" is "text"; expected a mapping of keys',
    ]


def test_row_11_mistyped_key_gets_the_nearest_word(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    found = mistakes(write(rules=RULE.replace("require", "requir")))
    assert found == [
        'p.yaml:4:5: rule "r": requires nothing, so it can never fail; give it a measure under require',
        'p.yaml:6:5: rule "r": no key "requir"; did you mean "require"?',
    ]


@pytest.mark.parametrize("rules", ["", "rules: []\n", "rules:\n"])
def test_row_12_policy_without_rules_is_an_error(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], rules: str
) -> None:
    assert mistakes(write(f"policy: p\n{rules}"))


def test_row_12_policy_without_a_blocking_rule_is_an_error(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    (found,) = mistakes(write(rules=RULE + "    blocking: false\n"))
    assert "no rule is blocking" in found


def test_rows_1_to_15_reach_the_policy_as_policy_errors(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    assert "given twice" in mistakes(write(rules=RULE + "    severity: low\n    severity: high\n"))[0]
    assert "anchor" in mistakes(write("policy: &a x\n"))[0]
    assert "empty" in mistakes(write("# nothing\n"))[0]
    assert "nested" in mistakes(write("rules: " + "[" * 3000))[0]


@pytest.mark.parametrize(
    ("require", "says"),
    [
        ("{level: {min: presnt}}", 'limit of level is "presnt"; expected one of absent, present, signed; did you mean'),
        ("{level: {min: 1}}", "limit of level is 1; expected one of absent, present, signed"),
        ("{level: {min: signed, max: present}}", "no value can satisfy it"),
        ("{level: {min: absent}}", "allows every word of its scale"),
        ("{level: {max: signed}}", "allows every word of its scale"),
        ("{files: {min: true}}", "limit of files is true; expected a finite number"),
        ("{files: {min: 1/0}}", "expected a finite number"),
        ("{files: {max: '.nan'}}", "expected a finite number"),
        ("{files: {max: null}}", "requires nothing"),
        ("{files: null}", "requires nothing"),
        ("{}", "requires nothing"),
        ("[files]", '"require" is a list; expected a mapping of keys'),
    ],
)
def test_limits_that_mean_nothing_are_errors(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], trust: str, require: str, says: str
) -> None:
    (found,) = mistakes(write(rules=f"  - {{id: r, check: trust, require: {require}}}\n"))
    assert says in found


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("count: many", "\"count\" is 'many'; expected a whole number"),
        ("strict: yes", "expected true or false"),
        ("words: 5.5.5, count: {a: 1}", "expected a whole number"),
        ("labl: x", 'did you mean "label"?'),
        ("label: [a]", "expected text"),
        ("token: abc", "looks like a secret"),
    ],
)
def test_parameters_that_do_not_fit_are_errors(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], trust: str, given: str, says: str
) -> None:
    found = mistakes(write(rules=f"  - {{id: r, check: trust, with: {{{given}}}, require: {{files: {{max: 1}}}}}}\n"))
    assert says in found[0]


def test_power_cannot_be_asked_of_a_check_that_plants_nothing(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], trust: str
) -> None:
    (found,) = mistakes(write(rules="  - {id: r, check: trust, require: {files: {max: 1}}, min_power: 0.5}\n"))
    assert found.startswith('p.yaml:4:55: rule "r": check "trust" plants no fault')


@pytest.mark.parametrize("name", ["a/b", "../x", ".hidden", "a b", "", "x" * 65, "end."])
def test_rule_ids_are_safe_as_folder_names(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], name: str
) -> None:
    assert '"id" is' in mistakes(write(rules=RULE.replace("id: r", f"id: '{name}'")))[0]


def test_a_number_as_rule_id_keeps_its_text(write: Callable[..., Path]) -> None:
    assert policy.load(write(rules=RULE.replace("id: r", "id: 007"))).rules[0].id == "007"


def test_row_41_secrets_are_refused_and_never_repeated(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], trust: str
) -> None:
    secret = "hunter2-hunter2"
    rules = (
        f"  - {{id: r, check: trust, with: {{api_key: {secret}, label: x}}, require: {{files: {{max: 1}}}}}}\n"
        f"  - {{id: s, check: trust, password: [{secret}], require: {{files: {{max: 1}}}}}}\n"
    )
    found = mistakes(write(rules=rules, head=f"params: {{db_password: {secret}}}\n"))
    assert len(found) == 4
    assert secret not in "\n".join(found)
    assert any("copied into every bundle" in line for line in found)


def test_a_check_that_cannot_be_loaded_is_an_error_with_its_place(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], foreign_check: Callable[[str, str], None]
) -> None:
    foreign_check("broken", "import a_module_that_nobody_has\n")
    (found,) = mistakes(write(rules="  - {id: r, check: broken, require: {share: {max: 1}}}\n"))
    assert found.startswith('p.yaml:4:20: rule "r": check "broken" cannot be loaded: ')


def test_files_that_are_not_there_get_a_hint(write: Callable[..., Path], tmp_path: Path) -> None:
    write(rules=RULE, name="release.yaml")
    hints = {
        "relaese.yaml": 'relaese.yaml: no such file; did you mean "release.yaml"?',
        "baseline": 'baseline: no such file; did you mean "builtin:baseline"?',
        "builtin:bsaeline": 'builtin:bsaeline: no built-in policy "bsaeline"; did you mean "baseline"?',
        "builtin:../release": "builtin:../release: no built-in policy",
        str(tmp_path): f"{tmp_path}: cannot be read",
    }
    for source, says in hints.items():
        with pytest.raises(PolicyError) as caught:
            policy.load(source)
        assert caught.value.problems[0].startswith(says)


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "p.yaml")
    with pytest.raises(PolicyError, match="not a regular file"):
        policy.load(tmp_path / "p.yaml")


def test_outside_the_working_folder_no_folder_is_recorded(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(rules=RULE, name="deep/p.yaml").resolve()
    assert policy.load(path).rules[0].location == "deep/p.yaml:4:5"
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    loaded = policy.load(path)
    assert loaded.rules[0].location == "p.yaml:4:5"
    assert loaded.sources[0].name == "p.yaml"


def test_warnings_do_not_stop_a_policy(write: Callable[..., Path]) -> None:
    reading = policy.inspect(write(rules=RULE, head="params: {unused: 1}\n"))
    assert reading.warnings == (
        'p.yaml:3:10: warning: no rule uses param "unused"',
        'p.yaml:5:5: warning: rule "r": gives no why; say in plain words why it may stop a release',
    )


VAIN = """  - id: r
    check: {check}
    require: {{{limit}}}
    why: because
"""


@pytest.mark.parametrize(
    ("check", "limit"),
    [
        ("performance", "accuracy: {min: 0}"),
        ("performance", "accuracy: {min: -5}"),
        ("performance", "accuracy: {min: 0, max: 1}"),
        ("performance", "r2: {max: 1}"),
        ("performance", "log_loss: {min: 0}"),
        ("calibration", "ece: {max: 1}"),
        ("poisoning", "accuracy_drop: {max: 1}"),
        ("drift", "worst_effect: {max: 7}"),
    ],
)
def test_a_limit_that_every_value_meets_is_warned_of(write: Callable[..., Path], check: str, limit: str) -> None:
    reading = policy.inspect(write(rules=VAIN.format(check=check, limit=limit)))
    measure = limit.partition(":")[0]
    assert len(reading.warnings) == 1
    assert reading.warnings[0].startswith(f'p.yaml:6:15: warning: rule "r": every possible {measure} meets m')


@pytest.mark.parametrize(
    ("check", "limit"),
    [
        ("performance", "accuracy: {min: 0.01}"),
        ("performance", "skill_over_dummy: {min: 0}"),
        ("performance", "brier: {max: 1}"),
        ("performance", "r2: {min: 0}"),
        ("performance", "mae: {max: 1000}"),
        ("performance", "accuracy: {min: 0, max: 0.9}"),
        ("poisoning", "accuracy_drop: {max: 0}"),
        ("unsafe_file", "unsafe_globals: {max: 0}"),
    ],
)
def test_a_limit_that_some_value_misses_is_not(write: Callable[..., Path], check: str, limit: str) -> None:
    assert policy.inspect(write(rules=VAIN.format(check=check, limit=limit))).warnings == ()


def test_a_vain_limit_that_a_child_tightens_or_a_param_makes(write: Callable[..., Path]) -> None:
    parent = write(
        rules=VAIN.format(check="performance", limit='accuracy: {min: "${floor}"}'), head="params: {floor: 0}\n"
    )
    child = write(f"policy: c\nextends: [{parent.name}]\nparams: {{floor: 0.6}}\n", name="c.yaml")
    assert len(policy.inspect(parent).warnings) == 1
    assert policy.inspect(parent, overrides={"floor": "0.6"}).warnings == ()
    assert policy.inspect(child).warnings == ()


@pytest.mark.parametrize(
    ("head", "more", "place", "says"),
    [
        ("confidence: 0.6\n", "", "3:13", "confidence is 0.6"),
        ("max_waiver_days: 999999\n", "", "3:18", "max_waiver_days is 999999"),
        ("", "    min_power: 0.49\n", "8:16", 'rule "r": min_power is 0.49'),
    ],
)
def test_demands_that_are_too_low_are_warned_of(
    write: Callable[..., Path], head: str, more: str, place: str, says: str
) -> None:
    reading = policy.inspect(write(rules=VAIN.format(check="performance", limit="f1: {min: 0.5}") + more, head=head))
    assert [line[: len(f"p.yaml:{place}: warning: {says}")] for line in reading.warnings] == [
        f"p.yaml:{place}: warning: {says}"
    ]
    fair = write(
        rules=VAIN.format(check="performance", limit="f1: {min: 0.5}") + "    min_power: 0.5\n",
        head="confidence: 0.8\nmax_waiver_days: 366\n",
    )
    assert policy.inspect(fair).warnings == ()


@pytest.mark.parametrize(
    ("word", "mark"), [("requirе", "U+0435"), ("requ\u0456re", "U+0456"), ("require\u00a0", "U+00A0")]
)
def test_row_11_a_letter_that_only_looks_alike_is_named(
    write: Callable[..., Path], mistakes: Callable[..., list[str]], word: str, mark: str
) -> None:
    path = write(
        "policy: p\nrules:\n- {id: r, check: performance, WORD: {accuracy: {min: 0.5}}}\n".replace("WORD", word)
    )
    assert any(f'did you mean "require"? (it holds {mark}, which only looks alike)' in line for line in mistakes(path))


def test_row_3_a_missing_parent_is_said_beside_a_duplicate_key(
    write: Callable[..., Path], mistakes: Callable[..., list[str]]
) -> None:
    first, second = mistakes(write("policy: p\nextends: [nowhere.yaml]\nseed: 1\nseed: 2\n"))
    assert first.startswith("p.yaml:2:11: extends ")
    assert second.startswith("p.yaml:4:1: ")

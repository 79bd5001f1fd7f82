"""What the reports claim: never more than the bundle, and the same in each of them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from audit import plugins
from audit.records import Bundle, Limit, Measure, Verdict, WaiverUse
from audit.reports import html, junit, markdown, oscal, sarif, text
from audit.reports import json as json_report
from audit.reports._html_figure import number_line
from audit.reports._wording import isolation_reached, next_step, outcome, power_text, stops

SCHEMAS = Path(__file__).parents[3] / "shared" / "schemas"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the schemas are not beside this checkout")


def only(bundle: Bundle, *ids: str) -> Bundle:
    return replace(bundle, entries=tuple(entry for entry in bundle.entries if entry.id in ids))


def entry(bundle: Bundle, name: str):
    return next(entry for entry in bundle.entries if entry.id == name)


@pytest.mark.parametrize(
    ("ids", "word", "code"),
    [
        (("accuracy", "origin", "drift"), "PASSED", 0),
        (("accuracy", "private"), "PASSED", 0),
        (("accuracy", "robust", "odd"), "FAILED", 1),
        (("accuracy", "leaks"), "NOT DECIDED", 3),
        (("accuracy", "files"), "NOT DECIDED", 3),
        (("private",), "NOT DECIDED", 3),
        ((), "NOT DECIDED", 3),
    ],
)
def test_headline_follows_the_exit_code_in_every_report(
    bundle: Bundle, ids: tuple[str, ...], word: str, code: int
) -> None:
    some = only(bundle, *ids)
    assert some.exit_code == code
    assert outcome(some).word == word
    for name in plugins.names("audit.reports"):
        assert word in plugins.load("audit.reports", name).render(some), name


def test_a_partial_bundle_never_reads_passed(bundle: Bundle) -> None:
    some = only(bundle, "accuracy")
    some = replace(some, policy=replace(some.policy, only=("accuracy",)))
    for name in plugins.names("audit.reports"):
        rendered = plugins.load("audit.reports", name).render(some)
        assert "PARTIAL" in rendered
        assert "PASSED" not in rendered


def test_a_warned_doubt_is_named_in_the_headline(bundle: Bundle) -> None:
    some = only(bundle, "accuracy", "leaks")
    some = replace(some, policy=replace(some.policy, on_inconclusive="warn"))
    assert outcome(some).word == "PASSED WITH DOUBTS"
    assert "1 could not be decided" in outcome(some).sentence
    assert not stops(entry(some, "leaks"), some)


def test_reports_repeat_the_verdict_and_do_not_judge(bundle: Bundle) -> None:
    lied = replace(entry(bundle, "robust"), verdict=Verdict.PASS)
    some = replace(bundle, entries=(lied,))
    assert text.render(some).startswith("PASSED")
    assert json.loads(sarif.render(some))["runs"][0]["results"][0]["kind"] == "pass"


def test_rendering_twice_gives_the_same_bytes(bundle: Bundle) -> None:
    for name in plugins.names("audit.reports"):
        render = plugins.load("audit.reports", name).render
        assert render(bundle) == render(bundle)


def test_text_tells_who_reads_it_what_to_do(bundle: Bundle) -> None:
    shown = text.render(bundle)
    for words in ("at least 0.6", "0.2468 to 0.3791", "n = 200", "policies/credit.yaml:52:5", "To do", "risk-board"):
        assert words in shown
    assert "accuracy: unused" in shown
    assert all(len(line) <= 100 for line in shown.splitlines())


def test_power_is_asked_of_passes_only(bundle: Bundle) -> None:
    assert power_text(entry(bundle, "robust")) == ""
    assert power_text(replace(entry(bundle, "accuracy"), power=None)) == "not shown; the policy asks for 90%"


def test_missing_power_is_named_only_where_it_is_what_was_missing(bundle: Bundle) -> None:
    wide = replace(entry(bundle, "leaks"), doubts=(), power=None)
    assert power_text(wide) == ""
    assert next_step(wide) == "Measure on more data: the interval has to clear the limit."
    unshown = replace(entry(bundle, "accuracy"), verdict=Verdict.INCONCLUSIVE, power=None)
    assert "planted faults" in next_step(unshown)
    assert "more data" not in next_step(unshown)


def test_an_open_verdict_names_every_way_out(bundle: Bundle) -> None:
    private = next_step(entry(bundle, "private"))
    assert "doubts" in private
    assert "planted faults" in private
    assert "more data" in private
    assert next_step(entry(bundle, "accuracy")) == ""


def test_json_has_null_and_a_reason_for_what_is_not_finite(bundle: Bundle) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    report = json.loads(json_report.render(bundle), parse_constant=refuse)
    odd = next(item for item in report["entries"] if item["id"] == "odd")
    assert odd["measures"]["ece"]["value"] is None
    assert odd["measures"]["ece"]["reason"] == "value is not a number"
    assert odd["measures"]["brier"]["reason"] == "value is infinite; high is infinite"
    assert "scale" not in odd["measures"]["ece"]
    assert report["exit_code"] == 1
    assert report["passed"] is False


def test_json_takes_numbers_of_numpy_as_they_are(bundle: Bundle) -> None:
    numpy = pytest.importorskip("numpy")
    measure = Measure(numpy.float64(0.5), "share", numpy.int64(7), numpy.float32(0.25), None)
    assert json_report.record_values(measure) == {"value": 0.5, "unit": "share", "n": 7, "low": 0.25, "high": None}


@needs_schemas
def test_sarif_fits_its_schema(bundle: Bundle) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8"))
    validator = jsonschema.validators.validator_for(schema)(schema)
    for some in (bundle, only(bundle), replace(bundle, run=None, environment={})):
        assert [error.message for error in validator.iter_errors(json.loads(sarif.render(some)))] == []


@needs_schemas
@pytest.mark.parametrize("schema", ["junit-10.xsd", "junit-strict.xsd"])
def test_junit_fits_both_schemas(bundle: Bundle, schema: str) -> None:
    etree = pytest.importorskip("lxml.etree")
    xsd = etree.XMLSchema(etree.parse(str(SCHEMAS / schema)))
    for started in (bundle.run.started, "yesterday", "", "0001-01-01T00:00:00+14:00", "2026-11-23T08:39:00.123+02:00"):
        some = replace(bundle, run=replace(bundle.run, started=started, host=""))
        assert xsd.validate(etree.fromstring(junit.render(some).encode())), xsd.error_log
    assert xsd.validate(etree.fromstring(junit.render(replace(only(bundle), run=None)).encode())), xsd.error_log


@needs_schemas
def test_oscal_fits_its_schema(bundle: Bundle) -> None:
    validator_of = pytest.importorskip("jsonschema").validators.validator_for
    text = (SCHEMAS / "oscal_assessment-results_schema.json").read_text("utf-8")
    # classes of Unicode letters and digits, as Python writes them
    schema = json.loads(text.replace(r"\\p{L}", r"[^\\W\\d_]").replace(r"\\p{N}", r"\\d"))
    validator = validator_of(schema)(schema)
    for some in (bundle, replace(bundle, run=None), only(bundle, "accuracy"), only(bundle)):
        assert [error.message for error in validator.iter_errors(json.loads(oscal.render(some)))] == []
    broken = json.loads(oscal.render(bundle))
    del broken["assessment-results"]["import-ap"]
    assert list(validator.iter_errors(broken)), "the schema can tell"


def test_oscal_calls_nothing_satisfied_that_did_not_pass(bundle: Bundle) -> None:
    result = json.loads(oscal.render(bundle))["assessment-results"]["results"][0]
    observed = {one["uuid"]: one for one in result["observations"]}
    verdicts = {one["title"]: one["props"][0]["value"] for one in result["observations"]}
    assert sorted(verdicts.values()) == sorted(entry.verdict.value for entry in bundle.entries)
    states = set()
    for finding in result["findings"]:
        related = [observed[one["observation-uuid"]]["props"][0]["value"] for one in finding["related-observations"]]
        state = finding["target"]["status"]["state"]
        assert (state == "satisfied") == (set(related) == {"PASS"})
        states.add(state)
    assert states == {"satisfied", "not-satisfied"}
    named = {control for entry in bundle.entries for control in entry.controls}
    assert len(result["findings"]) == len(named) + sum(not entry.controls for entry in bundle.entries)
    waived = [entry for entry in bundle.entries if entry.verdict is Verdict.WAIVED]
    assert [risk["deadline"][:10] for risk in result["risks"]] == [entry.waiver.expires for entry in waived]
    assert oscal.render(bundle) == oscal.render(bundle)


def test_sarif_says_what_each_verdict_means(bundle: Bundle) -> None:
    run = json.loads(sarif.render(bundle))["runs"][0]
    found = {result["ruleId"]: (result["kind"], result["level"], "suppressions" in result) for result in run["results"]}
    assert found == {
        "accuracy": ("pass", "none", False),
        "robust": ("fail", "error", False),
        "leaks": ("open", "none", False),
        "odd": ("open", "none", False),
        "files": ("open", "none", False),
        "drift": ("fail", "error", True),
        "origin": ("pass", "none", False),
        "private": ("open", "none", False),
    }
    invocation = run["invocations"][0]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 1
    told = {item["associatedRule"]["id"] for item in invocation["toolExecutionNotifications"]}
    assert told == {"odd", "files"}
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "policies/credit.yaml"}, "region": {"startLine": 52, "startColumn": 5}}
    assert {taxonomy["name"] for taxonomy in run["taxonomies"]} == {"NIST-AI-RMF", "EU-AI-ACT", "MITRE-ATLAS"}


def test_sarif_fingerprints_stay_when_numbers_change(bundle: Bundle) -> None:
    def prints(some: Bundle) -> list[dict[str, str]]:
        return [result["partialFingerprints"] for result in json.loads(sarif.render(some))["runs"][0]["results"]]

    other = replace(entry(bundle, "accuracy"), sentence="Other numbers.", seed=1, verdict=Verdict.FAIL)
    assert prints(bundle)[0] == prints(replace(bundle, entries=(other,)))[0]
    assert len({json.dumps(item) for item in prints(bundle)}) == len(bundle.entries)


def test_junit_fails_exactly_where_the_audit_does(bundle: Bundle) -> None:
    etree = pytest.importorskip("lxml.etree")
    tree = etree.fromstring(junit.render(bundle).encode())
    found = {case.get("name"): [child.tag for child in case] for case in tree.iter("testcase")}
    assert found == {
        "accuracy": [],
        "robust": ["failure"],
        "leaks": ["error"],
        "odd": ["error"],
        "files": ["error"],
        "drift": ["skipped"],
        "origin": [],
        "private": ["skipped"],
    }
    suite = tree.find("testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "8",
        "failures": "1",
        "errors": "3",
        "skipped": "2",
    }


def test_markdown_puts_what_blocks_first(bundle: Bundle) -> None:
    rows = [line for line in markdown.render(bundle).splitlines() if line.startswith("| **")]
    assert [row.split("|")[2].strip() for row in rows][:4] == ["robust", "odd", "files", "leaks"]


def test_html_links_evidence_and_lists_digests(bundle: Bundle) -> None:
    page = html.render(bundle)
    assert 'href="../evidence/robust/adversarial_rows.csv"' in page
    assert all(file.sha256 in page for file in bundle.subject.files)
    assert all(digest in page for _, digest in bundle.policy.sources)
    unknown = replace(bundle, waivers=(WaiverUse(bundle.waivers[0].waiver, "a_new_state"),))
    assert "a_new_state" in html.render(unknown)


@pytest.mark.parametrize(
    ("limit", "measure"),
    [
        (Limit("m", min=0.6), Measure(0.5, "share", 10, 0.4, 0.7)),
        (Limit("m", max=0.0), Measure(0.0, "share", 10)),
        (Limit("m", min=-1e308, max=1e308), Measure(1e308, "", 10, -1e308, 1e308)),
        (Limit("m", min=5, max=5), Measure(5.0, "rows", 10)),
        (Limit("m", max=0.01), Measure(0.001, "share", 10, 0.0, 0.002)),
        (Limit("m", min=0.99), Measure(1.0, "share", 10, 0.97, 1.0)),
    ],
)
def test_number_lines_stay_inside_the_picture(limit: Limit, measure: Measure) -> None:
    etree = pytest.importorskip("lxml.etree")
    tree = etree.fromstring(number_line(limit, measure, "pass"))
    places = [
        float(value) for node in tree.iter() for name, value in node.attrib.items() if name in ("x1", "x2", "cx", "x")
    ]
    assert places
    assert all(math.isfinite(place) and 0 <= place <= 720 for place in places)


def test_number_lines_keep_the_order_of_the_numbers() -> None:
    etree = pytest.importorskip("lxml.etree")
    tree = etree.fromstring(number_line(Limit("m", min=0.6), Measure(0.5, "share", 10, 0.4, 0.55), "fail"))
    (span,) = [node for node in tree.iter() if node.get("class") == "span"]
    (mark,) = [node for node in tree.iter() if node.get("class") == "limit"]
    (dot,) = [node for node in tree.iter() if node.get("class") == "dot"]
    low, dot_x, high, limit = (
        float(node.get(name)) for node, name in ((span, "x1"), (dot, "cx"), (span, "x2"), (mark, "x1"))
    )
    assert low < dot_x < high < limit


def test_numbers_that_are_not_finite_get_no_picture() -> None:
    assert number_line(Limit("m", min=0.6), Measure(float("nan"), "share", 10), "open") == ""


@pytest.mark.parametrize(
    ("level", "wanted", "says"),
    [
        ("kernel", "required", "without network, files and other programs"),
        ("kernel", "best_effort", "without network, files and other programs"),
        ("process", "best_effort", "this machine does not offer them"),
        ("process", "off", "the policy asks for none"),
        ("process", "required", "No model file was opened"),
        ("none", "best_effort", "nothing between them"),
    ],
)
def test_each_rule_says_what_kept_the_model_apart(bundle: Bundle, level: str, wanted: str, says: str) -> None:
    entry = bundle.entries[1]
    run = replace(bundle.run, entries={entry.id: {"isolation": level}})
    shown = replace(bundle, entries=(entry,), policy=replace(bundle.policy, isolation=wanted), run=run)
    for report in (html, markdown, text):
        rendered = " ".join(report.render(shown).split())
        assert rendered.count(says) == 1
        for silent in (replace(run, entries={}), replace(run, entries={"another": {"isolation": level}}), None):
            assert says not in " ".join(report.render(replace(shown, run=silent)).split())


def test_a_rule_without_a_model_does_not_read_as_if_the_machine_offered_nothing(bundle: Bundle) -> None:
    first, second = bundle.entries[1:3]
    run = replace(bundle.run, entries={first.id: {"isolation": "kernel"}, second.id: {"isolation": "process"}})
    shown = replace(bundle, entries=(first, second), run=run)
    assert isolation_reached(second, shown) == "No model file was opened for this rule."
    weaker = {"isolation": "process", "isolation_mechanisms": ["rlimits"]}
    partly = replace(shown, run=replace(run, entries={**run.entries, second.id: weaker}))
    assert "without kernel restrictions" in isolation_reached(second, partly)


def test_what_the_policy_asks_for_is_not_what_was_reached(bundle: Bundle) -> None:
    wanted = replace(bundle, policy=replace(bundle.policy, isolation="required"))
    assert "Required: no model runs outside" in html.render(wanted)
    assert "Required: no model runs outside" not in html.render(bundle)
    assert '<property name="isolation" value="required"/>' in junit.render(wanted)
    assert json.loads(sarif.render(wanted))["runs"][0]["properties"]["isolation"] == "required"


def test_reports_name_who_was_trusted_and_until_when(bundle: Bundle) -> None:
    for report in (html, markdown, text):
        rendered = report.render(bundle)
        plain = " ".join(rendered.replace("\\", "").replace("&#8203;", "").split())
        for use in bundle.policy.trusted_types:
            assert use.trusted.name in plain
            assert use.trusted.owner.split()[0] in plain
            assert use.trusted.expires in plain
        assert plain.count("expired: counts for nothing") == 1
        none = replace(bundle, policy=replace(bundle.policy, trusted_types=()))
        assert "policy trusts" not in report.render(none)

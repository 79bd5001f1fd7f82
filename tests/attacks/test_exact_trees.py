import dataclasses
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attacks.constraints import Column, Constraints
from attacks.evasion import exact_trees
from attacks.evasion._search import Search
from attacks.exact import branch, milp
from attacks.exact import trees as verifier
from attacks.exact.effort import Effort
from attacks.target import Target
from tests.attacks.exact_cases import Node, places, scores, target_of, within

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
GRID = [0.1, 0.2, 0.25, 0.3, 0.5, 0.6, 0.7, 0.8, float(np.float32(0.3)), float(np.float32(0.7))]


def nodes(width: int, classes: int, depth: int) -> st.SearchStrategy[Node]:
    leaf = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0, -0.5]), min_size=classes, max_size=classes)
    leaves = st.builds(lambda value: Node(value=tuple(value)), leaf)
    if depth == 0:
        return leaves
    inner = nodes(width, classes, depth - 1)
    split = st.builds(
        lambda feature, threshold, left, right: Node(feature, threshold, left, right),
        st.integers(0, width - 1), st.sampled_from(GRID), inner, inner,
    )  # fmt: skip
    return st.one_of(leaves, split, split)


@st.composite
def cases(draw):
    width, classes = draw(st.integers(1, 3)), draw(st.integers(2, 3))
    roots = draw(st.lists(nodes(width, classes, 3), min_size=1, max_size=4))
    cells = st.sampled_from([0.0, 0.05, 0.2, 0.3, 0.35, 0.5, 0.55, 0.7, 0.9, 1.0])
    x = np.array(draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=4)))
    return (
        roots,
        classes,
        x,
        draw(st.sampled_from([0.0, 0.05, 0.1, 0.2, 0.25])),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@QUICK
@given(cases(), st.sampled_from(["linf", "l2"]), st.integers(0, 2))
def test_every_row_ends_as_trying_all_places_says(case, norm, boxes):
    roots, classes, x, epsilon, strict, single = case
    target = target_of(roots, classes, x.shape[1], strict=strict, single=single)
    y = target.predict(x)
    search = Search(target, x, y, epsilon=epsilon, norm=norm)
    effort = Effort(boxes=[0, 1, 1000][boxes])  # no boxes: all is left to the solver
    certified = verifier.verify(search, target.structure, target.structure.kind, seed=0, effort=effort)
    outcome = search.outcome()
    for row in range(len(x)):
        points = places(roots, x[row], epsilon)
        points = within(points, x[row], epsilon) if norm == "l2" else points
        found = scores(roots, points, classes, strict=strict, single=single)
        margins = found[:, [y[row]]] - np.delete(found, y[row], axis=1)
        assert outcome.success[row] == (found.argmax(axis=1) != y[row]).any()
        assert certified[row] == (margins > 1e-6).all()


def test_the_same_seed_gives_the_same_rows():
    rng = np.random.default_rng(0)
    roots = [random_tree(rng, 4) for _ in range(8)]
    x = rng.random((20, 3))
    first, second = (
        exact_trees.run(target_of(roots, 2, 3), x, target_of(roots, 2, 3).predict(x), epsilon=0.15, seed=3)
        for _ in range(2)
    )
    assert np.array_equal(first.adversarial, second.adversarial)
    assert np.array_equal(first.certified, second.certified)


def random_tree(rng: np.random.Generator, depth: int, width: int = 3) -> Node:
    if depth == 0:
        return Node(value=tuple(rng.normal(size=2)))
    return Node(int(rng.integers(width)), float(rng.random()), random_tree(rng, depth - 1), random_tree(rng, depth - 1))


def stump(threshold: float, below: tuple[float, ...], above: tuple[float, ...], feature: int = 0) -> Node:
    return Node(feature, threshold, Node(value=below), Node(value=above))


def test_a_tie_certifies_nothing_unless_votes_are_counted_exactly():
    # at x > .5 both classes have one vote; the real model then says class 0
    roots = [stump(0.5, (1.0, 0.0), (0.0, 1.0)), Node(value=(1.0, 0.0))]
    x, y = np.array([[0.45]]), np.array([0])
    open_ended = exact_trees.run(target_of(roots, 2, 1), x, y, epsilon=0.1, seed=0)
    assert not open_ended.certified[0]
    assert not open_ended.success[0]
    counted = exact_trees.run(target_of(roots, 2, 1, slack=0.0), x, y, epsilon=0.1, seed=0)
    assert counted.certified[0]
    assert not counted.success[0]
    # a tie that the other class wins breaks the row
    turned = [stump(0.5, (0.0, 1.0), (1.0, 0.0)), Node(value=(0.0, 1.0))]
    for slack in (0.0, 1e-9):
        lost = exact_trees.run(target_of(turned, 2, 1, slack=slack), x, np.array([1]), epsilon=0.1, seed=0)
        assert lost.success[0]
        assert not lost.certified[0]


def test_a_margin_within_the_slack_of_the_scores_is_undecided():
    roots = [stump(0.5, (1.0, 0.0), (0.500001, 0.5))]
    x, y = np.array([[0.45]]), np.array([0])
    assert exact_trees.run(target_of(roots, 2, 1, slack=1e-9), x, y, epsilon=0.1, seed=0).certified[0]
    loose = exact_trees.run(target_of(roots, 2, 1, slack=1e-5), x, y, epsilon=0.1, seed=0)
    assert not loose.certified[0]
    assert not loose.success[0]


def test_points_lie_just_inside_their_cell():
    x = np.array([[0.45, 0.2]])
    outcome = exact_trees.run(target_of([stump(0.5, (1, 0), (0, 1))], 2, 2), x, np.array([0]), epsilon=0.4, seed=0)
    assert outcome.success[0]
    assert 0.05 <= outcome.distances[0] < 0.0501
    assert outcome.adversarial[0, 1] == 0.2


def test_nothing_is_certified_of_a_model_that_answers_otherwise_than_its_trees():
    roots = [stump(0.5, (1.0, 0.0), (0.0, 1.0))]
    honest = target_of(roots, 2, 1)
    x = np.linspace(0.6, 0.9, 4)[:, None]
    liar = target_of([stump(0.5, (0.0, 1.0), (1.0, 0.0))], 2, 1)
    liar.structure = honest.structure
    outcome = exact_trees.run(liar, x, liar.predict(x), epsilon=0.01, seed=0)
    assert not outcome.certified.any()
    assert not outcome.success.any()


def test_nothing_is_certified_of_a_model_that_differs_from_its_trees_beside_the_rows_only():
    target = target_of([stump(0.5, (1.0, 0.0), (0.0, 1.0))], 2, 2)
    x = np.random.default_rng(0).uniform(0.1, 0.3, (30, 2))
    known = {row.tobytes() for row in x}
    honest, liar = target.predict, lambda rows: np.array([row.tobytes() not in known for row in rows]).astype(int)
    assert exact_trees.run(target, x, honest(x), epsilon=0.1, seed=0).certified.all()
    false = Target(liar, 2, structure=target.structure)
    assert not exact_trees.run(false, x, np.zeros(30, dtype=int), epsilon=0.1, seed=0).certified.any()


def test_rows_that_are_answered_wrongly_or_not_finite_are_undecided():
    target = target_of([stump(0.5, (1.0, 0.0), (0.0, 1.0))], 2, 2)
    x = np.array([[0.2, 0.1], [0.2, np.nan], [0.2, 0.1], [np.inf, 0.1]])
    outcome = exact_trees.run(target, x, np.array([0, 0, 1, 1]), epsilon=0.1, seed=0)
    assert outcome.certified.tolist() == [True, False, False, False]
    assert not outcome.success.any()


@pytest.mark.parametrize("budget", [0, 3, 10, 25, 40])
def test_no_more_is_asked_than_the_budget_allows(budget):
    rng = np.random.default_rng(1)
    roots = [random_tree(rng, 3) for _ in range(5)]
    x = rng.random((10, 3))
    y = target_of(roots, 2, 3).predict(x)
    target = target_of(roots, 2, 3, max_rows=budget)
    outcome = exact_trees.run(target, x, y, epsilon=0.2, seed=0)
    free = exact_trees.run(target_of(roots, 2, 3), x, y, epsilon=0.2, seed=0)
    assert target.rows <= budget
    assert outcome.exhausted == (budget < 40)
    assert not (outcome.certified & ~free.certified).any()


def large(trees: int, depth: int, rows: int, width: int = 12):
    rng = np.random.default_rng(5)
    roots = [random_tree(rng, depth, width) for _ in range(trees)]
    x = rng.random((rows, width))
    target = target_of(roots, 2, width)
    return target, x, target.predict(x)


def searched(target, x, y, effort, monkeypatch):
    """What becomes of rows, with the boxes and the solver's nodes that it took."""
    counted = {"boxes": 0, "nodes": 0, "programs": 0}
    advance, solve = branch.Branching.advance, milp.solve

    def boxes(self, most):
        before = self.boxes
        found = advance(self, most)
        counted["boxes"] += self.boxes - before
        return found

    def nodes(problem, tolerance, **kept):
        found = solve(problem, tolerance, **kept)
        counted["nodes"] += found.nodes
        counted["programs"] += 1
        return found

    search = Search(target, x, y, epsilon=0.05, norm="linf")
    with monkeypatch.context() as patch:
        patch.setattr(branch.Branching, "advance", boxes)
        patch.setattr(milp, "solve", nodes)
        certified = verifier.verify(search, target.structure, target.structure.kind, seed=0, effort=effort)
    return certified, search.outcome().success, counted


def test_a_large_ensemble_ends_with_undecided_rows_at_a_counted_effort(monkeypatch):
    target, x, y = large(40, 6, 12)
    free = searched(target, x, y, Effort(), monkeypatch)
    assert (free[0] | free[1]).all()
    short = searched(target, x, y, Effort(work=0), monkeypatch)
    again = searched(target, x, y, Effort(work=0), monkeypatch)
    assert (short[0] == again[0]).all()
    assert short[2] == again[2]
    assert not (short[0] | short[1]).all()
    assert (free[0] | ~short[0]).all()
    # every row has its bound and its first box, whatever the rows before it cost
    assert short[0].any()
    assert short[1].any()
    assert 0 < short[2]["boxes"] <= 12 < free[2]["boxes"]
    assert short[2]["programs"] == 0


def test_the_solver_is_not_given_programs_over_a_size(monkeypatch):
    target, x, y = large(20, 4, 6)
    solved = searched(target, x, y, Effort(boxes=0), monkeypatch)
    left = searched(target, x, y, Effort(boxes=0, variables=20), monkeypatch)
    assert solved[2]["programs"] > left[2]["programs"]
    assert (solved[0] | solved[1]).all()
    assert not (left[0] | left[1]).all()


def test_no_clock_decides_a_row(monkeypatch):
    target, x, y = large(12, 4, 6)
    asked = []
    real = milp.milp
    monkeypatch.setattr(milp, "milp", lambda *given, options, **kept: asked.append(dict(options)) or real(
        *given, options=options, **kept))  # fmt: skip
    for clock in ("time", "monotonic", "perf_counter", "process_time"):
        monkeypatch.setattr(time, clock, lambda: pytest.fail("a clock was read"))
    search = Search(target, x, y, epsilon=0.12, norm="linf")
    verifier.verify(search, target.structure, target.structure.kind, seed=0, effort=Effort(boxes=0))
    monkeypatch.undo()
    assert asked
    assert all(1 <= one["node_limit"] <= Effort().nodes and one["time_limit"] >= 600 for one in asked)


@pytest.mark.parametrize("sentinel", [0, -1, 37])
def test_a_whole_number_that_stands_for_something_else_is_noticed(sentinel):
    # the model takes one single value of thousands for another one
    def inputs(rows):
        whole = np.rint(rows[:, 0] * 4000) - 2000
        return np.stack([np.where(whole == sentinel, -9999.0, whole), rows[:, 1]], axis=1)

    roots = [stump(-1000.0, (0.0, 1.0), (1.0, 0.0))]
    column = Column("a", step=1, low=-2000, high=2000, origin=-2000, unit=4000)
    target = target_of(roots, 2, 2, inputs=inputs, constraints=Constraints([column, Column("b")]))
    x = np.array([[0.48, 0.5], [0.525, 0.5], [0.9, 0.1]])
    outcome = exact_trees.run(target, x, np.zeros(3, dtype=int), epsilon=0.06, seed=0)
    assert not outcome.certified.any()


def constrained(roots, columns, rules=(), width=2):
    return target_of(roots, 2, width, constraints=Constraints(columns, rules))


def test_fixed_columns_one_way_streets_and_ranges_make_rows_certain():
    roots = [stump(0.5, (1.0, 0.0), (0.0, 1.0))]
    x, y = np.array([[0.45, 0.3]]), np.array([0])
    for column, certain in (
        (Column("a"), False), (Column("a", mutable=False), True), (Column("a", direction="down"), True),
        (Column("a", direction="up"), False), (Column("a", high=0.49), True), (Column("a", step=0.2), True),
        (Column("a", step=0.02), False), (Column("a", step=0.06), False), (Column("a", step=0.04), False),
    ):  # fmt: skip
        outcome = exact_trees.run(constrained(roots, [column, Column("b")]), x, y, epsilon=0.1, seed=0)
        assert outcome.certified[0] == certain, column
        assert outcome.success[0] == (not certain), column


def test_a_value_out_of_its_declared_range_can_stay():
    target = constrained([stump(0.5, (1.0, 0.0), (0.0, 1.0))], [Column("a", low=0.4, high=0.45), Column("b")])
    outcome = exact_trees.run(target, np.array([[0.6, 0.1]]), np.array([1]), epsilon=0.3, seed=0)
    assert outcome.success[0]
    assert 0.4 <= outcome.adversarial[0, 0] <= 0.45


def test_a_rule_only_ever_leaves_a_row_undecided():
    roots = [stump(0.5, (1.0, 0.0), (0.0, 1.0))]
    target = constrained(roots, [Column("a"), Column("b")], ["a <= b"])
    outcome = exact_trees.run(target, np.array([[0.45, 0.46], [0.45, 0.7]]), np.array([0, 0]), epsilon=0.1, seed=0)
    assert outcome.success.tolist() == [False, True]
    assert outcome.certified.tolist() == [False, False]


def test_one_hot_groups_are_switched_and_never_mixed():
    # class 1 needs both columns at 1, which no one-hot row has
    both = Node(0, 0.5, Node(value=(1.0, 0.0)), stump(0.5, (1.0, 0.0), (0.0, 1.0), feature=1))
    group = [Column("a", group="g"), Column("b", group="g"), Column("c", group="g")]
    x, y = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 0])
    safe = exact_trees.run(constrained([both], group, width=3), x, y, epsilon=0.0, seed=0)
    assert safe.certified.all()
    one = exact_trees.run(constrained([stump(0.5, (1.0, 0.0), (0.0, 1.0), feature=1)], group, width=3), x, y,
                          epsilon=0.0, seed=0)  # fmt: skip
    assert one.success.all()
    assert one.adversarial.tolist() == [[0.0, 1.0, 0.0]] * 2


def test_categories_are_tried_code_by_code_even_if_the_model_sees_them_in_another_order():
    order = np.array([3.0, 0.0, 5.0, 1.0])

    def inputs(rows):
        return np.stack([order[rows[:, 0].astype(int)], rows[:, 1]], axis=1)

    reach = np.zeros((4, 4), dtype=bool)
    reach[0, 1] = reach[0, 3] = True  # code 0 may become 1 or 3, so the model sees 0 or 1 but never 5
    columns = [Column("a", kind="category", reach=reach), Column("b")]
    for threshold, certain in ((4.0, True), (0.5, False), (2.0, False)):
        below, above = ((1.0, 0.0), (0.0, 1.0)) if threshold == 4.0 else ((0.0, 1.0), (1.0, 0.0))
        target = target_of([stump(threshold, below, above)], 2, 2, inputs=inputs, high=np.array([3.0, 1.0]),
                           constraints=Constraints(columns))  # fmt: skip
        outcome = exact_trees.run(target, np.array([[0.0, 0.5]]), np.array([0]), epsilon=0.1, seed=0)
        assert outcome.certified[0] == certain
        assert outcome.success[0] == (not certain)


def test_whole_numbers_leave_no_place_between_two_thresholds():
    # the model is given whole numbers only, so that nothing lies between 2.2 and 2.8
    between = Node(0, 2.2, Node(value=(1.0, 0.0)), stump(2.8, (0.0, 1.0), (1.0, 0.0)))
    rows, y = np.array([[0.2], [0.4]]), np.array([0, 0])
    whole = exact_trees.run(target_of([between], 2, 1, inputs=lambda x: np.rint(x * 10)), rows, y, epsilon=0.3, seed=0)
    assert whole.certified.all()
    smooth = exact_trees.run(target_of([between], 2, 1, inputs=lambda x: x * 10), rows, y, epsilon=0.3, seed=0)
    assert smooth.success.all()


def test_a_way_to_the_model_that_falls_certifies_only_what_no_value_breaks():
    roots = [stump(0.5, (1.0, 0.0), (0.0, 1.0))]

    def hill(rows):
        return np.stack([1 - 4 * (rows[:, 0] - 0.5) ** 2, rows[:, 1]], axis=1)

    x = np.array([[0.05, 0.5], [0.95, 0.5]])
    outcome = exact_trees.run(target_of(roots, 2, 2, inputs=hill), x, np.array([0, 0]), epsilon=0.02, seed=0)
    assert not outcome.certified.any()


def test_two_inputs_of_one_column_never_certify_what_breaks():
    def inputs(rows):
        return np.stack([rows[:, 0], 2 * rows[:, 0]], axis=1)

    roots = [stump(0.5, (1.0, 0.0), (0.0, 1.0)), stump(0.9, (0.0, 0.0), (0.0, 0.5), feature=1)]
    target = target_of(roots, 2, 2, inputs=inputs)
    target.structure = dataclasses.replace(target.structure, source=np.array([0, 0]))
    outcome = exact_trees.run(target, np.array([[0.42], [0.2]]), np.array([0, 0]), epsilon=0.1, seed=0)
    assert outcome.success.tolist() == [True, False]
    assert outcome.certified.tolist() == [False, True]

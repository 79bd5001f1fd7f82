"""Looks for a patch that turns most images into one class."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from audit.checks._backdoor import deviation
from audit.checks._backdoor.finding import Finding, pick_rows
from audit.checks._pixels import Pixels, pixels
from audit.errors import NotMeasurable
from audit.subject import Subject

if TYPE_CHECKING:
    import numpy as np

    from attacks.backdoor.stamp_scan import TurningStamp
    from attacks.backdoor.trigger_inversion import Inversion
    from attacks.poisoning.picture import Stamp
    from attacks.target import Target

SMALL = 0.0125
"""Share of an image that a small stamp covers at most: 3 x 3 pixels of 28 x 28. Larger ones also turn clean models."""
_FEWEST_PIXELS = 4
"""What a small stamp may cover of any image."""
_BLIND = 0.5


@dataclass(frozen=True, eq=False)
class Images:
    """The images that a search may use, and those that its finding is confirmed on.

    Attributes:
        target: answers, scores and gradients for images of shape (n, channels, h, w), 0 to 1.
        search: images, shape (n, channels, h, w).
        search_answers: shape (n,), class codes.
        held_out: other images.
        held_out_answers: shape (m,), class codes.
    """

    target: Target
    search: np.ndarray
    search_answers: np.ndarray
    held_out: np.ndarray
    held_out_answers: np.ndarray

    def behind(self, target: Target) -> Images:
        """The same images before another model."""
        return Images(target, self.search, target.predict(self.search), self.held_out, target.predict(self.held_out))


@dataclass(frozen=True, eq=False)
class ImageFinding(Finding):
    """A finding with what draws it.

    Attributes:
        stamp: the small stamp that turned most of the searched rows into `code`.
        by_class: per class the size of its mask in pixels (None without inversion), the share of searched rows that a
            plain stamp turned, the share that its best small stamp turned, and its deviations.
        blind: whether the inversion could not run, and why; empty where it could.
        unreached: classes that no picture at all turned images into.
        unsearched: classes that the inversion left out, since the images are too large for all.
    """

    stamp: Stamp
    by_class: tuple[tuple[float | None, float, float | None, float], ...]
    blind: str
    unreached: tuple[int, ...]
    unsearched: tuple[int, ...]


def images_of(subject: Subject, shown: Pixels, *, seed: int, max_rows: int) -> Images:
    """Test images in two halves.

    Raises:
        NotMeasurable: there are too few images, or the model answers all of them with one class.
    """
    target = _target(subject, shown)
    rows = pick_rows(len(shown.values), seed, max_rows)
    x = shown.values[rows.search]
    held_out = shown.values[rows.held_out]
    found = Images(target, x, target.predict(x), held_out, target.predict(held_out))
    if len(set(found.search_answers.tolist())) < 2 or len(set(found.held_out_answers.tolist())) < 2:
        raise NotMeasurable("the model answers nearly all test images with one class; nothing can be turned into it")
    return found


def look(images: Images, *, seed: int) -> ImageFinding:
    """Scan with plain stamps, invert triggers where there is a gradient, and confirm the best on the other half."""
    import numpy as np

    from attacks.backdoor import stamp_scan, trigger_inversion

    target, x, answers = images.target, images.search, images.search_answers
    plain = {stamp.code: stamp for stamp in stamp_scan.scan(target, x, answers, seed=seed)}
    turned = np.array([plain[code].share if code in plain else 0.0 for code in range(target.n_classes)])
    deviations = deviation.of_stamps(turned)
    codes = np.arange(target.n_classes)
    inversion, blind = None, "the model gives no gradient"
    if target.has_gradient:
        codes = np.sort(np.argsort(-turned, kind="stable")[: trigger_inversion.affordable_classes(x.shape[1:])])
        inversion = trigger_inversion.invert(target, x, answers, codes, seed=seed)
        blind = "the gradient is zero for most images" if inversion.flat > _BLIND else ""
        if not blind:
            deviations = np.zeros(target.n_classes)
            deviations[codes] = deviation.of_sizes(inversion.sizes, int(np.prod(x.shape[2:])))
    best = {int(code): _best(images, int(code), plain.get(int(code)), inversion) for code in codes}
    # where nothing stands out, the stamp that turns most is the one to show
    strongest = max(best, key=lambda code: best[code].share)
    code = int(deviations.argmax()) if deviations.max() > deviation.ALARM else strongest
    others = images.held_out_answers != code
    hits = stamp_scan.turned(target, best[code].stamp, images.held_out[others], code)
    sizes = {} if inversion is None else dict(zip(codes.tolist(), inversion.sizes.tolist(), strict=True))
    by_class = tuple(
        (sizes.get(one), float(turned[one]), best[one].share if one in best else None, float(deviations[one]))
        for one in range(target.n_classes)
    )
    return ImageFinding(
        code=code,
        anomaly=float(deviations.max()),
        turned=int(hits.sum()),
        rows=len(hits),
        stamp=best[code].stamp,
        by_class=by_class,
        blind=blind,
        unreached=() if inversion is None else tuple(inversion.codes[~inversion.reached].tolist()),
        unsearched=tuple(sorted(set(range(target.n_classes)) - set(best))),
    )


@dataclass(frozen=True, eq=False)
class _Small:
    stamp: Stamp
    share: float


def _best(images: Images, code: int, plain: TurningStamp | None, inversion: Inversion | None) -> _Small:
    """The small stamp that turns most of the searched rows into a class: a plain one or part of the inverted mask."""
    from attacks.backdoor import stamp_scan
    from attacks.poisoning.picture import Stamp

    most = max(SMALL * images.search.shape[2] * images.search.shape[3], _FEWEST_PIXELS)
    stamps: list[Stamp] = [] if plain is None or plain.stamp.weight.sum() > most else [plain.stamp]
    if inversion is not None:
        stamps.append(inversion.stamp(code, most))
    rows = images.search[images.search_answers != code]
    if not stamps or not len(rows):
        empty = images.search[:1, :1] * 0
        return _Small(Stamp(empty[0], empty[0], "no stamp"), 0.0)
    shares = [float(stamp_scan.turned(images.target, stamp, rows, code).mean()) for stamp in stamps]
    place = shares.index(max(shares))
    return _Small(stamps[place], shares[place])


def _target(subject: Subject, shown: Pixels) -> Target:
    import numpy as np

    from attacks.target import Target

    # a gradient is asked for at values between the stored ones, which whole numbers would swallow
    between = replace(shown, dtype=np.dtype(np.float32)) if shown.dtype.kind in "ui" else shown

    def gradient(x: np.ndarray, codes: np.ndarray) -> np.ndarray:
        found = subject.gradient(between.stored(x), codes) * (shown.high - shown.low)
        if shown.layout == "last":
            found = found.transpose(0, 3, 1, 2)
        return np.asarray(found.reshape(x.shape))

    return Target(
        lambda x: subject.predict(shown.stored(x)),
        len(subject.classes),
        scores=(lambda x: subject.probabilities(shown.stored(x))) if subject.has_probabilities else None,
        gradient=gradient if subject.has_gradient else None,
    )


def shown_as_images(subject: Subject) -> Pixels | None:
    """The test images; None where the data are no images."""
    return pixels(subject.test)

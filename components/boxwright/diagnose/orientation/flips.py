"""Decides which flips fit the data. Mirrored images are the default, images upside down need evidence."""

from collections.abc import Callable, Sequence

from boxwright.core.artifacts.diagnosis import Flip, Flips
from boxwright.core.findings import Evidence
from boxwright.core.plurals import count
from boxwright.core.runtime.errors import few
from boxwright.diagnose.orientation import words
from boxwright.diagnose.orientation.features import TURNS, Turn
from boxwright.diagnose.orientation.measure import ENOUGH, OBJECT, Orientation
from boxwright.diagnose.orientation.told import Share, TurnsTold

# The way up is told if this share of the pictures is below the interval. Values on public sets: photographs of people, cars,
# fruit, plants and chess .69 to .99, of raccoons .63; microscopes whose lamp has a side .57 to .65.
_UPRIGHT = 0.6
# By so much more often upside down must be told than mirrored, because gravity has no side. People, cars, fruit and plants .15 to
# .45, chess .11; microscopes, circuit boards, pens and candies on a table, roofs in the sun: at most .06.
_GRAVITY = 0.1
# A side is told, as an up is. Handheld photographs .47 to .59, microscopes .50 to .68, cards on tables .70, roofs in the sun .76;
# drawn letters 1.
_SIDED = 0.85
# Pictures in which lower objects are larger: streets .83 to 1, a camera that looks down into a mouth .31, cells .46 to .48.
_DEEPER = 0.65
# Objects are seen at all angles if the intervals of all turns end at _NO_TURN or below, and that of the difference that gravity
# makes at _NO_GRAVITY or below. The interval of _MANY pictures is +-.2. Blood cells, candies on a table and circuit boards: up to
# .59, .61 and .68, and .08, .03 and .09; raccoons: .75 and .19.
_NO_TURN, _NO_GRAVITY, _MANY = 0.7, 0.15, 40
# Only the light has a side if upside down is told at most _AS_OFTEN more than mirrored, and a half turn in _HALF of the pictures
# or more. It takes _LIT pictures. Above _CLEAR, both would be told always, and nothing would follow. Roofs in the sun: .74 and
# .76, the difference at most .02.
_AS_OFTEN, _HALF, _CLEAR, _LIT = 0.08, 0.55, 0.85, 100
_SHOWN, _IMAGE = 3, "an image"

_WORDS: dict[Turn, str] = {
    "upside down": "upside down",
    "mirrored": "mirrored",
    "half": "turned by a half",
    "quarter": "turned by a quarter",
}
_SAMPLED = "records: objects and images of up to 200 images of each split, near-copies once"
_BOXES = "tables/objects.parquet, near-copies once"


def judge(classes: Sequence[str], found: Orientation) -> Flips:
    """classes: all class names. found: what was measured of their objects."""
    sided = by_name(classes) or _sided_objects(classes, found)
    return Flips(horizontal=sided or _mirrored(found), vertical=sided or _vertical(classes, found))


def by_name(classes: Sequence[str]) -> Flip | None:
    """Why no image may be mirrored, if the class names say so."""
    if name := words.sided(classes):
        return _no(f"the class name {name} says left, right or which way round")
    return _no("the classes are letters or digits, which have one right side") if words.alphabet(classes) else None


def _sided_objects(classes: Sequence[str], found: Orientation) -> Flip | None:
    """Cells are left out, because a microscope's lamp lights one side of each, and so is a fixed camera, which shows one side of
    the world."""
    for name, told in {} if _fixed(found) or _under_microscope(classes) else found.measured.items():
        share = told.share("mirrored")
        if share.n >= ENOUGH and share.low >= _SIDED:
            return _no(
                f"{_has(name)} a left and a right: a mirrored one stands out {_in(share)}",
                _evidence(name, "mirrored", told),
            )
    return None


def _fixed(found: Orientation) -> bool:
    """Whether there are so few different scenes that the camera may be fixed."""
    return found.scenes.share("mirrored").n < ENOUGH


def _mirrored(found: Orientation) -> Flip:
    share = found.objects.share("mirrored")
    if share.n < ENOUGH:
        why = (
            f"no class name says left or right, and {count(share.n, 'different picture', 'is')} too few to measure more"
        )
        return Flip(fits=True, reason=why)
    unsure = f", but perhaps only in {share.low:.0%}" if share.value >= _SIDED else ""
    reason = (
        f"no class name says left or right, and a mirrored object stands out in {share.value:.0%} of {share.n} different "
        f"pictures{unsure}; a side would show in {_SIDED:.0%} or more"
    )
    return Flip(fits=True, reason=reason, evidence=(_evidence(OBJECT, "mirrored", found.objects),))


def _vertical(classes: Sequence[str], found: Orientation) -> Flip:
    turnable = _all_angles(found)
    reasons: tuple[Callable[[], Flip | None], ...] = (
        lambda: _cells(classes),
        lambda: None if turnable else _up_by_name(classes),
        lambda: _upright(found),
        lambda: _scene(found),
        lambda: _ground(found),
        lambda: turnable or _flat_by_name(classes),
        lambda: _from_above(found),
        lambda: _lit(found),
    )
    return next((flip for reason in reasons if (flip := reason())), _unknown(found))


def at_all_angles(classes: Sequence[str], found: Orientation) -> bool:
    """Whether the objects lie at all angles, by what was measured or by class names of views from above."""
    return bool(_all_angles(found)) or any(map(words.from_above, classes))


def _under_microscope(classes: Sequence[str]) -> bool:
    said = {words.says(name) for name in classes}
    return "cell" in said and "up" not in said


def _cells(classes: Sequence[str]) -> Flip | None:
    if not _under_microscope(classes):
        return None
    named = [name for name in classes if words.says(name) == "cell"]
    return Flip(fits=True, reason=f"things under a microscope have no up: {few(named, _SHOWN)}")


def _up_by_name(classes: Sequence[str]) -> Flip | None:
    named = [name for name in classes if words.says(name) == "up"]
    if not named or any(map(words.from_above, classes)):
        return None
    return _no(f"these classes have an up, and nothing shows them at all angles: {few(named, _SHOWN)}")


def _upright(found: Orientation) -> Flip | None:
    """The class whose objects are told from upside down most often, if it has an up."""
    shares = {name: told.share("upside down") for name, told in found.measured.items() if _has_up(told)}
    if not shares:
        return None
    name = max(shares, key=lambda one: shares[one].value)
    evidence = _evidence(name, "upside down", found.measured[name])
    return _no(f"{_has(name)} an up: one upside down stands out {_in(shares[name])}", evidence)


def _has_up(told: TurnsTold) -> bool:
    share = told.share("upside down")
    return share.n >= ENOUGH and share.low >= _UPRIGHT and told.gravity.value >= _GRAVITY


def _scene(found: Orientation) -> Flip | None:
    if not _has_up(found.scenes):
        return None
    share = found.scenes.share("upside down")
    why = f"the images have an up, such as sky above ground: one upside down stands out {_in(share)}"
    return _no(why, _evidence(_IMAGE, "upside down", found.scenes))


def _ground(found: Orientation) -> Flip | None:
    share = found.larger_below
    if share.n < ENOUGH or share.low < _DEEPER or _no_turn(found.objects):
        return None
    seen = f"in {share.value:.0%} of {share.n} different pictures"
    why = f"{seen} the lower objects are the larger: the camera looks along the ground"
    return _no(why, _number("pictures in which lower objects of a class are larger", share, _BOXES))


def _all_angles(found: Orientation) -> Flip | None:
    """Whether objects look alike after every turn."""
    upright = any(told.share("upside down").low >= _UPRIGHT for told in found.of_class.values())
    if upright or not _no_turn(found.objects):
        return None
    return _turnable("the objects are seen at all angles", OBJECT, found.objects)


def _from_above(found: Orientation) -> Flip | None:
    """Whether whole images look alike after every turn, while a lamp may give the objects a side."""
    return _turnable("the images are views from above", _IMAGE, found.scenes) if _no_turn(found.scenes) else None


def _turnable(why: str, what: str, told: TurnsTold) -> Flip:
    shares = ", ".join(f"{_WORDS[turn]} in {told.share(turn).value:.0%}" for turn in TURNS)
    reason = (
        f"{why}: a turned one hardly stands out more often than by chance, 50% ({shares} of {told.share('mirrored').n} different "
        "pictures)"
    )
    return Flip(fits=True, reason=reason, evidence=tuple(_evidence(what, turn, told) for turn in TURNS))


def _lit(found: Orientation) -> Flip | None:
    """Whether only the light has a side, as on views from above in the sun: a lamp lights objects from the side as often as from
    above, while gravity has no side. Letters and cards differ from their mirror images, but not after a half turn."""
    objects = found.objects
    share, half = objects.share("upside down"), objects.share("half")
    if _fixed(found) or share.n < _LIT or share.high > _CLEAR or half.low < _HALF:
        return None
    if any(told.gravity.high > _AS_OFTEN for told in (objects, found.scenes)):
        return None
    told = f"in {share.value:.0%} and {objects.share('mirrored').value:.0%} of {share.n} different pictures"
    why = f"the light has a side, but the objects have no up: one upside down stands out as often as a mirrored one ({told})"
    turns: tuple[Turn, ...] = ("upside down", "mirrored")
    return Flip(fits=True, reason=why, evidence=tuple(_evidence(OBJECT, turn, objects) for turn in turns))


def _no_turn(told: TurnsTold) -> bool:
    if told.share("mirrored").n < _MANY or told.gravity.high > _NO_GRAVITY:
        return False
    return all(told.share(turn).high <= _NO_TURN for turn in TURNS)


def _flat_by_name(classes: Sequence[str]) -> Flip | None:
    """Half of the classes are enough: the others are of the same images."""
    flat = [name for name in classes if words.says(name) == "flat"]
    above = [name for name in classes if words.from_above(name)]
    if above:
        return Flip(
            fits=True, reason=f"these are classes of views from above, and nothing shows an up: {few(above, _SHOWN)}"
        )
    if 2 * len(flat) < len(classes):
        return None
    return Flip(fits=True, reason=f"these things have no up of their own, and nothing shows one: {few(flat, _SHOWN)}")


def _unknown(found: Orientation) -> Flip:
    share = found.objects.share("upside down")
    if share.n < _MANY:
        few_pictures = f"{count(share.n, 'different picture', 'is')} too few to measure it ({_MANY} are enough)"
        return _no(f"nothing shows that the objects are seen at all angles, and {few_pictures}")
    return _no(
        f"nothing shows that the objects are seen at all angles: one upside down stands out {_in(share)}",
        _evidence(OBJECT, "upside down", found.objects),
    )


def _has(name: str) -> str:
    return "the objects have" if name == OBJECT else f"{name} has"


def _no(reason: str, *evidence: Evidence) -> Flip:
    return Flip(fits=False, reason=reason, evidence=evidence)


def _in(share: Share) -> str:
    return f"in {share.value:.0%} of {share.n} different pictures; 50% is chance"


def _evidence(name: str, turn: Turn, told: TurnsTold) -> Evidence:
    subject = "" if name in (OBJECT, _IMAGE) else name
    metric = f"share of the pictures in which it is guessed right whether {name} is {_WORDS[turn]}"
    return _number(metric, told.share(turn), _SAMPLED, subject)


def _number(metric: str, share: Share, where: str, subject: str = "") -> Evidence:
    interval = round(share.low, 4), round(share.high, 4)
    return Evidence(
        metric=metric, subject=subject, value=round(share.value, 4), n=share.n, interval=interval, where=where
    )

"""Copy-paste: pastes objects of another image into this one."""

from collections.abc import Sequence

from boxwright.core.augmentations import examples
from boxwright.core.augmentations.examples import VISIBLE, Example, Seed
from boxwright.core.augmentations.own_augmentation import CUTS, DataFacts, OwnAugmentation, Setting, Verdict

_RARE = 10


def apply(images: Sequence[Example], side: int, seed: Seed, chance: float, visible: float = VISIBLE) -> Example:
    """Pastes each object of the second image, as its whole box and at the same place, with probability `chance`.

    Source: Ghiasi et al. 2021, here with boxes instead of masks. visible: see `examples.overlaid`.
    """
    import tensorflow as tf

    one, other = images
    count = tf.shape(other["class_ids"])[0]
    pasted = examples.kept(other, tf.random.stateless_uniform(tf.expand_dims(count, 0), seed) < chance)
    return examples.overlaid(one, pasted, examples.fitted(other, one), pasted["boxes_yxyx"], visible)


def verdict(facts: DataFacts) -> Verdict:
    reason = (
        f"the rarest class has {facts.rarest} objects, the most frequent {facts.commonest}; copy-paste is for classes that are "
        f"at least {_RARE} times rarer"
    )
    return Verdict(facts.commonest >= _RARE * facts.rarest > 0, reason)


AUGMENTATION = OwnAugmentation(
    name="copy_paste",
    settings=CUTS | {"chance": Setting(0.5, 0.0, 1.0)},
    images=2,
    apply=apply,
    verdict=verdict,
)

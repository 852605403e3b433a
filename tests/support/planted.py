# environment: data
"""Edits of clean records for the fixture `validated`, to plant flaws that validation must find."""


def values(example, name):
    feature = example.features.feature[name]
    return getattr(feature, feature.WhichOneof("kind")).value


def first_train(change):
    """An edit of the first training example."""

    def edit(split, examples, manifest):
        if split == "train":
            change(examples[0])

    return edit


def in_val(change):
    def edit(split, examples, manifest):
        if split == "val":
            change(examples)

    return edit


def in_manifest(change):
    return lambda split, examples, manifest: change(manifest)


def set_value(name, value):
    return lambda example: values(example, name).__setitem__(0, value)


def image_named(images, number):
    return next(row for row in images if row["filename"] == f"{number}.jpg")

"""The images: named by what they are built from, and with a folder that their nameless user may write in."""

from pathlib import Path

import pytest

from boxwright.core import environments

IMAGES = Path(__file__).parents[1] / "images"


def test_the_tag_follows_the_dockerfiles(tmp_path, monkeypatch):
    """source_digest looks beside the package: a copy of the layout shows what it sees."""
    module = tmp_path / "components" / "core" / "environments.py"
    module.parent.mkdir(parents=True)
    module.touch()
    (tmp_path / "images" / "data").mkdir(parents=True)
    monkeypatch.setattr(environments, "__file__", str(module))
    digests = set()
    for name in ("Dockerfile", "requirements.lock"):
        for text in ("one", "two"):
            (tmp_path / "images" / "data" / name).write_text(text)
            digests.add(environments.source_digest.__wrapped__())
    assert len(digests) == 4


@pytest.mark.parametrize("environment", ["data", "train"])
def test_a_nameless_user_has_a_home(environment):
    assert "HOME=/tmp" in (IMAGES / environment / "Dockerfile").read_text()


@pytest.mark.parametrize("environment", sorted(set(environments.STEPS.values())))
def test_the_command_that_builds_it_is_there(environment):
    text = (IMAGES / environment / "Dockerfile").read_text()
    assert f"docker build -f images/{environment}/Dockerfile" in text and "make images" not in text

# environment: data
"""The tests of this folder use each kind of store."""

import pytest


@pytest.fixture(params=["gs", "s3"])
def store(request) -> str:
    return request.param

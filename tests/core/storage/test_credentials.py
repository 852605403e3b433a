# environment: data
"""The credentials for buckets, and the errors for invalid credentials files."""

import json

import pytest

from boxwright.core.runtime.errors import UserError
from boxwright.core.storage.stores import gcs


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """Folder of an unconfigured gcloud. No credentials file is set, and no metadata server answers."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT", "STORAGE_EMULATOR_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    return tmp_path


def test_anonymous_client_without_credentials(nobody):
    from google.auth.credentials import AnonymousCredentials

    assert isinstance(gcs.client()._credentials, AnonymousCredentials)


@pytest.mark.filterwarnings("ignore:Your application has authenticated")
def test_uses_a_login_without_a_project(nobody):
    """Credentials as from `gcloud auth application-default login`."""
    login = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    (nobody / "application_default_credentials.json").write_text(json.dumps(login))
    assert getattr(gcs.client()._credentials, "refresh_token", "") == "c"


@pytest.mark.parametrize("text", ["", "{", "{}", '{"type": "service_account"}'])
@pytest.mark.parametrize("where", ["variable", "secret"])
def test_unreadable_credentials_file_is_named(nobody, monkeypatch, where, text):
    file = nobody / "credentials.json"
    file.write_text(text)
    if where == "variable":
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    monkeypatch.setattr(gcs, "SECRET", file)
    with pytest.raises(UserError, match=r"credentials\.json: this file has no valid credentials for buckets"):
        gcs.client()


def test_absent_credentials_file_is_named(nobody, monkeypatch):
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(nobody / "absent.json"))
    with pytest.raises(UserError, match=r"absent\.json: this file has no valid credentials for buckets"):
        gcs.client()

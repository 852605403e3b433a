"""Selects the tests of this environment, resets the state inherited from the caller, and defines the common fixtures."""

import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

# The first line of a test file names the environment that runs it, as in `# environment: data`.
ENVIRONMENTS = {"authoring": ".venv", "data": "data", "train": "train"}

# Variables that change the behaviour of Boxwright or Python. They are unset; a test sets the ones that it needs.
UNHEARD = (
    *("BOXWRIGHT_CACHE", "BOXWRIGHT_IMAGE", "BOXWRIGHT_REGISTRY", "BOXWRIGHT_RUNNER"),
    *("BOXWRIGHT_WEIGHTS_GIB", "BOXWRIGHT_WORKSPACE", "KUBERNETES_SERVICE_HOST"),
    *("COLUMNS", "LINES", "TERM", "COLORTERM", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"),
    *("PYTHONIOENCODING", "PYTHONOPTIMIZE", "PYTHONPATH", "PYTHONSAFEPATH", "PYTHONUTF8", "PYTHONWARNINGS"),
    *("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_QUOTA_PROJECT", "STORAGE_EMULATOR_HOST"),
    *(
        "BOXWRIGHT_URLS",
        "BOXWRIGHT_MAX_DOWNLOAD_GB",
        "KFP_HOST",
        "KFP_TOKEN",
        "OPENLINEAGE_API_KEY",
        "LANG",
        "LANGUAGE",
    ),
)


def pytest_configure(config: pytest.Config) -> None:
    _refuse_files_of_other_environments(config)
    _forget_the_caller()
    os.environ["TF_USE_LEGACY_KERAS"] = "1"  # the OD API needs it, and a test may import TensorFlow before our modules
    if find_spec("hypothesis"):
        from hypothesis import HealthCheck, settings  # pyright: ignore[reportMissingImports]  (not in every environment)

        # The examples are the same each time, on any machine. With BOXWRIGHT_FUZZ, they are new.
        slow = (HealthCheck.too_slow, HealthCheck.function_scoped_fixture)
        repeatable = "BOXWRIGHT_FUZZ" not in os.environ
        settings.register_profile(
            "tests", deadline=None, database=None, derandomize=repeatable, suppress_health_check=slow
        )
        settings.load_profile("tests")


def _forget_the_caller() -> None:
    """Makes the tests and their child processes independent of how pytest was started."""
    for name in UNHEARD:
        os.environ.pop(name, None)
        os.unsetenv(name)  # Python's readline sets COLUMNS and LINES outside of os.environ
    os.environ |= {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
    os.environ["no_proxy"] = "localhost,127.0.0.1"  # the servers of the tests are not behind a proxy
    time.tzset()
    os.umask(0o022)
    # A shell starts background processes with SIGINT ignored, and children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Ignores the tests of other environments. `make test` runs pytest once in each environment."""
    if collection_path.is_dir():
        tests = list(collection_path.rglob("test_*.py"))
        return None if any(map(_runs_here, tests)) else True
    if collection_path.name.startswith("test_") and collection_path.suffix == ".py":
        return None if _runs_here(collection_path) else True
    return None


def _refuse_files_of_other_environments(config: pytest.Config) -> None:
    """Raises UsageError for one on the command line: pytest_ignore_collect is not called for these."""
    for argument in config.args:
        file = config.invocation_params.dir / argument.partition("::")[0]
        if file.is_file() and file.name.startswith("test_") and not _runs_here(file):
            name = _environment(file)
            python = ".venv/bin/python" if name == "authoring" else f".envs/{name}/bin/python"
            raise pytest.UsageError(f"{argument} runs in the {name} environment: {python} -P -m pytest {argument}")


def _runs_here(file: Path) -> bool:
    return ENVIRONMENTS[_environment(file)] == Path(sys.prefix).name


def _environment(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        name = lines.readline().removeprefix("# environment: ").strip()
    if name not in ENVIRONMENTS:
        raise pytest.UsageError(f"{file}: its first line names no environment; write for example `# environment: data`")
    return name


@pytest.fixture
def data(tmp_path) -> Path:
    """A folder with one YOLO label file and no images."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("0 .5 .5 .1 .1")
    return tmp_path / "data"


@pytest.fixture
def add_module(tmp_path, monkeypatch) -> Callable[[ModuleType, str, str], None]:
    """Adds a module with this text to a package, for one test: `add_module(models, "ships", "MODEL = 1")`."""

    def add(package: ModuleType, name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        module = f"{package.__name__}.{name}"
        monkeypatch.setitem(sys.modules, module, package)  # at the end of the test, the entry is removed
        del sys.modules[module]

    return add


@pytest.fixture
def no_network(monkeypatch):
    """Makes the model zoo unreachable."""
    from boxwright.core.pretrained import zoo

    monkeypatch.setattr(zoo, "BASE", "http://127.0.0.1:1/")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the real data sets and weights. Skips the test if it does not exist."""
    folder = Path(os.environ.get("BOXWRIGHT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"the shared data sets are not here (looked in {folder}; set BOXWRIGHT_SHARED)")
    return folder


@pytest.fixture(scope="session")
def bucket_service():
    """One bucket server for all tests. Skips the test if the server is not installed."""
    import bucket_proxy
    import gcs

    if gcs.binary() is None:
        pytest.skip("fake-gcs-server is not here: the data environment has no build of it for this machine")
    with bucket_proxy.serving(gcs.Bucket) as service:
        yield service


@pytest.fixture(scope="session")
def s3_service():
    """One S3 server for all tests. Skips the test if the server is not installed."""
    import bucket_proxy
    import s3

    if not s3.is_installed():
        pytest.skip("moto is not here: run `make install`")
    with bucket_proxy.serving(s3.Bucket) as service:
        yield service


@pytest.fixture
def store() -> str:
    """The scheme of `bucket`. A test of several stores overrides it."""
    return "gs"


@pytest.fixture
def bucket(store, request):
    """An empty bucket `archive` of the kind of store, and an empty cache."""
    return request.getfixturevalue(f"{store}_bucket")


@pytest.fixture
def patient(monkeypatch, tmp_path) -> None:
    """An empty cache, and retries for long enough even on a slow machine."""
    from boxwright.core.storage import buckets

    monkeypatch.setattr(buckets, "RETRY_SECONDS", 60.0)
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def gs_bucket(bucket_service, patient, monkeypatch):
    """An empty gs://archive. Temporary failures are retried immediately."""
    _retry_gcs_at_once(monkeypatch)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", bucket_service.address)
    return bucket_service.empty_bucket()


@pytest.fixture
def s3_bucket(s3_service, patient, monkeypatch):
    """An empty s3://archive. Temporary failures are retried immediately."""
    import s3

    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)
    monkeypatch.setattr("boxwright.core.storage.stores.s3._WAIT", 0.01)
    for name, value in {**s3.VARIABLES, "AWS_ENDPOINT_URL": s3_service.address}.items():
        monkeypatch.setenv(name, value)
    return s3_service.empty_bucket()


def _retry_gcs_at_once(monkeypatch) -> None:
    from google.cloud.storage.retry import DEFAULT_RETRY

    monkeypatch.setattr(DEFAULT_RETRY, "_initial", 0.01)
    monkeypatch.setattr(DEFAULT_RETRY, "_maximum", 0.05)
    # Uploads and downloads wait a random time of up to a second in addition.
    monkeypatch.setattr("google.resumable_media._helpers.calculate_retry_wait", lambda base, *_: (base, 0.01))


@pytest.fixture
def impatient(bucket, monkeypatch) -> None:
    """Short retries, for requests that fail every time."""
    from boxwright.core.storage import buckets

    monkeypatch.setattr(buckets, "RETRY_SECONDS", 0.1)


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine with images of the current code. Skips the test if there is none."""
    import subprocess

    from boxwright.core.runtime import environments

    for name in sorted(set(environments.STEPS.values())):
        image = environments.image(name)
        try:
            found = subprocess.run(["docker", "image", "inspect", image], capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("there is no Docker here")
        if found.returncode:
            pytest.skip(f"{image} is not built, or no Docker engine answers: {found.stderr.strip()}; run `make images`")


@pytest.fixture(scope="session")
def tiny_records(tmp_path_factory) -> Path:
    """8 / 3 / 2 images of 160 x 120. Each has one red square (`box`, 40 px) and one blue bar (`pole`, 16 x 64 px) at varying
    places. Needs TensorFlow, so the data or the train environment."""
    import tiny

    folder = tmp_path_factory.mktemp("tiny") / "records"
    tiny.write(folder, {"train": 8, "val": 3, "test": 2})
    return folder


@pytest.fixture(scope="session")
def tiny_recipe():
    """A quarter-width PPN at 128 px for `tiny_records`: 24 steps of batch 4, evaluated every 8."""
    from boxwright.core import recipe

    return recipe.Recipe(
        model="ssd_mobilenet_v1_ppn",
        classes=("box", "pole"),
        grid="stride8",
        input_size=128,
        depth_multiplier=0.25,
        anchors=recipe.Anchors(scales=(0.25, 0.4, 0.7), aspect_ratios=(1.0, 0.3)),
        batch_size=4,
        stages=(
            recipe.Stage(name="head", trainable="head", steps=4),
            recipe.Stage(name="all", trainable="all", steps=20),
        ),
        learning_rate=recipe.LearningRate(base=0.02, warmup=0.002, warmup_steps=4),
        evaluate_every=8,
        augmentation=(recipe.Augmentation(name="random_horizontal_flip", reason="test"),),
    )


@pytest.fixture(scope="session")
def tiny_export(tmp_path_factory, tiny_records, tiny_recipe) -> Path:
    """Folder with `model` (random weights, wide enough that each image has detections of its own), and with export's outputs:
    `saved_model`, `tflite`. Takes about half a minute. Needs the train environment."""
    import tiny_export

    return made_once(tmp_path_factory, "export", lambda folder: tiny_export.write(folder, tiny_records, tiny_recipe))


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first of pytest's processes makes and the others use."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / f"{name}.made").exists():
            make(shared / name)
            (shared / f"{name}.made").touch()
    return shared / name


@pytest.fixture(scope="session")
def tiny_detector(tiny_export):
    """The detector of the model in `tiny_export`. Its graph is traced only once."""
    from boxwright.core.od_api import detector

    return detector.load(tiny_export / "model")

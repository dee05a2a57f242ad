"""`assay config`: all settings are shown and documented, none of their secrets is, and a mistyped name is pointed out."""

import re
from pathlib import Path

import pytest

from infra import settings as readers
from infra.given import Given, shown, unknown, variables
from infra.settings import load_settings, read_settings
from tests.infra.test_cli import ROOT, assay

SECRET = "hush-Xq7"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def rows(said: str) -> dict[str, tuple[str, str]]:
    """Of each variable, its value and where that is from."""
    found = (re.split(r"\s{2,}", line.strip()) for line in said.splitlines() if re.match(r"[A-Z]+_", line))
    return {cells[0]: (cells[1], cells[2]) for cells in found if len(cells) == 3}


def test_every_variable_is_shown_with_its_value_and_where_that_is_from(tmp_path: Path):
    ran = assay("config", "--data", str(tmp_path), ASSAY_API_PORT="8099", ASSAY_LOG_LEVEL="")

    said = rows(ran.stdout)
    assert ran.returncode == 0, ran.stderr
    assert set(said) >= variables(readers)
    assert said["ASSAY_API_PORT"] == ("8099", "environment")
    assert said["ASSAY_LOG_LEVEL"] == ("info", "default")
    assert said["ASSAY_TEMPORAL_UI_PORT"] == ("8233", "default")
    assert said["ASSAY_DATA"] == (str(tmp_path), "--data")
    assert said["ASSAY_OIDC_ISSUER"] == ("–", "default")


def test_no_secret_is_shown_wherever_it_stands(tmp_path: Path):
    ran = assay(
        "config",
        ASSAY_DATA=str(tmp_path),
        DATABASE_URL=f"postgresql://app:{SECRET}@db/assay?sslmode=require&sslpassword={SECRET}",
        DATABASE_ADMIN_URL=f"postgres://admin:{SECRET}@{SECRET}@db/assay",
        TEMPORAL_API_KEY=SECRET,
        TEMPORAL_GRPC_META_AUTHORIZATION=SECRET,
        ASSAY_OIDC_ISSUER="https://login.example.org",
        ASSAY_OIDC_AUDIENCE="assay",
        ASSAY_OIDC_CLIENT_ID="pages",
        ASSAY_OIDC_CLIENT_SECRET=SECRET,
        ASSAY_OIDC_CLIENT_SECRT=SECRET,
    )

    assert ran.returncode == 0, ran.stderr
    assert SECRET not in ran.stdout + ran.stderr
    assert rows(ran.stdout)["DATABASE_URL"][0].startswith("postgresql://app:…@db/assay?sslmode=require")
    assert "ASSAY_OIDC_CLIENT_SECRT is no setting; did you mean ASSAY_OIDC_CLIENT_SECRET?" in ran.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ASSAY_SMTP_URL", f"smtps://letters:{SECRET}@mail.example.org:465"),
        ("ASSAY_SMTP_URL", f"smtps://letters:{SECRET}/@{SECRET}@mail.example.org"),
        ("ASSAY_FILES", f"s3://bucket?secret_access_key={SECRET}&region=x"),
        ("ASSAY_FILES", f"s3://bucket?aws_session_token={SECRET}"),
        ("ASSAY_WEBHOOK_KEY", SECRET),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"authorization={SECRET}"),
    ],
)
def test_secrets_are_known_by_their_names_and_by_where_they_stand_in_an_address(name: str, value: str):
    assert SECRET not in shown(name, value)


def test_where_a_secret_is_kept_is_shown():
    assert shown("ASSAY_SEAL_KEY_FILE", "/etc/assay/seal.key") == "/etc/assay/seal.key"


def test_what_can_not_be_used_is_said_after_all_that_was_read(tmp_path: Path):
    ran = assay("config", ASSAY_DATA=str(tmp_path), ASSAY_LOG_LEVEL="loud")

    assert ran.returncode == 1
    assert rows(ran.stdout)["ASSAY_LOG_LEVEL"] == ("loud", "environment")
    assert "ASSAY_LOG_LEVEL is 'loud'; it must be one of debug, info, warning, error." in ran.stderr


def test_a_name_that_is_like_none_is_pointed_out_too():
    assert unknown({"ASSAY_WHATEVER_ELSE": "1", "HOME": "/"}, variables(readers)) == {"ASSAY_WHATEVER_ELSE": ""}


def test_what_is_asked_for_is_among_the_variables_that_are_known():
    given = Given({})
    read_settings(given)
    assert set(given.defaults) <= variables(readers)
    assert load_settings({}) == read_settings(Given({"ASSAY_API_PORT": " "}))


@pytest.mark.parametrize("name", sorted(variables(readers)))
def test_every_variable_has_its_row_in_the_handbook_of_operations(name: str):
    documented = [line for line in OPERATIONS.splitlines() if line.startswith("| `")]
    assert any(f"`{name}`" in line.split("|")[1] for line in documented), f"docs/operations.md has no row for {name}"


def test_the_handbook_of_operations_names_no_variable_that_there_is_not():
    named = set(re.findall(r"`(ASSAY_[A-Z_]+[A-Z])", OPERATIONS))
    assert named - variables(readers) == set()

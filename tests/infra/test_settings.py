"""Settings: what the environment may say, and what it is told when it says something else."""

from pathlib import Path

import pytest

from infra.problems import CannotStart
from infra.settings import load_settings


def test_without_any_variable_everything_is_embedded_under_the_present_folder():
    settings = load_settings({})

    assert settings.data == Path.cwd() / ".assay"
    assert (settings.database_url, settings.temporal_address) == (None, None)
    assert (settings.temporal_port, settings.temporal_ui_port) == (7233, 8233)
    assert (settings.temporal_namespace, settings.task_queue, settings.log_level) == ("default", "assay", "info")


def test_an_empty_variable_counts_as_not_set():
    assert load_settings({"DATABASE_URL": "", "ASSAY_TEMPORAL_PORT": " "}) == load_settings({})


def test_every_variable_is_taken_over():
    settings = load_settings(
        {
            "ASSAY_DATA": "/srv/assay",
            "DATABASE_URL": "postgresql://app:secret@db/assay",
            "DATABASE_ADMIN_URL": "postgres://admin:secret@db/assay",
            "TEMPORAL_ADDRESS": "temporal.example:7233",
            "TEMPORAL_NAMESPACE": "assay",
            "ASSAY_TASK_QUEUE": "slow",
            "ASSAY_TEMPORAL_PORT": "0",
            "ASSAY_TEMPORAL_UI_PORT": "off",
            "ASSAY_LOG_LEVEL": "DEBUG",
        }
    )

    assert settings.data == Path("/srv/assay")
    assert settings.database_admin_url == "postgres://admin:secret@db/assay"
    assert settings.temporal_address == "temporal.example:7233"
    assert (settings.temporal_namespace, settings.task_queue) == ("assay", "slow")
    assert (settings.temporal_port, settings.temporal_ui_port, settings.log_level) == (0, None, "debug")
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"DATABASE_URL": "mysql://u:secret@h/d"}, "DATABASE_URL is not a PostgreSQL URL"),
        ({"DATABASE_ADMIN_URL": "postgresql://h/d"}, "DATABASE_ADMIN_URL is set without DATABASE_URL"),
        ({"TEMPORAL_ADDRESS": "https://temporal:7233"}, "TEMPORAL_ADDRESS is 'https://temporal:7233'"),
        ({"TEMPORAL_ADDRESS": "temporal"}, "write it as host:port"),
        ({"ASSAY_TEMPORAL_PORT": "off"}, "ASSAY_TEMPORAL_PORT is 'off'"),
        ({"ASSAY_TEMPORAL_UI_PORT": "65536"}, "port number from 0 .* to 65535, or off"),
        ({"ASSAY_TEMPORAL_PORT": "8233"}, "the same port"),
        ({"ASSAY_LOG_LEVEL": "loud"}, "one of debug, info, warning, error"),
        ({"ASSAY_WEBHOOKS_ALLOW": "hooks.example,10.1.0.0/40"}, "ASSAY_WEBHOOKS_ALLOW has '10.1.0.0/40'"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(environ: dict[str, str], sentence: str):
    with pytest.raises(CannotStart, match=sentence) as refusal:
        load_settings(environ)

    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_mail_goes_to_files_until_a_server_is_named_with_whom_letters_come_from():
    assert load_settings({}).mail.server is None
    given = {
        "ASSAY_SMTP_URL": "starttls://assay:p%40ss@mail.body.example",
        "ASSAY_MAIL_FROM": "letters@body.example",
        "ASSAY_MAIL_ROLES": "board=board@body.example",
        "ASSAY_MAIL_RATE": "60",
    }
    settings = load_settings(given)
    server = settings.mail.server
    assert server
    assert (server.host, server.port, server.security) == ("mail.body.example", 587, "starttls")
    assert (server.user, server.password) == ("assay", "p@ss")
    assert "p@ss" not in repr(settings)
    assert [settings.mail.address_of(role) for role in ("board", "operations")] == [
        "board@body.example",
        "letters@body.example",
    ]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ASSAY_SMTP_URL", "http://mail.body.example", "smtp://"),
        ("ASSAY_SMTP_URL", "smtp://mail.body.example:99999", "no address"),
        ("ASSAY_SMTP_URL", "smtp://user@mail.body.example", "give both"),
        ("ASSAY_MAIL_FROM", "Assay", "an address such as"),
        ("ASSAY_MAIL_ROLES", "board", "role=address"),
        ("ASSAY_MAIL_RATE", "0", "above 0"),
        ("ASSAY_MAIL_TIMEOUT", "soon", "above 0"),
    ],
)
def test_mail_settings_that_can_not_be_used_are_named_without_their_secrets(name: str, value: str, said: str):
    with pytest.raises(CannotStart, match=said) as refusal:
        load_settings({"ASSAY_MAIL_FROM": "letters@body.example", name: value})
    assert name in str(refusal.value)


def test_a_server_needs_to_know_whom_letters_come_from():
    with pytest.raises(CannotStart, match="ASSAY_MAIL_FROM"):
        load_settings({"ASSAY_SMTP_URL": "smtp://mail.body.example"})

"""What `make run` sets and what it leaves to you: config/embedded/environment.py."""

import socket

import pytest

from config.embedded.environment import HOST, is_free, plan
from config.embedded.faults import BadConfiguration
from config.embedded.places import Place


@pytest.fixture
def planned(tmp_path):
    return lambda **environ: plan(Place(tmp_path), environ)


class TestThePlan:
    def test_starts_everything_in_an_empty_environment(self, planned):
        plan = planned()

        assert (plan.starts_postgres, plan.starts_valkey, plan.starts_inbox) == (True, True, True)
        assert plan.environment["STILLPOINT_LOCAL"] == "true"

    def test_starts_no_postgres_where_you_name_one(self, planned):
        plan = planned(DATABASE_URL="postgres://db/studio")

        assert not plan.starts_postgres
        assert plan.environment["DATABASE_URL"] == "postgres://db/studio"
        assert plan.starts_valkey

    def test_starts_no_valkey_where_you_name_one(self, planned):
        assert not planned(REDIS_URL="redis://cache/0").starts_valkey

    def test_starts_no_inbox_where_you_name_a_mail_server(self, planned):
        plan = planned(EMAIL_URL="smtp://mail:25")

        assert not plan.starts_inbox
        assert "MAILBOX_DIR" not in plan.environment

    def test_takes_an_empty_value_for_none(self, planned):
        assert planned(DATABASE_URL="").starts_postgres

    def test_is_the_same_when_asked_again(self, planned):
        first = planned(PORT="0")

        assert planned(**first.environment) == first

    def test_has_the_public_address_follow_the_port(self, planned):
        assert planned(PORT="8017").public_url == "http://127.0.0.1:8017"

    def test_switches_limits_off_unless_you_set_them(self, planned):
        plan = planned(LIMIT_BOOK="3/hour")

        assert plan.environment["LIMIT_BOOK"] == "3/hour"
        assert plan.environment["LIMIT_SLOTS"] == "0/min"

    @pytest.mark.parametrize("port", ["http", "-1", "65536", "80.5"])
    def test_refuses_a_port_that_is_none(self, planned, port):
        with pytest.raises(BadConfiguration, match=f"PORT must be a port, 0 to 65535, not '{port}'"):
            planned(PORT=port)

    def test_refuses_the_environment_of_production(self, planned):
        with pytest.raises(BadConfiguration, match="STILLPOINT_LOCAL is not true"):
            planned(STILLPOINT_LOCAL="false")


class TestAPort:
    def test_is_not_free_while_somebody_listens(self):
        with socket.create_server((HOST, 0)) as listening:
            assert not is_free(listening.getsockname()[1])

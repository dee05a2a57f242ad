"""The embedded servers: PostgreSQL and Temporal from the Python environment, all their state in the data folder."""

from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.temporal import EmbeddedTemporal

__all__ = ["EmbeddedPostgres", "EmbeddedTemporal"]

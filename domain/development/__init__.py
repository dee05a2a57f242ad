"""A person's professional development: the plan and its needs, activities and what came of them. Source: handbook, Workforce.

What other modules need of it by name stands here; each policy is in a module of its own.
"""

from domain.development.events import DevelopmentEvent
from domain.development.state import Activity, Development, Need, Source, evolve

__all__ = ["Activity", "Development", "DevelopmentEvent", "Need", "Source", "evolve"]

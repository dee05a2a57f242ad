"""Audits of the governance board: a seeded sample of cases, a checklist, findings, actions, closure. They change no case.

Source: handbook, Governance. What other modules need of it by name stands here; each policy is in a module of its own.
"""

from domain.audit.events import (
    AuditActionAgreed,
    AuditActionDone,
    AuditActionReturned,
    AuditActionVerified,
    AuditCaseSeen,
    AuditClosed,
    AuditEvent,
    AuditMembersChanged,
    AuditOpened,
    CheckItem,
    FindingRecorded,
    SampledCase,
    SampledCaseReplaced,
    Scope,
)
from domain.audit.state import Audit, evolve

__all__ = [
    "Audit",
    "AuditActionAgreed",
    "AuditActionDone",
    "AuditActionReturned",
    "AuditActionVerified",
    "AuditCaseSeen",
    "AuditClosed",
    "AuditEvent",
    "AuditMembersChanged",
    "AuditOpened",
    "CheckItem",
    "FindingRecorded",
    "SampledCase",
    "SampledCaseReplaced",
    "Scope",
    "evolve",
]

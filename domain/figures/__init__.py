"""Figures for who governs: how far assessors agree, what they are changed to, outcomes, times, appeals, clocks.

They are functions of facts that follow from the record alone (`facts.py`), of what somebody asks for (`asked.py`) and may
see. Source: handbook, Governance figures; docs/decisions/0031.
"""

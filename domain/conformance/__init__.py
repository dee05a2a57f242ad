"""How a case went, held against the handbook's process: each move, and everything in which it went other than straight on.

Source: handbook, "A submission's stages", sections 9 to 13. `moves.py` has the process as data, `deviations.py` what
departs from its straight way, `path.py` follows a case.
"""

"""What a body brings with it: providers, people, past accreditations and decisions, as rows of files. Source: handbook, Importing.

Here is what a file may hold and what is wrong with it by itself; what the record says to it, `services/import_rows.py` knows.
"""

from domain.importing.cells import read_cell
from domain.importing.columns import KINDS, Column
from domain.importing.rows import Fault, Row, Sheet, read_rows

__all__ = ["KINDS", "Column", "Fault", "Row", "Sheet", "read_cell", "read_rows"]

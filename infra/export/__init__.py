"""What is carried away of the record, in forms that others read: OCEL for process mining, PROV for where a decision came from."""

"""The rules of accreditation, as plain data and pure functions; imports only the standard library."""

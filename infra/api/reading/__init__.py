"""How the API reads: lists as rows of data, filtered, sorted and paged in one way, shown as JSON, CSV or a spreadsheet."""

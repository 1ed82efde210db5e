"""Writers: a report in one format, each written once."""

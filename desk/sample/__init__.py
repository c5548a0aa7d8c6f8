"""The sample station: invented people whose papers are signed and scanned by arithmetic."""

"""The access log: events, chains, daily seals, verification, exports.  Pure; the store keeps the rows."""

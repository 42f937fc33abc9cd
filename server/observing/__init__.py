"""What the server tells of its work: each turn as a record, and from there as metrics, log lines, spans, a dashboard.

`book` turns a session's events into records, and `observer` hands them to whoever tells them on. `call.Call` feeds it.
"""

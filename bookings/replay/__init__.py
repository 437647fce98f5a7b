"""Two years of real bookings of two hotels, booked and cancelled again in the order of their days.

`docs/replay.md` says how to run it and what it proves. How far a replay has come is read from the
bookings that it made: each carries its line of the file in its note.
"""

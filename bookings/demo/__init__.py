"""Hotels, rates and bookings to look at, made through the same services as real ones.

What is still to be done is read from what is there, so a run that was killed is completed by the
next one, and a run that finds everything changes nothing. Rooms and bookings are added in a fixed
order: as many as exist are the first ones of that order.
"""

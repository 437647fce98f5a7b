"""A real PostgreSQL and a real Valkey from Python wheels, for machines that have neither.

``python -m booking_site.embedded serve`` runs the whole product on a laptop, and
``python -m booking_site.embedded exec -- COMMAND`` runs one command with both servers at hand.
Nothing here imports Django: these modules start before it and must outlive it.
"""

"""One index over what can be searched: each book by its declaration, what else there is by a `searched` module of its app.

Tables tell of their changes by triggers (`search_mark`), the worker keeps the index (`search_entry` and its grams); what it
has not reached yet is searched as it stands, so that an answer never waits for the index. ADR 049.
"""

"""The pages, a folder a subject: they parse, call an action or ask a query, and render."""

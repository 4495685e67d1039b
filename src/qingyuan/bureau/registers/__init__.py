"""The registers, a folder a subject: models, and beside them the declarations of their books."""

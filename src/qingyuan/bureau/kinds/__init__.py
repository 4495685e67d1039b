"""What a column holds, and the faces of a value: text of files and forms, what the model holds, plain JSON."""
